"""
The programs that make keys for the witnesses, and the Debian packages that they are in.

    python -m tests.witnesses.programs

It installs what is missing, if it may: as root, with apt-get. Else it says what to install.
"""

from __future__ import annotations

import os
import shutil
import sys

from environment import debian

PACKAGES = {
    "ssh-keygen": "openssh-client",
    "openssl": "openssl",
    "puttygen": "putty-tools",
    "dropbearkey": "dropbear-bin",
    "dropbearconvert": "dropbear-bin",
    "gpg": "gnupg",
    "keytool": "default-jre-headless",
    "node": "nodejs",
    "npm": "npm",
}


def missing(path: str) -> dict[str, str]:
    """Return the programs that are in none of these folders, and the package of each."""
    return {
        program: package
        for program, package in PACKAGES.items()
        if shutil.which(program, path=path) is None
    }


def provide(path: str, *, is_root: bool) -> int:
    """Install what is missing; return 0 if all programs are there then, else 1."""
    packages = sorted({*missing(path).values()})
    if packages and is_root and shutil.which("apt-get", path=path):
        debian.install(*packages, path=path)
    still_missing = missing(path)
    if still_missing:
        sys.stderr.write(
            f"Not at hand: {', '.join(still_missing)}. The witnesses' keys are made by them. "
            f"Install them, on Debian with: "
            f"apt-get install {' '.join(sorted({*still_missing.values()}))}\n"
        )
    return 1 if still_missing else 0


if __name__ == "__main__":
    sys.exit(provide(os.environ.get("PATH", os.defpath), is_root=os.geteuid() == 0))
