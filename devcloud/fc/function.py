"""The function with its instances: what InvokeFunction does behind every trigger."""

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from devcloud.fc.instance import Instance, InstanceLost, RuntimeAnswer, instance_environment
from devcloud.fc.spec import FunctionSpec
from devcloud.ram.identities import ACCOUNT_ID, Credentials

UNHANDLED = "UnhandledInvocationError"
MAX_ANSWER_BYTES = 32 << 20  # a synchronous invocation's request and answer, 32 MB each


@dataclass(frozen=True, slots=True)
class InvocationResult:
    """
    What the InvokeFunction API answers.

    ``error_type`` is the X-Fc-Error-Type header: empty for success, and the status is 200 either
    way. The body of a failure is ``{"errorMessage", "errorType", "stackTrace"}``.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    error_type: str
    request_id: str


class Function:
    """
    Run a function as FC does: idle instances are used again, the last one first.

    A request that finds none idle starts one, up to ``max_instances``; beyond that it waits,
    where FC would answer 429.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        *,
        settings: Mapping[str, str],
        log: Path,
        role_session: Callable[[], Credentials],
        has_context_credentials: bool,
        max_instances: int = 4,
    ) -> None:
        """
        Prepare; nothing starts before the first invocation.

        ``settings`` come on top of s.yaml's environmentVariables. ``role_session`` makes the
        credentials of the function's role, anew for each instance.
        """
        self.spec = spec
        self._settings = dict(settings)
        self._log = log
        self._role_session = role_session
        self._has_context_credentials = has_context_credentials
        self._idle: list[_Running] = []
        self._all: set[Instance] = set()
        self._lock = threading.Lock()
        self._places = threading.Semaphore(max_instances)

    @property
    def resource(self) -> str:
        """The function's ARN, as policies name it."""
        return f"acs:fc:{self.spec.region}:{ACCOUNT_ID}:functions/{self.spec.name}"

    def invoke(
        self, event: bytes, *, request_id: str = "", retry_count: int = 0
    ) -> InvocationResult:
        """Invoke synchronously, with this event; a request id is made unless one is given."""
        request_id = request_id or new_request_id()
        with self._places:
            running = self._an_instance()
            try:
                answer = self._run(running, event, request_id, retry_count)
            except TimeoutError:
                self._end(running)
                answer = _failure(f"Function timed out after {self.spec.timeout} seconds")
            except InstanceLost:
                self._end(running)
                answer = _failure("Process exited unexpectedly before completing request")
            else:
                with self._lock:
                    self._idle.append(running)
        if not answer.failed and len(answer.body) > MAX_ANSWER_BYTES:
            answer = _failure(f"The answer is larger than {MAX_ANSWER_BYTES} bytes")
        error_type = UNHANDLED if answer.failed else ""
        headers = {"Content-Type": "application/octet-stream", "X-Fc-Request-Id": request_id}
        if error_type:
            headers = {
                **headers,
                "Content-Type": "application/json",
                "X-Fc-Error-Type": error_type,
            }
        return InvocationResult(200, headers, answer.body, error_type, request_id)

    def close(self) -> None:
        """End all instances."""
        with self._lock:
            ending = list(self._all)
            self._all.clear()
            self._idle.clear()
        for instance in ending:
            instance.kill()

    def recycle(self) -> None:
        """End the idle instances, so that the next request is a cold start."""
        with self._lock:
            idle, self._idle = self._idle, []
        for running in idle:
            self._end(running)

    def _run(
        self, running: "_Running", event: bytes, request_id: str, retry_count: int
    ) -> RuntimeAnswer:
        headers = {"x-fc-request-id": request_id, "x-fc-retry-count": str(retry_count)}
        if self._has_context_credentials:
            headers |= {
                "x-fc-access-key-id": running.credentials.access_key_id,
                "x-fc-access-key-secret": running.credentials.access_key_secret,
                "x-fc-security-token": running.credentials.security_token or "",
            }
        instance = running.instance
        if self.spec.initializer and not instance.initialized:
            answer = instance.call(
                "/initialize", headers, b"", float(self.spec.initializer_timeout)
            )
            if answer.failed:
                return answer
            instance.initialized = True
        return instance.call("/invoke", headers, event, float(self.spec.timeout))

    def _an_instance(self) -> "_Running":
        with self._lock:
            if self._idle:
                return self._idle.pop()
        credentials = self._role_session()
        role = {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": credentials.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": credentials.access_key_secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": credentials.security_token or "",
        }
        environment = instance_environment(self.spec, self._settings, role)
        running = _Running(Instance(self.spec, environment, self._log), credentials)
        with self._lock:
            self._all.add(running.instance)
        return running

    def _end(self, running: "_Running") -> None:
        with self._lock:
            self._all.discard(running.instance)
        running.instance.kill()


@dataclass(frozen=True, slots=True)
class _Running:
    instance: Instance
    credentials: Credentials


def new_request_id() -> str:
    """Make a request id as FC does: 1-64f6cd87-5b1a2c3d-0123456789ab."""
    return f"1-{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(6)}"


def _failure(message: str) -> RuntimeAnswer:
    return RuntimeAnswer(json.dumps({"errorMessage": message}).encode(), failed=True)
