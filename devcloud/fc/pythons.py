"""Which Python of this machine stands in for a runtime."""

import shutil
import subprocess
import sys
from pathlib import Path

from devcloud.fc.models import Runtime


def find_python(runtime: Runtime) -> Path | None:
    """
    Return an interpreter of the runtime's own version: this one, or one on the PATH, or None.

    A package holds compiled modules for one minor version: on another they cannot be loaded.
    """
    version = runtime.removeprefix("python")
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    found = shutil.which(f"python{version}")
    return Path(found) if found and _is(version, found) else None


def _is(version: str, python: str) -> bool:
    """Ask it: what is on the PATH may be a shim for a version that is not installed."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    asked = subprocess.run(  # noqa: S603 - a Python from the PATH
        [python, "-I", "-c", program], check=False, capture_output=True, text=True, timeout=30
    )
    return asked.stdout.strip() == version
