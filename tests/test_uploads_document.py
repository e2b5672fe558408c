"""docs/uploads.md is true: its tables and its example are what the code does and writes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from core.importing.exactly_once import ListedKeyPair
from core.reasons import UploadOutcome
from tests.fakes.objects import World
from tests.keys.public_keys import LINE, rsa_line

PROJECT = Path(__file__).parent.parent
DOCUMENT = (PROJECT / "docs" / "uploads.md").read_text(encoding="utf-8")
README = (PROJECT / "README.md").read_text(encoding="utf-8")
POLICY = json.loads((PROJECT / "deploy" / "role-policy.json").read_text(encoding="utf-8"))
UNUSUAL = rsa_line(1 << 2100 | 1)


def rows(first_column: str) -> list[list[str]]:
    """Return the rows of the table whose first column has this head."""
    (table,) = re.findall(rf"(?<=\n\n)\| {first_column} \|.*?(?=\n\n)", DOCUMENT, re.DOTALL)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]


def example() -> dict[str, object]:
    (text,) = re.findall(r"^\{$.*?^\}$", DOCUMENT, re.MULTILINE | re.DOTALL)
    receipt: dict[str, object] = json.loads(text)
    return receipt


def receipt_of(key: str, content: str, *held: str) -> dict[str, object]:
    world = World()
    world.ens.held.extend(ListedKeyPair("alice", fingerprint) for fingerprint in held)
    upload = world.put(key, content)
    world.importer().import_upload(upload)
    return world.receipt(upload)


def test_every_outcome_is_told() -> None:
    """The table has each, and no other."""
    assert list(get_args(UploadOutcome)) == [row[0] for row in rows("outcome")]


def test_the_example_is_a_receipt() -> None:
    """The same members in the same order."""
    assert list(receipt_of("keys/team/alice.pub", LINE)) == list(example())


@pytest.mark.parametrize(
    ("content", "held"),
    [(LINE, ()), (UNUSUAL, ()), ("nothing", ()), (f"{LINE}!", ()), (LINE, ("0" * 32,))],
    ids=["good", "unusual", "no key", "damaged", "taken"],
)
def test_every_member_is_told(content: str, held: tuple[str, ...]) -> None:
    """No receipt has a member that the table leaves out."""
    told = {member for row in rows("member") for member in row[0].split(", ")}

    assert set(receipt_of("keys/alice.pub", content, *held)) <= told


def test_every_statement_of_the_policy_has_its_reason() -> None:
    """In the order of the file; JSON has no comments."""
    actions = [statement["Action"] for statement in POLICY["Statement"]]

    assert [each if isinstance(each, str) else ", ".join(each) for each in actions] == [
        row[0] for row in rows("action")
    ]


def test_the_policy_names_the_bucket_that_is_replaced() -> None:
    """README's command that puts one's own bucket into it finds something to replace."""
    assert "s/ens-key-uploads/" in README
    assert 2 == json.dumps(POLICY).count(":ens-key-uploads/")
