"""One instance of the function: a process of its own, one request at a time."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devcloud.fc.spec import FunctionSpec
from devcloud.ram.identities import ACCOUNT_ID

_SERVE = Path(__file__).parent / "worker" / "serve.py"
_GRACE_SECONDS = 2.0


class InstanceLost(Exception):
    """The process ended, or was killed for taking too long, before it answered."""


@dataclass(frozen=True, slots=True)
class RuntimeAnswer:
    """What the runtime made of one call; ``failed`` when the function raised."""

    body: bytes
    failed: bool


class Instance:
    """Start a process with the function's environment, and nothing of this one's."""

    def __init__(self, spec: FunctionSpec, environment: Mapping[str, str], log: Path) -> None:
        self.initialized = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port: int = self._listener.getsockname()[1]
        inherited, self._lifeline = os.pipe()
        descriptors = (self._listener.fileno(), inherited)
        try:
            with log.open("ab") as output:
                self._process = subprocess.Popen(  # noqa: S603 - our own script
                    [
                        sys.executable,
                        "-u",
                        str(_SERVE),
                        *(str(fd) for fd in descriptors),
                        str(spec.code),
                    ],
                    cwd=spec.code,
                    env=dict(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=descriptors,
                    start_new_session=True,  # Ctrl-C is for devcloud, which ends its instances
                )
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(inherited)
            self._listener.close()  # it lives on in the process, and ends with it

    def call(
        self, path: str, headers: Mapping[str, str], body: bytes, timeout_seconds: float
    ) -> RuntimeAnswer:
        """
        Have the runtime run the initializer or the handler.

        Raises:
            TimeoutError: it took longer. The instance is of no use any more: ``kill`` it.
            InstanceLost: the process ended before it answered.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout_seconds)
        try:
            connection.request("POST", path, body, headers=dict(headers))
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

    def kill(self) -> None:
        """End the process: SIGTERM first, as FC does, then SIGKILL."""
        self._process.terminate()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1


def instance_environment(
    spec: FunctionSpec, settings: Mapping[str, str], role: Mapping[str, str]
) -> dict[str, str]:
    """Make the environment that FC gives an instance, plus what s.yaml and the caller set."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
        "FC_ACCOUNT_ID": ACCOUNT_ID,
        "FC_REGION": spec.region,
        "FC_FUNCTION_NAME": spec.name,
        "FC_FUNCTION_HANDLER": spec.handler,
        "FC_FUNCTION_MEMORY_SIZE": str(spec.memory),
        "FC_FUNCTION_TIMEOUT": str(spec.timeout),
        "FC_INITIALIZER": spec.initializer,
        "FC_FUNC_CODE_PATH": str(spec.code),
        **role,
        **spec.environment,
        **settings,
    }
