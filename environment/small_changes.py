"""Every small change that cosmic-ray can make to a file, but to what only type checkers read."""

from __future__ import annotations

import ast
import dataclasses
import functools
import warnings
from typing import TYPE_CHECKING

from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    Place = tuple[int, int]


@dataclasses.dataclass(frozen=True, order=True)
class SmallChange:
    """A change of one line: an operator of cosmic-ray, and which of the places that it fits."""

    path: Path
    line: int
    operator: str
    occurrence: int
    name: str  # path, operator and the line's text: it stays if the code changes elsewhere

    def changed_text(self) -> str:
        """Return the whole file, with the change."""
        text = self.path.read_text(encoding="utf-8")
        return _changed_text(text, self.operator, self.occurrence)

    def lines(self) -> tuple[str, str]:
        """Return the line before and after; what is removed is empty after."""
        before = self.path.read_text(encoding="utf-8").splitlines()
        after = self.changed_text().splitlines()
        if len(before) > len(after):
            return before[self.line - 1].strip(), ""
        return before[self.line - 1].strip(), after[self.line - 1].strip()

    def is_code(self) -> bool:
        """Tell whether Python accepts the change, without a warning; else it says nothing."""
        try:
            text = self.changed_text()
        except AttributeError:  # cosmic-ray cannot replace an exception with a dot in its name
            return False
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                compile(text, str(self.path), "exec", dont_inherit=True)
            except SyntaxError:  # a SyntaxWarning is raised as one
                return False
        return True


@functools.lru_cache(maxsize=1000)
def _changed_text(text: str, operator: str, occurrence: int) -> str:
    return str(mutate_code(text, get_operator(operator)(), occurrence))


def small_changes(files: Iterable[Path]) -> list[SmallChange]:
    """Find them all."""
    operators = {name: get_operator(name) for name in operator_names()}
    changes = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        typing_only = list(_for_type_checkers(text))
        nodes = list(ast_nodes(get_ast_from_path(path)))
        for name, operator in operators.items():
            if operator.arguments():
                continue
            places = (place for node in nodes for place, _ in operator().mutation_positions(node))
            changes += [
                SmallChange(
                    path, line, name, occurrence,
                    f"{path.as_posix()} {name} {column} {lines[line - 1].strip()}",
                )
                for occurrence, (line, column) in enumerate(places)
                if not any(begin <= (line, column) < end for begin, end in typing_only)
            ]  # fmt: skip
    return changes


def _for_type_checkers(text: str) -> Iterator[tuple[Place, Place]]:
    """Where annotations are, and the names that only they need: nothing evaluates them."""
    for node in ast.walk(ast.parse(text)):
        found: list[ast.AST | None] = [
            getattr(node, field, None) for field in ("annotation", "returns")
        ]
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            found.append(node)
        for each in found:
            if isinstance(each, ast.expr | ast.stmt):
                end = each.end_lineno or each.lineno, each.end_col_offset or each.col_offset
                yield (each.lineno, each.col_offset), end
