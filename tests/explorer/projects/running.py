"""Projects, unzipped and run as whoever downloaded them would run them."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.projects import archive, languages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from devcloud import Credentials
    from explorer.projects import Call, Language


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and what it printed."""

    status: int
    stdout: str
    stderr: str

    @property
    def members(self) -> dict[str, str]:
        """What it printed on either stream: as ``Name: value``, or as JSON."""
        printed = self.stdout + self.stderr
        if printed.startswith("{"):
            told: dict[str, str] = json.loads(printed)
            return told
        lines = [line for line in printed.splitlines() if ": " in line]
        return dict(line.split(": ", 1) for line in lines)


def language(name: str) -> Language:
    return next(each for each in languages() if each.name == name)


def unzip(name: str, call: Call, folder: Path) -> Path:
    """Unzip a project; return its folder."""
    with zipfile.ZipFile(io.BytesIO(archive(language(name), call))) as zipped:
        zipped.extractall(folder)
    return folder / f"import-key-pair-{name}"


def run(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> Ended:
    """Run a command in a project's folder; it sees nothing else of this process's environment."""
    finished = subprocess.run(
        command,
        cwd=folder,
        env={"HOME": str(folder), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ended(finished.returncode, finished.stdout, finished.stderr)


def environment_of(credentials: Credentials) -> dict[str, str]:
    """Return the variables in which the default chains look first."""
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": credentials.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": credentials.access_key_secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": credentials.security_token or "",
    }
