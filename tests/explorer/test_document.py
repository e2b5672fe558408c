"""The page's document is docs/: what is read there is what tests hold to the code."""

from __future__ import annotations

import re

import pytest

from explorer.document import TABLES, document
from tests.documents.markdown import PAGES


@pytest.mark.parametrize(("title", "page", "heading"), TABLES, ids=[row[0] for row in TABLES])
def test_a_table_is_that_of_docs(title: str, page: str, heading: str) -> None:
    """Row by row, as the tests of the documents read it; a link becomes the file's name."""
    (shown,) = [each["rows"] for each in document()["tables"] if each["title"] == title]

    expected = [
        [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", cell).replace("\\*", "*") for cell in row]
        for row in PAGES[page].table(heading)
    ]
    assert expected == [
        [re.sub(r" \(docs/[\w-]+\.md\)", "", cell) for cell in row] for row in shown[1:]
    ]
    assert len(shown[0]) == len(expected[0])


def test_a_link_becomes_the_name_of_the_file() -> None:
    """So that the rule of a name can be found."""
    rows = document()["tables"][0]["rows"]

    assert ["`KeyPairName`", "the name of the key pair in ENS: the rule (docs/keys.md)"] == rows[1]
