"""Packages are unpacked into their folder, and nowhere else."""

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from devcloud.fc.exceptions import InvalidPackage
from devcloud.fc.packages import unpack
from tests.devcloud.deployer import package

Entry = tuple[zipfile.ZipInfo | str, bytes]


def zipped(*entries: Entry) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries:
            archive.writestr(entry, content)
    return buffer.getvalue()


def of_kind(kind: int, name: str = "link") -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (kind | 0o777) << 16
    return entry


def test_files_and_folders(tmp_path: Path) -> None:
    """With their content, and executable where they were."""
    entries: list[Entry] = [
        ("main.py", b"x = 1"),
        (of_kind(stat.S_IFREG, "bin/run"), b"#!/bin/sh"),
        ("empty/", b""),
        ("a/b/c.txt", b"c"),
    ]
    unpack(zipped(*entries), tmp_path)

    assert b"x = 1" == (tmp_path / "main.py").read_bytes()
    assert 0o644 == stat.S_IMODE((tmp_path / "main.py").stat().st_mode)
    assert 0o755 == stat.S_IMODE((tmp_path / "bin" / "run").stat().st_mode)
    assert (tmp_path / "empty").is_dir()
    assert b"c" == (tmp_path / "a" / "b" / "c.txt").read_bytes()


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../out", "a/../../out", "a/..", "..\\out", "C:\\out", "C:out", "a\\..\\b"],
)
def test_a_name_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    """Nothing is written, not even what comes before it."""
    folder = tmp_path / "code"
    folder.mkdir()

    with pytest.raises(InvalidPackage):
        unpack(zipped(("main.py", b""), (zipfile.ZipInfo(name), b"x")), folder)

    assert [] == list(folder.iterdir())
    assert [folder] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK]
)
def test_links_and_devices(tmp_path: Path, kind: int) -> None:
    """A link could lead out of the folder, for an entry that comes after it."""
    with pytest.raises(InvalidPackage):
        unpack(zipped((of_kind(kind), b"/etc"), ("link/passwd", b"x")), tmp_path)

    assert [] == list(tmp_path.iterdir())


def test_too_many_entries(tmp_path: Path) -> None:
    """Counted before anything is written."""
    code = zipped(*((str(number), b"") for number in range(4)))
    unpack(code, tmp_path / "fits", max_entries=4)

    with pytest.raises(InvalidPackage):
        unpack(code, tmp_path / "does not", max_entries=3)


def test_too_large(tmp_path: Path) -> None:
    """All files together, by what they have: what their heads say is not believed."""
    code = zipped(("a", bytes(600_000)), ("b", bytes(600_000)))
    assert len(code) < 3000
    unpack(code, tmp_path / "fits", max_bytes=1_200_000)

    with pytest.raises(InvalidPackage):
        unpack(code, tmp_path / "does not", max_bytes=1_199_999)


def _cut(code: bytes) -> bytes:
    return code[:-30]


def _altered(code: bytes) -> bytes:
    return code.replace(b"some content", b"same content")


def _encrypted(code: bytes) -> bytes:
    """Set the flag, in both heads."""
    local, central = code.index(b"PK\x03\x04") + 6, code.index(b"PK\x01\x02") + 8
    altered = bytearray(code)
    altered[local] |= 1
    altered[central] |= 1
    return bytes(altered)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: b"", id="nothing"),
        pytest.param(lambda _: b"text", id="text"),
        pytest.param(_cut, id="cut"),
        pytest.param(_altered, id="altered"),
        pytest.param(_encrypted, id="encrypted"),
    ],
)
def test_a_broken_package(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    """What cannot be read whole is refused whole."""
    with pytest.raises(InvalidPackage):
        unpack(spoil(package({"main.py": "some content"})), tmp_path)


def test_a_file_where_a_folder_is_needed(tmp_path: Path) -> None:
    """Two entries that contradict each other."""
    with pytest.raises(InvalidPackage):
        unpack(zipped(("a", b""), ("a/b", b"")), tmp_path)
