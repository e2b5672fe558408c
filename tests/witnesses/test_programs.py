"""`make witnesses` installs the programs that it needs, or says in a sentence what to install."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.witnesses.programs import PACKAGES, provide

if TYPE_CHECKING:
    from pathlib import Path

SENTENCE = (
    "Not at hand: {programs}. The witnesses' keys are made by them. "
    "Install them, on Debian with: apt-get install {packages}"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of programs, with all that are needed but two."""
    for program in PACKAGES:
        if program not in ("gpg", "puttygen"):
            add(tmp_path, program)
    return tmp_path


def add(folder: Path, program: str, script: str = "") -> None:
    """Put a program there; the script runs in /bin/sh."""
    file = folder / program
    file.write_text(f"#!{shutil.which('sh')}\n{script}\n", encoding="utf-8")
    file.chmod(0o755)


def test_all_are_there(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is installed, and nothing said."""
    add(folder, "gpg")
    add(folder, "puttygen")
    add(folder, "apt-get", "echo called")

    assert 0 == provide(str(folder), is_root=True)
    assert ("", "") == capfd.readouterr()


@pytest.mark.parametrize(
    ("is_root", "has_apt"),
    [
        pytest.param(False, True, id="not root"),
        pytest.param(True, False, id="no apt-get"),
    ],
)
def test_what_may_not_be_installed_is_named(
    folder: Path, capfd: pytest.CaptureFixture[str], *, is_root: bool, has_apt: bool
) -> None:
    """A sentence says what is missing and how to install it; make fails."""
    if has_apt:
        add(folder, "apt-get", "echo called")

    assert 1 == provide(str(folder), is_root=is_root)

    expected = SENTENCE.format(programs="puttygen, gpg", packages="gnupg putty-tools")
    assert ("", f"{expected}\n") == capfd.readouterr()


def test_what_is_missing_is_installed(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As root, by apt-get: the packages of what is missing, and no others."""
    touch = f"{shutil.which('touch')} {folder}"
    chmod = f"{shutil.which('chmod')} 755 {folder}/gpg {folder}/puttygen"
    calls = folder / "calls"
    add(folder, "apt-get", f'echo "$@" >> {calls}; {touch}/gpg {folder}/puttygen; {chmod}')

    assert 0 == provide(str(folder), is_root=True)

    assert [
        "-q -o DPkg::Lock::Timeout=120 update",
        "-q -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends gnupg putty-tools",
    ] == calls.read_text().splitlines()
    assert ("", "Installing gnupg, putty-tools with apt-get.\n") == capfd.readouterr()


def test_what_apt_get_does_not_bring_is_named(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A package list may be old, or the network away."""
    add(folder, "apt-get", "echo E: no network; exit 100")

    assert 1 == provide(str(folder), is_root=True)

    said = capfd.readouterr().err.splitlines()
    assert "E: no network" == said[1]
    assert said[2].startswith("Not at hand: puttygen, gpg.")
