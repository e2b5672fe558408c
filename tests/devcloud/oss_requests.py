"""Requests to OSS one by one, with what is wrong in them, signed by the newer SDK's signer."""

import base64
import hashlib
from xml.etree import ElementTree as ET

from devcloud import DevCloud
from tests.devcloud.clients import Answer, RawRequest
from tests.devcloud.oss_clients import BUCKET, signed

KEY = "keys/alice.pub"
BODY = b"ssh-rsa AAAA"


def send(
    storage: DevCloud,
    method: str,
    key: str,
    query: dict[str, str] | None = None,
    body: bytes = b"",
    /,
    **headers: str,
) -> Answer:
    """Send one request, signed by the newer SDK's signer; ``_`` in a header stands for ``-``."""
    request = RawRequest(storage.oss_endpoint, method, f"/{BUCKET}/{key}", query or {}, body=body)
    return signed(request.with_headers(**headers), storage.user_credentials()).send()


def copy(storage: DevCloud, key: str, /, **headers: str) -> Answer:
    source = f"/{BUCKET}/{KEY.replace('/', '%2F')}"
    return send(storage, "PUT", key, **{"x_oss_copy_source": source, **headers})


def initiate(storage: DevCloud, key: str = "big", **headers: str) -> str:
    answer = send(storage, "POST", key, {"uploads": ""}, **headers)
    assert 200 == answer.status
    return ET.fromstring(answer.body).findtext("UploadId") or ""  # noqa: S314 - devcloud's own


def upload_part(storage: DevCloud, upload_id: str, number: int, body: bytes) -> str:
    """Upload a part; return its ETag, quoted as it came."""
    query = {"uploadId": upload_id, "partNumber": str(number)}
    return send(storage, "PUT", "big", query, body).headers["etag"]


def parts_document(*parts: tuple[object, str]) -> bytes:
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        for number, etag in parts
    )
    return f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()


def complete(storage: DevCloud, upload_id: str, body: bytes, **headers: str) -> Answer:
    return send(storage, "POST", "big", {"uploadId": upload_id}, body, **headers)


def deletion(*keys: str, quiet: bool = False) -> bytes:
    objects = "".join(f"<Object><Key>{key}</Key></Object>" for key in keys)
    return f"<Delete><Quiet>{str(quiet).lower()}</Quiet>{objects}</Delete>".encode()


def digest(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body).digest()).decode()  # noqa: S324 - Content-MD5 is one
