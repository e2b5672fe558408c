"""
A contract for import-linter: the layers of a folder of modules and packages, exhaustively.

Its own layers contract knows packages only, and half of what src holds are modules at the top. So
imports are read from the sources here; what is written in pyproject.toml means the same: a layer
may import those below it, ``a | b`` not each other, ``a : b`` each other too.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, cast

from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grimp import ImportGraph


class SourceLayers(Contract):
    """Layers, from the highest to the lowest; every module and package of the folder is in one."""

    type_name = "source_layers"

    folder = fields.StringField()
    layers = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001 - import-linter's signature
        """Compare each import of the folder with the layers."""
        layers = cast("list[str]", self.layers)  # a field holds what was read
        problems = list(find_problems(Path(str(self.folder)), layers))
        return ContractCheck(kept=not problems, metadata={"problems": problems})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print what is wrong."""
        for problem in check.metadata["problems"]:
            output.print_error(problem)


def find_problems(folder: Path, layers: list[str]) -> Iterator[str]:
    """Yield what is in no layer, and each import that goes up or sideways."""
    places = {
        name.strip(): (height, "|" in layer)
        for height, layer in enumerate(layers)
        for name in layer.replace("|", ":").split(":")
    }
    present = {
        path.stem: [path] if path.is_file() else sorted(path.rglob("*.py"))
        for path in folder.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    for name in sorted(present.keys() ^ places.keys()):
        yield f"{name} is not both in {folder} and in a layer."
    for name in sorted(present.keys() & places.keys()):
        for imported in sorted(imports_of(present[name]) & places.keys() - {name}):
            (height, apart), (other, _) = places[name], places[imported]
            if other < height or (other == height and apart):
                yield f"{name} imports {imported}."


def imports_of(paths: list[Path]) -> set[str]:
    """Return the top-level names that some files import, for type hints too."""
    found = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
    return found
