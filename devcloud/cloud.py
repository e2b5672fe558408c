"""The cloud as one object: what is started, how it is wired, and what a test may ask of it."""

import contextlib
import json
import os
import re
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from devcloud.ens import responses as ens
from devcloud.ens.models import KeyPair, KeyPairs, Temper
from devcloud.ens.throttling import RateLimit
from devcloud.faults import Fault, FaultPlan
from devcloud.fc.async_invocation import AsyncInvocation
from devcloud.fc.destinations import DestinationMessage, Destinations
from devcloud.fc.function import Function, InvocationResult
from devcloud.fc.gateway import (
    ApiGatewayService,
    HttpTriggerService,
    InvocationService,
    TriggerChecks,
    let_everyone_pass,
)
from devcloud.fc.queue import AsyncQueue
from devcloud.fc.spec import FunctionSpec, HttpTrigger
from devcloud.journal import Call, Journal
from devcloud.oss.models import StoredObject
from devcloud.oss.notifications import Envelope, NotificationRule
from devcloud.oss.storage import ObjectStorage
from devcloud.ram.authentication import Authenticator
from devcloud.ram.identities import ACCOUNT_ID, Clock, Credentials, Keyring, Principal
from devcloud.ram.policy import Policy, is_allowed
from devcloud.ram.roles import Role, trusted_principals
from devcloud.rpc import RpcService
from devcloud.server import LOOPBACK, Server
from devcloud.service import Service, Surroundings
from devcloud.sts import responses as sts

Runtime = Literal["python3.12", "python3.10"]
ROLE_NAME = "devcloud-function-role"
OSS_REGION = "cn-hangzhou"
UPLOADS = "uploads"  # the bucket that is meant when neither a test nor s.yaml names one
_NO_FUNCTION = "this cloud was made without a function: DevCloud(function=True)"
_ACCESS_KEY_ID = re.compile(r"Credential=([^/,\s]+)")
# Function Compute gives its role sessions 36 hours.
ROLE_SESSION_SECONDS = 36 * 3600
_USER_POLICY = {
    "Version": "1",
    "Statement": [
        {"Effect": "Allow", "Action": ["fc:InvokeFunction", "oss:*", "sts:*"], "Resource": "*"},
    ],
}


