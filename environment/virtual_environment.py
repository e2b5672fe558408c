"""
Set up ``.venv``, once: nothing is resolved, everything is pinned by hash.

The lock files are complete, so pip gets ``--no-deps``: without it, older pips resolve a requirement
with an extra past its pin, to the newest release, which has no hash. Interrupted anywhere, the next
call goes on; once all is installed, a call reads a few files and starts nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from environment import half_installed
from environment.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

ROOT = Path(__file__).parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
READY = VENV / ".ready"
LOG = VENV / "set-up.log"
# setuptools first: it builds the few packages that come as source only.
LOCK_FILES = ("requirements-build.txt", "requirements-dev.txt")
LINES_OF_LOG = 20
INSIST = "--this-python"
PIP = (str(PYTHON), "-I", "-m", "pip")
PIP_INSTALL = (
    "install", "--no-input", "--progress-bar=off", "--no-user",
    "--no-compile",  # most modules are never imported; the others are compiled then
    "--require-hashes", "--no-deps",  # all is pinned, nothing is resolved
    "--use-pep517", "--no-build-isolation",  # what builds a package is pinned as well
)  # fmt: skip


def main(arguments: Sequence[str]) -> int | str:
    """
    Set up what is not set up yet; return 0, or a sentence.

    ``arguments`` are further lock files; ``--this-python`` insists on the Python that runs this.
    """
    try:
        check_machine()
        prepare([name for name in arguments if name != INSIST], insist=INSIST in arguments)
    except KeyboardInterrupt:
        return "\nInterrupted. The next make goes on from here."
    except SetUpFailed as failure:
        return str(failure)
    return 0


def check_machine() -> None:
    """Refuse what no set-up can help, in a sentence; also when all is set up."""
    if not shutil.which("ssh-keygen"):
        raise SetUpFailed(
            "ssh-keygen is needed. Install OpenSSH's client"
            " (Debian, Ubuntu: apt install openssh-client)."
        )
    if VENV.is_symlink() and not PYTHON.exists():
        raise SetUpFailed(f".venv is a link to {VENV.readlink()}, which has no bin/python.")
    if VENV.exists() and not VENV.is_dir():
        raise SetUpFailed(".venv is a file, and should be a folder. Remove it.")


def prepare(further: Sequence[str], *, insist: bool) -> None:
    """Set up what is not set up yet, one call at a time."""
    linked = VENV.is_symlink()  # then it is looked after by whoever linked it
    wanted = [*([] if linked else LOCK_FILES), *further]
    insist = insist and not linked
    if not wanted or is_ready(wanted, insist=insist):
        return
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    with alone() as lock:
        if not is_ready(wanted, insist=insist):  # another make may have done it meanwhile
            set_up(wanted, lock, insist=insist, linked=linked)


class SetUpFailed(Exception):
    """A sentence, and what the failed program printed at its end."""


def stop(_signal: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that pip is ended too."""
    raise KeyboardInterrupt


@contextlib.contextmanager
def alone() -> Iterator[int]:
    """
    Hold the lock of this folder; yield its file descriptor.

    pip inherits it: where only its parent was killed, the next call waits for that pip.
    """
    lock = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another make is setting up .venv. Waiting for it.", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def digest(lock_file: str) -> str:
    """Return the SHA-256 of a lock file, in hex."""
    return hashlib.sha256((ROOT / lock_file).read_bytes()).hexdigest()


def made_for() -> dict[str, str]:
    """Return what a virtual environment is bound to: its own place, and the interpreter."""
    return {"path": str(VENV.resolve()), "python": str(PYTHON.resolve())}


def state() -> dict[str, str]:
    """Return what was set up, as written by the last call that ended well."""
    try:
        text = READY.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        return dict(json.loads(text))
    except ValueError:
        return {}  # an empty file of an older set-up


def write_state(values: dict[str, str]) -> None:
    """Write it in one step."""
    fresh = READY.with_suffix(".new")
    fresh.write_text(json.dumps(values), encoding="utf-8")
    fresh.replace(READY)


def is_ready(lock_files: Sequence[str], *, insist: bool) -> bool:
    """Tell whether all of these are installed, from a few small files alone."""
    wanted = {**made_for(), **{name: digest(name) for name in lock_files}}
    if not PYTHON.exists() or (insist and is_other_python()):
        return False
    return wanted.items() <= state().items()


