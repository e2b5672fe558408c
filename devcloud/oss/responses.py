"""OSS's actions: a request that was admitted in, the documented answer out."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate

from devcloud.http_message import Request, Response
from devcloud.oss import exceptions
from devcloud.oss.addressing import Location
from devcloud.oss.documents import Content, document
from devcloud.oss.listing import PARAMETERS, Listing, iso
from devcloud.oss.models import Bucket, Buckets, StoredObject
from devcloud.oss.notifications import Happening
from devcloud.ram.models import ACCOUNT_ID, Clock

DEFAULT_CONTENT_TYPE = "application/octet-stream"
_KEPT_HEADERS = frozenset(
    {"cache-control", "content-disposition", "content-encoding", "content-type", "expires"}
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with what the service made of it."""

    request: Request
    location: Location
    request_id: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One action: what it does, the RAM action it needs, and what of a request it understands."""

    perform: Callable[[Exchange], Response]
    ram_action: str
    parameters: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()  # x-oss- ones, besides those of the signature


class Responses:
    """The actions over the account's buckets; ``notify`` is told what was done to objects."""

    def __init__(
        self, buckets: Buckets, region: str, clock: Clock, notify: Callable[[Happening], None]
    ) -> None:
        self._buckets = buckets
        self._region = region
        self._clock = clock
        self._notify = notify
        self.operations: Mapping[str, Operation] = {
            "ListBuckets": Operation(self.list_buckets, "oss:ListBuckets"),
            "PutBucket": Operation(self.put_bucket, "oss:PutBucket"),
            "ListObjectsV2": Operation(self.list_objects, "oss:ListObjects", PARAMETERS),
            "PutObject": Operation(
                self.put_object, "oss:PutObject", headers=frozenset({"x-oss-forbid-overwrite"})
            ),
            "GetObject": Operation(self.get_object, "oss:GetObject"),
            "HeadObject": Operation(self.get_object, "oss:GetObject"),
            "DeleteObject": Operation(self.delete_object, "oss:DeleteObject"),
        }

    def list_buckets(self, _exchange: Exchange) -> Response:
        """List all, whole: paging and prefix are not emulated."""
        shown = [
            {
                "Name": bucket.name,
                "CreationDate": iso(bucket.created),
                "Location": f"oss-{self._region}",
                "ExtranetEndpoint": f"oss-{self._region}.aliyuncs.com",
                "IntranetEndpoint": f"oss-{self._region}-internal.aliyuncs.com",
                "StorageClass": "Standard",
            }
            for bucket in self._buckets
        ]
        owner = {"ID": ACCOUNT_ID, "DisplayName": ACCOUNT_ID}
        content: Content = {"Owner": owner, "Buckets": {"Bucket": shown}}
        body = document("ListAllMyBucketsResult", content)
        return Response(200, body, {"Content-Type": "application/xml"})

    def put_bucket(self, exchange: Exchange) -> Response:
        """Make a bucket; its configuration in the body is not looked at."""
        self._buckets.create(exchange.location.bucket)
        return Response(200)

    def list_objects(self, exchange: Exchange) -> Response:
        """List a page."""
        bucket = self._bucket(exchange)
        listing = Listing.of(bucket.name, dict(exchange.request.query))
        return Response(200, listing.page(bucket), {"Content-Type": "application/xml"})

    def put_object(self, exchange: Exchange) -> Response:
        """Keep the body, and tell of it."""
        return Response(200, headers=_checksums(self.keep(exchange)))

    def keep(self, exchange: Exchange) -> StoredObject:
        """Do what PutObject does, and return what is kept."""
        request, location = exchange.request, exchange.location
        forbid = request.headers.get("x-oss-forbid-overwrite", "false").lower()
        if forbid not in {"true", "false"}:
            message = "It is true or false."
            raise exceptions.invalid_argument("x-oss-forbid-overwrite", forbid, message)
        stored, replaced = self._bucket(exchange).put(
            location.key, request.body, _kept(request), forbid_overwrite=forbid == "true"
        )
        grown_by = stored.size - (replaced.size if replaced else 0)
        self._tell("ObjectCreated:PutObject", stored, grown_by, exchange)
        return stored

    def get_object(self, exchange: Exchange) -> Response:
        """Answer the whole object; for HEAD the server leaves the body out."""
        stored = self._bucket(exchange).get(exchange.location.key)
        headers = {
            "Last-Modified": formatdate(stored.last_modified, usegmt=True),
            "x-oss-object-type": "Normal",
            "x-oss-storage-class": "Standard",
            **_checksums(stored),
        }
        conditions = exchange.request.headers
        if "if-match" in conditions and _etag(conditions["if-match"]) != stored.etag:
            raise exceptions.precondition_failed("If-Match")
        if _etag(conditions.get("if-none-match", "")) == stored.etag:
            return Response(304, headers=headers)
        return Response(200, stored.body, {**headers, **stored.headers})

    def delete_object(self, exchange: Exchange) -> Response:
        """Forget the object; that there was none is no error."""
        if removed := self._bucket(exchange).remove(exchange.location.key):
            self._tell("ObjectRemoved:DeleteObject", removed, -removed.size, exchange)
        return Response(204)

    def _bucket(self, exchange: Exchange) -> Bucket:
        return self._buckets.get(exchange.location.bucket)

    def _tell(self, name: str, stored: StoredObject, grown_by: int, exchange: Exchange) -> None:
        happening = Happening(
            name=name,
            bucket=exchange.location.bucket,
            key=stored.key,
            etag=stored.etag,
            size=stored.size,
            delta_size=grown_by,
            time=self._clock(),
            request_id=exchange.request_id,
            source_ip=exchange.request.source_ip,
            content_type=stored.headers["Content-Type"],
        )
        self._notify(happening)


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


def _kept(request: Request) -> dict[str, str]:
    """Take the headers that come back with the object; OSS spells metadata in small letters."""
    kept = {"Content-Type": DEFAULT_CONTENT_TYPE}
    for name, value in request.headers.items():
        if name.lower().startswith("x-oss-meta-"):
            kept[name.lower()] = value
        elif name.lower() in _KEPT_HEADERS:
            kept["-".join(part.capitalize() for part in name.split("-"))] = value
    return kept


def _checksums(stored: StoredObject) -> dict[str, str]:
    return {
        "ETag": f'"{stored.etag}"',
        "Content-MD5": base64.b64encode(bytes.fromhex(stored.etag)).decode(),
        "x-oss-hash-crc64ecma": str(stored.crc64),
    }


def _etag(condition: str) -> str:
    """Read the ETag of a condition, quoted or not: the manual does not say which OSS wants."""
    return condition.strip().strip('"').upper()


def new_request_id() -> str:
    """Make a request id as OSS does: 24 upper-case hex digits."""
    return secrets.token_hex(12).upper()
