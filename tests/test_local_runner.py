"""The function behind functions-framework, started as its users start it."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import requests

from devcloud import DevCloud
from examples.local_runner import environment_of
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.keys.ssh_keys import SshKey

RUNNER = [sys.executable, "-m", "examples.local_runner", "--port", "0"]


@contextlib.contextmanager
def started(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def environment(**more: str) -> dict[str, str]:
    return {"PYTHONPATH": "src:.", "PATH": str(Path(sys.executable).parent), **more}


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found is not None
    return found[0]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with started(RUNNER, environment()) as process:
        yield url_of(process)


def test_imports_a_key(url: str, key: SshKey, name: str) -> None:
    """The key is in the body, the name in the query; ENS is devcloud's."""
    answer = requests.post(url, params={"KeyPairName": name}, data=key.line, timeout=60)

    assert (200, "imported") == (answer.status_code, answer.headers["X-Import-Outcome"])
    assert key.md5 == answer.json()["KeyPairFingerPrint"]


def test_a_query_reaches_the_function_as_it_was_sent(url: str, key: SshKey, name: str) -> None:
    """A plus that is percent-encoded stays a plus."""
    query = f"Action=ImportKeyPair&Version=2017-11-10&KeyPairName={name}"
    answer = requests.get(f"{url}/?{query}&PublicKeyBody={quote(key.line, safe='')}", timeout=60)

    assert (200, key.md5) == (answer.status_code, answer.json()["KeyPairFingerPrint"])


def test_a_refusal_is_explained(url: str) -> None:
    """With its status, in the shape of Alibaba Cloud's services."""
    answer = requests.post(url, params={"KeyPairName": "alice"}, data="ssh-rsa", timeout=60)

    assert (400, "truncated") == (answer.status_code, answer.json()["Reason"])


def test_the_frameworks_own_command_runs_it(key: SshKey, name: str) -> None:
    """With the environment that FC would give it."""
    with DevCloud() as cloud, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = [
            *(sys.executable, "-m", "functions_framework", "--host", "127.0.0.1"),
            *("--port", str(port), "--target", "http_trigger"),
            *("--source", "examples/local_runner.py"),
        ]
        with started(command, environment(**environment_of(cloud))) as process:
            session = requests.Session()
            retries = requests.adapters.Retry(connect=20, backoff_factor=0.1)
            session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retries))
            answer = session.post(
                f"http://127.0.0.1:{port}",
                params={"KeyPairName": name},
                data=key.line,
                timeout=60,
            )
            assert process.poll() is None

        assert 200 == answer.status_code
        assert [name] == [pair.name for pair in cloud.key_pairs]


def test_its_environment_may_be_ones_own(key: SshKey, name: str) -> None:
    """It calls the ENS that ENS_ENDPOINT names, with the credentials that are there."""
    with DevCloud() as cloud:
        command = [*RUNNER, "--own-environment"]
        with started(command, environment(**environment_of(cloud))) as process:
            requests.post(f"{url_of(process)}/?KeyPairName={name}", data=key.line, timeout=60)

        assert [name] == [pair.name for pair in cloud.key_pairs]


@pytest.mark.usefixtures("default_signals")
def test_ctrl_c_ends_it() -> None:
    """Without a traceback, and as a success."""
    with started(RUNNER, environment()) as process:
        url_of(process)
        process.send_signal(signal.SIGINT)

        assert 0 == process.wait(timeout=60)


@pytest.mark.parametrize("port", ["taken", "70000"])
def test_a_port_that_cannot_be_used_is_told(port: str) -> None:
    """In one sentence."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        asked = str(other.getsockname()[1]) if port == "taken" else port
        command = [*RUNNER[:-1], asked]
        ended = subprocess.run(
            command, cwd=PROJECT, env=environment(), capture_output=True, text=True, check=False
        )

    assert 1 == ended.returncode
    assert f"Port {asked} cannot be used" in ended.stderr
    assert "Traceback" not in ended.stderr
