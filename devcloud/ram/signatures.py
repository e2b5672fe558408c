"""
The two ways in which Alibaba Cloud's RPC-style APIs are signed.

* ``ACS3-HMAC-SHA256`` in the Authorization header: today's SDKs ("Request syntax and signature
  method V3" of the SDK manual).
* RPC V1, ``Signature`` among the parameters, HMAC-SHA1 or HMAC-SHA256: older SDKs (the manual's
  "RPC mechanism").

A reader takes the claim out of a request; nothing of it is true before the signature was compared.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from devcloud.http_message import Request, ServiceError

ACS3 = "ACS3-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{ACS3} Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{{64}})"
)
ACS3_REQUIRED = frozenset(
    {
        "host",
        "x-acs-action",
        "x-acs-version",
        "x-acs-date",
        "x-acs-signature-nonce",
        "x-acs-content-sha256",
    }
)
_V1_DIGESTS = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}


@dataclass(frozen=True, slots=True)
class SignatureClaim:
    """Who a request says it is from, and the signature that a secret would have to reproduce."""

    access_key_id: str
    security_token: str
    signed_at: float  # seconds since the epoch
    nonce: str  # empty where none is asked for
    signature: str
    sign: Callable[[str], str]  # secret -> the signature this request should carry

    def was_made_with(self, access_key_secret: str) -> bool:
        """Compare, in constant time, with the signature that this secret makes."""
        expected = self.sign(access_key_secret)
        return hmac.compare_digest(expected.encode(), self.signature.encode())


def read_acs3(request: Request, required: frozenset[str] = ACS3_REQUIRED) -> SignatureClaim:
    """
    Read an ACS3-HMAC-SHA256 claim from the headers.

    Raises:
        ServiceError: IncompleteSignature when it cannot be read, or leaves a header unsigned that
            must be signed: ``required``, and every ``x-acs-`` header there is.
            InvalidTimeStamp.Format. SignatureDoesNotMatch when the body has another digest.
    """
    headers = request.headers
    claim = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if not claim:
        raise ServiceError(400, "IncompleteSignature", "The Authorization header is incomplete.")
    access_key_id, signed_names, signature = claim.groups()
    signed = signed_names.split(";")
    sent = {name.lower() for name, value in headers.items() if value.strip()}
    must_be_signed = required | {name for name in sent if name.startswith("x-acs-")}
    if unsigned := must_be_signed - (sent & set(signed)):
        listed = ", ".join(sorted(unsigned))
        raise ServiceError(
            400, "IncompleteSignature", f"These headers are not there, or not signed: {listed}."
        )
    digest = hashlib.sha256(request.body).hexdigest()
    claimed_digest = headers.get("x-acs-content-sha256", "")
    if claimed_digest and claimed_digest != digest:
        raise ServiceError(
            400, "SignatureDoesNotMatch", "x-acs-content-sha256 is not the digest of the body."
        )
    canonical_request = "\n".join(
        [
            request.method,
            request.raw_path or "/",
            _canonical_query(request.query),
            "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in signed),
            signed_names,
            claimed_digest,
        ]
    )
    hashed = hashlib.sha256(canonical_request.encode()).hexdigest()
    return SignatureClaim(
        access_key_id=access_key_id,
        security_token=headers.get("x-acs-security-token", ""),
        signed_at=_instant(headers.get("x-acs-date", "")),
        nonce=headers.get("x-acs-signature-nonce", ""),
        signature=signature,
        sign=lambda secret: hmac.digest(
            secret.encode(), f"{ACS3}\n{hashed}".encode(), "sha256"
        ).hex(),
    )


def read_rpc_v1(request: Request) -> SignatureClaim:
    """
    Read an RPC V1 claim from the parameters, query and form together.

    Raises:
        ServiceError: Missing… for what is absent, InvalidSignatureMethod,
            InvalidTimeStamp.Format.
    """
    everything = [*request.query, *request.form]
    parameters = dict(everything)
    if not parameters.get("AccessKeyId"):
        raise ServiceError(400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action.")
    for name in ("Signature", "SignatureMethod", "SignatureNonce", "Timestamp"):
        if not parameters.get(name):
            raise ServiceError(400, f"Missing{name}", f"{name} is mandatory for this action.")
    digest = _V1_DIGESTS.get(parameters["SignatureMethod"])
    if digest is None or parameters.get("SignatureVersion", "1.0") != "1.0":
        raise ServiceError(
            400, "InvalidSignatureMethod", "devcloud verifies HMAC-SHA1 and HMAC-SHA256, V1.0."
        )
    canonical = _canonical_query((n, v) for n, v in everything if n != "Signature")
    string_to_sign = f"{request.method}&{_encoded('/')}&{_encoded(canonical)}"
    return SignatureClaim(
        access_key_id=parameters["AccessKeyId"],
        security_token=parameters.get("SecurityToken", ""),
        signed_at=_instant(parameters["Timestamp"]),
        nonce=parameters["SignatureNonce"],
        signature=parameters["Signature"],
        sign=lambda secret: base64.b64encode(
            hmac.digest(f"{secret}&".encode(), string_to_sign.encode(), digest)
        ).decode(),
    )


def _instant(text: str) -> float:
    """Read ``2020-04-26T15:38:27Z``."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp()
    except ValueError:
        raise ServiceError(
            400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not valid."
        ) from None


def _canonical_query(parameters: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(parameters))


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
