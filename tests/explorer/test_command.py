"""``python -m explorer`` and the page of ``make run``, as their users start them."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
from typing import IO, TYPE_CHECKING

import pytest

from devcloud import DevCloud
from explorer.__main__ import main, parser
from tests.documents.markdown import PAGES
from tests.explorer.page_client import PageClient
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.keys.ssh_keys import SshKey

EXPLORER = [sys.executable, "-m", "explorer"]
ENVIRONMENT = {
    "PYTHONPATH": "src:.",
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",  # no credentials of whoever runs the tests
    "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
}


@contextlib.contextmanager
def started(
    command: list[str], environ: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    with subprocess.Popen(
        command, cwd=PROJECT, env={**ENVIRONMENT, **(environ or {})},
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.kill()


def test_make_run_prints_the_address_first(key: SshKey) -> None:
    """Open it, and the function of the local cloud can be called."""
    with started([sys.executable, "-m", "examples.run"]) as (_, printed):
        address = printed.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/#[\w-]{43}", address)
        answer = PageClient(address).post(
            "/api/call", {"KeyPairName": "alice", "PublicKeyBody": key.line}
        )

    assert 200 == answer.json()["status"]


@pytest.mark.usefixtures("default_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ends_when_told(number: signal.Signals) -> None:
    """With 0, and without a traceback."""
    with started([*EXPLORER, "--url", "http://127.0.0.1:1"]) as (process, printed):
        page = PageClient(printed.readline().strip())
        assert "http://127.0.0.1:1/" == page.get("/api/about").json()["url"]
        process.send_signal(number)

        assert 0 == process.wait(30)


def test_a_deployed_function_is_called_with_the_default_chain(key: SshKey) -> None:
    """Here a trigger that checks signatures, on this machine: --credentials chain."""
    with DevCloud(function=True, enforce_auth=True) as cloud:
        user = cloud.user_credentials()
        environ = {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": user.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": user.access_key_secret,
        }
        command = [*EXPLORER, "--url", cloud.function_url, "--credentials", "chain"]
        with started(command, environ) as (_, printed):
            page = PageClient(printed.readline().strip())
            call = {"KeyPairName": "alice", "PublicKeyBody": key.line}
            answer = page.post("/api/call", call).json()

    assert 200 == answer["status"]


def test_a_devcloud_that_runs_elsewhere(tmp_path: Path) -> None:
    """Its state file is enough to call its function and see what it holds."""
    file = tmp_path / "devcloud.json"
    devcloud = [sys.executable, "-m", "devcloud", "--function", "--state-file", str(file)]
    with started(devcloud) as (_, ready):
        assert any("ready" in line for line in iter(ready.readline, ""))
        with started([*EXPLORER, "--state-file", str(file)]) as (_, printed):
            page = PageClient(printed.readline().strip())

            assert [] == page.get("/api/cloud").json()["key_pairs"]
            # An upload is signed; the chain finds nothing here.
            answer = page.post("/api/upload", {"object_key": "keys/a.pub", "text": "a"}).json()
            assert answer["error"].startswith("There are no credentials.")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--url", "http://example.com"], "begins with https://"),
        (["--url", "https://example.com", "--bearer-file", "/no"], "/no cannot be read: No such"),
        (["--state-file", "/no"], "/no cannot be read: No such"),
        (["--state-file", "pyproject.toml"], "was not written by devcloud"),
    ],
)
def test_what_keeps_it_from_starting_is_told(
    capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    """In one sentence on stderr, and nothing else."""
    assert 1 == main(options)

    printed = capsys.readouterr()
    assert "" == printed.out
    assert sentence in printed.err
    assert 1 == len(printed.err.splitlines())


def test_missing_credentials_are_told() -> None:
    """Before the page is served, and without the tracebacks that the SDK logs."""
    ended = subprocess.run(
        [*EXPLORER, "--url", "https://example.com"],
        cwd=PROJECT, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (1, "") == (ended.returncode, ended.stdout)
    assert ended.stderr.startswith("python -m explorer: There are no credentials. Set ALIBABA")
    assert 1 == len(ended.stderr.splitlines())


def test_a_port_in_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """And how to choose another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert 1 == main(["--url", "http://127.0.0.1:1", "--port", port])

    told = capsys.readouterr().err
    assert f"Port {port} cannot be used (Address already in use): see --port." in told


@pytest.mark.parametrize(
    "options",
    [[], ["--url", "a", "--state-file", "b"], ["--url", "a", "--port", "x"], ["--port", "65536"]],
)
def test_a_wrong_option_is_told(capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    """With the usage."""
    with pytest.raises(SystemExit) as ended:
        main(options)

    assert 2 == ended.value.code
    assert capsys.readouterr().err.startswith("usage: python -m explorer")


def test_the_options_are_those_of_the_page_of_docs() -> None:
    """As ``--help`` names them."""
    options = {name for action in parser()._actions for name in action.option_strings}
    listed = {
        option
        for row in PAGES["try-it"].table("Options")
        for option in re.findall(r"--[a-z-]+", row[0])
    }

    assert options - {"-h", "--help"} == listed
