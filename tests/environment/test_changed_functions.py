"""Functions that are changed in the running process, for ``make mutants``."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

import pytest

from environment.changed_functions import function_at, replace_function, statement_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = '''\
from functools import cache, cached_property

LIMIT = 5

def plain(number=1):
    """A sentence."""
    def inner():
        return number + 1
    if number:
        return inner()
    return 0

@cache
def cached():
    return 6

class Thing:
    size = 7

    @property
    def shown(self):
        return 1

    @cached_property
    def kept(self):
        return 2

    @classmethod
    def made(cls):
        return 3

    @staticmethod
    def lone():
        return 4

    def method(self):
        return super().__repr__ and 5
'''
LINES = SOURCE.splitlines()


@pytest.fixture
def module(tmp_path: Path) -> Iterator[Any]:
    """The source, loaded from a file of its own."""
    path = tmp_path / "changed_functions_sample.py"
    path.write_text(SOURCE, encoding="utf-8")
    spec = spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    loaded = module_from_spec(spec)
    sys.modules[path.stem] = loaded
    spec.loader.exec_module(loaded)
    yield loaded, path
    del sys.modules[path.stem]


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(LINES, start=1) if text in line)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("LIMIT = 5", ""),
        ("def plain", ""),
        ("number + 1", "plain"),
        ("return 0", "plain"),
        ("size = 7", ""),
        ("@property", ""),
        ("return 1", "Thing.shown"),
        ("return 3", "Thing.made"),
    ],
)
def test_names_the_outermost_function(text: str, name: str, module: Any) -> None:
    """Defaults, decorators and what is in no function matter when the module is loaded."""
    assert name == function_at(line_of(text), module[1])


def test_finds_the_innermost_statement(module: Any) -> None:
    """Of what contains the line."""
    at = line_of("if number")

    assert range(at, at + 2) == statement_at(at, module[1])
    assert range(at + 1, at + 2) == statement_at(at + 1, module[1])


@pytest.mark.parametrize(
    ("name", "old", "call"),
    [
        ("plain", "number + 1", "plain(8)"),
        ("cached", "return 6", "cached()"),
        ("Thing.shown", "return 1", "Thing().shown"),
        ("Thing.kept", "return 2", "Thing().kept"),
        ("Thing.made", "return 3", "Thing.made()"),
        ("Thing.lone", "return 4", "Thing.lone()"),
        ("Thing.method", "and 5", "Thing().method()"),
    ],
)
def test_replaces_a_function_wherever_it_is_used(
    name: str, old: str, call: str, module: Any
) -> None:
    """Also where it was imported by name before."""
    loaded, _ = module
    names = dict(vars(loaded))

    replace_function(loaded, name, SOURCE.replace(old, f"{old} + 100"))

    assert eval(call, names) > 100  # noqa: S307 - calls from the table above
