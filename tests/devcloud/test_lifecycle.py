"""Nothing of a cloud is left behind: not by an exception, not even by SIGKILL."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from devcloud import DevCloud, FunctionSpec
from tests.paths import PROJECT

# Answers with a port on which it listens: that ends when the process does.
LISTENING = (
    "import socket\n"
    "listener = socket.create_server(('127.0.0.1', 0))\n"
    "def handler(event, context): return str(listener.getsockname()[1])\n"
)
SCRIPT = """
import sys, threading
from pathlib import Path
from devcloud import DevCloud, FunctionSpec
with DevCloud(function=FunctionSpec("made", "module.handler", Path(sys.argv[1]))) as cloud:
    print(cloud.invoke(b"").body.decode(), flush=True)
    threading.Event().wait()
"""


@pytest.fixture
def spec(tmp_path: Path) -> FunctionSpec:
    (tmp_path / "module.py").write_text(LISTENING, encoding="utf-8")
    return FunctionSpec("made", "module.handler", tmp_path)


def test_an_exception_takes_everything_down(spec: FunctionSpec) -> None:
    """Servers and instances are gone when the block is left by an exception."""
    ports = []
    with contextlib.suppress(ZeroDivisionError), DevCloud(function=spec) as cloud:
        ports = [int(cloud.invoke(b"").body)]
        ports += [int(url.rpartition(":")[2]) for url in (cloud.ens_endpoint, cloud.function_url)]
        raise ZeroDivisionError

    assert 3 == len(ports)
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_cloud_that_cannot_start_leaves_nothing(spec: FunctionSpec) -> None:
    """A taken port is an error on entering, and what was started before it is stopped."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(OSError, match="in use"), DevCloud(function=spec, function_port=port):
            raise AssertionError("it started")


def test_an_instance_does_not_outlive_a_killed_cloud(spec: FunctionSpec) -> None:
    """Whoever is killed cannot clean up; the instances see it and end."""
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(spec.code)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            os.kill(process.pid, signal.SIGKILL)
            with contextlib.suppress(ConnectionResetError):
                assert b"" == connection.recv(1)  # a time-out here is a process that lives on
