"""
Rehearse ``s verify``, ``s plan`` and ``s deploy`` with the real Serverless Devs CLI, off the cloud.

The fc3 component is replaced by fc3_stand_in, which serves the real component's schema where
FC3_SCHEMA names its file; without it, ``s verify`` is left out. ``s deploy`` runs the pre-deploy
action, and so the build, and then finds the code folder or does not. Where the build refuses, as it
does where FC does not offer the runtime, nothing more is done.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
# What is installed, by hash. The lock file holds no download addresses: see docs/releasing.md.
PINNED = ROOT / "deploy" / "serverless_devs_cli"
FOLDER = ROOT / ".build" / "serverless-devs"


def install_cli() -> Path:
    """Install exactly the CLI that is pinned, with npm, under .build; return its command."""
    command = FOLDER / "node_modules" / ".bin" / "s"
    lock = FOLDER / "package-lock.json"
    wanted = (PINNED / lock.name).read_bytes()
    # The copy of the lock file is written last: with it, what is there is whole.
    if not command.exists() or not lock.exists() or lock.read_bytes() != wanted:
        FOLDER.mkdir(parents=True, exist_ok=True)
        lock.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as name:
            shutil.copy(PINNED / "package.json", name)
            shutil.copy(PINNED / lock.name, name)
            installed = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", name],
                check=False, capture_output=True, text=True,
            )  # fmt: skip
            insist(installed, "npm ci of the Serverless Devs CLI")
            shutil.rmtree(FOLDER / "node_modules", ignore_errors=True)
            shutil.move(Path(name, "node_modules"), FOLDER)
        lock.write_bytes(wanted)
    return command


TOKENS = {
    "JWK_KID": "key-1",
    "JWK_N": "AQAB",
    "JWT_AUDIENCE": "ens-key-import",
    "JWT_ISSUER": "https://id.example.com/",
}
NEXT_KEY = {"NEXT_JWK_KID": "key-2", "NEXT_JWK_N": "AQAD"}


def environment(home: Path) -> dict[str, str]:
    """
    Return an environment for the CLI in which no account of this machine is touched.

    It has a home of its own, in which it is told to report nothing, and the component that stands
    in for fc3.
    """
    settings = home / ".s"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "set-config.yml").write_text("analysis: disable\n", encoding="ascii")
    return {
        **os.environ,
        "serverless_devs_config_home": str(home),
        "NO_UPDATE_NOTIFIER": "1",  # else a process stays behind that asks a registry
        "FC3_COMPONENT": str(ROOT / "deploy" / "fc3_stand_in"),
        "ACCOUNT_ID": "1234567890123456",
    }


def s(command: Path, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the CLI as above, with these variables too."""
    return subprocess.run(
        [command, *arguments],
        check=False,
        cwd=ROOT,
        env={**environment(FOLDER / "home"), **variables},
        capture_output=True,
        text=True,
    )


def insist(run: subprocess.CompletedProcess[str], what: str) -> None:
    """End here when a command failed, with what it said."""
    if run.returncode:
        sys.exit(f"{what} failed:\n{run.stdout}{run.stderr}")
    print(f"{what}: passed")


def main() -> None:
    """Rehearse, as far as node and the schema are at hand."""
    if not shutil.which("npm"):
        print("node is not at hand: s.yaml was not shown to Serverless Devs")
        return
    command = install_cli()
    s_yaml = ROOT / "s.yaml"
    if os.environ.get("FC3_SCHEMA"):
        insist(s(command, "verify", "-t", s_yaml), "s verify")
        with_tokens = ("verify", "-t", ROOT / "s.jwt.yaml")
        insist(s(command, *with_tokens, **TOKENS), "s verify, with tokens")
        insist(s(command, *with_tokens, **TOKENS, **NEXT_KEY), "s verify, with tokens of two keys")
        for name in ("JWT_AUDIENCE", "JWT_ISSUER"):
            if not s(command, *with_tokens, **{**TOKENS, name: ""}).returncode:
                sys.exit(f"s verify passed s.jwt.yaml without {name}")
        insist(s(command, "verify", "-t", ROOT / "s.http.yaml"), "s verify, without uploads")
        if not s(command, "verify", "-t", s_yaml, RUNTIME="python4.12").returncode:
            sys.exit("s verify took a runtime that does not exist: it checks nothing")
    else:
        print("FC3_SCHEMA is not set: s verify was left out")
    insist(s(command, "plan", "-t", s_yaml), "s plan")
    without_uploads = s(command, "plan", "-t", ROOT / "s.http.yaml")
    insist(without_uploads, "s plan, without uploads")
    if left := {"acs:mns", "acs:oss"} & set(re.findall("acs:[a-z]+", without_uploads.stdout)):
        sys.exit(f"s.http.yaml still deploys what is for uploads: {', '.join(sorted(left))}")
    insist(
        s(command, "deploy", "-y", "-t", s_yaml), "s deploy, with a component that uploads nothing"
    )
    refused = s(command, "deploy", "-y", "-t", s_yaml, REGION="ap-southeast-1")
    if not refused.returncode or "uploaded" in refused.stdout:
        sys.exit("s deploy went on, though the region does not have the runtime")
    print("s deploy, where the runtime is not offered: ended before anything was made")


if __name__ == "__main__":
    main()
