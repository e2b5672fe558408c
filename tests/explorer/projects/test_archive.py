"""A project as a zip."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from explorer.projects import Call, archive, archive_name, languages, project

if TYPE_CHECKING:
    from explorer.projects import Language

CALL = Call("alice", "ssh-rsa AAAA中")


@pytest.mark.parametrize("language", languages(), ids=lambda language: language.name)
def test_holds_the_very_bytes_of_the_project(language: Language) -> None:
    """What the page shows is what is in the file; all in one folder, named as the file is."""
    with zipfile.ZipFile(io.BytesIO(archive(language, CALL))) as zipped:
        entries = {entry.filename: zipped.read(entry) for entry in zipped.infolist()}

    folder = archive_name(language).removesuffix(".zip")
    assert {
        f"{folder}/{path}": text.encode() for path, text in project(language, CALL).items()
    } == entries
    assert language.main in project(language, CALL)


@pytest.mark.parametrize("language", languages(), ids=lambda language: language.name)
def test_is_the_same_each_time(language: Language) -> None:
    """Nothing of the machine, the time or the version of zlib is in it."""
    data = archive(language, CALL)
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        seen = {
            (entry.date_time, entry.compress_type, entry.create_system)
            for entry in zipped.infolist()
        }
        modes = {
            entry.filename.rpartition(".")[2]: entry.external_attr >> 16
            for entry in zipped.infolist()
        }

    assert data == archive(language, CALL)
    assert {((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 3)} == seen
    assert 0o100644 == modes["md"]
    assert 0o100755 == modes.get("sh", 0o100755)
