"""OSS's actions: which one a request asks for, and what carries it out."""

import base64
import hashlib
import hmac
import secrets

from devcloud.http_message import Request
from devcloud.oss import exceptions
from devcloud.oss.addressing import Location
from devcloud.oss.bucket_responses import BucketResponses
from devcloud.oss.exchange import Backend, Exchange, Operation
from devcloud.oss.models import StoredObject
from devcloud.oss.multipart_responses import MultipartResponses
from devcloud.oss.object_responses import ObjectResponses

COPY = "x-oss-copy-source"
# What a request addresses and, where there is one, the parameter or header that tells its action
# from others of the same method. The first row that fits is the action.
_ACTIONS = (
    ("GET", "account", "", "ListBuckets"),
    ("GET", "bucket", "list-type", "ListObjectsV2"),
    ("GET", "bucket", "uploads", "ListMultipartUploads"),
    ("GET", "bucket", "bucketInfo", "GetBucketInfo"),
    ("GET", "bucket", "", "ListObjects"),
    ("PUT", "bucket", "", "PutBucket"),
    ("POST", "bucket", "delete", "DeleteMultipleObjects"),
    ("POST", "object", "uploads", "InitiateMultipartUpload"),
    ("POST", "object", "uploadId", "CompleteMultipartUpload"),
    ("PUT", "object", "uploadId", "UploadPart"),
    ("PUT", "object", COPY, "CopyObject"),
    ("PUT", "object", "", "PutObject"),
    ("GET", "object", "uploadId", "ListParts"),
    ("GET", "object", "", "GetObject"),
    ("HEAD", "object", "objectMeta", "GetObjectMeta"),
    ("HEAD", "object", "", "HeadObject"),
    ("DELETE", "object", "uploadId", "AbortMultipartUpload"),
    ("DELETE", "object", "", "DeleteObject"),
)


class Responses:
    """All actions over the account's buckets."""

    def __init__(self, backend: Backend) -> None:
        self._objects = ObjectResponses(backend)
        self.operations: dict[str, Operation] = {
            **BucketResponses(backend).operations,
            **self._objects.operations,
            **MultipartResponses(backend).operations,
        }

    def keep(self, exchange: Exchange) -> StoredObject:
        """Do what PutObject does, and return what is kept."""
        return self._objects.keep(exchange)


def action_of(request: Request, location: Location) -> str:
    """Name the action that a request asks for; empty for one that is not emulated."""
    addressed = "object" if location.key else "bucket" if location.bucket else "account"
    marks = {name for name, _ in request.query} | {""}
    if COPY in request.headers:
        marks.add(COPY)
    for method, what, mark, action in _ACTIONS:
        if (method, what) == (request.method, addressed) and mark in marks:
            return "UploadPartCopy" if action == "UploadPart" and COPY in marks else action
    return ""


def check_content_md5(request: Request) -> None:
    """
    Compare the body with Content-MD5, when there is one.

    Raises:
        ServiceError: InvalidDigest or BadDigest.
    """
    if (claimed := request.headers.get("content-md5")) is None:
        return
    digest = hashlib.md5(request.body, usedforsecurity=False).digest()
    if len(claimed) != len(expected := base64.b64encode(digest).decode()):
        raise exceptions.invalid_digest()
    if not hmac.compare_digest(expected.encode(), claimed.encode()):
        raise exceptions.bad_digest()


def new_request_id() -> str:
    """Make a request id as OSS does: 24 upper-case hex digits."""
    return secrets.token_hex(12).upper()
