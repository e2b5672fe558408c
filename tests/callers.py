"""Who imports a key: through the function's HTTP trigger, or by an ExactlyOnce made here."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from adapters.credentials import Credentials
from adapters.ens import EnsCall, EnsConnection, EnsKeyPairs
from core.importing.exactly_once import ExactlyOnce
from invocation import SystemClock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devcloud import Credentials as DevCloudCredentials
    from devcloud import DevCloud

# To connect and to read, by whether a caller is patient. On a busy machine, a short one is a fault
# more: only tests that wait for a time-out have it.
TIMEOUTS_MS = {True: (5000, 5000), False: (300, 1000)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the function answered; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.text)
        return content


def post(url: str, **parameters: object) -> Answer:
    """POST a JSON object to the function."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/", json.dumps(parameters).encode(), headers)
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read().decode())
    finally:
        connection.close()


@dataclass(slots=True)
class DirectCaller:
    """
    ExactlyOnce over the real adapter, as an instance of the function with two attempts makes it.

    ``seconds`` is what it may take; its waits have no jitter, that is, no length of their own.
    Where a test waits for a time-out, it is not patient.
    """

    endpoint: str
    credentials: DevCloudCredentials
    look_up_first: bool = False
    seconds: float = 20.0
    is_patient: bool = True
    observed: list[EnsCall] = field(default_factory=list)

    def key_pairs(self) -> EnsKeyPairs:
        protocol, _, host = self.endpoint.partition("://")
        credentials = Credentials(
            self.credentials.access_key_id,
            self.credentials.access_key_secret,
            self.credentials.security_token or "",
        )
        connection = EnsConnection(protocol, host, *(TIMEOUTS_MS[self.is_patient]))
        return EnsKeyPairs(credentials, connection, self.observed.append)

    def exactly_once(self) -> ExactlyOnce:
        clock = SystemClock()
        return ExactlyOnce(
            key_pairs=self.key_pairs(),
            clock=clock,
            deadline=clock.now() + self.seconds,
            max_attempts=2,
            look_up_first=self.look_up_first,
            jitter=lambda: 0.0,
        )


@dataclass(frozen=True, slots=True)
class Watch:
    """What ENS is asked from now on, and what it holds under a name."""

    cloud: DevCloud
    name: str
    start: int

    @classmethod
    def over(cls, cloud: DevCloud, name: str) -> Watch:
        return cls(cloud, name, len(cloud.calls))

    @property
    def actions(self) -> list[str]:
        return [call.action for call in self.cloud.calls[self.start :]]

    @property
    def fingerprints(self) -> list[str]:
        return [pair.fingerprint for pair in self.cloud.key_pairs if pair.name == self.name]
