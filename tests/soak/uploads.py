"""The soak's uploads: keys that never existed, and files that are wrong in known ways."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.uploads.bucket import MAX_OBJECT_SIZE
from tests.keys.public_keys import ED25519_LINE, rsa_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SMALL_PRIMES = math.prod(n for n in range(3, 752) if all(n % d for d in range(2, n)))


@dataclass(frozen=True, slots=True)
class SoakUpload:
    """
    One upload, and what has to become of it.

    Args:
        key: the object's.
        content: the file.
        name: of the key pair; empty where there must be none.
        reason: of its refusal; empty where there must be none.
    """

    key: str
    content: bytes
    name: str = ""
    reason: str = ""


def uploads(seed: int, number: int) -> list[SoakUpload]:
    """Return so many uploads; every tenth is bad, each kind in its turn."""
    return list(_uploads(random.Random(seed), number))  # noqa: S311 - to be repeatable


def _uploads(seeded: random.Random, number: int) -> Iterator[SoakUpload]:
    ways = list(BAD_WAYS)
    for index in range(number):
        line = key_line(seeded)
        if index % 10 == 9:
            yield BAD_WAYS[ways[index // 10 % len(ways)]](index, line)
        else:
            path = seeded.choice(["", "team/", "team/a/", "团队/"])
            name = f"{path}user{index}"
            content = f"{line} user{index}@example.com\n".encode()
            yield SoakUpload(f"keys/{name}.pub", content, name.replace("/", ":"))


def key_line(seeded: random.Random, bits: int = 2048) -> str:
    """
    Make a key that nobody has the private half of, in no time.

    Its modulus is no product of two primes, only a number that none of the checks can tell from
    one: making thousands of real ones would take longer than the soak.
    """
    while True:
        modulus = seeded.getrandbits(bits) | 1 << (bits - 1) | 1
        if math.gcd(modulus, SMALL_PRIMES) == 1:
            return rsa_line(modulus)


def bad(
    reason: str, content: str | bytes, key: str = "keys/bad{}.pub"
) -> Callable[..., SoakUpload]:
    """Return what makes an upload that is refused for this reason; {} is its number, and key."""

    def make(index: int, line: str) -> SoakUpload:
        text = content.replace("{}", line) if isinstance(content, str) else content
        body = text.encode() if isinstance(text, str) else text
        return SoakUpload(key.format(index), body, reason=reason)

    return make


BAD_WAYS: dict[str, Callable[[int, str], SoakUpload]] = {
    "a private key": bad(
        "private_key", "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"
    ),
    "another type": bad("wrong_key_type", ED25519_LINE),
    "two keys": bad("multiple_keys", "{}\n{}\n"),
    "damaged base64": bad("bad_base64", "{}!"),
    "in quotes": bad("quoted", '"{}"'),
    "empty": bad("missing_parameter", ""),
    "no text": bad("not_text", b"ssh-rsa \xff\xfe\xfd"),
    "too large": bad("object_too_large", b"k" * (MAX_OBJECT_SIZE + 1)),
    "a colon in the path": bad("name_has_colon", "{}\n", "keys/team:bad{}.pub"),
    "a digit in front": bad("name_bad_start", "{}\n", "keys/{}bad.pub"),
}
