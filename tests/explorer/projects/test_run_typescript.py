"""TypeScript projects, unzipped, compiled and run against devcloud."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.clients.node_scripts import FOLDER
from tests.explorer.projects.courses import Course, follow, some_courses
from tests.explorer.projects.running import run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.explorer.projects.conftest import Address
    from tests.keys.ssh_keys import SshKey

pytestmark = pytest.mark.node


@pytest.mark.parametrize("course", some_courses())
def test_ends_as_its_exit_code_says(
    course: Course, addresses: Mapping[str, Address], key: SshKey, name: str, tmp_path: Path
) -> None:
    """It compiles, strictly; 0 after an import, 1 after a refusal, 2 where no answer came."""
    node = shutil.which("node")
    assert node, "node is not at hand; `make nodeclients` says so and leaves these tests out"

    def compiled(folder: Path) -> None:
        (folder / "node_modules").symlink_to(FOLDER / "node_modules")
        ended = run([node, "node_modules/typescript/bin/tsc"], folder, {})
        assert 0 == ended.status, ended

    follow(
        course,
        "typescript",
        [node, "dist/import-key-pair.js"],
        addresses[course.way],
        key=key,
        name=name,
        folder=tmp_path,
        environment={},
        prepare=compiled,
    )
