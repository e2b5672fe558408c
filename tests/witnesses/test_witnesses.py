"""
The keys of other programs: each is read as what it is, in each format that the program writes.

``make witnesses`` runs this; it installs the programs first. All keys are made at run time.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.leaks import Secret
from tests.witnesses.conftest import COUNTED, PROGRAMS, Folders
from tests.witnesses.rows import ACCEPTED
from tests.witnesses.sending import is_text, ways_to_send

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from devcloud import DevCloud
    from tests.witnesses.rows import Row

pytestmark = pytest.mark.witness


def rows(half: str) -> list[pytest.ParameterSet]:
    """Return the rows of all programs that are about one half."""
    return [
        pytest.param(program, row, id=f"{program}-{row.file}")
        for program, module in PROGRAMS.items()
        for row in module.ROWS
        if row.half == half
    ]


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_file_has_a_row(folders: Folders, program: str) -> None:
    """What a program writes and no table names would be sent by nobody here."""
    listed = [row.file for row in PROGRAMS[program].ROWS]

    made = [path.name for path in folders.of(program).iterdir() if path.name[0] != "."]

    assert sorted(listed) == sorted(made)


@pytest.mark.parametrize(("program", "row"), rows("private"))
def test_a_private_half(
    cloud: DevCloud,
    folders: Folders,
    program: str,
    row: Row,
    record_property: Callable[[str, object], None],
) -> None:
    """It is told as that, as a file and pasted; nothing of it comes back, and ENS is not asked."""
    content = (folders.of(program) / row.file).read_bytes()
    secret = Secret(content)
    asked = len(cloud.calls)

    told = {
        way: send(cloud, content) for way, send in ways_to_send(content, in_base64=True).items()
    }

    results = {way: each.result for way, each in told.items()}
    expected = dict.fromkeys(results, "private_key")
    found = ["as a file"] * (results["uploaded"] == results["posted"] == "private_key")
    found += ["pasted"] * ({*results.values()} == {"private_key"})
    misread = ["misread"] * (expected != results)
    record_property(COUNTED, [program, "files", "private", *found, *misread])
    assert expected == results
    assert {} == {way: leaks for way, each in told.items() if (leaks := secret.leaks(each.seen))}
    assert asked == len(cloud.calls)


@pytest.mark.parametrize(("program", "row"), rows("public"))
def test_a_public_half(
    cloud: DevCloud,
    folders: Folders,
    program: str,
    row: Row,
    record_property: Callable[[str, object], None],
) -> None:
    """It is imported with the fingerprint that ssh-keygen prints, or refused as the table says."""
    path = folders.of(program) / row.file
    content = path.read_bytes()
    expected = md5_by_ssh_keygen(path) if row.expected == ACCEPTED else row.expected
    in_base64 = not is_text(content)

    results = {
        way: send(cloud, content).result
        for way, send in ways_to_send(content, in_base64=in_base64).items()
    }

    wanted = dict.fromkeys(results, expected)
    if in_base64:
        wanted["pasted in base64"] = row.in_base64
    misread = ["misread"] * (wanted != results)
    outcome = "accepted" if row.expected == ACCEPTED else "refused"
    record_property(COUNTED, [program, "files", outcome, *misread])
    assert wanted == results


def md5_by_ssh_keygen(path: Path) -> str:
    """
    Return the fingerprint that ssh-keygen prints of a file.

    Raises:
        AssertionError: it reads no key there; what we alone accept has no witness.
    """
    line = path.read_text(encoding="utf-8")
    for form in ("RFC4716", "PKCS8", "PEM"):
        if not line.startswith("-"):
            break
        line = ssh_keygen("-i", "-m", form, "-f", str(path)) or line
    listed = ssh_keygen("-E", "md5", "-l", "-f", "-", stdin=line)
    assert listed, f"ssh-keygen reads no key in {path.name}"
    return listed.split()[1].removeprefix("MD5:").replace(":", "")


def ssh_keygen(*arguments: str, stdin: str = "") -> str:
    """Return what it printed; nothing if it failed."""
    finished = subprocess.run(
        ["ssh-keygen", *arguments], input=stdin, capture_output=True, text=True, check=False
    )
    return finished.stdout if finished.returncode == 0 else ""
