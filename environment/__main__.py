"""
Make ``.venv`` hold what the lock files pin: ``python3 -m environment [LOCK_FILE ...]``.

This file alone is read by Pythons that are too old; all others are written for 3.10.
"""

import shutil
import sys

if sys.version_info < (3, 10):  # noqa: UP036 - so that the old ones get a sentence
    AT_HAND = [
        name
        for name in ("python3.13", "python3.12", "python3.11", "python3.10")
        if shutil.which(name)
    ]
    sys.exit(
        "Python 3.10 or newer is needed, and this is %d.%d." % sys.version_info[:2]  # noqa: UP031
        + " Name one: make PYTHON=%s" % (AT_HAND or ["python3.12"])[0]  # noqa: UP031
    )

from environment.virtual_environment import main

sys.exit(main(sys.argv[1:]))
