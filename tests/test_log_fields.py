"""FIELDS lists what is written into log lines, and no more."""

from __future__ import annotations

import ast
from pathlib import Path

from log_fields import FIELDS

SOURCE = Path(__file__).parents[1] / "src"
BY_STRUCTLOG = {"timestamp", "level", "message"}
WRITERS = {"add", "conclude", "write"}  # of InvocationLog: keywords are fields


def trees() -> dict[str, ast.Module]:
    return {path.name: ast.parse(path.read_text("utf-8")) for path in SOURCE.glob("*.py")}


def counted(name: ast.expr) -> set[str]:
    """Return what a counted name may be: either branch of a condition, not what it compares."""
    if isinstance(name, ast.IfExp):
        return counted(name.body) | counted(name.orelse)
    assert isinstance(name, ast.Constant)
    return {str(name.value)}


def written() -> set[str]:
    """Keywords of the log's methods, names that are counted, and members of dicts of fields."""
    found = set(BY_STRUCTLOG)
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr in WRITERS:
                    found |= {keyword.arg for keyword in node.keywords if keyword.arg}
                if node.func.attr == "count":
                    found |= counted(node.args[0])
            if isinstance(node, ast.FunctionDef) and node.name.endswith("_fields"):
                found |= {
                    key.value
                    for each in ast.walk(node)
                    if isinstance(each, ast.Dict)
                    for key in each.keys
                    if isinstance(key, ast.Constant) and isinstance(key.value, str)
                }
    return found


def test_every_field_is_in_the_list() -> None:
    """What a reader of logs can meet is in the list, and the list has nothing else."""
    context = {"cold_start", "duration_ms"}

    assert set(FIELDS) == written() | context
