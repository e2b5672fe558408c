"""
What the page's document says: the tables of docs/, so that there is one place to correct.

A table is a list of rows of cells, its head first. A cell is Markdown without links.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
OPENAPI = ROOT / "docs" / "openapi.yaml"
POLICY = ROOT / "deploy" / "role-policy.http.json"
# What is shown: a title, the page of docs, and the heading there.
TABLES = (
    ("Parameters", "requests", "Parameters"),
    ("Headers of the answer", "requests", "The answer"),
    ("Error codes", "errors", "Codes"),
    ("What ENS documents", "errors", "What ENS documents"),
    ("Reasons: malformed keys", "errors", "Malformed keys"),
    ("Reasons: keys that are not trusted", "errors", "Keys that are not trusted"),
    ("Reasons: names", "errors", "Names"),
    ("Reasons: requests", "errors", "Requests"),
    ("Reasons: ENS and the function", "errors", "ENS and the function"),
    ("RAM", "permissions", "What ENS checks"),
)


def document() -> dict[str, Any]:
    """Return the tables, and the policy of a role that may do what the function does."""
    return {
        "tables": [
            {"title": title, "rows": table(page, heading)} for title, page, heading in TABLES
        ],
        "policy": POLICY.read_text(encoding="utf-8"),
    }


def table(page: str, heading: str) -> list[list[str]]:
    """Return the first table below a heading of a page of docs."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    _, _, rest = re.split(rf"^(##+) {re.escape(heading)}$", text, maxsplit=1, flags=re.MULTILINE)
    found = re.findall(r"(?:^\|.*\n)+", rest, re.MULTILINE)[0]
    rows = [
        [_without_links(cell.strip()) for cell in line.strip("|").split(" | ")]
        for line in found.splitlines()
    ]
    return [rows[0], *rows[2:]]


def _without_links(cell: str) -> str:
    """Name the file that a link leads to; the page has no links into the tree."""
    named = re.sub(r"\[([^]]*)\]\(([\w-]+\.md)[^)]*\)", r"\1 (docs/\2)", cell)
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", named).replace("\\*", "*")
