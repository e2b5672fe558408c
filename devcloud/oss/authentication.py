"""Is the caller who the request says? The checks of OSS's own gateway; it knows no nonces."""

from devcloud.http_message import Request
from devcloud.oss import exceptions, signature_v1, signature_v4
from devcloud.oss.addressing import Location
from devcloud.oss.claim import Claim
from devcloud.oss.parameters import iso
from devcloud.ram.models import Clock, Credentials, Keyring, Principal

ALLOWED_SKEW_SECONDS = 15 * 60


def read_claim(request: Request, location: Location) -> Claim:
    """
    Read the claim from the Authorization header, or from the query of a signed URL.

    Raises:
        ServiceError: AccessDenied when nobody signed, InvalidArgument when the claim cannot be
            read or there are two, NotImplemented for a version of signatures that is neither V1
            nor V4.
    """
    parameters = dict(request.query)
    in_header = "authorization" in request.headers
    in_query = bool({"Signature", "x-oss-signature"} & parameters.keys())
    if in_header and in_query:
        message = "Sign in the Authorization header or in the URL, not in both."
        raise exceptions.invalid_argument("Authorization", "", message)
    if in_header:
        scheme = request.headers["authorization"].partition(" ")[0]
        if scheme == signature_v4.V4:
            return signature_v4.from_header(request, location)
        if scheme == signature_v1.V1:
            return signature_v1.from_header(request, location)
        raise exceptions.not_implemented(f"an Authorization other than {signature_v4.V4} and V1")
    if "Signature" in parameters:
        return signature_v1.from_query(request, location, parameters)
    if "x-oss-signature" in parameters:
        return signature_v4.from_query(request, location, parameters)
    raise exceptions.access_denied()


class Authenticator:
    """Turn a claim into a principal, or refuse it."""

    def __init__(self, keyring: Keyring, clock: Clock, region: str) -> None:
        self._keyring = keyring
        self._clock = clock
        self._region = region

    def authenticate(self, claim: Claim) -> Principal:
        """
        Return the principal whose key made the signature.

        Raises:
            ServiceError: with 403 InvalidAccessKeyId, InvalidSecurityToken, RequestTimeTooSkewed,
                AccessDenied (a signed URL is over), SignatureDoesNotMatch, SecurityTokenExpired;
                with 400 InvalidArgument for a wrong region.
        """
        issued = self._keyring.find(claim.access_key_id)
        if issued is None:
            raise exceptions.invalid_access_key_id(claim.access_key_id)
        credentials, principal = issued
        _check_security_token(claim, credentials)
        if claim.region and claim.region != self._region:
            message = f"Invalid signing region in Authorization header. Expect '{self._region}'."
            raise exceptions.invalid_argument("region", claim.region, message)
        self._check_time(claim)
        if not claim.was_made_with(credentials.access_key_secret):
            raise exceptions.signature_does_not_match(
                claim.access_key_id, claim.signature, _without_token(claim)
            )
        if credentials.expiration and self._clock() >= credentials.expiration.timestamp():
            raise exceptions.security_token_expired()
        return principal

    def _check_time(self, claim: Claim) -> None:
        now = self._clock()
        if claim.valid_until is not None and now > claim.valid_until:
            raise exceptions.access_denied("Request has expired.")
        if claim.signed_at is None:
            return
        ahead = claim.signed_at - now
        too_old = claim.valid_until is None and -ahead > ALLOWED_SKEW_SECONDS
        if too_old or ahead > ALLOWED_SKEW_SECONDS:
            raise exceptions.request_time_too_skewed(
                iso(claim.signed_at), iso(now), ALLOWED_SKEW_SECONDS * 1000
            )


def _without_token(claim: Claim) -> str:
    """Return the string to sign, in which V1 has the security token, with that masked."""
    text = claim.string_to_sign.decode("utf-8", "replace")
    return text.replace(claim.security_token, "***") if claim.security_token else text


def _check_security_token(claim: Claim, credentials: Credentials) -> None:
    """
    Compare the token with the key's own.

    A temporary key without its token, and a user's key with one, are to OSS unknown keys (manual,
    error 0002-00000002).
    """
    if bool(claim.security_token) != bool(credentials.security_token):
        raise exceptions.invalid_access_key_id(claim.access_key_id)
    if claim.security_token != (credentials.security_token or ""):
        raise exceptions.invalid_security_token()
