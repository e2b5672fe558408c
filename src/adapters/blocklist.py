"""Map a blocklist of compromised keys into memory; core.keys.trust looks keys up in it."""

from __future__ import annotations

import mmap
from pathlib import Path

from core.keys.trust.blocklist import Blocklist


def open_blocklist(path: str) -> Blocklist:
    """
    Open a blocklist in badkeys' format.

    It is mapped, not read: a list of millions of records costs an instance no memory of its own.

    Raises:
        ValueError: if it cannot be opened, is empty, not sorted or of a wrong length; the message
            says which.
    """
    try:
        with Path(path).open("rb") as file:
            records = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise ValueError(f"it cannot be opened ({error.strerror})") from None
    return Blocklist(records)
