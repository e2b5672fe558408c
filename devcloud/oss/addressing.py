"""
Which bucket and object a request is about, and which object it copies.

OSS itself takes the bucket from the host alone (``BUCKET.oss-REGION.aliyuncs.com``). Clients that
are given an IP address put it first in the path instead, so both are understood here.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from devcloud.http_message import Request, ServiceError
from devcloud.oss import exceptions
from devcloud.ram.models import ACCOUNT_ID

_VIRTUAL_HOST = re.compile(
    r"(?P<bucket>[a-z0-9-]+)\.(?:oss-[a-z0-9-]+\.aliyuncs\.com|localhost)(?::\d+)?"
)
_WITHOUT_OSS = re.compile(
    r"(?P<bucket>[a-z0-9-]+\.)?(?P<region>(?!oss-)[a-z0-9-]+)\.aliyuncs\.com(?::\d+)?"
)
_COPY_SOURCE = re.compile(r"/([^/?]+)/([^?]+)(\?.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Location:
    """A bucket, and an object in it; without a key the bucket itself, without both the service."""

    bucket: str = ""
    key: str = ""

    @property
    def path(self) -> str:
        """The path as a V1 signature covers it: with the bucket, and nothing percent-encoded."""
        return f"/{self.bucket}/{self.key}" if self.bucket else "/"

    @property
    def canonical_uri(self) -> str:
        """The path as a V4 signature covers it: with the bucket, however it was addressed."""
        return quote(self.path, safe="/")

    def arn(self, region: str) -> str:
        """The resource that a RAM policy names."""
        path = f"{self.bucket}/{self.key}" if self.key else self.bucket or "*"
        return f"acs:oss:{region}:{ACCOUNT_ID}:{path}"


def locate(request: Request) -> Location:
    """
    Read the location from host and path.

    Raises:
        ServiceError: InvalidObjectName when the path is not UTF-8; InvalidArgument for a Host of
            Alibaba Cloud's that is none of OSS.
    """
    try:
        path = unquote(request.raw_path, errors="strict").removeprefix("/")
    except UnicodeDecodeError:
        raise exceptions.invalid_object_name() from None
    host = request.headers.get("host", "")
    if virtual := _VIRTUAL_HOST.fullmatch(host):
        return Location(virtual["bucket"], path)
    if other := _WITHOUT_OSS.fullmatch(host):
        raise _not_of_oss(host, other["bucket"] or "", other["region"])
    bucket, _, key = path.partition("/")
    return Location(bucket, key)


def copy_source(request: Request) -> Location:
    """
    Read ``x-oss-copy-source``, which is ``/BUCKET/KEY`` with the key percent-encoded.

    Raises:
        ServiceError: InvalidArgument for another spelling; NotImplemented for a version.
    """
    name = "x-oss-copy-source"
    value = request.headers.get(name, "")
    found = _COPY_SOURCE.fullmatch(value)
    if not found:
        message = "It is /BUCKET/KEY, the key percent-encoded."
        raise exceptions.invalid_argument(name, value, message)
    if found[3]:
        raise exceptions.not_implemented("the versionId of a copy's source")
    try:
        return Location(found[1], unquote(found[2], errors="strict"))
    except UnicodeDecodeError:
        raise exceptions.invalid_object_name() from None


def _not_of_oss(host: str, bucket: str, region: str) -> ServiceError:
    """Say which Host was meant: without ``oss-`` the real name leads to no OSS, or nowhere."""
    message = f"The Host of OSS is {bucket}oss-{region}.aliyuncs.com: oss- comes before the region."
    return exceptions.invalid_argument("Host", host, message)
