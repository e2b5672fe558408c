"""Install Debian packages, for parts of the checks that need other programs."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Another apt-get may be at work; it is waited for, and so is another process of ours.
APT_GET = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120")
LOCK = Path(tempfile.gettempdir()) / "ens-key-import.apt-get.lock"
LINES = 20  # of apt-get's last words that are shown


def install(*packages: str, path: str | None = None) -> bool:
    """
    Install them with apt-get, as root; return whether it went well.

    Args:
        packages: their names.
        path: where programs are found; PATH otherwise.
    """
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if path is not None:
        environ["PATH"] = path
    print(f"Installing {', '.join(packages)} with apt-get.", file=sys.stderr)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _run("update", environ) and _run(
            "install", environ, "--yes", "--no-install-recommends", *packages
        )


def _run(action: str, environ: dict[str, str], *arguments: str) -> bool:
    ended = subprocess.run(
        [*APT_GET, action, *arguments],
        check=False,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if ended.returncode:
        print(*ended.stdout.splitlines()[-LINES:], sep="\n", file=sys.stderr)
    return ended.returncode == 0
