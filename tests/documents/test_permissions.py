"""docs/permissions.md is true: the policies, and what devcloud allows with them."""

from __future__ import annotations

import json

import pytest

from tests.documents.markdown import PAGES
from tests.paths import PROJECT

PAGE = PAGES["permissions"]
POLICY = json.loads((PROJECT / "deploy" / "role-policy.json").read_text(encoding="utf-8"))
HTTP_POLICY = json.loads((PROJECT / "deploy" / "role-policy.http.json").read_text(encoding="utf-8"))


def as_row(statement: dict[str, object]) -> list[str]:
    """Return a statement as the table has it: JSON has no comments, so the reasons are there."""
    actions = statement["Action"]
    return [
        ", ".join(actions) if isinstance(actions, list) else str(actions),
        f"`{statement['Resource']}`",
    ]


def test_every_statement_of_the_policy_has_its_reason() -> None:
    """In the order of the file."""
    rows = [row[:2] for row in PAGE.table("The role")]

    assert [as_row(statement) for statement in POLICY["Statement"]] == rows


def test_without_uploads_the_role_may_call_ens_alone() -> None:
    """The first statement of the policy with uploads, and none else."""
    assert {**POLICY, "Statement": POLICY["Statement"][:1]} == HTTP_POLICY


@pytest.mark.parametrize("page", ["deploy"])
def test_the_policy_names_the_bucket_that_is_replaced(page: str) -> None:
    """The command that puts one's own bucket into it finds something to replace."""
    assert "s/ens-key-uploads/" in PAGES[page].text
    assert 2 == json.dumps(POLICY).count(":ens-key-uploads/")


def test_the_actions_of_ens_are_those_of_the_policy() -> None:
    """RAM's table of the manual names what the role is allowed."""
    assert POLICY["Statement"][0]["Action"] == [row[0] for row in PAGE.table("What ENS checks")]
