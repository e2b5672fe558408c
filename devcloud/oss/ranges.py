"""
The part of an object that a Range asks for: "Use HTTP Range requests to get OSS resources".

OSS's own reading gives the whole object wherever it does not like a range; with
``x-oss-range-behavior: standard`` it does as RFC 9110 says. Of several ranges it reads the first.
"""

import re

from devcloud.oss import exceptions

_RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})(?:,.*)?")


def selected(value: str, size: int, *, standard: bool) -> range | None:
    """
    Return the positions that a Range selects; None for the whole object, as if it were absent.

    Raises:
        ServiceError: InvalidRange, under the standard reading only.
    """
    found = _RANGE.fullmatch(value)
    if not found or found[1] == found[2] == "":
        return None
    if not found[1]:
        count = int(found[2])
        first, last = size - count, size - 1
    else:
        first = int(found[1])
        last = int(found[2]) if found[2] else max(first, size - 1)
    if first > last and found[1]:
        return None  # 9-5 is no range, under either reading
    if 0 <= first <= last < size:
        return range(first, last + 1)
    if not standard:
        return None
    if first >= size or first > last:
        raise exceptions.invalid_range(value, size)
    return range(max(first, 0), min(last, size - 1) + 1)
