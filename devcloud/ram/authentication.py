"""Is the caller who the request says? The checks that Alibaba Cloud's gateways make, in order."""

import threading

from devcloud.ram.exceptions import NotAuthentic, Rejection
from devcloud.ram.models import Clock, Keyring, Principal
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
        self._used_nonces: dict[tuple[str, str], float] = {}  # until when each is remembered
        self._lock = threading.Lock()

    def authenticate(self, claim: SignatureClaim) -> Principal:
        """
        Return the principal whose secret made the signature.

        The nonce is spent last: only who can sign can spend one.

        Raises:
            NotAuthentic: the claim does not hold.
        """
        issued = self._keyring.find(claim.access_key_id)
        if issued is None:
            raise NotAuthentic(Rejection.UNKNOWN_ACCESS_KEY)
        credentials, principal = issued
        if claim.security_token != (credentials.security_token or ""):
            foreign = self._keyring.has_issued_token(claim.security_token)
            raise NotAuthentic(
                Rejection.FOREIGN_SECURITY_TOKEN if foreign else Rejection.UNKNOWN_SECURITY_TOKEN
            )
        if abs(self._clock() - claim.signed_at) > ALLOWED_SKEW_SECONDS:
            raise NotAuthentic(Rejection.SKEWED_CLOCK)
        if not claim.was_made_with(credentials.access_key_secret):
            raise NotAuthentic(Rejection.WRONG_SIGNATURE)
        if credentials.expiration and self._clock() >= credentials.expiration.timestamp():
            raise NotAuthentic(Rejection.EXPIRED_SECURITY_TOKEN)
        if claim.nonce:
            self._spend_nonce(claim)
        return principal

    def _spend_nonce(self, claim: SignatureClaim) -> None:
        now = self._clock()
        nonce = (claim.access_key_id, claim.nonce)
        with self._lock:
            if self._used_nonces.get(nonce, now) > now:
                raise NotAuthentic(Rejection.USED_NONCE)
            # A request passes for 15 minutes on either side of its time, so a replay for 30.
            self._used_nonces[nonce] = now + 2 * ALLOWED_SKEW_SECONDS
            if len(self._used_nonces) % 1024 == 0:
                self._used_nonces = {n: end for n, end in self._used_nonces.items() if end > now}
