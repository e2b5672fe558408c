"""The function as it is deployed: its instances, the ways in to it, and the ways on from it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Literal

from devcloud.fc.authentication import TriggerChecks, let_everyone_pass
from devcloud.fc.destinations import Destinations
from devcloud.fc.function import Function
from devcloud.fc.models import FunctionSpec, HttpTrigger
from devcloud.fc.queue import AsyncQueue
from devcloud.fc.service import InvocationService
from devcloud.fc.triggers import ApiGatewayService, HttpTriggerService
from devcloud.oss.notifications import Envelope, NotificationRule
from devcloud.ram.authentication import Authenticator
from devcloud.ram.models import Clock, Credentials
from devcloud.ram.policy import is_allowed
from devcloud.ram.roles import Role

Runtime = Literal["python3.12", "python3.10"]
# Of ACS3 and of OSS V4, where the scope follows the id behind a slash.
_ACCESS_KEY_ID = re.compile(r"Credential=([^/,\s]+)")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a test says of the run, on top of s.yaml; DevCloud documents each."""

    max_instances: int
    retry_pace: float
    upload_envelope: Envelope
    enforce_auth: bool
    runtime: Runtime


class Deployment:
    """
    One function with its three entrances, its asynchronous queue and its destinations.

    The entrances are services: who makes a deployment puts a server under each, and subscribes
    the ``notification_rules`` to OSS.
    """

    def __init__(  # noqa: PLR0913 - the cloud around it, by name
        self,
        spec: FunctionSpec,
        options: RunOptions,
        *,
        settings: Mapping[str, str],
        log: IO[bytes],
        role: Role,
        role_session: Callable[[], Credentials],
        authenticator: Authenticator,
        clock: Clock,
    ) -> None:
        """
        Start the queue's workers; instances start with the invocations.

        ``settings``, ``log`` and ``role_session`` are as ``Function`` has them.

        Raises:
            InvalidSpec: the HTTP trigger asks for a check that devcloud does not emulate.
        """
        self._spec = spec
        self._envelope = options.upload_envelope
        self._role = role
        self.function = Function(
            spec,
            settings=settings,
            log=log,
            role_session=role_session,
            has_context_credentials=options.runtime == "python3.10",
            max_instances=options.max_instances,
        )
        trigger = spec.http_trigger or HttpTrigger("http")
        checks = TriggerChecks(authenticator, clock)
        resource = self.function.resource
        check = checks.of(trigger, resource) if options.enforce_auth else let_everyone_pass
        self.destinations = Destinations(resource, self._may_send, clock)
        # Last of what can fail: from here on there are threads to be ended by close().
        self.queue = AsyncQueue(
            self.function.invoke,
            spec.async_config,
            max_instances=options.max_instances,
            send=self.destinations.send,
            clock=clock,
            pace=options.retry_pace,
        )
        self.http_trigger = HttpTriggerService(self.function, trigger, check)
        self.api_gateway = ApiGatewayService(self.function)
        self.invocation_api = InvocationService(self.function, authenticator, self.queue)

    @property
    def notification_rules(self) -> list[NotificationRule]:
        """What the OSS triggers, in the order of s.yaml, want to be told; it goes to the queue."""
        return [
            NotificationRule(
                name=trigger.name,
                bucket=trigger.bucket,
                events=trigger.events,
                prefix=trigger.prefix,
                suffix=trigger.suffix,
                send=self.queue.accept,
                envelope=self._envelope,
            )
            for trigger in self._spec.oss_triggers
        ]

    def kill_caller(self, authorization: str) -> None:
        """End the instance that signed a request, by its Authorization header; if one did."""
        if claimed := _ACCESS_KEY_ID.search(authorization):
            self.function.kill_instance_of(claimed[1])

    def stop(self) -> None:
        """Begin nothing more, and end what is under way: entrances then answer at once."""
        self.queue.stop()
        self.function.close()

    def close(self) -> None:
        """Stop, and wait for the queue's workers."""
        self.stop()
        self.queue.close()

    def _may_send(self, destination: str) -> bool:
        """Judge by the role: FC sends to its destinations as the function's role."""
        return is_allowed((self._role.policy,), "mns:SendMessage", destination)
