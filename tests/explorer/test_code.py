"""Colours take nothing away from a program, and add nothing."""

from __future__ import annotations

import pytest

from explorer.code import COLOURS, pieces
from tests.paths import PROJECT


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", 'print("\u00e9\U0001f511")\n'),
        ("a.py", "\n\n  x = 1  \r\n\tno end"),
        ("a.unknown", "ssh-rsa AAAA <b>\n"),
        ("run.sh", "echo 'it'\\''s'\n"),
        ("Main.java", "class Main {}\n"),
        (".gitignore", "\n"),
        ("a.json", ""),
    ],
)
def test_the_pieces_are_the_text(path: str, text: str) -> None:
    """Put together, whatever is in it."""
    assert text == "".join(piece for _, piece in pieces(path, text))


def test_the_style_sheet_has_every_colour() -> None:
    """In light and in dark."""
    css = (PROJECT / "explorer" / "page" / "page.css").read_text(encoding="utf-8")

    assert [] == [name for _, name in COLOURS if f".{name} {{" not in css]


def test_the_page_is_light() -> None:
    """All that a browser loads at first: under 60 KB, without a build."""
    files = (PROJECT / "explorer" / "page").iterdir()

    assert sum(file.stat().st_size for file in files) < 60_000
