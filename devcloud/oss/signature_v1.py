"""
The signature of OSS that came before V4, and is still the default of oss2 and ali-oss.

"Include a signature in the Authorization header" and "Add a signature to a URL": HMAC-SHA1 over
method, Content-MD5, Content-Type, date, the ``x-oss-`` headers and the resource. Of the query it
covers only what the manual calls subresources: ``prefix`` and ``max-keys`` are not signed.
"""

import base64
import hmac
import re
from collections.abc import Iterable

from devcloud.http_message import Request
from devcloud.oss import exceptions
from devcloud.oss.addressing import Location
from devcloud.oss.claim import Claim
from devcloud.oss.parameters import http_date, whole_number

V1 = "OSS"
URL_PARAMETERS = frozenset({"OSSAccessKeyId", "Expires", "Signature", "security-token"})
# Those of the actions that devcloud knows; a request with any other is refused before it is read.
SUBRESOURCES = frozenset(
    {
        "bucketInfo",
        "continuation-token",
        "delete",
        "objectMeta",
        "partNumber",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
        "security-token",
        "uploadId",
        "uploads",
    }
)
_CREDENTIAL = re.compile(r"([^:\s]+):([A-Za-z0-9+/]+={0,2})")
_LATEST = 2**40  # in some 30,000 years


def from_header(request: Request, location: Location) -> Claim:
    """
    Read ``Authorization: OSS KEY_ID:SIGNATURE``.

    Raises:
        ServiceError: InvalidArgument for another spelling, AccessDenied without a readable date.
    """
    credential = _CREDENTIAL.fullmatch(request.headers["authorization"].removeprefix(f"{V1} "))
    if not credential:
        message = "Authorization header is invalid."
        raise exceptions.invalid_argument("Authorization", V1, message)
    date = request.headers.get("x-oss-date") or request.headers.get("date", "")
    if (signed_at := http_date(date)) is None:
        raise exceptions.access_denied("OSS authentication requires a valid Date.")
    return _claim(
        request,
        location,
        credential=credential.groups(),
        security_token=request.headers.get("x-oss-security-token", ""),
        date=date,
        times=(signed_at, None),
    )


def from_query(request: Request, location: Location, parameters: dict[str, str]) -> Claim:
    """
    Read ``OSSAccessKeyId``, ``Expires`` and ``Signature`` of a signed URL.

    Raises:
        ServiceError: InvalidArgument for an Expires that is no time.
    """
    expires = parameters.get("Expires", "")
    what = "It is a time in seconds since 1970."
    valid_until = whole_number("Expires", expires, 0, _LATEST, what)
    return _claim(
        request,
        location,
        credential=(parameters.get("OSSAccessKeyId", ""), parameters["Signature"]),
        security_token=parameters.get("security-token", ""),
        date=expires,
        times=(None, float(valid_until)),
    )


def _claim(
    request: Request,
    location: Location,
    *,
    credential: tuple[str, ...],
    security_token: str,
    date: str,
    times: tuple[float | None, float | None],
) -> Claim:
    access_key_id, signature = credential
    headers = request.headers
    signed = [request.method, headers.get("content-md5", ""), headers.get("content-type", ""), date]
    fields = sorted((name.lower(), value.strip()) for name, value in headers.items())
    signed += [f"{name}:{value}" for name, value in fields if name.startswith("x-oss-")]
    # Headers are signed as they came, byte by byte; a key is signed as UTF-8, not percent-encoded.
    head = "".join(f"{line}\n" for line in signed).encode("latin-1")
    resource = location.path + _subresources(request.query)
    string_to_sign = head + resource.encode()

    def sign(access_key_secret: str) -> str:
        digest = hmac.digest(access_key_secret.encode(), string_to_sign, "sha1")
        return base64.b64encode(digest).decode()

    return Claim(
        access_key_id=access_key_id,
        security_token=security_token,
        region="",
        signed_at=times[0],
        valid_until=times[1],
        signature=signature,
        string_to_sign=string_to_sign,
        sign=sign,
    )


def _subresources(parameters: Iterable[tuple[str, str]]) -> str:
    """Write the signed part of the query, decoded; an empty value has no ``=``."""
    signed = sorted(each for each in parameters if each[0] in SUBRESOURCES)
    joined = "&".join(f"{name}={value}" if value else name for name, value in signed)
    return f"?{joined}" if joined else ""
