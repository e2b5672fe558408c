"""Find what is left of a private key in a text: in an answer, a log, or a receipt."""

from __future__ import annotations

import base64
import re
from functools import lru_cache

from tests.events.gallery import ALICE_KEY
from tests.keys.public_keys import BASE64

WINDOW = 16  # characters of a private key in a row that count as a leak
LEAST_LETTERS = 4  # that differ: a row of zeros is in many files, and tells nothing
# Public keys that events hold; a private key begins as one of them may.
PUBLIC = f"{ALICE_KEY} ssh-rsa{ALICE_KEY.split()[1]} ssh-rsa{BASE64}"
ARMOUR = re.compile("-{4,5} ?(?:BEGIN|END)[^\n]*\n")
_LETTERS = re.compile(f"[A-Za-z0-9+/=]{{{WINDOW},}}")
_SPACE = re.compile(r"\s|\\[nrt]")


class Secret:
    """
    A private key, and all that 16 characters of it in a row may look like.

    Args:
        key: the file.
        wrapped: the key as it was sent.
    """

    def __init__(self, key: bytes, wrapped: bytes = b"") -> None:
        self._windows = windows_of(key)
        self._wrapped = _SPACE.sub("", as_text(wrapped))

    def leaks(self, seen: str) -> list[str]:
        """Return what is in a text of it; there, spaces and line breaks count as nothing."""
        found = [
            run[at : at + WINDOW]
            for text in (seen, _SPACE.sub("", seen))
            for run in _LETTERS.findall(text)
            for at in range(len(run) - WINDOW + 1)
        ]
        return [
            each
            for each in found
            if (each in self._windows or each in self._wrapped)
            and each not in PUBLIC
            and len({*each}) >= LEAST_LETTERS
        ]


@lru_cache(maxsize=256)
def windows_of(key: bytes) -> frozenset[str]:
    """Return all the rows of characters of a key: as it is, in base64, and in hexadecimal."""
    letters = _SPACE.sub("", ARMOUR.sub("", as_text(key)))
    texts = (letters, base64.b64encode(key).decode(), key.hex(), key.hex().upper())
    return frozenset(
        text[at : at + WINDOW] for text in texts for at in range(len(text) - WINDOW + 1)
    )


def as_text(content: bytes) -> str:
    """Return a text of what is none too: one character a byte."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
