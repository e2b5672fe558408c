"""Links lead somewhere, and what documents name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documents.markdown import DOCUMENTS, README, Document
from tests.paths import PROJECT

LINKS = [(document, target) for document in DOCUMENTS for target in document.links()]
LINKS = [(document, target) for document, target in LINKS if "://" not in target]
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
CONTRIBUTING = Document("CONTRIBUTING.md")

DECISIONS = sorted((PROJECT / "docs" / "adr").glob("0*.md"))


@pytest.mark.parametrize(
    ("document", "target"), LINKS, ids=[f"{page.path} to {target}" for page, target in LINKS]
)
def test_a_link_leads_somewhere(document: Document, target: str) -> None:
    """To a file of this tree, and to a heading that it has; the web is out of reach here."""
    path, _, anchor = target.partition("#")
    file = (PROJECT / document.path).parent / path if path else PROJECT / document.path

    assert file.exists()
    if anchor:
        assert anchor in Document(str(file.resolve().relative_to(PROJECT))).anchors()


def test_every_page_can_be_reached() -> None:
    """README names each page of docs; CONTRIBUTING those that are for its readers alone."""
    pages = {f"docs/{path.name}" for path in (PROJECT / "docs").glob("*.md")}

    assert pages <= {*README.links(), *CONTRIBUTING.links()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path)
def test_make_targets_exist(document: Document) -> None:
    """Every ``make something`` that a document names is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))

    assert set(re.findall(r"(?:`|\$ )make ([a-z-]+)", document.text)) <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path)
def test_the_files_that_commands_read_exist(document: Document) -> None:
    """Policies, and what ``s`` is told to deploy."""
    read = re.findall(r"\bdeploy/[\w.-]+\.json|-t (s\.[\w.]+yaml)?", " ".join(document.commands()))
    named = {name for name in read if name}

    assert set() == {name for name in named if not (PROJECT / Path(name)).is_file()}


def test_the_files_that_contributing_names_exist() -> None:
    """All but those of what is to be added, which are named NAME."""
    code = re.findall(r"`((?:src|tests|devcloud|docs|deploy)/[\w./-]+)`", CONTRIBUTING.text)
    named = {path for path in code if "NAME" not in path}

    assert len(named) > 30
    assert set() == {path for path in named if not (PROJECT / path).exists()}


@pytest.mark.parametrize("page", ["docs/adr/README.md", "docs/how-it-works.md"])
def test_every_decision_is_listed(page: str) -> None:
    """Whoever looks for the reason of something finds it in either place."""
    names = {Path(target).name for target in Document(page).links()}

    assert {file.name for file in DECISIONS} == {name for name in names if name[:2] == "00"}
