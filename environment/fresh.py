"""
Set up from nothing on every Python at hand, in the worst of places, and run the main job.

For each of python3.10 to python3.13: a clean clone, in a folder whose path has a space and a letter
beyond ASCII, with an empty home and so an empty pip cache, with the pip that the Python brings, and
with decoys. Set-up is killed twice first. Then ``make demo`` must pass, .venv hold just the pinned
versions, and a second set-up do nothing. The package that is built must be the same on all of them.

    make fresh                       # the last commit
    python3 -m environment.fresh python3.12
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from environment import decoys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parent.parent
VERSIONS = ("3.10", "3.11", "3.12", "3.13")
TOGETHER = 2  # set-ups at a time: pip downloads while another compiles
LINES = 25
PATIENCE_S = 1800.0
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
DEAD = "http://127.0.0.1:9"  # nobody listens there


class Room(NamedTuple):
    """Where one Python is tried, and with what."""

    python: str
    clone: Path
    environ: dict[str, str]

    @property
    def site_packages(self) -> Path:
        """Return where .venv holds its packages."""
        return next(self.clone.glob(".venv/lib/python3*/site-packages"))


class Tried(NamedTuple):
    """A line for the summary, and the files of the package with their checksums."""

    summary: str
    package: dict[str, str]


class NotFresh(Exception):
    """What went wrong, and what was printed."""


def find_python(version: str) -> str | None:
    """Find a Python of a version on PATH, or among pyenv's, by its real path."""
    candidates = [
        shutil.which(f"python{version}"),
        *sorted(map(str, PYENV.glob(f"versions/{version}.*/bin/python{version}"))),
    ]
    for candidate in filter(None, candidates):
        asked = subprocess.run(
            [candidate, "-I", "-c",
             "import os, sys; print(sys.version_info[:2], os.path.realpath(sys._base_executable))"],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        told = asked.stdout.strip()
        if told.startswith(str(tuple(map(int, version.split("."))))):
            return told.partition(") ")[2]
    return None


@contextlib.contextmanager
def room(python: str, wheels: Path) -> Iterator[Room]:
    """Make a clean clone in a folder with a strange name, and an empty home."""
    with tempfile.TemporaryDirectory(prefix="ens key import é ") as name:
        folder = Path(name)
        (folder / "home").mkdir()
        environ = {
            name: value
            for name, value in os.environ.items()
            # make's own, and what a new machine's pip and Python would not know
            if name
            not in (
                "MAKEFLAGS",
                "MFLAGS",
                "MAKELEVEL",
                "MAKEOVERRIDES",
                "VIRTUAL_ENV",
                "PIP_CACHE_DIR",
            )
            and not name.startswith(("XDG_", "PYTHON", "COV_"))
        }
        environ["HOME"] = str(folder / "home")
        environ["PIP_FIND_LINKS"] = f"{wheels} {environ.get('PIP_FIND_LINKS', '')}".strip()
        clone = folder / "clone"
        subprocess.run(
            ["git", "-c", "advice.detachedHead=false",
             "clone", "--quiet", "--no-hardlinks", ROOT, clone],
            check=True, env=environ, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        yield Room(python, clone, environ)


def make(room: Room, *targets: str, **environ: str) -> str:
    """Run make in the clone; return what it printed."""
    ended = subprocess.run(
        ["make", f"PYTHON={room.python}", *targets], check=False, cwd=room.clone,
        env={**room.environ, **environ}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S,
    )  # fmt: skip
    if ended.returncode:
        end = "\n".join(ended.stdout.splitlines()[-LINES:])
        raise NotFresh(f"make {' '.join(targets)} exited {ended.returncode}:\n{end}")
    return ended.stdout


def kill_when(room: Room, reached: Callable[[], bool]) -> None:
    """Start the set-up, and kill all its processes once something is reached."""
    process = subprocess.Popen(
        ["make", f"PYTHON={room.python}", ".venv/.ready"], cwd=room.clone, env=room.environ,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + PATIENCE_S
    try:
        while process.poll() is None and not reached():
            if time.monotonic() > until:
                raise NotFresh("the set-up does not move")
            time.sleep(0.02)
        if process.poll() is not None:
            raise NotFresh("the set-up ended before it could be interrupted")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def installed(room: Room) -> dict[str, str]:
    """Return the version of each package that is installed, by its normalized name."""
    return {
        re.sub("[-_.]+", "-", name).lower(): version
        for folder in room.site_packages.glob("*.dist-info")
        for name, _, version in [folder.name.removesuffix(".dist-info").partition("-")]
    }


def pinned(room: Room) -> set[tuple[str, str]]:
    """Return each name and version that the lock files of a set-up allow."""
    return {
        (re.sub("[-_.]+", "-", name), version)
        for file in ("requirements-build.txt", "requirements-dev.txt")
        for name, version in re.findall(
            r"^([a-z0-9][a-z0-9._-]*)==([^ ;]+)",
            (room.clone / file).read_text("utf-8"),
            re.MULTILINE,
        )
    }


def package(room: Room) -> dict[str, str]:
    """Build it, with the Python of its runtime if there is one; return its files, and its own."""
    make(room, "build", PYENV_ROOT=str(PYENV))
    built = room.clone / ".build" / "function.zip"
    with zipfile.ZipFile(built) as zipped:
        files = {info.filename: f"{info.CRC:08x}" for info in zipped.infolist()}
    return {**files, "function.zip": hashlib.sha256(built.read_bytes()).hexdigest()}


def differences(packages: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the names of files that are not the same in all packages."""
    names = {name for files in packages.values() for name in files}
    return sorted(
        name for name in names if len({files.get(name) for files in packages.values()}) > 1
    )


def try_python(python: str, wheels: Path) -> Tried:
    """Do it all with one Python."""
    started = time.monotonic()
    with room(python, wheels) as here:
        log = here.clone / ".venv" / "set-up.log"
        kill_when(
            here, lambda: any(here.clone.glob(".venv/lib/python3*/site-packages/pip/_internal"))
        )
        kill_when(here, lambda: log.exists() and b"aiosignal" in log.read_bytes())
        killed = time.monotonic()
        make(here, ".venv/.ready")
        set_up = time.monotonic()
        packages = installed(here)
        packages.pop("pip", None)  # what the Python itself brings
        strangers = set(packages.items()) - pinned(here)
        if strangers:
            raise NotFresh(f"installed, and pinned nowhere: {sorted(strangers)}")
        make(here, "demo")
        demo = time.monotonic()
        # Once set up, nothing is asked of the network, nor of pip.
        before = log.stat().st_mtime_ns
        printed = make(here, ".venv/.ready", PIP_INDEX_URL=DEAD, PIP_NO_INDEX="1", https_proxy=DEAD)
        second = time.monotonic()
        if before != log.stat().st_mtime_ns or "Setting up" in printed:
            raise NotFresh(f"the second run sets up again:\n{printed}")
        built = package(here)
    return Tried(
        f"passed: set-up {set_up - killed:.0f} s (killed twice before, {killed - started:.0f} s),"
        f" demo {demo - set_up:.0f} s, second set-up {second - demo:.1f} s,"
        f" build {time.monotonic() - second:.0f} s",
        built,
    )


def main() -> int:
    """Try each Python at hand; return how many failed."""
    parser = argparse.ArgumentParser(description="Set up from nothing, and run make demo.")
    parser.add_argument(
        "pythons", nargs="*", help="such as python3.12; else each of 3.10 to 3.13 at hand"
    )
    asked = [name.removeprefix("python") for name in parser.parse_args().pythons]
    found = {version: find_python(version) for version in asked or VERSIONS}
    missing = [version for version, python in found.items() if not python]
    if missing:
        print(f"Not at hand: Python {', '.join(missing)}.", flush=True)
    if (asked and missing) or len(missing) == len(found):
        return 1
    failed = 0
    packages = {}
    with (
        tempfile.TemporaryDirectory(prefix="decoys-") as folder,
        ThreadPoolExecutor(TOGETHER) as pool,
    ):
        print(f"{decoys.make_decoys(Path(folder))} decoys. A few minutes a Python.", flush=True)
        tries = {
            v: pool.submit(try_python, python, Path(folder))
            for v, python in found.items()
            if python
        }
        for version, outcome in tries.items():
            try:
                summary, packages[version] = outcome.result()
                print(f"Python {version}: {summary}", flush=True)
            except NotFresh as failure:
                failed += 1
                print(f"Python {version}: FAILED: {failure}", flush=True)
    if differ := differences(packages):
        print(f"FAILED: not the same in all packages: {', '.join(differ[:LINES])}")
        return failed + 1
    if len(packages) > 1:
        print(f"Python {', '.join(packages)} build one function.zip, the same in every byte.")
    return failed


if __name__ == "__main__":
    sys.exit(main())
