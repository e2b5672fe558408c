"""Is the caller who the request says? The checks of OSS's own gateway; it knows no nonces."""

from datetime import datetime, timezone

from devcloud.oss import exceptions
from devcloud.oss.signatures import V4Claim
from devcloud.ram.models import Clock, Credentials, Keyring, Principal

ALLOWED_SKEW_SECONDS = 15 * 60
MAX_VALID_SECONDS = 7 * 24 * 3600
_FORMAT = "%Y%m%dT%H%M%SZ"


class Authenticator:
    """Turn a V4 claim into a principal, or refuse it."""

    def __init__(self, keyring: Keyring, clock: Clock, region: str) -> None:
        self._keyring = keyring
        self._clock = clock
        self._region = region

    def authenticate(self, claim: V4Claim) -> Principal:
        """
        Return the principal whose key made the signature.

        Raises:
            ServiceError: with 403 InvalidAccessKeyId, InvalidSecurityToken, RequestTimeTooSkewed,
                AccessDenied (a signed URL is over), SignatureDoesNotMatch, SecurityTokenExpired;
                with 400 InvalidArgument for a wrong region or an unreadable time.
        """
        issued = self._keyring.find(claim.access_key_id)
        if issued is None:
            raise exceptions.invalid_access_key_id(claim.access_key_id)
        credentials, principal = issued
        _check_security_token(claim, credentials)
        if claim.region != self._region:
            message = f"Invalid signing region in Authorization header. Expect '{self._region}'."
            raise exceptions.invalid_argument("region", claim.region, message)
        self._check_time(claim)
        if not claim.was_made_with(credentials.access_key_secret):
            raise exceptions.signature_does_not_match(
                claim.access_key_id, claim.signature, claim.string_to_sign
            )
        if credentials.expiration and self._clock() >= credentials.expiration.timestamp():
            raise exceptions.security_token_expired()
        return principal

    def _check_time(self, claim: V4Claim) -> None:
        try:
            parsed = datetime.strptime(claim.timestamp, _FORMAT).replace(tzinfo=timezone.utc)
        except ValueError:
            message = "The time is written as 20261124T034547Z."
            raise exceptions.invalid_argument("x-oss-date", claim.timestamp, message) from None
        if not claim.timestamp.startswith(claim.date):
            message = "The Credential is of another day."
            raise exceptions.invalid_argument("x-oss-date", claim.timestamp, message)
        now, sent = self._clock(), parsed.timestamp()
        allowed_age = ALLOWED_SKEW_SECONDS
        if claim.valid_seconds is not None:
            allowed_age = claim.valid_seconds
            if not 1 <= allowed_age <= MAX_VALID_SECONDS:
                message = f"It is a number of seconds, 1 to {MAX_VALID_SECONDS}."
                raise exceptions.invalid_argument("x-oss-expires", str(allowed_age), message)
            if now - sent > allowed_age:
                raise exceptions.access_denied("Request has expired.")
        if sent - now > ALLOWED_SKEW_SECONDS or now - sent > allowed_age:
            raise exceptions.request_time_too_skewed(
                _iso(sent), _iso(now), ALLOWED_SKEW_SECONDS * 1000
            )


def _check_security_token(claim: V4Claim, credentials: Credentials) -> None:
    """
    Compare the token with the key's own.

    A temporary key without its token, and a user's key with one, are to OSS unknown keys (manual,
    error 0002-00000002).
    """
    if bool(claim.security_token) != bool(credentials.security_token):
        raise exceptions.invalid_access_key_id(claim.access_key_id)
    if claim.security_token != (credentials.security_token or ""):
        raise exceptions.invalid_security_token()


def _iso(instant: float) -> str:
    moment = datetime.fromtimestamp(instant, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
