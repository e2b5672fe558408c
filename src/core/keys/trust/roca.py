"""
The fingerprint of ROCA keys (CVE-2017-15361).

A library of Infineon made primes of the form k·M + (65537^a mod M), M being a product of small
primes. So the modulus of such a key is a power of 65537 modulo M, as hardly any other number is
(Nemec, Sys, Svenda, Klinec, Matyas: The Return of Coppersmith's Attack, 2017, section 3).
"""

from __future__ import annotations

import math

GENERATOR = 65537
# The primes of M for keys of 512 to 960 bits; the M of longer keys are multiples of it.
PRIMES = (
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
)  # fmt: skip
M = math.prod(PRIMES)
# The order of the generator modulo M, as the prime powers that it is a product of.
ORDER_FACTORS = (16, 81, 25, 7, 11, 13, 17, 23, 29, 37, 41, 53, 83)
ORDER = math.prod(ORDER_FACTORS)


# The primes modulo which not every number is a power of the generator: they clear most moduli.
TELLING_PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)


def _powers_modulo(prime: int) -> frozenset[int]:
    powers = {1}
    power = GENERATOR % prime
    while power != 1:
        powers.add(power)
        power = power * GENERATOR % prime
    return frozenset(powers)


_TELLING = tuple((prime, _powers_modulo(prime)) for prime in TELLING_PRIMES)


def has_roca_fingerprint(modulus: int) -> bool:
    """Tell whether the modulus is a power of the generator modulo M."""
    residue = modulus % M
    for prime, powers in _TELLING:  # a generator would take as long again
        if residue % prime not in powers:
            return False
    return pow(residue, ORDER, M) == 1 and all(
        _is_power_in_subgroup(residue, factor) for factor in ORDER_FACTORS
    )


def _is_power_in_subgroup(residue: int, factor: int) -> bool:
    """Take one step of Pohlig and Hellman's discrete logarithm: is there one in this subgroup."""
    base = pow(GENERATOR, ORDER // factor, M)
    wanted = pow(residue, ORDER // factor, M)
    power = 1
    for _ in range(factor):
        if power == wanted:
            return True
        power = power * base % M
    return False
