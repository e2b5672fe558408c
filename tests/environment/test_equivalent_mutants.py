"""The list of changes that ``make mutants`` does not try."""

from __future__ import annotations

from pathlib import Path

import pytest

from environment.equivalent_mutants import EQUIVALENT

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("path", "before", "after"), EQUIVALENT)
def test_is_about_code_that_is_there(path: str, before: str, after: str) -> None:
    """What is no longer there needs no reason, and what changes nothing is no change."""
    lines = [line.strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines()]

    assert before in lines
    assert before != after
    assert EQUIVALENT[path, before, after]
