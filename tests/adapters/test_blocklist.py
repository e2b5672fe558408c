"""A blocklist file is mapped and checked when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.blocklist import open_blocklist

if TYPE_CHECKING:
    from pathlib import Path


def record(first: int, source: int = 1) -> bytes:
    return bytes([first]) + bytes(14) + bytes([source])


def test_opens_a_blocklist(tmp_path: Path) -> None:
    """A file of sorted records is mapped as it lies."""
    path = tmp_path / "blocklist.dat"
    path.write_bytes(record(1) + record(2) + record(2, 3))

    assert 3 == len(open_blocklist(str(path)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(record(1)[:-1], "multiple of 16", id="wrong length"),
        pytest.param(record(2) + record(1), "not sorted", id="not sorted"),
    ],
)
def test_refuses_what_is_no_blocklist(tmp_path: Path, content: bytes, message: str) -> None:
    """A bad list is refused at start: it would find nothing, silently."""
    path = tmp_path / "blocklist.dat"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=message):
        open_blocklist(str(path))


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The message says what is wrong."""
    with pytest.raises(ValueError, match="cannot be opened"):
        open_blocklist(str(tmp_path / "nowhere"))
