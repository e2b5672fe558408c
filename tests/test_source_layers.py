"""The contract that holds the layers of src can be broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.source_layers import find_problems

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = ["top", "left | right", "one : two"]


@pytest.mark.parametrize(
    ("name", "line", "problems"),
    [
        pytest.param("top", "from left.deep import x", [], id="down"),
        pytest.param("one", "import two", [], id="a sibling that may be imported"),
        pytest.param("one", "import os", [], id="another's"),
        pytest.param("left", "import right", ["left imports right."], id="sideways"),
        pytest.param("two", "    import top", ["two imports top."], id="up, and late"),
    ],
)
def test_imports_go_down(tmp_path: Path, name: str, line: str, problems: list[str]) -> None:
    """Up and sideways is reported, wherever in the file it is."""
    for module in ("top", "left", "right", "one", "two"):
        (tmp_path / f"{module}.py").touch()
    (tmp_path / f"{name}.py").write_text(f"if True:\n    pass\n{line}\n")

    assert problems == list(find_problems(tmp_path, LAYERS))


def test_every_module_is_in_a_layer(tmp_path: Path) -> None:
    """One more, or one less, is reported."""
    for module in ("top", "left", "right", "one", "new"):
        (tmp_path / f"{module}.py").touch()

    assert [f"{name} is not both in {tmp_path} and in a layer." for name in ("new", "two")] == list(
        find_problems(tmp_path, LAYERS)
    )
