"""
Look a modulus up in a list of keys whose private half is known.

The format is that of badkeys: sorted records of 16 bytes, the first 15 bytes of the SHA-256 of
the modulus (minimal big-endian), then one byte that names the source.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from struct import iter_unpack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmap import mmap

HASH_BYTES = 15
RECORD_BYTES = HASH_BYTES + 1


class Blocklist:
    """
    A blocklist in memory, or mapped into it.

    Args:
        records: the whole list; read where it lies, never copied.

    Raises:
        ValueError: if the length is not a multiple of 16 bytes, or the records are not sorted:
            a bisection would then find nothing, silently.
    """

    __slots__ = ("_records",)

    def __init__(self, records: bytes | mmap) -> None:
        if len(records) % RECORD_BYTES:
            raise ValueError(f"its length is not a multiple of {RECORD_BYTES} bytes")
        hashes = (record for (record,) in iter_unpack(f"{HASH_BYTES}sx", records))
        if any(earlier > later for earlier, later in pairwise(hashes)):
            raise ValueError("its records are not sorted")
        self._records = records

    def __len__(self) -> int:
        """How many records there are."""
        return len(self._records) // RECORD_BYTES

    def source_of(self, modulus: int) -> int | None:
        """Return the number of the source that lists the modulus; None if none does."""
        width = (modulus.bit_length() + 7) // 8
        wanted = hashlib.sha256(modulus.to_bytes(width, "big")).digest()[:HASH_BYTES]
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            start = middle * RECORD_BYTES
            found = self._records[start : start + HASH_BYTES]
            if found == wanted:
                return self._records[start + HASH_BYTES]
            if found < wanted:
                low = middle + 1
            else:
                high = middle
        return None
