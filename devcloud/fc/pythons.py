"""Which Python of this machine stands in for a runtime."""

import os
import subprocess
import sys
from pathlib import Path

from devcloud.fc.models import Runtime

_PROGRAM = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"


def find_python(runtime: Runtime) -> Path | None:
    """
    Return an interpreter of the runtime's own version: this one, or one on the PATH, or None.

    A package holds compiled modules for one minor version: on another they cannot be loaded.
    """
    version = runtime.removeprefix("python")
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    for folder in os.get_exec_path():
        candidate = Path(folder, f"python{version}")
        if candidate.is_file() and (found := _executable(candidate, version)):
            return found
    return None


def _executable(candidate: Path, version: str) -> Path | None:
    """
    Ask for its version and its own path.

    What is on the PATH may be a shim, which an instance, with an environment of its own, cannot
    run; or one for a version that is not there.
    """
    asked = subprocess.run(  # noqa: S603 - a Python from the PATH
        [candidate, "-I", "-c", _PROGRAM], check=False, capture_output=True, text=True, timeout=30
    )
    found, _, executable = asked.stdout.strip().partition(" ")
    return Path(executable) if found == version else None
