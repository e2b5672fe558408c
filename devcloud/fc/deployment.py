"""One function as it is deployed: what runs, what invokes it, and where its failures go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from devcloud.fc import documents, exceptions
from devcloud.fc.authentication import TriggerChecks, let_everyone_pass
from devcloud.fc.destinations import Destinations
from devcloud.fc.function import Function
from devcloud.fc.logs import FunctionLog
from devcloud.fc.models import AsyncConfig, FunctionSpec, HttpTrigger, OssTrigger, Runtime
from devcloud.fc.packages import Code
from devcloud.fc.pool import RoleSession
from devcloud.fc.queue import AsyncQueue
from devcloud.fc.triggers import HttpTriggerService
from devcloud.oss.notifications import Envelope, NotificationRule
from devcloud.oss.storage import ObjectStorage
from devcloud.ram.authentication import Authenticator
from devcloud.ram.models import Clock, Credentials
from devcloud.ram.policy import is_allowed
from devcloud.ram.roles import Role
from devcloud.server import Server
from devcloud.service import Service


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a test says of the run, on top of s.yaml; DevCloud documents each."""

    max_instances: int
    retry_pace: float
    upload_envelope: Envelope
    enforce_auth: bool
    runtime: Runtime


@dataclass(frozen=True, slots=True)
class Host:
    """
    What the cloud gives to each function.

    ``settings`` come on top of environmentVariables: where this cloud's services are. ``serve``
    puts a server, on this port or a free one, under a service.
    """

    options: RunOptions
    settings: Mapping[str, str]
    log: FunctionLog
    role_session: Callable[[Role], Credentials]
    serve: Callable[[Service, int], Server]
    oss: ObjectStorage
    authenticator: Authenticator
    clock: Clock


@dataclass(slots=True)
class Trigger:
    """A trigger in force: its document, and what it holds: a server or a subscription."""

    document: dict[str, Any]
    entrance: HttpTriggerService | None = None
    server: Server | None = None
    rule: NotificationRule | None = None


