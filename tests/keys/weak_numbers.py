"""Moduli that are weak on purpose, and good ones, made from a seed."""

from __future__ import annotations

import math
import random

from core.keys.trust import roca

LARGEST_OF_BADKEYS = 65537  # the primes that badkeys divides by


def primes_up_to(limit: int) -> list[int]:
    """The sieve of Eratosthenes."""
    composite = bytearray(limit + 1)
    for number in range(2, math.isqrt(limit) + 1):
        composite[number * number :: number] = b"\1" * len(composite[number * number :: number])
    return [number for number in range(2, limit + 1) if not composite[number]]


SMALL_PRIMES = primes_up_to(800)
_ALL_SMALL = math.prod(primes_up_to(LARGEST_OF_BADKEYS))


def seeded(seed: int) -> random.Random:
    """A source of numbers that gives the same ones again."""
    return random.Random(seed)  # noqa: S311 - no secret is made of them


def is_probable_prime(number: int, witnesses: random.Random) -> bool:
    """Miller and Rabin's test, with ten witnesses."""
    if any(number % prime == 0 for prime in SMALL_PRIMES):
        return number in SMALL_PRIMES
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(10):
        power = pow(witnesses.randrange(2, number - 1), odd, number)
        if power in {1, number - 1}:
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def prime_from(start: int, source: random.Random) -> int:
    """The first prime at or above a number."""
    number = start | 1
    while not is_probable_prime(number, source):
        number += 2
    return number


def good_modulus(seed: int, bits: int = 1024) -> int:
    """A product of two random primes."""
    source = seeded(seed)
    half = bits // 2
    return math.prod(
        prime_from(source.getrandbits(half) | 3 << (half - 2), source) for _ in range(2)
    )


def close_primes_modulus(seed: int, bits: int = 1024) -> int:
    """A product of two primes that follow each other."""
    source = seeded(seed)
    half = bits // 2
    first = prime_from(source.getrandbits(half) | 3 << (half - 2), source)
    return first * prime_from(first + 2, source)


def fermat_modulus(rounds: int, seed: int, bits: int = 1024) -> int:
    """An odd number, (a - b)(a + b), that Fermat's method factors in just so many rounds."""
    source = seeded(seed)
    while True:
        a = source.getrandbits(bits // 2) | 3 << (bits // 2 - 2)
        b = math.isqrt((2 * rounds - 1) * a) | 1
        b += (a + b + 1) % 2
        modulus = a * a - b * b
        if a - math.isqrt(modulus) == rounds and math.gcd(modulus, _ALL_SMALL) == 1:
            return modulus


def roca_modulus(seed: int, bits: int = 1024) -> int:
    """A product of two numbers of the form that Infineon's library makes primes of."""
    source = seeded(seed)
    room = bits // 2 - roca.M.bit_length() + 1
    while True:
        factors = [
            (source.getrandbits(room) | 3 << (room - 2)) * roca.M
            + pow(roca.GENERATOR, source.getrandbits(60), roca.M)
            for _ in range(2)
        ]
        modulus = math.prod(factors)
        if math.gcd(modulus, _ALL_SMALL) == 1:
            return modulus
