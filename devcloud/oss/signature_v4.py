"""
OSS4-HMAC-SHA256: "Include a V4 signature in the header (recommended)", and "... in a URL".

The signature covers method, path, query, the ``x-oss-`` headers, Content-Type, Content-MD5, and
whatever else the client lists as additional headers; never the body.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime, timezone
from urllib.parse import quote

from devcloud.http_message import Request
from devcloud.oss import exceptions
from devcloud.oss.addressing import Location
from devcloud.oss.claim import Claim
from devcloud.oss.parameters import whole_number

V4 = "OSS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_CREDENTIAL = re.compile(r"([^/\s]+)/([0-9]{8})/([^/\s]+)/oss/aliyun_v4_request")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_HEADER_NAMES = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+(?:;[a-z0-9!#$%&'*+.^_`|~-]+)*")
_ALWAYS_SIGNED = frozenset({"content-type", "content-md5"})
_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
MAX_VALID_SECONDS = 7 * 24 * 3600
URL_PARAMETERS = frozenset(
    {
        "x-oss-signature-version",
        "x-oss-credential",
        "x-oss-date",
        "x-oss-expires",
        "x-oss-signature",
        "x-oss-additional-headers",
        "x-oss-security-token",
    }
)


def from_header(request: Request, location: Location) -> Claim:
    """
    Read ``Authorization: OSS4-HMAC-SHA256 Credential=,AdditionalHeaders=,Signature=``.

    Raises:
        ServiceError: InvalidArgument.
    """
    fields_text = request.headers["authorization"].removeprefix(f"{V4} ")
    # The two official SDKs differ in the order of the fields, and in the blank after the comma.
    fields = dict(field.strip().partition("=")[::2] for field in fields_text.split(","))
    return _claim(
        request,
        location,
        credential=fields.get("Credential", ""),
        signature=fields.get("Signature", ""),
        additional=fields.get("AdditionalHeaders", ""),
        timestamp=request.headers.get("x-oss-date", ""),
        security_token=request.headers.get("x-oss-security-token", ""),
        valid_seconds=None,
    )


def from_query(request: Request, location: Location, parameters: dict[str, str]) -> Claim:
    """
    Read the ``x-oss-`` parameters of a signed URL.

    Raises:
        ServiceError: InvalidArgument; NotImplemented for a version other than V4.
    """
    if parameters.get("x-oss-signature-version") != V4:
        raise exceptions.not_implemented(f"an x-oss-signature-version other than {V4}")
    expires = parameters.get("x-oss-expires", "")
    what = f"It is a number of seconds, 1 to {MAX_VALID_SECONDS}."
    return _claim(
        request,
        location,
        credential=parameters.get("x-oss-credential", ""),
        signature=parameters["x-oss-signature"],
        additional=parameters.get("x-oss-additional-headers", ""),
        timestamp=parameters.get("x-oss-date", ""),
        security_token=parameters.get("x-oss-security-token", ""),
        valid_seconds=whole_number("x-oss-expires", expires, 1, MAX_VALID_SECONDS, what),
    )


def _claim(  # noqa: PLR0913 - the fields of the two spellings, each given by name
    request: Request,
    location: Location,
    *,
    credential: str,
    signature: str,
    additional: str,
    timestamp: str,
    security_token: str,
    valid_seconds: int | None,
) -> Claim:
    scope = _CREDENTIAL.fullmatch(credential)
    if not scope:
        raise exceptions.invalid_argument("Credential", credential, "The Credential is malformed.")
    if not _SIGNATURE.fullmatch(signature):
        raise exceptions.invalid_argument("Signature", signature, "The Signature is malformed.")
    payload = request.headers.get("x-oss-content-sha256", UNSIGNED_PAYLOAD)
    if payload != UNSIGNED_PAYLOAD:
        message = f"x-oss-content-sha256 must be {UNSIGNED_PAYLOAD}."
        raise exceptions.invalid_argument("x-oss-content-sha256", payload, message)
    additional = additional.lower()
    if additional and not _HEADER_NAMES.fullmatch(additional):
        message = "It lists names of headers, separated by semicolons."
        raise exceptions.invalid_argument("AdditionalHeaders", additional, message)
    additional_names = sorted(additional.split(";")) if additional else []
    access_key_id, date, region = scope.groups()
    signed_at = _time(timestamp, date)
    canonical_request = "\n".join(
        [
            request.method,
            location.canonical_uri,
            _canonical_query(request.query),
            _canonical_headers(request, additional_names),
            ";".join(additional_names),
            payload,
        ]
    )
    hashed = hashlib.sha256(canonical_request.encode("latin-1")).hexdigest()
    scope_text = f"{date}/{region}/oss/aliyun_v4_request"
    string_to_sign = f"{V4}\n{timestamp}\n{scope_text}\n{hashed}".encode()

    def sign(access_key_secret: str) -> str:
        key = f"aliyun_v4{access_key_secret}".encode()
        for part in (date, region, "oss", "aliyun_v4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, string_to_sign, "sha256").hex()

    return Claim(
        access_key_id=access_key_id,
        security_token=security_token,
        region=region,
        signed_at=signed_at,
        valid_until=None if valid_seconds is None else signed_at + valid_seconds,
        signature=signature,
        string_to_sign=string_to_sign,
        sign=sign,
    )


def _time(timestamp: str, date: str) -> float:
    try:
        moment = datetime.strptime(timestamp, _TIME_FORMAT).replace(tzinfo=timezone.utc)
    except ValueError:
        message = "The time is written as 20261124T034547Z."
        raise exceptions.invalid_argument("x-oss-date", timestamp, message) from None
    if not timestamp.startswith(date):
        message = "The Credential is of another day."
        raise exceptions.invalid_argument("x-oss-date", timestamp, message)
    return moment.timestamp()


def _canonical_query(parameters: Iterable[tuple[str, str]]) -> str:
    """Encode again, for clients spell a space as ``+`` or ``%20``; an empty value has no ``=``."""
    encoded = sorted(
        (_encoded(name), _encoded(value)) for name, value in parameters if name != "x-oss-signature"
    )
    return "&".join(f"{name}={value}" if value else name for name, value in encoded)


def _canonical_headers(request: Request, additional_names: list[str]) -> str:
    fields = sorted((name.lower(), value.strip()) for name, value in request.headers.items())
    return "".join(
        f"{name}:{value}\n"
        for name, value in fields
        if name.startswith("x-oss-") or name in _ALWAYS_SIGNED or name in additional_names
    )


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
