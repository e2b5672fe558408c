"""
Decoys: for every package of the lock files a newer version, that must never be chosen.

Each is a whole and valid wheel, so that a pip that looks for the newest would install it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
VERSION = "9999.0"
NAME = re.compile(r"^([a-z0-9][a-z0-9._-]*)==", re.MULTILINE)


def make_decoys(folder: Path) -> int:
    """Write a wheel a package into a folder; return how many."""
    names = {
        name
        for lock_file in ROOT.glob("requirements*.txt")
        for name in NAME.findall(lock_file.read_text(encoding="utf-8"))
    }
    for name in names:
        write_wheel(folder, name)
    return len(names)


def write_wheel(folder: Path, name: str, version: str = VERSION, requires: str = "") -> Path:
    """Write a wheel that holds nothing (the binary distribution format of packaging.python.org)."""
    stem = f"{re.sub('[-_.]+', '_', name)}-{version}"
    requirement = f"Requires-Dist: {requires}\n" if requires else ""
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nProvides-Extra: toml\n"
    files = {
        f"{stem}.dist-info/METADATA": metadata + requirement,
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: decoys\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},{hash_of(text)},{len(text)}\n" for file, text in files.items())
    files[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
    return path


def hash_of(text: str) -> str:
    """Return a RECORD's hash: URL-safe base64 of the SHA-256, unpadded."""
    return "sha256=" + base64.urlsafe_b64encode(
        hashlib.sha256(text.encode()).digest()
    ).decode().rstrip("=")
