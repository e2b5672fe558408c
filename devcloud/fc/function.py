"""The function with its instances: what InvokeFunction does behind every trigger."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from devcloud.fc.instance import Instance, InstanceLost, RuntimeAnswer
from devcloud.fc.logs import FunctionLog
from devcloud.fc.models import FunctionSpec
from devcloud.fc.pool import InstancePool, RoleSession
from devcloud.ram.models import ACCOUNT_ID

UNHANDLED = "UnhandledInvocationError"
MAX_PAYLOAD_BYTES = 32 << 20  # a synchronous invocation's event, and its answer: 32 MB each


@dataclass(frozen=True, slots=True)
class InvocationResult:
    """
    What the InvokeFunction API answers.

    ``error_type`` is the X-Fc-Error-Type header: empty for success, and the status is 200 either
    way. The body of a failure is ``{"errorMessage", "errorType", "stackTrace"}``. ``log`` is the
    end of what the function wrote meanwhile.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    error_type: str
    request_id: str
    log: bytes = field(default=b"", repr=False)


class Function:
    """
    Run a function as FC does: idle instances are used again, the last one first.

    A request that finds none idle starts one, up to ``max_instances``; beyond that it waits,
    where FC would answer 429. Its code and configuration can be replaced while it runs.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        *,
        settings: Mapping[str, str],
        log: FunctionLog,
        role_session: RoleSession,
        done: Callable[[], object] = lambda: None,
        max_instances: int = 4,
    ) -> None:
        """
        Prepare; nothing starts before the first invocation.

        ``settings`` come on top of the function's environmentVariables. ``role_session`` makes the
        credentials of the function's role, new ones for each instance. ``done`` is called when
        nothing runs this version any more: its code can then be removed.
        """
        self._settings = dict(settings)
        self._log = log
        self._lock = threading.Lock()
        self._places = threading.Semaphore(max_instances)
        self._pools: list[InstancePool] = []  # the last one is in use, others are retired
        self._make_pool(spec, role_session, done)

    @property
    def spec(self) -> FunctionSpec:
        """What runs now."""
        with self._lock:
            return self._pools[-1].spec

    @property
    def resource(self) -> str:
        """The function's ARN, as policies name it."""
        return function_arn(self.spec.region, self.spec.name)

    def replace(
        self, spec: FunctionSpec, role_session: RoleSession, done: Callable[[], object]
    ) -> None:
        """Run this from now on; what is under way ends as it began."""
        with self._lock:
            replaced = self._pools[-1]
        self._make_pool(spec, role_session, done)
        replaced.retire()

    def invoke(
        self, event: bytes, *, request_id: str = "", retry_count: int = 0
    ) -> InvocationResult:
        """Invoke synchronously, with this event; a request id is made unless one is given."""
        request_id = request_id or new_request_id()
        headers = {"x-fc-request-id": request_id, "x-fc-retry-count": str(retry_count)}
        with self._places:
            with self._lock:
                pool = self._pools[-1]
                pool.enter()
            try:
                return self._invoke(pool, event, headers)
            finally:
                pool.leave()

    def kill_instances(self) -> None:
        """End all instances, also in the middle of a request; the next request is a cold start."""
        for pool in self._all_pools():
            pool.kill_all()

    @contextmanager
    def frozen_instances(self) -> Iterator[None]:
        """Stop all instances for a while, as FC does between two requests."""
        pools = self._all_pools()
        for pool in pools:
            pool.freeze()
        try:
            yield
        finally:
            for pool in pools:
                pool.thaw()

    def kill_instance_of(self, access_key_id: str) -> None:
        """End the instance to which these credentials were given, if it is one's."""
        for pool in self._all_pools():
            pool.discard_owner_of(access_key_id)

    def close(self) -> None:
        """End all instances; requests under way fail, and so do later ones."""
        for pool in self._all_pools():
            pool.close()

    def retire(self) -> None:
        """Remove what the function leaves behind, once it is closed and nothing is under way."""
        with self._lock:
            last = self._pools[-1]
        last.retire()

    def _make_pool(
        self, spec: FunctionSpec, role_session: RoleSession, done: Callable[[], object]
    ) -> None:
        def forget() -> None:
            with self._lock:
                if pool is not self._pools[-1]:
                    self._pools.remove(pool)
            done()

        pool = InstancePool(spec, self._settings, self._log, role_session, forget)
        with self._lock:
            self._pools.append(pool)

    def _all_pools(self) -> list[InstancePool]:
        with self._lock:
            return list(self._pools)

    def _invoke(
        self, pool: InstancePool, event: bytes, headers: Mapping[str, str]
    ) -> InvocationResult:
        try:
            instance = pool.take()
        except InstanceLost:
            return _result(pool.spec, headers, _failure("The function is closed"))
        start = instance.output.size
        answer = _answer(pool, instance, event, headers)
        log = instance.output.tail(start)
        if answer.instance_is_lost:
            pool.discard(instance)
        else:
            self._log.collect(instance.output)
            pool.give_back(instance)
        return _result(pool.spec, headers, answer, instance.id, log)


def _answer(
    pool: InstancePool, instance: Instance, event: bytes, headers: Mapping[str, str]
) -> RuntimeAnswer:
    spec = pool.spec
    try:
        if not instance.started:
            instance.wait_until_started()
        if not instance.initialized:
            answer = instance.call("/initialize", headers, b"", spec.initializer_timeout)
            if answer.failed:
                return replace(answer, instance_is_lost=True)
            instance.initialized = True
        return instance.call("/invoke", headers, event, spec.timeout)
    except TimeoutError:
        limit = spec.timeout if instance.initialized else spec.initializer_timeout
        return _failure(f"Function timed out after {limit} seconds", instance_is_lost=True)
    except InstanceLost:
        message = "Process exited unexpectedly before completing request"
        return _failure(message, instance_is_lost=True)


def _result(
    spec: FunctionSpec,
    request: Mapping[str, str],
    answer: RuntimeAnswer,
    instance_id: str = "",
    log: bytes = b"",
) -> InvocationResult:
    if not answer.failed and len(answer.body) > MAX_PAYLOAD_BYTES:
        answer = _failure(f"The answer is larger than {MAX_PAYLOAD_BYTES} bytes")
    request_id = request["x-fc-request-id"]
    told = {
        "X-Fc-Request-Id": request_id,
        "X-Fc-Instance-Id": instance_id,
        "X-Fc-Code-Checksum": spec.code_checksum,
        "X-Fc-Invocation-Service-Version": "LATEST",
        "X-Fc-Error-Type": UNHANDLED if answer.failed else "",
    }
    headers = {
        "Content-Type": "application/json" if answer.failed else "application/octet-stream",
        **{name: value for name, value in told.items() if value},
    }
    error_type = UNHANDLED if answer.failed else ""
    return InvocationResult(200, headers, answer.body, error_type, request_id, log)


def function_arn(region: str, name: str) -> str:
    """Write a function's ARN; its region may be ``*``."""
    return f"acs:fc:{region}:{ACCOUNT_ID}:functions/{name}"


def new_request_id() -> str:
    """Make a request id as FC does: 1-64f6cd87-5b1a2c3d-0123456789ab."""
    return f"1-{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(6)}"


def _failure(message: str, *, instance_is_lost: bool = False) -> RuntimeAnswer:
    body = json.dumps({"errorMessage": message}).encode()
    return RuntimeAnswer(body, failed=True, instance_is_lost=instance_is_lost)
