"""examples/sign.py as it is started: with an environment of its own, and curl after the pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.invocation import ROLE_VARIABLES
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from devcloud import Credentials

MAY_INVOKE: dict[str, Any] = {  # a role that can also sign requests to the function
    "Version": "1",
    "Statement": [{"Effect": "Allow", "Action": ["ens:*", "fc:InvokeFunction"], "Resource": "*"}],
}


def environment_of_signer(credentials: Credentials) -> dict[str, str]:
    """Return the variables that hold these credentials."""
    token = credentials.security_token or ""
    values = (credentials.access_key_id, credentials.access_key_secret, token)
    return dict(zip(ROLE_VARIABLES, values, strict=True))


def run_sign(
    environment: Mapping[str, str], *arguments: str | Path, home: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command that README shows, with nothing of this machine's own credentials."""
    return subprocess.run(
        [sys.executable, "-m", "examples.sign", *arguments],
        check=False,
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home or PROJECT / "tests"),
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",  # asks another machine
            **environment,
        },
        capture_output=True,
        text=True,
        errors="surrogateescape",
    )
