"""However a cloud is ended, no process and no port is left: the real commands, as processes."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
import requests

from tests.paths import PROJECT

pytestmark = pytest.mark.usefixtures("default_signals")

DEVCLOUD = [sys.executable, "-m", "devcloud", "--function"]
RUN = ["make", "run"]
DEMO = ["make", "demo"]
LISTENER_PROJECT = """
resources:
  listener:
    props:
      region: cn-hangzhou
      functionName: listener
      runtime: python3.12
      handler: listener.handler
      code: .
      triggers:
        - triggerName: web
          triggerType: http
          triggerConfig: {authType: anonymous, methods: [GET]}
"""
# Answers with a port on which it listens: that ends when the process does.
LISTENER = """
import socket
listener = socket.create_server(("127.0.0.1", 0))
def handler(event, context): return str(listener.getsockname()[1])
"""
# Between the test and the command: a parent that can be killed.
PARENT = "import subprocess, sys; subprocess.run(sys.argv[1:])"


class Running(NamedTuple):
    """A command, and what it said of itself."""

    process: subprocess.Popen[str]
    url: str  # of the function
    said: list[str]  # line by line, up to that


@contextlib.contextmanager
def started(command: list[str], environment: dict[str, str] | None = None) -> Iterator[Running]:
    """Start a command in a process group of its own, and wait until its function is there."""
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                said.append(line)
                if found := re.search(r"function:? +(http://\S+)", line):
                    yield Running(process, found[1], said)
                    break
            else:
                raise AssertionError("it ended before it was ready")
        finally:
            with contextlib.suppress(ProcessLookupError):  # it has ended, as it should
                os.killpg(process.pid, signal.SIGKILL)


def assert_all_ends(running: Running, end: signal.Signals, *, group: bool = False) -> None:
    """
    Send a signal; all that writes to the command's output ends, and the port is closed.

    The instance writes to a file, but its devcloud is what closes the output last. A test that
    fails here times out.
    """
    address = ("127.0.0.1", urlsplit(running.url).port or 0)
    with socket.create_connection(address, timeout=60) as connection:
        os.kill(-running.process.pid if group else running.process.pid, end)
        with contextlib.suppress(ConnectionResetError):
            assert b"" == connection.recv(1)
    assert running.process.stdout is not None
    running.process.stdout.read()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=60)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize(
    "command", [pytest.param(DEVCLOUD, id="devcloud"), pytest.param(RUN, id="make run")]
)
def test_a_signal_ends_all(command: list[str], end: signal.Signals) -> None:
    """Sent to the command alone; make hands no SIGINT and no SIGHUP on."""
    with started(command) as running:
        assert_all_ends(running, end)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGHUP])
def test_a_terminals_signal_ends_all(end: signal.Signals) -> None:
    """A terminal sends it to make and to what make started."""
    with started(RUN) as running:
        assert_all_ends(running, end, group=True)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_the_demo_ends_in_the_middle(end: signal.Signals) -> None:
    """It is told as soon as it has said where its function is."""
    with started(DEMO) as running:
        assert_all_ends(running, end)


@pytest.mark.parametrize("command", [RUN, [sys.executable, "-c", PARENT, *RUN]])
def test_no_cloud_outlives_who_started_it(command: list[str]) -> None:
    """Neither make, nor what has started make."""
    with started(command) as running:
        assert_all_ends(running, signal.SIGKILL)


def test_no_instance_outlives_a_killed_devcloud(tmp_path: Path) -> None:
    """Who is killed cannot clean up: the instances see it, and end."""
    (tmp_path / "s.yaml").write_text(LISTENER_PROJECT, encoding="utf-8")
    (tmp_path / "listener.py").write_text(LISTENER, encoding="utf-8")
    with started([*DEVCLOUD, "--project", str(tmp_path)]) as running:
        port = int(requests.get(running.url, timeout=60).text)
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            os.kill(running.process.pid, signal.SIGKILL)
            with contextlib.suppress(ConnectionResetError):
                assert b"" == connection.recv(1)  # a time-out here is an instance that lives on