@dataclass(slots=True)
class Deployment:
    """
    A function with its triggers, its asynchronous queue and its destinations.

    Whoever changes it holds the account's lock. ``document`` and the configurations are as the API
    answers them, less what is computed.
    """

    host: Host
    document: dict[str, Any]
    code: Code
    role: Role | None
    function: Function
    queue: AsyncQueue
    destinations: Destinations
    triggers: dict[str, Trigger] = field(default_factory=dict)
    async_config: dict[str, Any] | None = None
    concurrency: dict[str, Any] | None = None

    @classmethod
    def start(
        cls,
        host: Host,
        spec: FunctionSpec,
        document: dict[str, Any],
        code: Code,
        role: Role | None,
    ) -> "Deployment":
        """Start the queue's workers; instances start with the invocations."""
        function = Function(
            spec,
            settings=host.settings,
            log=host.log,
            role_session=_sessions(host, role),
            done=code.release,
            max_instances=host.options.max_instances,
        )
        code.hold()

        def may_send(destination: str) -> bool:
            return deployment.may_send(destination)

        destinations = Destinations(function.resource, may_send, host.clock)
        queue = AsyncQueue(
            function.invoke,
            spec.async_config,
            max_instances=host.options.max_instances,
            send=destinations.send,
            clock=host.clock,
            pace=host.options.retry_pace,
        )
        deployment = cls(host, document, code, role, function, queue, destinations)
        return deployment

    def update(
        self, spec: FunctionSpec, document: dict[str, Any], code: Code, role: Role | None
    ) -> None:
        """Run this from now on. What is under way ends as it began; what is queued stays queued."""
        code.hold()
        self.function.replace(spec, _sessions(self.host, role), code.release)
        self.document, self.code, self.role = document, code, role

    def may_send(self, destination: str) -> bool:
        """Judge by the role: FC sends to its destinations as the function's role."""
        policies = (self.role.policy,) if self.role else ()
        return is_allowed(policies, "mns:SendMessage", destination)

    # Triggers

    def open_http(self, trigger: HttpTrigger, document: dict[str, Any], port: int = 0) -> None:
        """
        Listen for a new HTTP trigger.

        Raises:
            InvalidSpec: it asks for a check that devcloud does not emulate.
        """
        entrance = HttpTriggerService(self.function, self.queue, trigger, self._check(trigger))
        server = self.host.serve(entrance, port)
        self.triggers[trigger.name] = Trigger(document, entrance, server)

    def change_http(self, trigger: HttpTrigger, document: dict[str, Any]) -> None:
        """Go by this from now on, at the same address. Raises as ``open_http`` does."""
        changed = self.triggers[trigger.name]
        if changed.entrance:
            changed.entrance.configure(trigger, self._check(trigger))
        changed.document = document

    def subscribe(self, trigger: OssTrigger, document: dict[str, Any]) -> None:
        """Have the bucket's events queued, by this trigger instead of one of the same name."""
        rule = NotificationRule(
            name=trigger.name,
            bucket=trigger.bucket,
            events=trigger.events,
            prefix=trigger.prefix,
            suffix=trigger.suffix,
            send=self.queue.accept,
            envelope=self.host.options.upload_envelope,
        )
        self.host.oss.subscribe(rule)
        self.remove_trigger(trigger.name)
        self.triggers[trigger.name] = Trigger(document, rule=rule)

    def remove_trigger(self, name: str) -> None:
        """End a trigger, if there is one of this name."""
        removed = self.triggers.pop(name, None)
        if removed and removed.rule:
            self.host.oss.unsubscribe(removed.rule)
        if removed and removed.server:
            removed.server.close()

    # Configurations

    def configure(
        self, async_config: dict[str, Any] | None, concurrency: dict[str, Any] | None
    ) -> None:
        """
        Put these in force.

        Raises:
            InvalidSpec: one of them cannot be understood; then nothing changes.
        """
        reserved = documents.read_reserved_concurrency(concurrency or {})
        self.queue.configure(documents.read_async_config(async_config or {}, reserved))
        self.async_config, self.concurrency = async_config, concurrency

    # The end

    def stop(self) -> None:
        """Begin nothing more, and end what is under way: entrances then answer at once."""
        self.queue.stop()
        self.function.close()

    def close(self) -> None:
        """End everything, and wait for it; unpacked code is removed."""
        self.stop()
        for name in list(self.triggers):
            self.remove_trigger(name)
        self.queue.close()
        self.function.retire()

    def _check(self, trigger: HttpTrigger) -> Callable[[Any], None]:
        if not self.host.options.enforce_auth:
            return let_everyone_pass
        checks = TriggerChecks(self.host.authenticator, self.host.clock)
        return checks.of(trigger, self.function.resource)


def _sessions(host: Host, role: Role | None) -> RoleSession:
    return lambda: host.role_session(role) if role else None


def deploy_spec(host: Host, spec: FunctionSpec, role: Role, port: int) -> Deployment:
    """
    Deploy what s.yaml describes, with its triggers; the HTTP trigger listens on this port.

    Raises:
        InvalidSpec: the HTTP trigger asks for a check that devcloud does not emulate.
    """
    spec = replace(spec, runtime=host.options.runtime)
    document = documents.written(spec, role.arn)
    deployment = Deployment.start(host, spec, document, Code(spec.code), role)
    try:
        http = spec.http_trigger or HttpTrigger("http")
        deployment.open_http(http, documents.written_http_trigger(http), port)
        for trigger in spec.oss_triggers:
            deployment.subscribe(trigger, documents.written_oss_trigger(trigger, spec.region))
    except exceptions.InvalidSpec:
        deployment.close()
        raise
    config = documents.written_async_config(spec.async_config)
    if spec.async_config != AsyncConfig():
        deployment.async_config = config
    if spec.async_config.reserved_concurrency:
        deployment.concurrency = {"reservedConcurrency": spec.async_config.reserved_concurrency}
    return deployment
