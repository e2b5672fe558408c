"""The page is never deployed: a package is the files of src, and what requirements.txt pins."""

from __future__ import annotations

import re

from deploy.sources import packaged_files
from tests.paths import PROJECT

SOURCE = PROJECT / "src"


def test_nothing_of_it_is_in_the_package() -> None:
    """No file of it, and no file that wants it."""
    files = packaged_files(SOURCE)

    assert files
    assert [] == [file for file in files if "explorer" in file.parts]
    imports = re.compile(r"^\s*(?:import|from) explorer\b", re.MULTILINE)
    assert [] == [
        file for file in files if imports.search((SOURCE / file).read_text(encoding="utf-8"))
    ]


def test_nothing_that_it_alone_needs_is_in_the_package() -> None:
    """Its server, its colours, and what drives a browser."""
    pinned = set(
        re.findall(
            r"^([a-z0-9-]+)==",
            (PROJECT / "requirements.txt").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )

    assert "alibabacloud-ens20171110" in pinned
    assert set() == pinned & {"starlette", "uvicorn", "pygments", "playwright"}
