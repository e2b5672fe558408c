"""The function with its instances: what InvokeFunction does behind every trigger."""

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO

from devcloud.fc.instance import Instance, InstanceLost, RuntimeAnswer, instance_environment
from devcloud.fc.models import FunctionSpec
from devcloud.ram.models import ACCOUNT_ID, Credentials

UNHANDLED = "UnhandledInvocationError"
MAX_PAYLOAD_BYTES = 32 << 20  # a synchronous invocation's event, and its answer: 32 MB each


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
        log: IO[bytes],
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
        self._closed = False
        self._idle: list[Instance] = []
        self._all: dict[Instance, str] = {}  # with the access key ids of their sessions
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
        headers = {"x-fc-request-id": request_id, "x-fc-retry-count": str(retry_count)}
        with self._places:
            answer = self._answer(event, headers)
        if not answer.failed and len(answer.body) > MAX_PAYLOAD_BYTES:
            answer = _failure(f"The answer is larger than {MAX_PAYLOAD_BYTES} bytes")
        result_headers = {
            "Content-Type": "application/json" if answer.failed else "application/octet-stream",
            "X-Fc-Request-Id": request_id,
            **({"X-Fc-Error-Type": UNHANDLED} if answer.failed else {}),
        }
        error_type = UNHANDLED if answer.failed else ""
        return InvocationResult(200, result_headers, answer.body, error_type, request_id)

    def kill_instances(self) -> None:
        """End all instances, idle or in the middle of a request; the next request starts anew."""
        with self._lock:
            ending = list(self._all)
            self._all.clear()
            self._idle.clear()
        for instance in ending:
            instance.kill()

    def kill_instance_of(self, access_key_id: str) -> None:
        """End the instance to which these credentials were given, if it is one's."""
        with self._lock:
            owners = [each for each, its_id in self._all.items() if its_id == access_key_id]
        for instance in owners:
            self._discard(instance)

    def close(self) -> None:
        """End all instances; requests under way fail, and so do later ones."""
        with self._lock:
            self._closed = True
        self.kill_instances()

    def _answer(self, event: bytes, headers: Mapping[str, str]) -> RuntimeAnswer:
        try:
            instance = self._take_instance()
        except InstanceLost:
            return _failure("The function is closed")
        spec = self.spec
        try:
            if not instance.started:
                instance.wait_until_started()
            if not instance.initialized:
                answer = instance.call("/initialize", headers, b"", spec.initializer_timeout)
                if answer.failed:
                    self._discard(instance)
                    return answer
                instance.initialized = True
            answer = instance.call("/invoke", headers, event, spec.timeout)
        except TimeoutError:
            self._discard(instance)
            limit = spec.timeout if instance.initialized else spec.initializer_timeout
            return _failure(f"Function timed out after {limit} seconds")
        except InstanceLost:
            self._discard(instance)
            return _failure("Process exited unexpectedly before completing request")
        self._give_back(instance)
        return answer

    def _take_instance(self) -> Instance:
        with self._lock:
            if self._closed:
                raise InstanceLost
            if self._idle:
                return self._idle.pop()
            session = self._role_session()
            role = {
                "ALIBABA_CLOUD_ACCESS_KEY_ID": session.access_key_id,
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET": session.access_key_secret,
                "ALIBABA_CLOUD_SECURITY_TOKEN": session.security_token or "",
            }
            instance = Instance(
                self.spec,
                instance_environment(self.spec, self._settings, role),
                self._log,
                session if self._has_context_credentials else None,
            )
            self._all[instance] = session.access_key_id
            return instance

    def _give_back(self, instance: Instance) -> None:
        with self._lock:
            if instance in self._all:  # not killed in the meantime
                self._idle.append(instance)

    def _discard(self, instance: Instance) -> None:
        with self._lock:
            self._all.pop(instance, None)
        instance.kill()


def new_request_id() -> str:
    """Make a request id as FC does: 1-64f6cd87-5b1a2c3d-0123456789ab."""
    return f"1-{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(6)}"


def _failure(message: str) -> RuntimeAnswer:
    return RuntimeAnswer(json.dumps({"errorMessage": message}).encode(), failed=True)
