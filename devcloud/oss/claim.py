"""What a request claims about its sender, whichever of the two signatures it carries."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """
    Who a request says it is from, and the signature that a secret would have to reproduce.

    A signature in a header says when it was made; one in a URL says until when it is good. A V4
    signature in a URL says both. Times are seconds since the epoch.
    """

    access_key_id: str
    security_token: str
    region: str  # empty under V1, which names none
    signed_at: float | None
    valid_until: float | None
    signature: str
    string_to_sign: bytes
    sign: Callable[[str], str]  # secret -> the signature that this request should carry

    def was_made_with(self, access_key_secret: str) -> bool:
        """Compare, in constant time, with the signature that this secret makes."""
        expected = self.sign(access_key_secret).encode()
        return hmac.compare_digest(expected, self.signature.encode())
