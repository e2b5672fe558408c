"""Which keys are trusted; badkeys is asked the same about each key that is made here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from badkeys.checks import checkrsa

from core.errors import UntrustedPublicKey
from core.keys.fingerprint import sha256_fingerprint
from core.keys.reading import read_public_key
from core.keys.rsa_key import RsaPublicKey
from core.keys.trust import roca
from core.keys.trust.blocklist import Blocklist
from core.keys.trust.policy import FERMAT_ROUNDS, LARGEST_SMALL_PRIME, KeyPolicy, examine
from core.keys.trust.published_keys import PUBLISHED_KEYS
from tests.keys.public_keys import read
from tests.keys.weak_numbers import (
    SMALL_PRIMES,
    close_primes_modulus,
    fermat_modulus,
    good_modulus,
    roca_modulus,
)

if TYPE_CHECKING:
    from typing import Literal

SMALL_POLICY = KeyPolicy(min_bits=1024)
# badkeys' blocklist check is not among these: without a downloaded list it exits.
CHECKS = ("fermat", "roca", "rsainvalid", "smallfactors")
OF_BADKEYS = {"fermat": "fermat", "roca": "roca", "smallfactors": "weak_modulus"}

GOOD = good_modulus(1)
# Published by HashiCorp, with its private half, so that boxes can be logged in to.
VAGRANT = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzI"
    "w+niNltGEFHzD8+v1I2YJ6oXevct1YeS0o9HZyN1Q9qgCgzUFtdOKLv6IedplqoPkcmF0aYet2PkEDo3MlTB"
    "ckFXPITAMzF8dJSIFo9D8HfdOV0IAdx4O7PtixWKn5y2hMNG0zQPyUecp4pzC6kivAIhyfHilFR61RGL+GPX"
    "Q2MWZWFYbAGjyiYJnAmCP3NOTd0jMZEnDkbUvxhMmBYSdETk1rRgm+R4LOzFUGaHqHDLKLX+FIPKcF96hruc"
    "XzcWyLbIbEgE98OHlnVYCzRdK8jlqm8tehUc9c9WhQ== vagrant insecure public key"
)


def key(modulus: int = GOOD, exponent: int = 65537) -> RsaPublicKey:
    return RsaPublicKey.from_numbers(exponent, modulus)


def verdict(public_key: RsaPublicKey, policy: KeyPolicy = SMALL_POLICY) -> str:
    """The reason of the refusal; "trusted" if there is none."""
    try:
        examine(public_key, policy)
    except UntrustedPublicKey as refusal:
        return refusal.reason
    return "trusted"


def verdict_of_badkeys(modulus: int) -> str:
    found = checkrsa(modulus, checks=CHECKS)
    return next((reason for check, reason in OF_BADKEYS.items() if check in found), "trusted")


CONSTRUCTED = [
    *[pytest.param(good_modulus(seed), "trusted", id=f"good {seed}") for seed in range(6)],
    *[pytest.param(read_public_key(read(f"rsa-{bits}.pub")).modulus, "trusted",
                   id=f"ssh-keygen {bits}") for bits in (1024, 2048, 3072, 4096)],
    *[pytest.param(close_primes_modulus(seed), "fermat", id=f"primes in a row {seed}")
      for seed in range(6)],
    *[pytest.param(fermat_modulus(rounds, rounds), "fermat", id=f"Fermat in {rounds} rounds")
      for rounds in (1, 2, 3, 10, 50, 99, FERMAT_ROUNDS)],
    *[pytest.param(fermat_modulus(rounds, rounds), "trusted", id=f"Fermat in {rounds} rounds")
      for rounds in (FERMAT_ROUNDS + 1, FERMAT_ROUNDS + 2, 1000)],
    *[pytest.param(roca_modulus(seed, bits), "roca", id=f"ROCA {bits}, {seed}")
      for bits in (1024, 2048) for seed in range(6)],
    *[pytest.param(GOOD * prime, "weak_modulus", id=f"divided by {prime}")
      for prime in SMALL_PRIMES if prime <= LARGEST_SMALL_PRIME],
]  # fmt: skip


@pytest.mark.parametrize(("modulus", "expected"), CONSTRUCTED)
def test_agrees_with_badkeys(modulus: int, expected: str) -> None:
    """The verdict on a key made to be good or weak is the one that badkeys gives."""
    assert (expected, expected) == (verdict(key(modulus)), verdict_of_badkeys(modulus))


# Where two primes or more have powers of such an order: elsewhere they cannot disagree.
DISAGREEING = (16, 81, 25, 7, 11, 13, 17, 23)


@pytest.mark.parametrize("step", [1, *(roca.ORDER // factor for factor in DISAGREEING)])
def test_a_power_modulo_each_prime_is_not_enough_for_roca(step: int) -> None:
    """The exponents must agree between the primes; here each has another, if only in one factor."""
    residue, modulus = 0, 1
    for number, prime in enumerate(roca.PRIMES):
        wanted = pow(roca.GENERATOR, number * step, prime)
        residue += modulus * ((wanted - residue) * pow(modulus, -1, prime) % prime)
        modulus *= prime

    assert not roca.has_roca_fingerprint(residue)
    assert {} == checkrsa(residue, checks=("roca",))


def test_looks_for_smaller_primes_than_badkeys() -> None:
    """Trial division ends with 751; badkeys goes on to 65537, for keys that were corrupted."""
    modulus = GOOD * 757

    assert "weak_modulus" == verdict(key(GOOD * 751))
    assert ("trusted", "weak_modulus") == (verdict(key(modulus)), verdict_of_badkeys(modulus))


def test_refuses_a_square() -> None:
    """A square of a prime is no product of two; badkeys calls it a case of Fermat's."""
    modulus = math.isqrt(GOOD << 1024) | 1
    while math.gcd(modulus, math.prod(SMALL_PRIMES)) > 1:
        modulus += 2

    assert "weak_modulus" == verdict(key(modulus * modulus))


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        pytest.param(2047, "too_few_bits", id="one less"),
        pytest.param(2048, "trusted", id="the least"),
        pytest.param(4096, "trusted", id="the most"),
        pytest.param(4097, "too_many_bits", id="one more"),
    ],
)
def test_limits_the_size(bits: int, expected: str) -> None:
    """The limits themselves are allowed."""
    policy = KeyPolicy(min_bits=2048, max_bits=4096, weak_keys="allow")

    assert expected == verdict(key((1 << bits) - 1), policy)


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        pytest.param(1, "bad_exponent", id="1"),
        pytest.param(2, "bad_exponent", id="2"),
        pytest.param(3, "trusted", id="3"),
        pytest.param(65536, "bad_exponent", id="even"),
        pytest.param(2**32 - 1, "trusted", id="32 bits"),
        pytest.param(2**32 + 1, "bad_exponent", id="33 bits"),
        pytest.param(GOOD, "bad_exponent", id="the modulus"),
    ],
)
def test_limits_the_exponent(exponent: int, expected: str) -> None:
    """An exponent is odd, at least 3 and at most 32 bits long."""
    assert expected == verdict(key(exponent=exponent))


