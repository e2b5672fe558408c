"""Change a function in the running process, as its changed source has it."""

from __future__ import annotations

import ast
import functools
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def statement_at(line: int, path: Path) -> range:
    """Return the lines of the innermost statement at a line."""
    text = path.read_text(encoding="utf-8")
    spans = [
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.stmt | ast.excepthandler)
    ]
    return min((span for span in spans if line in span), key=len, default=range(line, line + 1))


def function_at(line: int, path: Path) -> str:
    """Name the outermost function or method whose body a line is in; empty if it is in none."""
    text = path.read_text(encoding="utf-8")
    return next(
        (
            name
            for name, function in _functions(ast.parse(text))
            if function.body[0].lineno <= line <= (function.end_lineno or 0)
        ),
        "",
    )


def replace_function(module: types.ModuleType, name: str, changed_text: str) -> None:
    """Give a function the code that it has in the changed source; wherever it is used, it is."""
    owner = functools.reduce(getattr, name.split(".")[:-1], module)
    found = vars(owner)[name.rpartition(".")[2]]
    function = found
    # Of a property, a cached one, a class method, and a function whose results are cached.
    for attribute in ("fget", "func", "__func__", "__wrapped__"):
        function = getattr(function, attribute, function)
    code: types.CodeType = compile(changed_text, module.__file__ or "", "exec", dont_inherit=True)
    for part in name.split("."):
        code = next(
            inner
            for inner in code.co_consts
            if isinstance(inner, types.CodeType) and inner.co_name == part
        )
    function.__code__ = code


def _functions(
    node: ast.Module | ast.ClassDef, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef]]:
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef):
            yield f"{prefix}{inner.name}", inner
        elif isinstance(inner, ast.ClassDef):
            yield from _functions(inner, f"{prefix}{inner.name}.")
