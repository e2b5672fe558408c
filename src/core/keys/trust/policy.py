"""
Keys that parse but must not be trusted.

Sizes, exponents, moduli that can be factored, and keys whose private half is known. What may be
computed in a millisecond is computed; a primality test takes seconds at 16384 bits, and is not.
The verdicts are those of badkeys, which the tests ask on constructed keys.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core.errors import UntrustedPublicKey
from core.keys.fingerprint import sha256_fingerprint
from core.keys.trust.published_keys import PUBLISHED_KEYS
from core.keys.trust.roca import has_roca_fingerprint

if TYPE_CHECKING:
    from core.keys.rsa_key import RsaPublicKey
    from core.keys.trust.blocklist import Blocklist

USUAL_BITS = (2048, 3072, 4096)
USUAL_EXPONENT = 65537
MIN_EXPONENT, MAX_EXPONENT_BITS = 3, 32
LARGEST_SMALL_PRIME = 751
FERMAT_ROUNDS = 100

MAKE_ANOTHER = "Make another with: ssh-keygen -t rsa -b 3072"


def _product_of_primes(limit: int) -> int:
    product = 1
    for number in range(2, limit + 1):
        if math.gcd(number, product) == 1:
            product *= number
    return product


_SMALL_PRIMES = _product_of_primes(LARGEST_SMALL_PRIME)
# Modulo each of these, about half of the numbers are no square; modulo all of them, nearly all.
_SIEVE = (16, 9, 5, 7, 11, 13, 17, 19, 23)
_SIEVE_PRODUCT = math.prod(_SIEVE)


def _differences_that_are_squares(modulus: int) -> tuple[int, ...]:
    """For each remainder n: the numbers a for which a² - n is a square modulo this, as bits."""
    squares = {number * number % modulus for number in range(modulus)}
    repeated = sum(1 << at for at in range(0, modulus + FERMAT_ROUNDS, modulus))
    return tuple(
        repeated * sum(1 << a for a in range(modulus) if (a * a - n) % modulus in squares)
        for n in range(modulus)
    )


_SQUARE_AT = tuple((modulus, _differences_that_are_squares(modulus)) for modulus in _SIEVE)


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """
    Which keys are trusted.

    Args:
        min_bits: the smallest modulus, in bits.
        max_bits: the largest.
        weak_keys: what to do with a modulus that can be factored: "warn" and "allow" let it pass,
            with and without a warning. Compromised keys are refused always.
        blocklist: further compromised keys.
    """

    min_bits: int = 2048
    max_bits: int = 16384
    weak_keys: Literal["refuse", "warn", "allow"] = "refuse"
    blocklist: Blocklist | None = None


def examine(key: RsaPublicKey, policy: KeyPolicy) -> tuple[str, ...]:
    """
    Return the warnings: unusual_size, unusual_exponent, weak_modulus, fermat, roca.

    Raises:
        UntrustedPublicKey: too_few_bits, too_many_bits, bad_exponent, weak_modulus, fermat, roca,
            compromised.
    """
    _check_size(key.bits, policy)
    _check_exponent(key)
    warnings: list[str] = []
    if policy.weak_keys != "allow":
        weakness = _find_weakness(key.modulus)
        if weakness and policy.weak_keys == "refuse":
            raise weakness
        if weakness:
            warnings.append(weakness.reason)
    _check_compromised(key, policy.blocklist)
    if key.bits not in USUAL_BITS:
        warnings.append("unusual_size")
    if key.exponent != USUAL_EXPONENT:
        warnings.append("unusual_exponent")
    return tuple(warnings)


def _check_size(bits: int, policy: KeyPolicy) -> None:
    if bits < policy.min_bits:
        raise UntrustedPublicKey(
            f"The key has {bits} bits; at least {policy.min_bits} are needed. {MAKE_ANOTHER}",
            reason="too_few_bits",
        )
    if bits > policy.max_bits:
        raise UntrustedPublicKey(
            f"The key has {bits} bits; at most {policy.max_bits} are accepted. {MAKE_ANOTHER}",
            reason="too_many_bits",
        )


def _check_exponent(key: RsaPublicKey) -> None:
    exponent = key.exponent
    if (
        exponent % 2 == 0
        or exponent < MIN_EXPONENT
        or exponent.bit_length() > MAX_EXPONENT_BITS
        or exponent >= key.modulus
    ):
        raise UntrustedPublicKey(
            "The public exponent cannot be right: it is even, less than 3, or longer than "
            f"{MAX_EXPONENT_BITS} bits. {MAKE_ANOTHER}",
            reason="bad_exponent",
        )


def _find_weakness(modulus: int) -> UntrustedPublicKey | None:
    root = math.isqrt(modulus)
    remainder = modulus % _SMALL_PRIMES
    if math.gcd(remainder, _SMALL_PRIMES) != 1 or root * root == modulus:
        return UntrustedPublicKey(
            "The modulus is not the product of two large primes: a small prime divides it, or it "
            f"is a square. The private key can be computed. {MAKE_ANOTHER}",
            reason="weak_modulus",
        )
    if _factors_are_close(modulus, root):
        return UntrustedPublicKey(
            "The two primes are so close to each other that the key can be factored at once "
            f"(CVE-2022-26320). {MAKE_ANOTHER}",
            reason="fermat",
        )
    if has_roca_fingerprint(remainder):  # ROCA's primes are among the small ones
        return UntrustedPublicKey(
            "The key was made by a chip whose keys can be factored (ROCA, CVE-2017-15361). "
            f"{MAKE_ANOTHER}, on another device",
            reason="roca",
        )
    return None


def _factors_are_close(modulus: int, root: int) -> bool:
    """
    Try to factor an odd modulus by Fermat's method.

    If n = (a - b)(a + b), then a² - n is a square, and a is close to the root of n when the factors
    are close to each other. All rounds go through the sieve at once, a bit each; hardly one is left
    to be tried on long numbers.
    """
    first = root + 1
    n, a = modulus % _SIEVE_PRODUCT, first % _SIEVE_PRODUCT
    rounds = (1 << FERMAT_ROUNDS) - 1
    for small, square_at in _SQUARE_AT:
        rounds &= square_at[n % small] >> (a % small)
    while rounds:
        square = (first + rounds.bit_length() - 1) ** 2 - modulus
        if math.isqrt(square) ** 2 == square:
            return True
        rounds &= (1 << (rounds.bit_length() - 1)) - 1
    return False


def _check_compromised(key: RsaPublicKey, blocklist: Blocklist | None) -> None:
    source = PUBLISHED_KEYS.get(sha256_fingerprint(key.blob))
    if source is None and blocklist is not None:
        number = blocklist.source_of(key.modulus)
        source = None if number is None else f"source {number} of the blocklist"
    if source is not None:
        raise UntrustedPublicKey(
            f"The private half of this key is public knowledge ({source}): anyone can log in "
            f"with it. {MAKE_ANOTHER}",
            reason="compromised",
        )
