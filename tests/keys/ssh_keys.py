"""Keys as ssh-keygen makes them, with the fingerprint that ssh-keygen prints of them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class SshKey:
    """The public line, its MD5 as bare hex, and the private half. Shown by its fingerprint only."""

    line: str = field(repr=False)
    md5: str
    private: str = field(repr=False)

    @property
    def body(self) -> str:
        """The base64 of the public line."""
        return self.line.split()[1]


def make_rsa_key(folder: Path, *options: str) -> SshKey:
    """Make a 2048-bit RSA key; options are ssh-keygen's."""
    file = folder / "id_rsa"
    command = ["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-C", "made-up", *options]
    subprocess.run([*command, "-f", file], check=True)
    public = file.with_suffix(".pub")
    listed = subprocess.run(
        ["ssh-keygen", "-E", "md5", "-lf", public], check=True, capture_output=True, text=True
    )
    md5 = listed.stdout.split()[1].removeprefix("MD5:").replace(":", "")
    return SshKey(public.read_text(encoding="ascii").strip(), md5, file.read_text(encoding="ascii"))
