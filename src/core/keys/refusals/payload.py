"""A stretch of text that should be the base64 of a key, and what can still be read out of it."""

from __future__ import annotations

import re
from binascii import a2b_base64
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.errors import MalformedPublicKey
from core.keys.refusals.der import SEQUENCE, rsa_key_in
from core.keys.refusals.key_types import SIGNATURE_ALGORITHMS
from core.keys.rsa_key import KEY_TYPE, parse_blob
from core.keys.ssh_wire import write_string

if TYPE_CHECKING:
    from core.keys.rsa_key import RsaPublicKey

NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]+")

_LETTER = re.compile("[A-Za-z0-9+/=]")
_SPACE_INSIDE = re.compile("(?<=[^ \t\n])[ \t]+(?=[^ \t\n])")


@dataclass(frozen=True, repr=False)  # without slots: what is cached needs a place
class Payload:
    """
    A stretch of text that should be the base64 of a key.

    Args:
        text: the whole text, so that places can be told.
        start: where the stretch begins.
        end: where it ends.
        declared: the key type or PEM label before it; empty when there is none.
        comment: what follows it, valid.
    """

    text: str
    start: int
    end: int
    declared: str
    comment: str = ""

    @property
    def stretch(self) -> str:
        """The stretch as it is, with spaces and line breaks."""
        return self.text[self.start : self.end]

    @property
    def stop(self) -> int:
        """Where its last character ends."""
        return self.start + len(self.stretch.rstrip(" \t\n"))

    @cached_property
    def encoded(self) -> str:
        """Its characters of base64 alone."""
        return NOT_BASE64.sub("", "".join(self.stretch.split()))

    @cached_property
    def blob(self) -> bytes:
        """The bytes that they encode, up to the padding; whether that is right is not looked at."""
        return bytes_of(self.encoded.partition("=")[0])

    @property
    def first_space(self) -> int:
        """Where the first space inside a line is; the start, where there is none."""
        found = _SPACE_INSIDE.search(self.stretch)
        return self.start + (found.start() if found else 0)

    def place_of(self, letter: int) -> int:
        """Where in the text a letter of the base64 is, by its number from 0."""
        for at, found in enumerate(_LETTER.finditer(self.text, self.start, self.end)):
            if at == letter:
                return found.start()
        return self.end

    @property
    def declares_type(self) -> bool:
        """Whether a key type is before it, not a label."""
        return bool(self.declared) and " " not in self.declared

    def read(self, *encodings: str) -> RsaPublicKey | None:
        """Read the key out of the first of the repaired encodings that is one."""
        for encoded in encodings:
            key = read_leniently(encoded)
            if key is not None:
                return key.with_comment(self.comment)
        return None


def read_leniently(encoded: str) -> RsaPublicKey | None:
    """
    Read a key whose base64 is damaged in a way that leaves one reading.

    Padding, pad bits, a last letter that makes no byte, and the name of a signature in the place of
    the key type are made good; the structure must be exact.
    """
    letters = encoded.rstrip("=")
    if "=" in letters:
        return None
    blob = bytes_of(letters)
    if blob[:1] == bytes([SEQUENCE]):
        found = rsa_key_in(blob)
        return found[0] if found else None
    try:
        return parse_blob(_as_ssh_rsa(blob))
    except MalformedPublicKey:
        return None


def _as_ssh_rsa(blob: bytes) -> bytes:
    """Replace the name of a signature algorithm by the key type: people confuse the two."""
    for algorithm in SIGNATURE_ALGORITHMS:
        wrong = write_string(algorithm.encode())
        if blob.startswith(wrong):
            return write_string(KEY_TYPE.encode()) + blob[len(wrong) :]
    return blob


def bytes_of(letters: str) -> bytes:
    """Decode base64 without padding; a last letter that makes no byte is left out."""
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return a2b_base64(letters + "=" * (-len(letters) % 4))
