"""
The build backend that pyproject.toml names (PEP 517): it builds nothing, and says what to do.

pip, uv and build run it in a process of its own and show what it writes to stderr.
"""

from __future__ import annotations

import sys
from typing import NoReturn

SENTENCE = (
    "ens-key-import is a Function Compute function, not a library, and cannot be installed. "
    "Run `make build` for the package, `make deploy` to deploy it, `make demo` to try it."
)


def get_requires_for_build_wheel(*_: object, **__: object) -> NoReturn:
    """End the build, with a sentence, at the first thing that any tool asks for."""
    sys.exit(SENTENCE)


get_requires_for_build_editable = get_requires_for_build_wheel
get_requires_for_build_sdist = get_requires_for_build_wheel
build_wheel = build_editable = build_sdist = get_requires_for_build_wheel
