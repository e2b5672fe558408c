"""``python -m devcloud``, as a process."""

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
import requests

from devcloud import Credentials
from tests.devcloud.clients import RawRequest
from tests.devcloud.conftest import PROBE

ROOT = Path(__file__).parents[2]


def endpoints(output: IO[str]) -> dict[str, str]:
    """Read what it prints until it is ready."""
    found: dict[str, str] = {}
    for line in output:
        if line.startswith("ready"):
            return found
        name, url = re.split(r"\s{2,}", line.strip())[:2]
        found[name] = url
    raise AssertionError("it ended before it was ready")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_runs_until_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    """Endpoints are printed, credentials written for the owner alone, and all ends cleanly."""
    file = tmp_path / "role.sh"
    options = ["--function", "--project", str(PROBE), "--role-credentials", str(file)]
    with subprocess.Popen(
        [sys.executable, "-m", "devcloud", *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        found = endpoints(process.stdout)
        script = file.read_text(encoding="ascii")
        mode = file.stat().st_mode & 0o777
        exported = dict(re.findall(r"export (\w+)='([^']*)'", script))
        function_answer = requests.get(found["function"], timeout=10).status_code
        ens_answer = _describe(found["ENS"], exported)
        process.send_signal(number)
        printed = process.stdout.read()

    assert 0 == process.returncode
    assert {"ENS", "STS", "OSS", "function", "API Gateway", "FC API"} == set(found)
    assert (0o600, 200, 403) == (mode, function_answer, ens_answer)
    assert not file.exists()
    assert exported["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] not in printed


def _describe(endpoint: str, exported: dict[str, str]) -> int:
    credentials = Credentials(
        exported["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        exported["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        exported["ALIBABA_CLOUD_SECURITY_TOKEN"],
    )
    request = RawRequest(endpoint, headers={"x-acs-action": "DescribeKeyPairs"})
    return request.signed(credentials).send().status  # the probe's role may do nothing


def test_overwrites_no_file(tmp_path: Path) -> None:
    """A file that is there is somebody's."""
    file = tmp_path / "mine"
    file.write_text("precious", encoding="ascii")
    run = subprocess.run(
        [sys.executable, "-m", "devcloud", "--user-credentials", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 != run.returncode
    assert "precious" == file.read_text(encoding="ascii")


def test_helps() -> None:
    """--help names every option."""
    run = subprocess.run(
        [sys.executable, "-m", "devcloud", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    for option in ("--duplicate-names", "--function", "--enforce-auth", "--port", "--runtime"):
        assert option in run.stdout
