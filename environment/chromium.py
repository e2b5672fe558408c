"""
Have a Chromium at hand: ``python -m environment.chromium`` prints where it is.

On Debian and Ubuntu it is installed with apt-get if root runs this; else a sentence says what to
install. Playwright's own browsers are not used: they come from no package registry.
"""

from __future__ import annotations

import os
import shutil
import sys

from environment import debian

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without its recommended packages; a font, or there are no letters in a container.
PACKAGES = ("chromium", "fonts-dejavu-core")


def find() -> str | None:
    """Return the path of a Chromium, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def main() -> int:
    """Find it, or install it; return how that went."""
    if not find():
        if os.geteuid() or not shutil.which("apt-get"):
            print("Chromium is needed (Debian: apt install chromium).", file=sys.stderr)
            return 1
        if not debian.install(*PACKAGES):
            return 1
    print(find())
    return 0


if __name__ == "__main__":
    sys.exit(main())
