"""
Set-up, with a real venv and a real pip, on packages made here: nothing is asked of a network.

pip finds them at a host that does not exist, so it has to ask the proxy that its caller names.
"""

import ast
import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from environment import decoys
from tests.paths import PROJECT

A_MINUTE = 60.0
PACKAGES = "http://packages.invalid"
VERSION = sys.version.split()[0]
OF_ANOTHER_MACHINE = re.compile(r"^(PIP_.*|.*_proxy)$", re.IGNORECASE)


class Project(NamedTuple):
    """A project with three packages of its own, in a folder with a strange name."""

    root: Path
    environ: dict[str, str]
    asked_of_proxy: list[str]

    def set_up(self, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the set-up."""
        return self.run("-m", "environment", **environ)

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the project's folder."""
        return subprocess.run(
            [sys.executable, *arguments], check=False, cwd=self.root,
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


class Proxy(SimpleHTTPRequestHandler):
    """Knows one host, whose packages are a folder."""

    def __init__(self, *arguments: Any, asked: list[str], **options: Any) -> None:
        self.asked = asked
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.path = self.path.removeprefix(PACKAGES)
        super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Print nothing."""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
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
    asked: list[str] = []
    handler = partial(Proxy, asked=asked, directory=str(wheels))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as proxy:
        threading.Thread(target=proxy.serve_forever, args=[0.01], daemon=True).start()
        environ = {k: v for k, v in os.environ.items() if not OF_ANOTHER_MACHINE.match(k)}
        environ |= {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": f"{PACKAGES}/",
            "PIP_TRUSTED_HOST": "packages.invalid",
            "PIP_RETRIES": "0",
            "PIP_NO_CACHE_DIR": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "http_proxy": f"http://127.0.0.1:{proxy.server_port}",
        }
        yield Project(root, environ, asked)
        proxy.shutdown()


@pytest.mark.long
def test_what_a_virtual_environment_lives_through(project: Project) -> None:
    """Making one costs five seconds of a processor, so one goes through it all."""
    # It was made by a Python that has gone since.
    venv = project.root / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to("nowhere")

    # Killed in the worst moment: pip is there in part. `make fresh` kills it in another.
    project.kill_set_up_when(lambda: any(venv.glob("lib/*/site-packages/pip/_internal")))

    # A package that was tampered with is refused, and nothing counts as set up.
    lock_file = project.root / "requirements-dev.txt"
    as_it_should_be = lock_file.read_text()
    lock_file.write_text(re.sub("sha256:.{8}", "sha256:00000000", as_it_should_be))
    for _ in range(2):
        refused = project.set_up()
        assert 1 == refused.returncode
        assert "pip cannot install requirements-dev.txt." in refused.stderr
        assert ".venv/set-up.log" in refused.stderr
    lock_file.write_text(as_it_should_be)

    # What is pinned is installed, through the caller's proxy, and no newer version.
    project.asked_of_proxy.clear()
    first = project.set_up()
    assert 0 == first.returncode, first.stderr
    assert {"first-1.0", "second-1.0", "third-1.0"} == project.installed()
    assert first.stderr.startswith("Setting up .venv with Python ")
    assert f"{PACKAGES}/third-1.0-py3-none-any.whl" in project.asked_of_proxy

    # A second set-up starts nothing and says nothing.
    log = venv / "set-up.log"
    written = log.stat().st_mtime_ns
    second = project.set_up(PIP_FIND_LINKS="/nowhere")
    assert (0, "", "") == (second.returncode, second.stdout, second.stderr)
    assert written == log.stat().st_mtime_ns

    # What the tests and the demo need each time is missed each time.
    assert project.set_up(**no_ssh_keygen(project)).stderr.startswith("ssh-keygen is needed.")

    # Without its RECORD, which pip writes last, a package counts as absent; ~ marks a removal.
    (site_packages,) = venv.glob("lib/*/site-packages")
    (site_packages / "third-1.0.dist-info" / "RECORD").unlink()
    (site_packages / "~hird-0.9.dist-info").mkdir()
    (venv / ".ready").unlink()
    assert 0 == project.set_up().returncode
    assert (site_packages / "third-1.0.dist-info" / "RECORD").exists()
    assert not list(site_packages.glob("~*"))


def no_ssh_keygen(project: Project) -> dict[str, str]:
    (project.root / "empty").mkdir()
    return {"PATH": str(project.root / "empty")}


def a_file(project: Project) -> dict[str, str]:
    (project.root / ".venv").write_text("")
    return {}


def a_link_to_nowhere(project: Project) -> dict[str, str]:
    (project.root / ".venv").symlink_to("nowhere")
    return {}


def left_behind(python: str) -> Callable[[Project], dict[str, str]]:
    """Have a .venv that somebody made, whose Python is a program of our own."""

    def arrange(project: Project) -> dict[str, str]:
        (project.root / ".venv" / "bin").mkdir(parents=True)
        program = project.root / ".venv" / "bin" / "python"
        program.write_text(python)
        program.chmod(0o755)
        return {}

    return arrange


@pytest.mark.parametrize(
    ("arrange", "sentence"),
    [
        pytest.param(no_ssh_keygen, "ssh-keygen is needed.", id="no ssh-keygen"),
        pytest.param(a_file, ".venv is a file,", id=".venv is a file"),
        pytest.param(a_link_to_nowhere, ".venv is a link to nowhere,", id="a link to nowhere"),
        pytest.param(
            left_behind("#!/bin/sh\necho 3.9\n"),
            ".venv has Python 3.9; 3.10 or newer is needed. Run make clean, then make PYTHON=",
            id="a .venv of an old Python",
        ),
        pytest.param(
            left_behind("#!/bin/sh\nexit 127\n"),
            ".venv/bin/python does not start. Run make clean, then",
            id="a .venv whose Python is broken",
        ),
        pytest.param(
            left_behind("#!/nowhere/python\n"),
            ".venv/bin/python does not start: No such file or directory. Run make clean, then",
            id="a .venv whose Python needs what is not there",
        ),
    ],
)
def test_says_what_is_missing(
    project: Project, arrange: Callable[[Project], dict[str, str]], sentence: str
) -> None:
    """In one sentence, without a traceback."""
    ended = project.set_up(**arrange(project))
    *progress, told = ended.stderr.splitlines()

    assert 1 == ended.returncode
    assert told.startswith(sentence)
    assert progress in ([], [f"Setting up .venv with Python {VERSION}, once, about a minute."])


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_says_which_module_this_python_lacks(project: Project, module: str) -> None:
    """Debian and Ubuntu have them in a package of their own."""
    without = f"import runpy, sys; sys.modules[{module!r}] = None; "
    ended = project.run("-c", f"{without} runpy.run_module('environment', run_name='__main__')")

    assert 1 == ended.returncode
    sentence = (
        f"This Python has no {module}. On Debian and Ubuntu:"
        f" apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    )
    assert [sentence] == ended.stderr.splitlines()[1:]
    assert not (project.root / ".venv").exists()


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
