"""
What a killed pip leaves in site-packages, found and removed.

pip writes a package's RECORD as the last of its files. A ``*.dist-info`` folder without one makes
the next pip believe that the package is there, whatever else is missing.
"""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def site_packages(venv: Path) -> Iterator[Path]:
    """Yield the folder that packages are installed into, if it is there yet."""
    return venv.glob("lib/python3*/site-packages")


def remove(venv: Path) -> None:
    """Remove the traces of packages whose installation, or removal, did not end."""
    for folder in site_packages(venv):
        for trace in {*folder.glob("*.dist-info"), *folder.glob("~*")}:
            if trace.name.startswith("~") or not (trace / "RECORD").exists():
                shutil.rmtree(trace) if trace.is_dir() else trace.unlink()


def pip_is_whole(venv: Path) -> bool:
    """Tell whether every file of pip is there."""
    for folder in site_packages(venv):
        for record in folder.glob("pip-*.dist-info/RECORD"):
            with record.open(encoding="utf-8", newline="") as rows:
                files = [row[0] for row in csv.reader(rows) if row and not row[0].endswith(".pyc")]
            return all((folder / file).exists() for file in files)
    return False


def remove_pip(venv: Path) -> None:
    """Remove what there is of pip, so that it is installed again as a whole."""
    for folder in site_packages(venv):
        for trace in [*folder.glob("pip-*.dist-info"), folder / "pip"]:
            shutil.rmtree(trace, ignore_errors=True)
