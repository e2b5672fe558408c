"""
Which bucket and object a request is about.

OSS itself takes the bucket from the host alone (``BUCKET.oss-REGION.aliyuncs.com``). Clients that
are given an IP address put it first in the path instead, so both are understood here.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from devcloud.http_message import Request
from devcloud.oss import exceptions
from devcloud.ram.models import ACCOUNT_ID

_VIRTUAL_HOST = re.compile(
    r"(?P<bucket>[a-z0-9-]+)\.(?:oss-[a-z0-9-]+\.aliyuncs\.com|localhost)(?::\d+)?"
)


@dataclass(frozen=True, slots=True)
class Location:
    """A bucket, and an object in it; without a key the bucket itself, without both the service."""

    bucket: str = ""
    key: str = ""

    @property
    def canonical_uri(self) -> str:
        """The path as a V4 signature covers it: with the bucket, however it was addressed."""
        return quote(f"/{self.bucket}/{self.key}" if self.bucket else "/", safe="/")

    def arn(self, region: str) -> str:
        """The resource that a RAM policy names."""
        path = f"{self.bucket}/{self.key}" if self.key else self.bucket or "*"
        return f"acs:oss:{region}:{ACCOUNT_ID}:{path}"


def locate(request: Request) -> Location:
    """
    Read the location from host and path.

    Raises:
        ServiceError: InvalidObjectName when the path is not UTF-8.
    """
    try:
        path = unquote(request.raw_path, errors="strict").removeprefix("/")
    except UnicodeDecodeError:
        raise exceptions.invalid_object_name() from None
    host = request.headers.get("host", "")
    if virtual := _VIRTUAL_HOST.fullmatch(host):
        return Location(virtual["bucket"], path)
    bucket, _, key = path.partition("/")
    return Location(bucket, key)
