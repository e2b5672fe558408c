"""Is the caller who the request says? The checks that Alibaba Cloud's gateway makes, in order."""

import threading
from datetime import datetime

from devcloud.http_message import ServiceError
from devcloud.ram.identities import Clock, Keyring, Principal
from devcloud.ram.signatures import SignatureClaim

ALLOWED_SKEW_SECONDS = 15 * 60


class Authenticator:
    """
    Turn a claim into a principal, or refuse it.

    One instance serves all services of a cloud, so a nonce used at one is used at all.
    """

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock
        self._used_nonces: dict[tuple[str, str], float] = {}  # until when it is remembered
        self._lock = threading.Lock()

    def authenticate(self, claim: SignatureClaim) -> Principal:
        """
        Return the principal whose key made the signature.

        The nonce is spent last: only who can sign can spend one.

        Raises:
            ServiceError: InvalidAccessKeyId.NotFound (404); with 400 InvalidSecurityToken.*,
                InvalidTimeStamp.*, SignatureDoesNotMatch, SignatureNonceUsed.
        """
        issued = self._keyring.find(claim.access_key_id)
        if issued is None:
            raise ServiceError(
                404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."
            )
        credentials, principal = issued
        self._check_security_token(claim, credentials.security_token or "")
        self._check_timestamp(claim)
        if not claim.was_made_with(credentials.access_key_secret):
            raise ServiceError(
                400,
                "SignatureDoesNotMatch",
                "Specified signature is not matched with our calculation.",
            )
        if credentials.expiration and self._clock() >= credentials.expiration.timestamp():
            raise ServiceError(
                400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."
            )
        if claim.nonce:  # only HTTP triggers take requests without one
            self._spend_nonce(claim)
        return principal

    def _check_security_token(self, claim: SignatureClaim, issued: str) -> None:
        if claim.security_token == issued:
            return
        if self._keyring.issued_token(claim.security_token):
            raise ServiceError(
                400,
                "InvalidSecurityToken.MismatchWithAccessKey",
                "Specified SecurityToken mismatch with the AccessKey.",
            )
        raise ServiceError(
            400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed."
        )

    def _check_timestamp(self, claim: SignatureClaim) -> None:
        try:
            sent = datetime.strptime(claim.timestamp, "%Y-%m-%dT%H:%M:%S%z").timestamp()
        except ValueError:
            raise ServiceError(
                400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not valid."
            ) from None
        if abs(self._clock() - sent) > ALLOWED_SKEW_SECONDS:
            raise ServiceError(
                400,
                "InvalidTimeStamp.Expired",
                "Specified time stamp or date value is expired.",
            )

    def _spend_nonce(self, claim: SignatureClaim) -> None:
        now = self._clock()
        nonce = (claim.access_key_id, claim.nonce)
        with self._lock:
            if self._used_nonces.get(nonce, 0.0) > now:
                raise ServiceError(
                    400, "SignatureNonceUsed", "Specified signature nonce was used already."
                )
            # A timestamp passes for 15 minutes on either side, so a replay can for 30.
            self._used_nonces[nonce] = now + 2 * ALLOWED_SKEW_SECONDS
            if len(self._used_nonces) % 1024 == 0:
                self._used_nonces = {n: t for n, t in self._used_nonces.items() if t > now}
