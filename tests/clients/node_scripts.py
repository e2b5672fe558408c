"""Scripts for Node, run as whoever uses Alibaba Cloud from Node would run them."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devcloud import Credentials

FOLDER = Path(__file__).parent / "node"


def run_node(script: str, credentials: Credentials, environment: Mapping[str, str]) -> Any:
    """
    Run a script of the folder ``node``; return what it prints, which is one JSON value.

    The script finds the credentials where Alibaba Cloud's tools look for them. It sees nothing
    else of this process's environment: no proxy, no profile of the developer's own.

    Raises:
        AssertionError: the script failed; the message holds what it wrote to stderr.
    """
    node = shutil.which("node")
    assert node, "node is not at hand; `make nodeclients` says so and leaves these tests out"
    assert (FOLDER / "node_modules").is_dir(), (
        "the packages are not installed; run `make nodeclients`"
    )
    finished = subprocess.run(
        [node, script],
        cwd=FOLDER,
        env={
            "NODE_OPTIONS": "--dns-result-order=ipv4first",  # devcloud listens on 127.0.0.1 alone
            "ALIBABA_CLOUD_ACCESS_KEY_ID": credentials.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": credentials.access_key_secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": credentials.security_token or "",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert 0 == finished.returncode, finished.stderr
    return json.loads(finished.stdout)
