"""
Have a Chromium at hand: ``python -m environment.chromium`` prints where it is.

On Debian and Ubuntu it is installed with apt-get if root runs this; else a sentence says what to
install. Playwright's own browsers are not used: they come from no package registry.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without its recommended packages; a font, or there are no letters in a container.
PACKAGES = ("chromium", "fonts-dejavu-core")
LINES = 20


def find() -> str | None:
    """Return the path of a Chromium, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def main() -> int:
    """Find it, or install it; return how that went."""
    if not find():
        if os.geteuid() or not shutil.which("apt-get"):
            print("Chromium is needed (Debian: apt install chromium).", file=sys.stderr)
            return 1
        print("Installing chromium with apt-get.", file=sys.stderr)
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update"],
            ["apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES],
        ):
            ended = subprocess.run(
                command, check=False, env=environ, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            if ended.returncode:
                print(*ended.stdout.splitlines()[-LINES:], sep="\n", file=sys.stderr)
                return 1
    print(find())
    return 0


if __name__ == "__main__":
    sys.exit(main())
