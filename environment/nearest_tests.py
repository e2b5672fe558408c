"""
Run the tests of core and triggers: those that mirror the file changed last, then the others.

    python -m environment.nearest_tests

For ``environment.mutants``: most changes are noticed by the tests of their own room, and those of
all rooms take three times as long.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = (Path("src/core"), Path("src/triggers"))
TESTS = (
    "tests/core/keys",
    "tests/triggers",
    "tests/core/importing",
    "tests/core/uploads",
    "tests/core",
)
# What is not found in a test's own order is found in any; compiled files are left as they are.
PYTEST = ("-m", "pytest", "-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider")


def main() -> int:
    """Return 0 if all pass, else pytest's own code."""
    changed = max((file for room in CODE for file in room.rglob("*.py")), key=_changed_at)
    mirror = f"tests/{changed.parent.relative_to('src')}"
    nearest = [room for room in TESTS[:-1] if mirror.startswith(room)]
    others = [room for room in TESTS if room not in nearest]
    for rooms in filter(None, (nearest, others)):
        ignored = [f"--ignore={room}" for room in nearest if room not in rooms]
        status = subprocess.run([sys.executable, *PYTEST, *rooms, *ignored], check=False).returncode
        if status:
            return status
    return 0


def _changed_at(file: Path) -> int:
    return file.stat().st_mtime_ns


if __name__ == "__main__":
    sys.exit(main())
