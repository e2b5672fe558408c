"""A project as a zip: the same bytes each time, on every machine."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
_UNIX = 3


def zip_of(folder: str, files: Mapping[str, str]) -> bytes:
    """
    Return a zip with the files in one folder, scripts (``.sh``) executable.

    Stored, not compressed: what zlib makes of a text differs from version to version.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, text in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{path}", _EPOCH)
            entry.create_system = _UNIX
            mode = 0o100755 if path.endswith(".sh") else 0o100644
            entry.external_attr = mode << 16
            archive.writestr(entry, text.encode())
    return buffer.getvalue()
