"""Where something is in a text, counted as editors count: what they open is what is told."""

from __future__ import annotations

import re

BYTE_ORDER_MARK = "\ufeff"

_LINE_END = re.compile("\r\n|\n|\r")


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """
    Return the line and the column of an offset, both from 1.

    Lines end in LF, CRLF or CR; columns count code points. A byte order mark in front is no part
    of the text for an editor, and is not counted.
    """
    start, line = int(text.startswith(BYTE_ORDER_MARK)), 1
    for end in _LINE_END.finditer(text, 0, offset):
        start, line = end.end(), line + 1
    return line, offset - start + 1
