"""
Deploy to a devcloud that runs on this machine, with the real Serverless Devs CLI.

    .venv/bin/python -m devcloud --allow-deploy --deployer-environment .build/devcloud.env
    make deploy-local                              # s deploy
    make deploy-local S='invoke -e {}'             # any other command of s

The file has devcloud's endpoints and a key of its deployer. The CLI is started with these alone: a
home of its own, no credentials and no proxy of the developer's, telemetry off. Where an endpoint
is missing or not on this machine, the CLI would go to the real cloud, so it is not started.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from deploy.serverless_devs import install_cli

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parent.parent
ENDPOINTS = ("FC_CLIENT_CUSTOM_ENDPOINT", "FC_CODE_TEMP_OSS_ENDPOINT")
KEY = ("ACCOUNT_ID", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
# Of the developer's environment, and nothing else: s.yaml's own variables, and what starts node.
PASSED_ON = ("PATH", "LANG", "TERM", "CI", "FC3_COMPONENT", "RUNTIME", "UPLOAD_BUCKET")
LOOPBACK = "127.0.0.1"


class NotLocal(Exception):
    """What is wrong with the file, for the one who deploys."""


def read_environment(file: Path) -> dict[str, str]:
    """
    Read the file that devcloud wrote.

    Raises:
        NotLocal: it is not there, lacks something, or names an endpoint on another machine.
    """
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NotLocal(
            f"{file} cannot be read. Start a devcloud in another shell: .venv/bin/python -m "
            f"devcloud --allow-deploy --deployer-environment {file}"
        ) from error
    pairs = (line.removeprefix("export ").partition("=") for line in lines if "=" in line)
    environment = {name: "".join(shlex.split(value)) for name, _, value in pairs}
    for name in (*ENDPOINTS, *KEY):
        if not environment.get(name):
            raise NotLocal(f"{file} has no {name}: s would take the real one")
    for name in ENDPOINTS:
        if not is_local(environment[name]):
            raise NotLocal(f"{name} in {file} is not http://{LOOPBACK}:PORT")
    return environment


def is_local(endpoint: str) -> bool:
    """Tell whether an endpoint is a port of this machine; names are not resolved."""
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    return f"http://{LOOPBACK}:{port}" == endpoint and port is not None


def s(
    command: str | Path, environment: Mapping[str, str], arguments: Sequence[str], home: Path
) -> int:
    """Run the CLI with this environment; return its exit code."""
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    only_this = {
        **passed_on,
        "HOME": str(home),
        "serverless_devs_config_home": str(home),
        "NO_UPDATE_NOTIFIER": "1",  # else a process stays behind that asks a registry
        **{name: environment[name] for name in (*ENDPOINTS, "ACCOUNT_ID")},
    }
    configuration = home / ".s"
    configuration.mkdir()
    (configuration / "set-config.yml").write_text("analysis: disable\n", encoding="ascii")
    account, key_id, secret = (environment[name] for name in KEY)
    key = ["--AccountID", account, "--AccessKeyID", key_id, "--AccessKeySecret", secret]
    added = subprocess.run(
        [command, "config", "add", "-a", "default", *key, "-f"],
        check=False,
        cwd=ROOT,
        env=only_this,
        stdout=subprocess.DEVNULL,
    )
    if added.returncode:
        return added.returncode
    return subprocess.run([command, *arguments], check=False, cwd=ROOT, env=only_this).returncode


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the CLI is asked for, or say why not."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.local",
        description="Serverless Devs' CLI, for a devcloud on this machine.",
    )
    parser.add_argument(
        "--cloud",
        type=Path,
        default=ROOT / ".build" / "devcloud.env",
        metavar="FILE",
        help="what devcloud --deployer-environment wrote; default: .build/devcloud.env",
    )
    parser.add_argument("--cli", help="the command s; default: installed with npm under .build")
    parser.add_argument(
        "s", nargs=argparse.REMAINDER, metavar="COMMAND", help="of s; default: deploy -y"
    )
    options = parser.parse_args(arguments)
    command, *rest = options.s or ["deploy", "-y"]
    try:
        environment = read_environment(options.cloud)
    except NotLocal as reason:
        print(f"Nothing was deployed: {reason}.", file=sys.stderr)
        return 1
    # The package has been built already, with the developer's own settings of pip.
    asked = [command, *rest, *(["--skip-actions"] if command == "deploy" else [])]
    with tempfile.TemporaryDirectory(prefix="deploy-local-") as home:
        cli = options.cli or install_cli()
        return s(cli, environment, [*asked, "-t", "s.devcloud.yaml"], Path(home))


if __name__ == "__main__":
    sys.exit(main())
