"""One instance of the function: a process of its own, one request at a time."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devcloud.fc.logs import FunctionLog
from devcloud.fc.models import FunctionSpec
from devcloud.ram.models import ACCOUNT_ID, Credentials

_BOOTSTRAP = Path(__file__).parent / "worker" / "bootstrap.py"
_GRACE_SECONDS = 1.0
_START_SECONDS = 60.0  # for Python and the framework, on a busy machine


class InstanceLost(Exception):
    """There is no process, or it ended before it answered."""


@dataclass(frozen=True, slots=True)
class RuntimeAnswer:
    """
    What the runtime made of one call; ``failed`` when the function raised.

    ``instance_is_lost`` when the instance is of no more use, and has to be ended.
    """

    body: bytes
    failed: bool
    instance_is_lost: bool = False


class Instance:
    """
    A process with the function's environment, and nothing of this one's.

    Its listening socket is opened here and handed over, so it can be called at once.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        environment: Mapping[str, str],
        log: FunctionLog,
        credentials: Credentials | None,
    ) -> None:
        """Start the process; ``credentials`` are those of the context, if the runtime has any."""
        self.id = f"c-{secrets.token_hex(16)}"
        self.started = False
        self.initialized = not spec.initializer
        self._context_headers = {**_function_headers(spec), **_credential_headers(credentials)}
        self._killing = threading.Lock()
        self._log = log
        # -S and -s: a package finds what is in it, and nothing of this machine's Python.
        python = [str(spec.python), "-S", "-s"] if spec.python else [sys.executable]
        with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.ExitStack() as undoing:
            self._port: int = listener.getsockname()[1]
            lifeline, self._lifeline = os.pipe()
            undoing.callback(os.close, self._lifeline)
            self.output = log.open()
            undoing.callback(log.end, self.output)
            inherited = (listener.fileno(), lifeline)
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own script
                    [*python, "-u", _BOOTSTRAP, *map(str, inherited), spec.code],
                    cwd=spec.code,
                    env={**environment, "FC_INSTANCE_ID": self.id},
                    stdin=subprocess.DEVNULL,
                    stdout=self.output.file,
                    stderr=self.output.file,
                    pass_fds=inherited,
                    start_new_session=True,  # Ctrl-C is for devcloud, which ends its instances
                )
            finally:
                os.close(lifeline)
            undoing.pop_all()  # the process is there: kill() closes its lifeline

    def wait_until_started(self) -> None:
        """
        Wait for the process to take requests: that is FC's time, not the function's.

        Raises:
            InstanceLost: it ended, or did not come up.
        """
        try:
            self.call("/started", {}, b"", _START_SECONDS)
        except TimeoutError:
            raise InstanceLost from None
        self.started = True

    def call(
        self, path: str, headers: Mapping[str, str], body: bytes, timeout_seconds: float
    ) -> RuntimeAnswer:
        """
        Have the runtime run the initializer (``/initialize``) or the handler (``/invoke``).

        Raises:
            TimeoutError: it took longer. The instance is of no use any more: ``kill`` it.
            InstanceLost: the process ended before it answered.
        """
        import http.client  # noqa: PLC0415 - not light, and a cloud is ready without it

        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout_seconds)
        try:
            connection.request("POST", path, body, headers={**headers, **self._context_headers})
            response = connection.getresponse()
            content = response.read()
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException):
            raise InstanceLost from None
        finally:
            connection.close()
        status = response.headers.get("x-fc-status")
        if status is None:
            raise InstanceLost
        return RuntimeAnswer(content, failed=status != "200")

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal, if it still runs."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """
        End the process: SIGTERM first, as FC does, then SIGKILL, also to what it has started.

        A second time does nothing.
        """
        with self._killing:
            if self._process.returncode is not None:
                return
            self._process.terminate()
            try:
                self._process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            with contextlib.suppress(ProcessLookupError):  # it had started nothing
                os.killpg(self._process.pid, signal.SIGKILL)
            os.close(self._lifeline)
            self._log.end(self.output)


def instance_environment(
    spec: FunctionSpec, settings: Mapping[str, str], role: Mapping[str, str]
) -> dict[str, str]:
    """Make the environment that FC gives an instance, plus what s.yaml and the caller set."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",  # FC's code folder takes no .pyc files either
        "FC_ACCOUNT_ID": ACCOUNT_ID,
        "FC_REGION": spec.region,
        "FC_FUNCTION_NAME": spec.name,
        "FC_FUNCTION_HANDLER": spec.handler,
        "FC_FUNCTION_MEMORY_SIZE": str(spec.memory),
        "FC_FUNC_CODE_PATH": str(spec.code),
        **role,
        **spec.environment,
        **settings,
    }


def _function_headers(spec: FunctionSpec) -> dict[str, str]:
    """Describe the function as FC does to a custom runtime."""
    return {
        "x-fc-function-name": spec.name,
        "x-fc-function-handler": spec.handler,
        "x-fc-function-initializer": spec.initializer,
        "x-fc-function-memory": str(spec.memory),
        "x-fc-function-timeout": str(spec.timeout),
        "x-fc-region": spec.region,
        "x-fc-account-id": ACCOUNT_ID,
    }


def _credential_headers(credentials: Credentials | None) -> dict[str, str]:
    if credentials is None:
        return {}
    return {
        "x-fc-access-key-id": credentials.access_key_id,
        "x-fc-access-key-secret": credentials.access_key_secret,
        "x-fc-security-token": credentials.security_token or "",
    }
