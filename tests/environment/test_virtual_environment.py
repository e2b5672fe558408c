"""Set-up, with a real venv and a real pip, on packages made here: nothing is asked of a network."""

import ast
import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from environment import decoys
from tests.paths import PROJECT

A_MINUTE = 60.0


class Project(NamedTuple):
    """A project with three packages of its own, in a folder with a strange name."""

    root: Path
    environ: dict[str, str]

    def set_up(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the set-up."""
        return subprocess.run(
            [sys.executable, "-m", "environment", *arguments], check=False, cwd=self.root,
            env={**self.environ, **environ}, capture_output=True, text=True,
        )  # fmt: skip

    def kill_set_up_when(self, reached: Callable[[], bool]) -> None:
        """Start the set-up; once something is reached, kill it and all that it started."""
        process = subprocess.Popen(
            [sys.executable, "-m", "environment"], cwd=self.root, env=self.environ,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + A_MINUTE
        with contextlib.suppress(subprocess.TimeoutExpired):
            while not reached() and process.poll() is None and time.monotonic() < until:
                process.wait(0.01)
        assert process.poll() is None, "it ended before it could be killed"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def installed(self) -> set[str]:
        """Return name and version of each package, but for what Python brings."""
        found = {folder.stem for folder in self.root.glob(".venv/lib/*/site-packages/*.dist-info")}
        return {name for name in found if not name.startswith(("pip-", "setuptools-"))}


def pin(wheel: Path) -> str:
    """Return the line of a lock file for a wheel."""
    name, version, *_ = wheel.name.split("-")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Three packages are pinned, and of each there is a newer version that is not."""
    root, wheels = tmp_path / "a project é", tmp_path / "wheels"
    wheels.mkdir()
    shutil.copytree(PROJECT / "environment", root / "environment")
    first = decoys.write_wheel(wheels, "first", "1.0")
    # As pytest-cov asks for coverage[toml]: older pips take that to the newest, which has no hash.
    second = decoys.write_wheel(wheels, "second", "1.0", requires="third[toml]>=1.0")
    third = decoys.write_wheel(wheels, "third", "1.0")
    for name in ("first", "second", "third"):
        decoys.write_wheel(wheels, name)
    (root / "requirements-build.txt").write_text(pin(first))
    (root / "requirements-dev.txt").write_text(pin(second) + pin(third))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    return Project(root, environ)


def test_installs_what_is_pinned_once(project: Project) -> None:
    """The newer versions are not chosen, and a second set-up starts nothing and says nothing."""
    first = project.set_up()
    log = project.root / ".venv" / "set-up.log"
    written = log.stat().st_mtime_ns
    second = project.set_up(PIP_FIND_LINKS="/nowhere")

    assert 0 == first.returncode, first.stderr
    assert {"first-1.0", "second-1.0", "third-1.0"} == project.installed()
    assert first.stderr.startswith("Setting up .venv with Python ")
    assert (0, "", "") == (second.returncode, second.stdout, second.stderr)
    assert written == log.stat().st_mtime_ns

    # What the tests and the demo need each time is missed each time.
    assert project.set_up(**no_ssh_keygen(project)).stderr.startswith("ssh-keygen is needed.")

    # Without its RECORD, which pip writes last, a package counts as absent; ~ marks a removal.
    (site_packages,) = project.root.glob(".venv/lib/*/site-packages")
    (site_packages / "third-1.0.dist-info" / "RECORD").unlink()
    (site_packages / "~hird-0.9.dist-info").mkdir()
    (project.root / ".venv" / ".ready").unlink()

    assert 0 == project.set_up().returncode
    assert (site_packages / "third-1.0.dist-info" / "RECORD").exists()
    assert not list(site_packages.glob("~*"))


def test_goes_on_after_it_was_killed(project: Project) -> None:
    """Here in the worst moment: pip is there in part. `make fresh` kills it in another."""
    pip = "lib/*/site-packages/pip/_internal"
    project.kill_set_up_when(lambda: any((project.root / ".venv").glob(pip)))

    ended = project.set_up()

    assert 0 == ended.returncode, ended.stderr
    assert {"first-1.0", "second-1.0", "third-1.0"} == project.installed()


def test_a_failure_shows_the_end_of_the_log(project: Project) -> None:
    """A package that was tampered with is refused, and nothing counts as set up."""
    lock_file = project.root / "requirements-dev.txt"
    lock_file.write_text(re.sub("sha256:.{8}", "sha256:00000000", lock_file.read_text()))

    ended = project.set_up()

    assert 1 == ended.returncode
    assert "pip cannot install requirements-dev.txt." in ended.stderr
    assert ".venv/set-up.log" in ended.stderr
    assert 1 == project.set_up().returncode


def no_ssh_keygen(project: Project) -> dict[str, str]:
    (project.root / "empty").mkdir()
    return {"PATH": str(project.root / "empty")}


def a_file(project: Project) -> dict[str, str]:
    (project.root / ".venv").write_text("")
    return {}


def a_link_to_nowhere(project: Project) -> dict[str, str]:
    (project.root / ".venv").symlink_to("nowhere")
    return {}


@pytest.mark.parametrize(
    ("arrange", "sentence"),
    [
        pytest.param(no_ssh_keygen, "ssh-keygen is needed.", id="no ssh-keygen"),
        pytest.param(a_file, ".venv is a file,", id=".venv is a file"),
        pytest.param(a_link_to_nowhere, ".venv is a link to nowhere,", id="a link to nowhere"),
    ],
)
def test_says_what_is_missing(
    project: Project, arrange: Callable[[Project], dict[str, str]], sentence: str
) -> None:
    """In one sentence, without a traceback."""
    ended = project.set_up(**arrange(project))

    assert 1 == ended.returncode
    assert ended.stderr.startswith(sentence)
    assert 1 == len(ended.stderr.splitlines())


def test_an_old_python_gets_a_sentence() -> None:
    """The first file is one that old Pythons can read, and it names a way out."""
    main = PROJECT / "environment" / "__main__.py"
    ast.parse(main.read_text("utf-8"), feature_version=(3, 6))
    pretend = (
        "import runpy, sys; sys.version_info = (3, 9, 18);"
        " runpy.run_module('environment', run_name='__main__')"
    )

    ended = subprocess.run(
        [sys.executable, "-c", pretend], check=False, cwd=PROJECT, capture_output=True, text=True
    )

    assert 1 == ended.returncode
    assert ended.stderr.startswith(
        "Python 3.10 or newer is needed, and this is 3.9. Name one: make"
    )


def test_a_python_that_is_not_there_gets_a_sentence() -> None:
    """It is said by make, before anything is started."""
    ended = subprocess.run(
        ["make", "PYTHON=python3.99", "demo"],
        check=False,
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )

    assert 2 == ended.returncode
    assert ended.stderr.startswith("There is no python3.99. Install Python 3.10 or newer, or name")
