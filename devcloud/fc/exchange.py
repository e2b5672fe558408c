"""One call of FC's API, as its gateway admitted it."""

from collections.abc import Callable
from dataclasses import dataclass

from devcloud.http_message import Request, Response
from devcloud.ram.models import Principal


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, who sent it, and what its path names; empty for what it does not name."""

    request: Request
    caller: Principal
    function: str = ""
    trigger: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters."""
        return dict(self.request.query)


@dataclass(frozen=True, slots=True)
class Operation:
    """One action: its method and path, and what it does."""

    name: str  # as CreateFunction: RAM's action is fc:CreateFunction
    method: str
    path: str  # a regular expression with the groups function and trigger
    perform: Callable[[Exchange], Response]
    deploys: bool = False  # only where devcloud may run what is uploaded
