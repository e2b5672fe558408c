"""The programs' keys, made once a run, a cloud to send them to, and the table of counts."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from devcloud import DevCloud
from tests.events.uploads import BUCKET
from tests.invocation import environment_of
from tests.paths import PROJECT
from tests.witnesses import dropbear, gnupg, java, node, openssh, openssl, putty

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from _pytest.terminal import TerminalReporter

PROGRAMS: dict[str, ModuleType] = {
    "ssh-keygen": openssh,
    "openssl": openssl,
    "puttygen": putty,
    "dropbearkey": dropbear,
    "gpg": gnupg,
    "keytool": java,
    "node": node,
}
COUNTED = "what a witness counts"  # the property of a test's report
COLUMNS = ("files", "accepted", "refused", "private", "as a file", "pasted", "misread")


@pytest.fixture(scope="session")
def cloud() -> Iterator[DevCloud]:
    """OSS and ENS, and this process in the environment that FC would give the function."""
    with DevCloud(project=PROJECT) as running, pytest.MonkeyPatch.context() as patch:
        settings = {"OSS_ENDPOINT": running.oss_endpoint, "MIN_RSA_BITS": "2048"}
        for name, value in (environment_of(running) | settings).items():
            patch.setenv(name, value)
        running.create_bucket(BUCKET)
        yield running


class Folders:
    """Makes a program's files when the first test asks for one of them."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self._made: dict[str, Path] = {}

    def of(self, program: str) -> Path:
        """
        Return the folder with all that a program has written.

        Raises:
            AssertionError: a command of its table failed; the message has what it said.
        """
        if program not in self._made:
            folder = self._factory.mktemp(program)
            self._made[program] = folder
            make(PROGRAMS[program], folder)
        return self._made[program]


def make(program: ModuleType, folder: Path) -> None:
    """Run every command of a program's table, in a home of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / ".home"),
        "GNUPGHOME": str(folder / ".home" / "gnupg"),
        "LC_ALL": "C.UTF-8",
    }
    (folder / ".home").mkdir()
    after = getattr(program, "AFTER", "")
    commands = [getattr(program, "BEFORE", ""), *(row.command for row in program.ROWS)]
    try:
        for command in filter(None, commands):
            run(command, folder, environment)
    finally:
        if after:
            run(after, folder, environment)


def run(command: str, folder: Path, environment: dict[str, str]) -> None:
    """Run one command of a table; it ends by itself, and asks nobody anything."""
    finished = subprocess.run(
        ["sh", "-ec", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    assert 0 == finished.returncode, f"{command}\n{finished.stderr}"


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return Folders(tmp_path_factory)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print how many files of each program were read as its table says, and how many were not."""
    counts: dict[str, Counter[str]] = {program: Counter() for program in PROGRAMS}
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, value in report.user_properties:
            if name == COUNTED:
                program, *columns = value
                counts[program].update(columns)
    if not any(counts.values()):
        return
    terminalreporter.section("keys of other programs")
    counts["in all"] = sum(counts.values(), Counter())
    terminalreporter.write_line(f"{'':12}" + "".join(f"{each:>11}" for each in COLUMNS))
    for program, counted in counts.items():
        numbers = "".join(f"{counted[each]:11}" for each in COLUMNS)
        terminalreporter.write_line(f"{program:12}{numbers}")
