"""README is one screen that answers, in English and in Chinese alike."""

from __future__ import annotations

import re

from tests.documents.markdown import CHINESE, README, Document, rows_of
from tests.paths import PROJECT

LONGEST = 135  # lines


def test_it_is_one_screen() -> None:
    """What does not fit is a page of docs."""
    assert len(README.text.splitlines()) <= LONGEST
    assert len(CHINESE.text.splitlines()) <= LONGEST


def test_the_commands_that_need_nothing_come_first() -> None:
    """Set-up and main job in one command, set-up and tests in another, and the local cloud."""
    assert ["make demo", "make test", "make run"] == README.commands()[:3]


def test_both_have_the_same_commands() -> None:
    """And the same output below them; comments are translated."""
    assert README.commands() == CHINESE.commands()
    assert [example.output for example in README.examples()] == [
        example.output for example in CHINESE.examples()
    ]


def targets(document: Document) -> list[str]:
    """Return the links, but for those from one language to the other."""
    return [link for link in document.links() if not link.startswith("README")]


def test_both_lead_to_the_same_pages() -> None:
    """In the same order; pages themselves are in English."""
    assert targets(README) == targets(CHINESE)


def code_in_tables(document: Document) -> list[list[list[str]]]:
    return [[re.findall("`[^`]+`", " ".join(row)) for row in t] for t in rows_of(document.text)]


def test_both_have_the_same_tables() -> None:
    """As many rows, and the same code in each."""
    assert code_in_tables(README) == code_in_tables(CHINESE)


def pictures(document: Document) -> list[str]:
    return re.findall(r'<img src="([^"]+)"', document.text)


def test_both_show_the_same_pictures() -> None:
    """Which are there, each with a text for those who cannot see it; none takes long to load."""
    assert 2 == len(pictures(README))
    assert pictures(README) == pictures(CHINESE)
    for document in (README, CHINESE):
        assert 2 == len(re.findall(r'<img src="[^"]+" width="49%" alt="[^"]{20,}">', document.text))
    sizes = [(PROJECT / picture).stat().st_size for picture in pictures(README)]
    assert [] == [size for size in sizes if not 0 < size < 150_000]


def test_both_draw_the_same_picture() -> None:
    """Nodes and arrows; their words are translated."""
    english, chinese = (without_words(*page.blocks("mermaid")) for page in (README, CHINESE))

    assert english == chinese


def without_words(picture: str) -> str:
    return re.sub('"[^"]*"', "", picture)
