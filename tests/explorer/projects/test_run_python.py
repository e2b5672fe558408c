"""Python projects, unzipped and run against devcloud."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.explorer.projects.courses import COURSES, Course, follow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.explorer.projects.conftest import Address
    from tests.keys.ssh_keys import SshKey


@pytest.mark.long
@pytest.mark.parametrize("course", COURSES)
def test_ends_as_its_exit_code_says(
    course: Course, addresses: Mapping[str, Address], key: SshKey, name: str, tmp_path: Path
) -> None:
    """0 after an import, 1 after a refusal with all that was answered, 2 where no answer came."""
    follow(
        course,
        "python",
        [sys.executable, "import_key_pair.py"],
        addresses[course.way],
        key=key,
        name=name,
        folder=tmp_path,
        environment={"PYTHONWARNINGS": "ignore"},
    )
