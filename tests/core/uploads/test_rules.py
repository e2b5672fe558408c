"""Which objects are key uploads, and which name their place gives them."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidKeyPairName
from core.uploads.rules import Upload, UploadRules

RULES = UploadRules()


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        pytest.param("keys/alice.pub", ("keys/alice.pub",), id="as it is"),
        pytest.param(
            "keys/%E5%BC%A0.pub", ("keys/%E5%BC%A0.pub", "keys/张.pub"), id="perhaps encoded"
        ),
        pytest.param("keys/a+b.pub", ("keys/a+b.pub",), id="a plus is a plus"),
        pytest.param("keys%2Falice.pub", ("keys/alice.pub",), id="the slash encoded"),
        pytest.param("keys/alice%2Epub", ("keys/alice.pub",), id="the suffix encoded"),
        pytest.param("keys/%2e%2e/a.pub", ("keys/%2e%2e/a.pub",), id="never decoded to steps"),
        pytest.param("keys/.pub", ("keys/.pub",), id="no name: refused later, with a receipt"),
    ],
)
def test_spellings(key: str, spellings: tuple[str, ...]) -> None:
    """A key is tried as it stands, then decoded, if that is another key upload."""
    assert spellings == RULES.spellings(key)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        pytest.param("other/alice.pub", "other_object", id="another prefix"),
        pytest.param("Keys/alice.pub", "other_object", id="case matters"),
        pytest.param("keys/alice.txt", "other_object", id="another suffix"),
        pytest.param("keys/../alice.pub", "path_steps", id="a step up"),
        pytest.param("keys/./alice.pub", "path_steps", id="a step on the spot"),
        pytest.param("receipts/keys/alice.pub/0.json", "receipt", id="a receipt"),
        pytest.param("receipts/keys/alice.pub", "receipt", id="anything among the receipts"),
    ],
)
def test_skips(key: str, reason: str) -> None:
    """What is no key upload is skipped, and it is said why."""
    assert () == RULES.spellings(key)
    assert reason == RULES.why_not(key)


@pytest.mark.parametrize(
    ("key", "bucket", "reason"),
    [
        pytest.param("keys/alice.pub", "team", None, id="an upload"),
        pytest.param("keys%2Falice.pub", "team", None, id="an upload, encoded"),
        pytest.param("keys/alice.pub", "team-2", "other_bucket", id="another bucket"),
        pytest.param("keys/alice.txt", "team-2", "other_bucket", id="nothing of either"),
        pytest.param("keys/alice.txt", "team", "other_object", id="another object"),
        pytest.param("receipts/keys/alice.pub/0.json", "team", "receipt", id="a receipt"),
    ],
)
def test_skips_uploads(key: str, bucket: str, reason: str | None) -> None:
    """Where a bucket is named no other's objects are key uploads; else any bucket's."""
    upload = Upload("cn-hangzhou", bucket, key, "0" * 32)

    assert reason == UploadRules(bucket="team").why_skipped(upload)
    if reason != "other_bucket":
        assert reason == RULES.why_skipped(upload)
    else:
        assert RULES.why_skipped(upload) in {None, "other_object"}


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(UploadRules("keys/", "", "keys/receipts/"), id="receipts among the uploads"),
        pytest.param(UploadRules("", "", "receipts/"), id="every object an upload"),
        pytest.param(UploadRules("", ".json", "receipts/"), id="uploads that look like receipts"),
    ],
)
def test_takes_no_receipt_for_an_upload(rules: UploadRules) -> None:
    """Whatever the settings, a receipt's event starts no import, and so no loop."""
    receipt = f"{rules.receipt_prefix}keys/alice.pub/0.json"

    assert () == rules.spellings(receipt)
    assert "receipt" == rules.why_not(receipt)


def test_needs_prefix_and_suffix_side_by_side() -> None:
    """A key that is shorter than both together has no name between them."""
    assert () == UploadRules("keys/a.p", ".pub").spellings("keys/a.pub")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        pytest.param("keys/alice.pub", "alice", id="a file"),
        pytest.param("keys/team/alice.pub", "team:alice", id="in a folder"),
        pytest.param("keys/a/b/c.pub", "a:b:c", id="in folders"),
        pytest.param("keys/团队/张三.pub", "团队:张三", id="Chinese"),
        pytest.param("keys/alice.pub.pub", "alice.pub", id="one suffix is cut off"),
    ],
)
def test_names(key: str, name: str) -> None:
    """The name is the path below the prefix, without suffix, slashes as colons."""
    assert name == RULES.key_pair_name(key)


@pytest.mark.parametrize(
    ("key", "column"), [("keys/team:alice.pub", 5), ("keys/a/b:.pub", 4), ("keys/:.pub", 1)]
)
def test_refuses_a_colon(key: str, column: int) -> None:
    """A colon in the path would be another path's name."""
    with pytest.raises(InvalidKeyPairName) as refusal:
        RULES.key_pair_name(key)

    assert ("name_has_colon", column) == (refusal.value.reason, refusal.value.column)


@pytest.mark.parametrize(
    ("key", "refused"),
    [
        pytest.param("keys/app/a.pub", True, id="a folder that gives the prefix"),
        pytest.param("keys/app/.pub", True, id="the prefix alone"),
        pytest.param("keys/app.pub", False, id="shorter"),
        pytest.param("keys/apps/a.pub", False, id="another folder"),
        pytest.param("keys/team/app/a.pub", False, id="further in"),
    ],
)
def test_names_that_are_reserved(key: str, *, refused: bool) -> None:
    """No path of an upload gives a name that callers use."""
    rules = replace(RULES, reserved="app:")

    with pytest.raises(InvalidKeyPairName) if refused else nullcontext() as refusal:
        rules.key_pair_name(key)

    assert refusal is None or "name_reserved" == refusal.value.reason


@given(st.lists(st.text("ab:/", max_size=6), min_size=2, max_size=2, unique=True))
def test_no_two_paths_have_one_name(paths: list[str]) -> None:
    """Who may not write to one path cannot take its name from another."""
    names = []
    for path in paths:
        try:
            names.append(RULES.key_pair_name(f"keys/{path}.pub"))
        except InvalidKeyPairName:
            continue

    assert len(names) == len(set(names))
