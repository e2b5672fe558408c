"""What a service offers to the server under it, and what all services of a cloud share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from devcloud.faults import FaultPlan
from devcloud.http_message import Request, Response, ServiceError
from devcloud.journal import Journal


class Service(Protocol):
    """What a folder of devcloud offers to the server: ENS, STS, OSS, FC."""

    name: str
    max_body_bytes: int

    def action_of(self, head: Request) -> str:
        """Name the action by the head alone; the body has not been read. Empty: not known."""

    def answer(self, request: Request) -> Response:
        """Answer a whole request. Refusals are raised as ServiceError."""

    def refusal(self, error: ServiceError) -> Response:
        """Put a refusal into the service's own shape."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all servers of one cloud share; ``kill_caller`` is given an Authorization header."""

    faults: FaultPlan
    journal: Journal
    kill_caller: Callable[[str], None]
