"""docs/uploads.md is true: its tables and its example are what the code does and writes."""

from __future__ import annotations

import json
import re
from typing import get_args

import pytest

from core.importing.exactly_once import ListedKeyPair
from core.reasons import UploadOutcome
from tests.documents.markdown import PAGES
from tests.fakes.objects import World
from tests.keys.public_keys import LINE, rsa_line

PAGE = PAGES["uploads"]
UNUSUAL = rsa_line(1 << 2100 | 1)


def example() -> dict[str, object]:
    (text,) = re.findall(r"^\{$.*?^\}$", PAGE.text, re.MULTILINE | re.DOTALL)
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
    outcomes = list(get_args(UploadOutcome))

    assert outcomes == [row[0] for row in PAGE.table("The result of an upload")]


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
    told = {member for row in PAGE.table("Receipts") for member in row[0].split(", ")}

    assert set(receipt_of("keys/alice.pub", content, *held)) <= told
