"""Every Reason is used, and none is written that is not one (which mypy sees to)."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

from core.reasons import Reason, RequestOutcome, UploadOutcome

SOURCE = Path(__file__).parents[2] / "src"


def written() -> set[str]:
    """Every string in the code, but for the list of reasons itself."""
    return {
        node.value
        for path in SOURCE.rglob("*.py")
        if path.name != "reasons.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_reason_is_written_somewhere() -> None:
    """What no code can give is no Reason."""
    assert set() == set(get_args(Reason)) - written()


def test_every_outcome_is_written_somewhere() -> None:
    """What never ends a request or an upload is no outcome."""
    assert set() == {*get_args(RequestOutcome), *get_args(UploadOutcome)} - written()


def test_each_reason_is_there_once() -> None:
    """The groups share none."""
    assert len(get_args(Reason)) == len(set(get_args(Reason)))
