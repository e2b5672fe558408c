"""
OSS4-HMAC-SHA256: "Include a V4 signature in the header (recommended)", and "... in a URL".

A reader takes the claim out of a request; nothing of it is true before the signature was compared.
The signature covers method, path, query, the ``x-oss-`` headers, Content-Type, Content-MD5, and
whatever else the client lists as additional headers; never the body.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from devcloud.http_message import Request
from devcloud.oss import exceptions
from devcloud.oss.addressing import Location

V4 = "OSS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_CREDENTIAL = re.compile(r"([^/\s]+)/(\d{8})/([^/\s]+)/oss/aliyun_v4_request")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_ALWAYS_SIGNED = frozenset({"content-type", "content-md5"})


@dataclass(frozen=True, slots=True)
class V4Claim:
    """Who a request says it is from, and the signature that a secret would have to reproduce."""

    access_key_id: str
    security_token: str
    date: str  # 20261124, of the credential's scope
    region: str
    timestamp: str  # 20261124T034547Z
    valid_seconds: int | None  # of a signed URL; None for a signature in the header
    signature: str
    string_to_sign: str

    def was_made_with(self, access_key_secret: str) -> bool:
        """Compare, in constant time, with the signature that this secret makes."""
        key = f"aliyun_v4{access_key_secret}".encode()
        for part in (self.date, self.region, "oss", "aliyun_v4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        expected = hmac.digest(key, self.string_to_sign.encode("latin-1"), "sha256").hex()
        return hmac.compare_digest(expected, self.signature)


def read_claim(request: Request, location: Location) -> V4Claim:
    """
    Read the claim from the Authorization header, or from the query of a signed URL.

    Raises:
        ServiceError: AccessDenied when nobody signed, InvalidArgument when the claim cannot be
            read, NotImplemented for older signatures.
    """
    parameters = dict(request.query)
    if "authorization" in request.headers:
        return _from_header(request, location)
    if "x-oss-signature" in parameters:
        return _from_query(request, location, parameters)
    raise exceptions.access_denied()


def _from_header(request: Request, location: Location) -> V4Claim:
    authorization = request.headers["authorization"]
    scheme, _, fields_text = authorization.partition(" ")
    if scheme != V4:
        raise exceptions.not_implemented(f"an Authorization other than {V4}")
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


def _from_query(request: Request, location: Location, parameters: dict[str, str]) -> V4Claim:
    if parameters.get("x-oss-signature-version") != V4:
        raise exceptions.not_implemented(f"an x-oss-signature-version other than {V4}")
    expires = parameters.get("x-oss-expires", "")
    if not expires.isascii() or not expires.isdigit():
        raise exceptions.invalid_argument("x-oss-expires", expires, "It is a number of seconds.")
    return _claim(
        request,
        location,
        credential=parameters.get("x-oss-credential", ""),
        signature=parameters["x-oss-signature"],
        additional=parameters.get("x-oss-additional-headers", ""),
        timestamp=parameters.get("x-oss-date", ""),
        security_token=parameters.get("x-oss-security-token", ""),
        valid_seconds=int(expires),
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
) -> V4Claim:
    scope = _CREDENTIAL.fullmatch(credential)
    if not scope:
        raise exceptions.invalid_argument("Credential", credential, "The Credential is malformed.")
    if not _SIGNATURE.fullmatch(signature):
        raise exceptions.invalid_argument("Signature", signature, "The Signature is malformed.")
    payload = request.headers.get("x-oss-content-sha256", UNSIGNED_PAYLOAD)
    if payload != UNSIGNED_PAYLOAD:
        message = f"x-oss-content-sha256 must be {UNSIGNED_PAYLOAD}."
        raise exceptions.invalid_argument("x-oss-content-sha256", payload, message)
    access_key_id, date, region = scope.groups()
    additional_names = sorted(filter(None, additional.lower().split(";")))
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
    return V4Claim(
        access_key_id=access_key_id,
        security_token=security_token,
        date=date,
        region=region,
        timestamp=timestamp,
        valid_seconds=valid_seconds,
        signature=signature,
        string_to_sign=f"{V4}\n{timestamp}\n{date}/{region}/oss/aliyun_v4_request\n{hashed}",
    )


def _canonical_query(parameters: Iterable[tuple[str, str]]) -> str:
    """Encode anew, since clients spell a blank as ``+`` or ``%20``; an empty value has no ``=``."""
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
