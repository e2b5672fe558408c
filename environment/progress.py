"""A progress that moves: one line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import contextlib
import re
import sys
import time
from typing import TYPE_CHECKING

from environment import half_installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typing_extensions import Self

PINNED = re.compile(r"^[a-z0-9][a-z0-9._-]*==", re.MULTILINE)
FETCHED = re.compile(r"^(?:Collecting|Processing|Requirement already satisfied:) ", re.MULTILINE)
IGNORED = re.compile(r"^Ignoring ", re.MULTILINE)  # its marker is for another Python or system
SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Shows on stderr how many packages are fetched and installed."""

    def __init__(self) -> None:
        self._title = ""
        self._shown_at = time.monotonic()
        self._watched: tuple[Path, Path, int] | None = None
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal and self._title:
            print(file=sys.stderr)

    def title(self, text: str) -> None:
        """Say what is done."""
        self._title = text
        print(text, end="" if self._terminal else ".\n", file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def watching(self, log: Path, venv: Path, lock_file: Path) -> Iterator[None]:
        """Count what a pip does, by its log and by the packages in the virtual environment."""
        pinned = len(PINNED.findall(lock_file.read_text(encoding="utf-8")))
        self._watched = log, venv, pinned
        try:
            yield
        finally:
            self._watched = None

    def look(self) -> None:
        """Show how far it is."""
        if not self._watched or not (
            self._terminal or time.monotonic() - self._shown_at > SECONDS_BETWEEN_LINES
        ):
            return
        log, venv, pinned = self._watched
        said = log.read_text(encoding="utf-8", errors="replace")
        total = pinned - len(IGNORED.findall(said))
        if total == 1:
            return
        installed = sum(
            1
            for folder in half_installed.site_packages(venv)
            for _ in folder.glob("*.dist-info/RECORD")
        )
        if "\nInstalling collected packages" in said:
            self._show(f"{min(installed, total)} of {total} packages installed")
        else:
            self._show(f"{min(len(FETCHED.findall(said)), total)} of {total} packages fetched")

    def done(self, seconds: float) -> None:
        """Say that it is."""
        self._show(f"done in {seconds:.0f} s")

    def _show(self, text: str) -> None:
        self._shown_at = time.monotonic()
        if self._terminal:
            print(f"\r{self._title}: {text}\x1b[K", end="", file=sys.stderr, flush=True)
        else:
            print(f"  {text}", file=sys.stderr, flush=True)
