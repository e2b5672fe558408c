"""FC's built-in Python runtimes: what they load, and which Python here can stand in for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from devcloud.fc.exceptions import InvalidSpec
from devcloud.fc.s_yaml import read_s_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

MANYLINUX_OLDEST = 17


class BuildFailed(Exception):
    """What stands in the way, for the one who builds."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A built-in Python runtime of FC 3.0, always on x86-64."""

    name: str
    version: str
    glibc_minor: int

    @property
    def platforms(self) -> list[str]:
        """The wheel platforms that this runtime can load, best first."""
        newer = range(self.glibc_minor, MANYLINUX_OLDEST - 1, -1)
        return [f"manylinux_2_{minor}_x86_64" for minor in newer] + ["manylinux2014_x86_64"]

    @property
    def markers(self) -> dict[str, str]:
        """What environment markers say there (PEP 508), not here."""
        return {
            "implementation_name": "cpython",
            "os_name": "posix",
            "platform_machine": "x86_64",
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            "python_full_version": f"{self.version}.0",
            "python_version": self.version,
            "sys_platform": "linux",
        }


RUNTIMES = {
    runtime.name: runtime
    for runtime in (
        Runtime("python3.12", "3.12", glibc_minor=31),  # Debian 11
        Runtime("python3.10", "3.10", glibc_minor=28),  # Debian 10
    )
}


# FC's manual, 2026-10: where python3.12 is not offered.
REGIONS_WITHOUT = {
    "python3.12": frozenset(
        {"ap-southeast-1", "ap-southeast-3", "ap-southeast-5", "cn-wulanchabu", "me-east-1"}
    )
}


def runtime_named_in(s_yaml: Path) -> Runtime:
    """
    Read the one runtime that the functions of s.yaml name, RUNTIME and REGION as they are set.

    Raises:
        BuildFailed: it names none or several, or one that there is not, or not in its region.
    """
    try:
        resources = [each["props"] for each in read_s_yaml(s_yaml)["resources"].values()]
        names = {props["runtime"] for props in resources}
        regions = {props.get("region") for props in resources}
    except (InvalidSpec, AttributeError, KeyError, TypeError) as error:
        raise BuildFailed(f"{s_yaml.name} tells no runtime: {type(error).__name__}") from error
    if len(names) != 1 or not names <= RUNTIMES.keys():
        raise BuildFailed(
            f"{s_yaml.name}, or RUNTIME, must name one of the runtimes {', '.join(RUNTIMES)}; "
            f"it names {', '.join(sorted(map(str, names))) or 'none'}."
        )
    (name,) = names
    for region in regions & REGIONS_WITHOUT.get(name, frozenset()):
        raise BuildFailed(
            f"{name} is not offered in {region}. Deploy another runtime there: RUNTIME=python3.10"
        )
    return RUNTIMES[name]


def requirements_for(runtime: Runtime, requirements: str) -> Iterator[str]:
    """
    Yield the lines of requirements.txt that hold for this runtime, without their markers.

    pip evaluates markers for the Python it runs on, even when it is asked for another's wheels.
    """
    for line in requirements.replace("\\\n", " ").splitlines():
        requirement, _, hashes = line.partition("--hash=")
        if not hashes:
            continue
        parsed = Requirement(requirement.strip())
        if parsed.marker is None or parsed.marker.evaluate(runtime.markers):
            yield f"{parsed.name}{parsed.specifier} --hash={hashes}"


def python_of(version: str) -> Path | None:
    """Find an interpreter of this minor version: on the path, of pyenv, or the running one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [sys.executable, shutil.which(f"python{version}")]
    candidates += sorted(map(str, pyenv.glob(f"{version}.*/bin/python{version}")))
    for candidate in filter(None, candidates):
        asked = subprocess.run(
            [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            check=False,
            capture_output=True,
            text=True,
        )
        if asked.stdout.strip() == version:
            return Path(candidate)
    return None
