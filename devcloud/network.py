"""The network of a cloud: its servers on 127.0.0.1, what came to them, and how they fail."""

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from devcloud.faults import Fault, FaultPlan
from devcloud.journal import Call, Journal, NoJournal
from devcloud.server import LOOPBACK, Server
from devcloud.service import Service, Surroundings


class Network:
    """
    All that a cloud is to its clients, whatever its services do.

    DevCloud inherits it, so that a test asks one object for everything.
    """

    def __init__(self, kill_caller: Callable[[str], None]) -> None:
        """Begin without a server; ``kill_caller`` is given an Authorization header."""
        self._surroundings = Surroundings(FaultPlan(), Journal(), kill_caller)
        self._servers: dict[str, Server] = {}

    def _serve(self, starting: ExitStack, service: Service, port: int = 0) -> None:
        server = Server(service, self._surroundings, port)
        starting.callback(server.close)
        self._servers[service.name] = server

    def _serve_apart(self, starting: ExitStack, service: Service) -> Server:
        """Start a server that is no part of the cloud: no fault strikes it, no call is kept."""
        apart = Surroundings(FaultPlan(), NoJournal(), lambda _: None)
        server = Server(service, apart)
        starting.callback(server.close)
        return server

    def _serve_for_a_while(self, service: Service, port: int) -> Server:
        """Start a server that its owner closes; the first of a service is the one meant below."""
        server = Server(service, self._surroundings, port)
        self._servers.setdefault(service.name, server)
        return server

    def _keep_a_port_closed(self, starting: ExitStack) -> None:
        self._refused = starting.enter_context(socket.socket())
        self._refused.bind((LOOPBACK, 0))  # and never listened on: connecting is refused

    # Addresses

    @property
    def ens_endpoint(self) -> str:
        """ENS, as ``http://127.0.0.1:PORT``."""
        return self._servers["ens"].endpoint

    @property
    def sts_endpoint(self) -> str:
        """The address of STS."""
        return self._servers["sts"].endpoint

    @property
    def oss_endpoint(self) -> str:
        """The address of OSS; the bucket comes first in the path, as for every IP address."""
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
    def endpoints(self) -> dict[str, str]:
        """The address of each service that runs, by the name that ``calls_of`` has for it."""
        return {name: server.endpoint for name, server in self._servers.items()}

    @property
    def refused_endpoint(self) -> str:
        """An address that refuses every connection, as long as the cloud is up."""
        return f"http://{LOOPBACK}:{self._refused.getsockname()[1]}"

    # What came

    @property
    def calls(self) -> list[Call]:
        """What ENS was asked so far."""
        return self.calls_of("ens")

    def calls_of(self, service: str) -> list[Call]:
        """What a service was asked: ens, sts, oss, http-trigger, api-gateway, fc."""
        return self._surroundings.journal.calls(service)

    # Faults

    def fail_next(self, action: str, fault: Fault, times: int = 1) -> None:
        """Let the next calls of an action fail."""
        self._surroundings.faults.fail_next(action, fault, times)

    @property
    def faults(self) -> FaultPlan:
        """The plan of faults, for those drawn at random and for clearing it."""
        return self._surroundings.faults

    def refusing_connections(self, service: str = "ens") -> AbstractContextManager[None]:
        """Refuse all connections to a service for a while, and end those there are."""
        return self._servers[service].refusing_connections()

    def ignoring_connections(self, service: str = "ens") -> AbstractContextManager[None]:
        """Let connecting to a service time out for a while, and end the connections there are."""
        return self._servers[service].ignoring_connections()

    def let_connections_die(self, service: str = "ens") -> None:
        """Reset the connections that a service has now as soon as they are used again."""
        self._servers[service].let_connections_die()
