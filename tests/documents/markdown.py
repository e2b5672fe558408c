"""The documents of this tree, as tests read them: sections, tables, commands, links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A command of a console block, and the output that is printed below it."""

    command: str
    output: str


@dataclass(frozen=True)
class Document:
    """
    A Markdown file.

    Args:
        path: below the project's folder, such as ``docs/errors.md``.
    """

    path: str

    @cached_property
    def text(self) -> str:
        return (PROJECT / self.path).read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without its fenced blocks."""
        return FENCE.sub("", self.text)

    def section(self, heading: str) -> str:
        """Return what is between a heading and the next one of its level or above."""
        (found,) = re.findall(rf"^(##+) {re.escape(heading)}$", self.text, re.MULTILINE)
        (_, _, rest) = self.text.partition(f"\n{found} {heading}\n")
        return re.split(rf"^#{{2,{len(found)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]

    def table(self, heading: str) -> list[list[str]]:
        """Return the rows of a section's first table, without its head."""
        return rows_of(self.section(heading))[0]

    def blocks(self, language: str) -> list[str]:
        """Return the fenced blocks of a language."""
        return [block for name, block in FENCE.findall(self.text) if name == language]

    def examples(self) -> Iterator[Example]:
        """Yield what is typed in the console blocks."""
        for block in self.blocks("console"):
            for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
                yield Example(command, output)

    def commands(self) -> list[str]:
        """Return the commands of shell and console blocks, without comments, each on one line."""
        typed: list[str] = []
        for language, block in FENCE.findall(self.text):
            lines = block.replace("\\\n", " ").splitlines()
            if language == "console":
                lines = [line[2:] for line in lines if line.startswith("$ ")]
            typed += lines if language in {"console", "sh"} else []
        bare = (re.sub(r"(^|\s+)# .*", "", line).strip() for line in typed)
        return [re.sub(r"\s+", " ", line) for line in bare if line]

    def links(self) -> list[str]:
        """Return the targets of the links."""
        return re.findall(r"\]\(([^)\s]+)\)", self.prose)

    def anchors(self) -> set[str]:
        """Return the names that links to headings of this document use."""
        headings = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def rows_of(text: str) -> list[list[list[str]]]:
    """Return the tables of a text, each a list of rows of cells, without its head."""
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [
        [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table.splitlines()[2:]]
        for table in tables
    ]


README = Document("README.md")
CHINESE = Document("README.zh.md")
PAGES = {path.stem: Document(f"docs/{path.name}") for path in (PROJECT / "docs").glob("*.md")}
DOCUMENTS = [
    README,
    CHINESE,
    *PAGES.values(),
    *(Document(f"docs/adr/{path.name}") for path in (PROJECT / "docs" / "adr").glob("*.md")),
    Document("CONTRIBUTING.md"),
    Document("devcloud/README.md"),
]
