"""
Compile the lock files from pyproject.toml, with uv.

``make lock`` keeps the versions that are pinned and adds what is missing. ``make upgrade`` moves
them, and leaves out releases younger than a week: a bad one is mostly found and withdrawn by then.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent
UV = ROOT / ".venv" / "bin" / "uv"
COOL_DOWN = dt.timedelta(days=7)
COMPILE = (
    "pip", "compile", "--quiet", "--no-config", "--no-python-downloads",
    "--universal", "--python-version", "3.10",
    "--generate-hashes", "--no-emit-index-url", "--no-header",
)  # fmt: skip
# Each lock file, and its sources. What is deployed comes first, and the others keep to it.
LOCK_FILES = {
    "requirements.txt": ("--only-binary", ":all:", "pyproject.toml"),
    "requirements-dev.txt": (
        "--constraint", "requirements.txt", "--group", "dev", "--group", "bench", "pyproject.toml",
    ),
    "requirements-browser.txt": ("--constraint", "requirements-dev.txt", "--group", "browser"),
    "requirements-build.txt": ("--group", "build"),
    "requirements-fuzz.txt": ("--group", "fuzz"),
    "requirements-hooks.txt": ("--constraint", "requirements-dev.txt", "--group", "hooks"),
    "requirements-lock.txt": ("--group", "lock"),
    "requirements-mutants.txt": ("--constraint", "requirements-dev.txt", "--group", "mutants"),
}  # fmt: skip
NO_DATES = "missing an upload date"  # uv's words


def main() -> int:
    """Compile each lock file; return how it went."""
    parser = argparse.ArgumentParser(description="Compile the lock files.")
    parser.add_argument(
        "--upgrade", action="store_true", help="move versions, but to none of the last week"
    )
    upgrade = parser.parse_args().upgrade
    newest = (dt.datetime.now(dt.timezone.utc) - COOL_DOWN).strftime("%Y-%m-%dT%H:%M:%SZ")
    cool_down = ["--exclude-newer", newest] if upgrade else []
    for lock_file, sources in LOCK_FILES.items():
        print(f"{lock_file} ...", file=sys.stderr)
        arguments = [*sources, "--output-file", lock_file, *(["--upgrade"] if upgrade else [])]
        compiled = uv([*arguments, *cool_down])
        if compiled.returncode and cool_down and NO_DATES in compiled.stderr:
            print(
                "The package index gives no upload dates: releases of the last week stay in.",
                file=sys.stderr,
            )
            cool_down = []
            compiled = uv(arguments)
        if compiled.returncode:
            sys.stderr.write(compiled.stderr)
            return 1
    return 0


def uv(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run ``uv pip compile``; its standard output is the lock file once more."""
    return subprocess.run(
        [UV, *COMPILE, *arguments], check=False, cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