class DevCloud:
    """
    An Alibaba Cloud on 127.0.0.1, from entering the ``with`` block to leaving it.

    Everything is ready when it is entered, and gone when it is left: servers, threads, the
    function's processes, files.
    """

    def __init__(  # noqa: PLR0913 - each is one choice of a test, by name
        self,
        *,
        ens_temper: Temper = "refuses-taken-names",
        ens_port: int = 0,
        throttle_per_second: float | None = None,
        oss_region: str = OSS_REGION,
        function: bool | FunctionSpec = False,
        function_env: Mapping[str, str] | None = None,
        function_port: int = 0,
        max_instances: int = 4,
        retry_pace: float = 1.0,
        upload_envelope: Envelope = "native",
        role_session_seconds: int = ROLE_SESSION_SECONDS,
        enforce_auth: bool = False,
        runtime: Runtime = "python3.12",
        role_policy: Mapping[str, Any] | None = None,
        trust_policy: Mapping[str, Any] | None = None,
        project: Path | None = None,
        clock: Clock = time.time,
    ) -> None:
        """
        Describe the cloud; nothing starts before it is entered.

        Args:
            ens_temper: whether ENS refuses a name that is taken; the manual does not say.
            ens_port: the port of ENS; 0 for a free one.
            throttle_per_second: the calls a second that ENS admits; None for all.
            oss_region: where the buckets are: what signatures and events name.
            function: start the function of the project's s.yaml, or this one.
            function_env: on top of s.yaml's environmentVariables.
            function_port: the port of the HTTP trigger; 0 for a free one.
            max_instances: how many requests the function can work on at once.
            retry_pace: how long a second of the asynchronous queue's backoff lasts; 0: no wait.
            upload_envelope: how OSS triggers tell of uploads: natively, or as EventBridge would.
            role_session_seconds: how long the function's own credentials last; 0: over already.
            enforce_auth: let the HTTP trigger check what its authType says.
            runtime: whose ``context`` the function gets.
            role_policy: what the function's role may do; else deploy/role-policy.json.
            trust_policy: who may assume it; else deploy/trust-policy.json, else the whole account.
            project: the folder of s.yaml and deploy/; else the current one.
            clock: the cloud's time, in seconds since the epoch.
        """
        self._project = project or Path.cwd()
        self._clock = clock
        self._ens_port, self._function_port = ens_port, function_port
        self._function_wanted = function
        self._function_env = dict(function_env or {})
        self._max_instances = max_instances
        self._retry_pace, self._upload_envelope = retry_pace, upload_envelope
        self._role_session_seconds = role_session_seconds
        self._enforce_auth = enforce_auth
        self._runtime = runtime
        self._role = _role(self._project, role_policy, trust_policy)
        self._keyring = Keyring(clock)
        self._authenticator = Authenticator(self._keyring, clock)
        self._surroundings = Surroundings(FaultPlan(), Journal(), self._kill_caller)
        self._key_pairs = KeyPairs(ens_temper, clock)
        self._oss = ObjectStorage(self._keyring, clock, oss_region)
        self._upload_bucket = UPLOADS
        self._rate_limit = RateLimit(throttle_per_second, clock) if throttle_per_second else None
        self._servers: dict[str, Server] = {}
        self._function: Function | None = None
        self._queue: AsyncQueue | None = None
        self._destinations: Destinations | None = None
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> "DevCloud":  # noqa: PYI034 - Self is in typing from 3.11 only
        with contextlib.ExitStack() as starting:
            self._log = starting.enter_context(tempfile.TemporaryFile("a+b"))
            self._refused = starting.enter_context(socket.socket())
            self._refused.bind((LOOPBACK, 0))  # and never listened on: connecting is refused
            admit = self._rate_limit.admit if self._rate_limit else lambda: None
            ens_service = RpcService(ens.product(self._key_pairs), self._authenticator, admit)
            self._serve(starting, ens_service, self._ens_port)
            roles = {self._role.arn: self._role}
            self._serve(
                starting, RpcService(sts.product(roles, self._keyring), self._authenticator)
            )
            self._oss.buckets.create(self._upload_bucket)
            self._serve(starting, self._oss.service)
            if self._function_wanted:
                self._start_function(starting)
            self._stack = starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    # Addresses

    @property
    def ens_endpoint(self) -> str:
        """ENS, as ``http://127.0.0.1:PORT``."""
        return self._servers["ens"].endpoint

    @property
    def sts_endpoint(self) -> str:
        """STS, likewise."""
        return self._servers["sts"].endpoint

    @property
    def oss_endpoint(self) -> str:
        """OSS, likewise; the bucket comes first in the path, as for every IP address."""
        return self._servers["oss"].endpoint

    @property
    def function_url(self) -> str:
        """The function's HTTP trigger."""
        return self._servers["http-trigger"].endpoint

    @property
    def api_gateway_url(self) -> str:
        """An API Gateway (classic) with the function behind every path."""
        return self._servers["api-gateway"].endpoint

    @property
    def fc_endpoint(self) -> str:
        """The InvokeFunction API; its requests are signed, always."""
        return self._servers["fc"].endpoint

    @property
    def refused_endpoint(self) -> str:
        """An address that refuses every connection, as long as the cloud is up."""
        return f"http://{LOOPBACK}:{self._refused.getsockname()[1]}"

    # Identities

    @property
    def role_arn(self) -> str:
        """The function's role, for AssumeRole."""
        return self._role.arn

    def role_credentials(self, duration_seconds: int = ROLE_SESSION_SECONDS) -> Credentials:
        """Make a session of the function's role, as FC does; 0 seconds: expired already."""
        return self._keyring.issue_session(self._role.session("fc"), duration_seconds)

    def user_credentials(self) -> Credentials:
        """Make a RAM user who may invoke functions, assume roles and use OSS, and a key of it."""
        name = "developer"
        arn = f"acs:ram::{ACCOUNT_ID}:user/{name}"
        user = Principal("SubUser", name, arn, (Policy.parse(_USER_POLICY),))
        return self._keyring.issue_access_key(user)

    # State and faults

    @property
    def key_pairs(self) -> list[KeyPair]:
        """What ENS holds now."""
        return list(self._key_pairs)

    def create_bucket(self, name: str) -> None:
        """Make a bucket; one that is there stays as it is."""
        self._oss.buckets.create(name)

    @property
    def upload_bucket(self) -> str:
        """The bucket of s.yaml's first OSS trigger; without one, ``uploads``."""
        return self._upload_bucket

    def objects(self, bucket: str = "") -> dict[str, StoredObject]:
        """What a bucket holds now, by key; else the upload bucket."""
        found = self._oss.buckets.get(bucket or self._upload_bucket)
        return {stored.key: stored for stored in found}

    def put_upload(
        self,
        key: str,
        body: bytes,
        *,
        bucket: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> StoredObject:
        """
        Put an object as somebody of the account does, and tell the function of it if it subscribes.

        No fault strikes it; to meet those, put with an SDK and ``user_credentials()``.
        """
        return self._oss.put(bucket or self._upload_bucket, key, body, headers)

    @property
    def calls(self) -> list[Call]:
        """What ENS was asked so far."""
        return self.calls_of("ens")

    def calls_of(self, service: str) -> list[Call]:
        """What a service was asked: ens, sts, oss, http-trigger, api-gateway, fc."""
        return self._surroundings.journal.calls(service)

    def fail_next(self, action: str, fault: Fault, times: int = 1) -> None:
        """Let the next calls of an action fail."""
        self._surroundings.faults.fail_next(action, fault, times)

    @property
    def faults(self) -> FaultPlan:
        """The plan of faults, for those drawn at random and for clearing it."""
        return self._surroundings.faults

    @contextlib.contextmanager
    def refusing_connections(self, service: str = "ens") -> Iterator[None]:
        """Refuse all connections to a service for a while, and end those there are."""
        with self._servers[service].refusing_connections():
            yield

    @contextlib.contextmanager
    def ignoring_connections(self, service: str = "ens") -> Iterator[None]:
        """Let connecting to a service time out for a while, and end the connections there are."""
        with self._servers[service].ignoring_connections():
            yield

    def let_connections_die(self, service: str = "ens") -> None:
        """Reset the connections that a service has now as soon as they are used again."""
        self._servers[service].let_connections_die()

    # The function

    def invoke(self, event: bytes) -> InvocationResult:
        """Invoke the function as the InvokeFunction API does, without its signature."""
        return self._running_function.invoke(event)

    def function_logs(self) -> str:
        """Return what the function's instances wrote to stdout and stderr so far."""
        log = self._log.fileno()
        return os.pread(log, os.fstat(log).st_size, 0).decode("utf-8", "replace")

    def kill_instances(self) -> None:
        """End the function's instances, busy or idle; the next request is a cold start."""
        self._running_function.kill_instances()

    # Asynchronous invocations

    def invoke_async(self, event: bytes) -> str:
        """Accept an event as the InvokeFunction API does with Async; return its request id."""
        return self.async_queue.accept(event)

    def drain(self, timeout_seconds: float = 60.0) -> None:
        """Return once every accepted invocation has come to its end; TimeoutError if none does."""
        self.async_queue.drain(timeout_seconds)

    @property
    def async_invocations(self) -> list[AsyncInvocation]:
        """What became of the accepted invocations so far, in the order in which they came."""
        return self.async_queue.invocations

    @property
    def destination_messages(self) -> list[DestinationMessage]:
        """What was sent to the destinations of s.yaml so far."""
        if self._destinations is None:
            raise RuntimeError(_NO_FUNCTION)
        return self._destinations.messages

    @property
    def async_queue(self) -> AsyncQueue:
        """The queue itself, to have invocations delivered twice."""
        if self._queue is None:
            raise RuntimeError(_NO_FUNCTION)
        return self._queue

    @property
    def _running_function(self) -> Function:
        if self._function is None:
            raise RuntimeError(_NO_FUNCTION)
        return self._function

    def _start_function(self, starting: contextlib.ExitStack) -> None:
        wanted = self._function_wanted
        spec = (
            wanted if isinstance(wanted, FunctionSpec) else FunctionSpec.from_project(self._project)
        )
        function = Function(
            spec,
            settings={
                "ENS_ENDPOINT": self.ens_endpoint,
                "OSS_ENDPOINT": self.oss_endpoint,
                **self._function_env,
            },
            log=self._log,
            role_session=lambda: self.role_credentials(self._role_session_seconds),
            has_context_credentials=self._runtime == "python3.10",
            max_instances=self._max_instances,
        )
        self._function = function
        trigger = spec.http_trigger or HttpTrigger("http")
        checks = TriggerChecks(self._authenticator, self._clock)
        check = checks.of(trigger, function.resource) if self._enforce_auth else let_everyone_pass
        self._serve(starting, HttpTriggerService(function, trigger, check), self._function_port)
        self._serve(starting, ApiGatewayService(function))
        self._queue = self._start_queue(starting, function)
        self._serve(starting, InvocationService(function, self._authenticator, self._queue))
        # First of all when leaving: nothing new begins, and what is under way ends.
        starting.callback(function.close)
        starting.callback(self._queue.stop)

    def _start_queue(self, starting: contextlib.ExitStack, function: Function) -> AsyncQueue:
        config = function.spec.async_config
        self._destinations = Destinations(function.resource, self._may_send, self._clock)
        queue = AsyncQueue(
            function.invoke,
            config,
            max_instances=self._max_instances,
            send=self._destinations.send,
            clock=self._clock,
            pace=self._retry_pace,
        )
        starting.callback(queue.close)
        for trigger in function.spec.oss_triggers[:1]:
            self._upload_bucket = trigger.bucket
        for trigger in function.spec.oss_triggers:
            rule = NotificationRule(
                name=trigger.name,
                bucket=trigger.bucket,
                events=trigger.events,
                prefix=trigger.prefix,
                suffix=trigger.suffix,
                send=queue.accept,
                envelope=self._upload_envelope,
            )
            self._oss.subscribe(rule)
        return queue

    def _may_send(self, destination: str) -> bool:
        """Judge by the role: FC sends to its destinations as the function's role."""
        return is_allowed((self._role.policy,), "mns:SendMessage", destination)

    def _kill_caller(self, authorization: str) -> None:
        claimed = _ACCESS_KEY_ID.search(authorization)
        if claimed and self._function:
            self._function.kill_instance_of(claimed[1])

    def _serve(self, starting: contextlib.ExitStack, service: Service, port: int = 0) -> None:
        server = Server(service, self._surroundings, port)
        starting.callback(server.close)
        self._servers[service.name] = server


def _role(
    project: Path, role_policy: Mapping[str, Any] | None, trust_policy: Mapping[str, Any] | None
) -> Role:
    policy = role_policy or _document(project / "deploy" / "role-policy.json")
    trust = trust_policy or _document(project / "deploy" / "trust-policy.json")
    allowed = Policy.parse(policy) if policy else Policy(())
    if not trust:
        return Role(ROLE_NAME, allowed)
    accounts, services = trusted_principals(trust)
    return Role(ROLE_NAME, allowed, accounts, services)


def _document(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        return {}
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document
