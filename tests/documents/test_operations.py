"""docs/operations.md is true: settings and their defaults, and the fields that are logged."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, get_args

import pytest

from core.reasons import RequestOutcome, UploadOutcome
from devcloud import DevCloud
from log_fields import FIELDS
from settings import Settings, read_settings
from tests.documents.markdown import PAGES
from tests.events.gallery import ALICE_KEY
from tests.invocation import environment_of, invoke
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = PAGES["operations"]
PROSE_DEFAULTS = {"none", "the event's region, internal"}  # of settings that are None


def test_the_settings_table_has_every_setting() -> None:
    """And no other."""
    names = [name.upper() for name in Settings.__dataclass_fields__]

    assert sorted(names) == sorted(row[0] for row in PAGE.table("Settings"))


@pytest.mark.parametrize("row", PAGE.table("Settings"), ids=lambda row: row[0])
def test_the_settings_table_has_the_defaults(row: list[str]) -> None:
    """To set a setting to its default changes nothing."""
    name, default, _ = row

    if default in PROSE_DEFAULTS:
        assert getattr(read_settings({}), name.lower()) is None
    else:
        assert read_settings({}) == read_settings({name: default})


def documented_fields(when: str = "") -> set[str]:
    """Return the fields that are written at this time; by default all."""
    return {
        name
        for names, written, _ in PAGE.table("Logs")
        if written.startswith(when)
        for name in names.split(", ")
    }


def test_the_table_of_logs_has_every_field() -> None:
    """And no other; that lines have no other fields is a test of the log's own."""
    assert set(FIELDS) == documented_fields()


def test_every_outcome_is_documented() -> None:
    """In the row of its field."""
    (row,) = [row for row in PAGE.table("Logs") if row[0] == "outcome"]

    outcomes = {*get_args(RequestOutcome), *get_args(UploadOutcome)}

    assert sorted(outcomes) == sorted(re.findall(r"[a-z]+_[a-z]+|[a-z]+ed", row[2]))


@pytest.fixture(scope="module")
def cloud() -> Iterator[DevCloud]:
    with DevCloud(project=PROJECT) as running:
        yield running


@pytest.mark.parametrize("name", ["frank", "1st"], ids=["imported", "refused"])
def test_fields_that_are_always_written(
    cloud: DevCloud, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whatever the outcome."""
    for variable, value in environment_of(cloud).items():
        monkeypatch.setenv(variable, value)
    event = {"KeyPairName": name, "PublicKeyBody": ALICE_KEY}

    assert documented_fields("always") <= set(invoke(json.dumps(event).encode()).line)
