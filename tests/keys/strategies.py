"""What Hypothesis makes keys, and texts that are nearly keys, of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from hypothesis import strategies as st

from core.keys.private_keys import find_private_key
from core.keys.rsa_key import FORBIDDEN, RsaPublicKey
from tests.keys.public_keys import (
    ED25519_LINE,
    LINE,
    OTHER_LINE,
    PKCS1,
    RFC4716,
    SPKI,
    b64,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# OpenSSH reads 1024 to 16384 bits.
SIZES = st.one_of(st.sampled_from([1024, 1025, 2048, 3072, 4096]), st.integers(1024, 5000))


def moduli() -> st.SearchStrategy[int]:
    """Any number of a key's size; whether it is a product of primes is no matter of parsing."""
    return SIZES.flatmap(lambda bits: st.integers(1 << (bits - 1), (1 << bits) - 1))


def exponents() -> st.SearchStrategy[int]:
    return st.one_of(st.sampled_from([3, 17, 35, 65537]), st.integers(1, 2**40))


def comments() -> st.SearchStrategy[str]:
    """
    A comment that is in its normal form, and no mark of a private key.

    Hypothesis tries the literals that it finds in the code too, and those marks are among them.
    """
    return (
        st.text(max_size=60)
        .map(lambda text: text.replace("\n", " ").replace("\t", " ").strip(" "))
        .filter(lambda text: not FORBIDDEN.search(text))
        .filter(lambda text: find_private_key(text) is None)
        .filter(lambda text: not text.endswith(("\\n", "\\r", "%0A", "%0a", "%0D", "%0d")))
    )


def public_keys() -> st.SearchStrategy[RsaPublicKey]:
    return st.builds(RsaPublicKey.from_numbers, exponents(), moduli(), comments())


SEEDS = [LINE, OTHER_LINE, ED25519_LINE, RFC4716, SPKI, PKCS1, read("rsa-cert.pub"),
         read("ec.spki.pem"), read("certificate.pem")]  # fmt: skip
TELLING = [
    " ", "\t", "\n", "\r\n", "\r", "\\n", "\\u002B", "%2B", "%0A", "+", "=", "==", "/", "-", "_",
    '"', "'", "`", "*", "**", "...", "<", ">", "> ", "#", "# ", "&quot;", "&#43;", "\u00a0",
    "\u200b", "\ufeff", "\u2028", "\u202e", "\0", "\x1b", "\ud800", "ssh-rsa", "ssh-ed25519",
    "AAAAB3NzaC1yc2E", "no-pty ", "example.com ", "@revoked ", "-----BEGIN PUBLIC KEY-----",
    "---- END SSH2 PUBLIC KEY ----", "Comment: ", "{", "}", ",", ";", "$(", "MII",
]  # fmt: skip
WRAPPERS: list[Callable[[str], str]] = [
    str.upper,
    b64,
    json.dumps,
    lambda text: quote(text, safe="", errors="replace"),
    lambda text: f'"{text}"',
    lambda text: text.replace("+", " "),
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.replace("\n", " "),
    lambda text: f"{text}\n{text}",
    lambda text: "> " + text.replace("\n", "\n> "),
    lambda text: json.dumps({"key": text}),
]


def _edited(text: str, edits: list[tuple[float, int, str]]) -> str:
    for place, removed, inserted in edits:
        at = int(place * len(text))
        text = text[:at] + inserted + text[at + removed :]
    return text


def nearly_keys() -> st.SearchStrategy[str]:
    """A key in one of its forms, edited in a few places, and perhaps wrapped."""
    edit = st.tuples(
        st.floats(0, 1),
        st.one_of(st.integers(0, 4), st.integers(0, 400)),
        st.one_of(st.just(""), st.sampled_from(TELLING), st.text(max_size=4)),
    )
    edited = st.builds(_edited, st.sampled_from(SEEDS), st.lists(edit, max_size=3))
    wrappers = st.lists(st.sampled_from(WRAPPERS), max_size=2)

    def wrapped(text: str, around: list[Callable[[str], str]]) -> str:
        for wrapper in around:
            text = wrapper(text.encode(errors="replace").decode() if wrapper is b64 else text)
        return text

    return st.builds(wrapped, edited, wrappers)
