"""Keys that parse but must not be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core.errors import UntrustedPublicKey

if TYPE_CHECKING:
    from core.blocklist import Blocklist
    from core.public_key import PublicKey


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """Which keys are trusted."""

    min_bits: int = 2048
    max_bits: int = 16384
    weak_keys: Literal["refuse", "warn", "allow"] = "refuse"
    blocklist: Blocklist | None = None


def examine(key: PublicKey, policy: KeyPolicy) -> tuple[str, ...]:
    """Return the warnings for the key, or raise UntrustedPublicKey."""
    if key.bits < policy.min_bits:
        raise UntrustedPublicKey(
            f"The key has {key.bits} bits; at least {policy.min_bits} are needed. "
            "Make one with: ssh-keygen -t rsa -b 3072",
            reason="too_few_bits",
        )
    return ()