def test_refuses_an_exponent_that_is_not_below_the_modulus() -> None:
    """However small the modulus is allowed to be."""
    assert "bad_exponent" == verdict(key(101, 103), KeyPolicy(min_bits=1))


@pytest.mark.parametrize(
    ("modulus", "exponent", "expected"),
    [
        pytest.param(read_public_key(read("rsa-2048.pub")).modulus, 65537, (), id="usual"),
        pytest.param(GOOD, 65537, ("unusual_size",), id="size"),
        pytest.param(read_public_key(read("rsa-3072.pub")).modulus, 3, ("unusual_exponent",),
                     id="exponent"),
        pytest.param(GOOD, 17, ("unusual_size", "unusual_exponent"), id="both"),
    ],
)  # fmt: skip
def test_warns(modulus: int, exponent: int, expected: tuple[str, ...]) -> None:
    """What is unusual is accepted, and told."""
    assert expected == examine(key(modulus, exponent), SMALL_POLICY)


@pytest.mark.parametrize(
    ("modulus", "reason"),
    [
        pytest.param(GOOD * 3, "weak_modulus", id="small factor"),
        pytest.param(close_primes_modulus(1), "fermat", id="close primes"),
        pytest.param(roca_modulus(1), "roca", id="ROCA"),
    ],
)
@pytest.mark.parametrize(("weak_keys", "times"), [("warn", 1), ("allow", 0)], ids=["warn", "allow"])
def test_weak_keys_may_be_let_pass(
    modulus: int, reason: str, weak_keys: Literal["warn", "allow"], times: int
) -> None:
    """WEAK_KEYS=warn makes warnings of the weaknesses of those names; allow does not look."""
    policy = KeyPolicy(min_bits=1024, weak_keys=weak_keys)

    assert times == examine(key(modulus), policy).count(reason)


@pytest.mark.parametrize("weak_keys", ["refuse", "warn", "allow"])
def test_a_published_key_is_refused_always(weak_keys: Literal["refuse", "warn", "allow"]) -> None:
    """A key whose private half anyone can download is refused, and its source is named."""
    public_key = read_public_key(VAGRANT)

    with pytest.raises(UntrustedPublicKey, match="compromised") as refusal:
        examine(public_key, KeyPolicy(weak_keys=weak_keys))
    assert "vagrant-default" == PUBLISHED_KEYS[sha256_fingerprint(public_key.blob)]
    assert "vagrant-default" in refusal.value.description


@pytest.mark.parametrize("weak_keys", ["refuse", "warn", "allow"])
def test_few_bits_are_refused_always(weak_keys: Literal["refuse", "warn", "allow"]) -> None:
    """The size is no weakness that may be let pass."""
    assert "too_few_bits" == verdict(key(), KeyPolicy(weak_keys=weak_keys))


def test_published_fingerprints_are_well_formed() -> None:
    """Forty keys, each by its unpadded SHA-256 fingerprint."""
    assert 40 == len(PUBLISHED_KEYS)
    assert {50} == {len(fingerprint) for fingerprint in PUBLISHED_KEYS}


def test_a_listed_key_is_refused() -> None:
    """A key on the blocklist is refused, and its source is named by its number."""
    from hashlib import sha256

    record = sha256(GOOD.to_bytes(128, "big")).digest()[:15] + bytes([7])
    policy = KeyPolicy(min_bits=1024, weak_keys="allow", blocklist=Blocklist(record))

    with pytest.raises(UntrustedPublicKey) as refusal:
        examine(key(), policy)
    assert "compromised" == refusal.value.reason
    assert "source 7" in refusal.value.description
    assert "trusted" == verdict(key(good_modulus(2)), policy)
