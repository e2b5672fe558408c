"""
Find a private key in what was sent, however it is wrapped.

There is one list of wrappings (``core.keys.wrappings``): what is removed to explain a public key
is removed in search of a private one, layer by layer. Only the kind is ever told.

A text is looked at in its first 64 KiB, and all readings of one request together have 256 KiB:
layers are removed breadth first, so the likeliest come before the budget is used up.
"""

from __future__ import annotations

import re
from collections import deque

from core.errors import MalformedPublicKey

SCAN_LIMIT = 64 * 1024  # characters of each text
BUDGET = 256 * 1024  # characters that all readings of one request may have together
SHARE, LEAST_SHARE = 6, 32 * 1024  # of the budget, that a text has: so many times its length, and
LAYERS = 3  # of wrappings that are removed one after the other
SHORTEST = 8  # characters; what is shorter is no part that gives itself away

# What a short text with a private key in it cannot do without: one of the words of _may_hold_one,
# an escape, a byte that is no ASCII, or a run of base64, also in pieces.
_TRACE = re.compile(r"[^ -$'-\[\]-~\r\n\t]|[A-Za-z0-9+/]{16}")
_PIECES = re.compile("(?:[A-Za-z0-9+/=][ :]?){32}")
_SHORTEST_TRACE, _SHORTEST_PIECES = 12, 32  # characters
# A text of bytes shows it at its start: control characters, one in so many.
_CONTROL = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f]")
_SAMPLE, _ONE_IN = 512, 8
_NOT_ASCII = re.compile("[^\0-\x7f]")
_ONE_NOT_ASCII_IN = 3


class PrivateKeySearch:
    """The search of one request: each text is looked at once, and all share one budget."""

    def __init__(self) -> None:
        self._used = 0
        self._granted = LEAST_SHARE
        self._seen: set[str] = set()
        self._queue: deque[tuple[str, int]] = deque()

    def find(self, *texts: str | bytes) -> str | None:
        """
        Name the kind of private key that is in one of the texts; None when there is none.

        Those come first that are shorter: they cost least, and a key has a few thousand characters.
        """
        for text in texts:
            scanned = text[:SCAN_LIMIT]
            self._granted = min(BUDGET, self._granted + SHARE * len(scanned))
            self._add(scanned.decode("latin-1") if isinstance(scanned, bytes) else scanned, LAYERS)
        try:
            return self._find()
        finally:
            self._queue.clear()

    def _add(self, text: str, layers: int) -> None:
        if len(text) < SHORTEST or text in self._seen:
            return
        self._seen.add(text)
        self._queue.append((text, layers))
        if layers < LAYERS:
            self._used += len(text)

    @property
    def _left(self) -> int:
        return max(0, self._granted - self._used)

    def _find(self) -> str | None:
        # Most requests are accepted; loading what unwraps takes longer than to read a key.
        from core.keys.private_formats import kind_of  # noqa: PLC0415 - see above
        from core.keys.wrappings import WRAPPINGS  # noqa: PLC0415 - see above

        while self._queue:
            text, layers = self._queue.popleft()
            kind = kind_of(text)
            if kind:
                return kind
            if not layers:
                continue
            is_binary = _is_binary(text, is_reading=layers < LAYERS)
            for wrapping in WRAPPINGS:
                if is_binary and not wrapping.of_bytes:
                    continue
                for reading in wrapping.readings(text, self._left):
                    self._add(reading[: self._left], layers - 1)
        return None


def find_private_key(*texts: str | bytes) -> str | None:
    """Name the kind of private key that is in there, for people; None when there is none."""
    for text in texts:
        if len(text) >= _SHORTEST_TRACE and _may_hold_one(text):
            return PrivateKeySearch().find(*texts)
    return None


def private_key_refused(kind: str, parameter: str | None = None) -> MalformedPublicKey:
    """
    Return the refusal of a private key.

    Args:
        kind: as it was named.
        parameter: whose value it is; none if it is elsewhere in what was sent.
    """
    refusal = MalformedPublicKey(
        f"STOP: this is {kind}. It has left your machine: treat it as compromised. Remove its "
        "public half wherever it is trusted, make a new pair with: ssh-keygen -t rsa -b 3072, and "
        "send only the file that ends in .pub.",
        reason="private_key",
    )
    refusal.parameter = parameter
    return refusal


def _may_hold_one(text: str | bytes) -> bool:
    """Clear most names and comments quickly; a search takes longer than parsing the key."""
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    lowered = text.lower()
    return (
        "key" in lowered
        or "priv" in lowered
        or "kty" in lowered
        or bool(_TRACE.search(text))
        or (len(text) >= _SHORTEST_PIECES and bool(_PIECES.search(text)))
    )


def _is_binary(text: str, *, is_reading: bool) -> bool:
    """Tell by its start whether a text is bytes; a reading is also where much is not ASCII."""
    sample = text[:_SAMPLE]
    if len(_CONTROL.findall(sample)) * _ONE_IN > len(sample):
        return True
    return is_reading and len(_NOT_ASCII.findall(sample)) * _ONE_NOT_ASCII_IN > len(sample)