def is_other_python() -> bool:
    """Tell whether .venv is of another version than the Python that runs this."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return PYTHON.exists() and not (VENV / "lib" / version).is_dir()


def set_up(lock_files: Sequence[str], lock: int, *, insist: bool, linked: bool) -> None:
    """Make the virtual environment where need be, and install what these files pin."""
    started = time.monotonic()
    with Progress() as progress:
        version = sys.version.split()[0]
        progress.title(f"Setting up .venv with Python {version}, once, about a minute")
        if not linked:
            make_virtual_environment(lock, clear=insist and is_other_python())
        known = {**state(), **made_for()}
        write_state(known)
        digests = {lock_file: digest(lock_file) for lock_file in lock_files}
        for lock_file in lock_files:
            if known.get(lock_file) != digests[lock_file]:
                install(lock_file, lock, progress)
        run([*PIP, "check"], "What was installed does not fit together", lock)
        write_state({**known, **digests})
        progress.done(time.monotonic() - started)


def make_virtual_environment(lock: int, *, clear: bool) -> None:
    """Make .venv, or make it whole; leave one that works as it is."""
    known = {name: value for name, value in state().items() if name in made_for()}
    interpreter_is_gone = PYTHON.is_symlink() and not PYTHON.exists()
    clear = clear or interpreter_is_gone or (bool(known) and known != made_for())
    if not clear and PYTHON.exists():
        require_new_enough()
        if half_installed.pip_is_whole(VENV):
            return
    for module in ("venv", "ensurepip"):
        if not importlib.util.find_spec(module):
            raise SetUpFailed(
                f"This Python has no {module}. On Debian and Ubuntu:"
                f" apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv"
            )
    if not clear:
        half_installed.remove_pip(VENV)
    VENV.mkdir(exist_ok=True)
    run(
        [sys.executable, "-m", "venv", *(["--clear"] if clear else []), str(VENV)],
        "The virtual environment .venv cannot be made", lock,
    )  # fmt: skip


def require_new_enough() -> None:
    """Refuse a .venv that somebody made with an old Python, or whose Python does not start."""
    useless = "{} Run make clean, then make again.".format
    try:
        asked = subprocess.run(
            [PYTHON, "-I", "-c", "import sys; print(*sys.version_info[:2], sep='.')"],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
    except OSError as error:
        raise SetUpFailed(useless(f".venv/bin/python does not start: {error.strerror}.")) from None
    if asked.returncode:
        raise SetUpFailed(
            "\n".join([useless(".venv/bin/python does not start."), asked.stderr]).strip()
        )
    if tuple(map(int, asked.stdout.split("."))) < (3, 10):
        raise SetUpFailed(
            f".venv has Python {asked.stdout.strip()}; 3.10 or newer is needed."
            " Run make clean, then make PYTHON=python3.12."
        )


def install(lock_file: str, lock: int, progress: Progress) -> None:
    """Install exactly what a lock file pins, with the pip that .venv brought."""
    half_installed.remove(VENV)
    with progress.watching(LOG, VENV, ROOT / lock_file):
        run(
            [*PIP, *PIP_INSTALL, "-r", str(ROOT / lock_file)],
            f"pip cannot install {lock_file}", lock, progress,
        )  # fmt: skip


def run(command: Sequence[str], failure: str, lock: int, progress: Progress | None = None) -> None:
    """Run a program, keep what it prints in the log, and show the end of that if it fails."""
    # Where packages go is not for the caller's settings to say; where they come from is.
    environ = {
        k: v for k, v in os.environ.items() if k not in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
    }
    environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    with LOG.open("w+b") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, pass_fds=(lock,),
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            while process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.2)
                if progress:
                    progress.look()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        log.seek(0)
        said = log.read()
    if process.returncode:
        LOG.write_bytes(said)  # venv --clear removes it
        end = said.decode("utf-8", "replace").splitlines()[-LINES_OF_LOG:]
        raise SetUpFailed(
            "\n".join([*end, f"{failure}. All that was said is in .venv/{LOG.name}."])
        )
