"""What the services saw: one record a call, for tests that count."""

import threading
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Call:
    """
    One request that a service took, in the order of arrival at its end.

    ``status`` and ``code`` are what the service answered, or would have answered had the fault
    let it; ``performed`` is False when the fault struck before the action was looked at.
    """

    service: str
    action: str
    parameters: tuple[str, ...]  # names only: a value may be a key or a token
    status: int
    code: str
    request_id: str
    fault: str = ""
    performed: bool = True


@dataclass(slots=True)
class Journal:
    """The calls of all services of one cloud."""

    _calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, call: Call) -> None:
        """Record a call; it is here before the client has its answer."""
        with self._lock:
            self._calls.append(call)

    def calls(self, service: str = "") -> list[Call]:
        """Return a snapshot of one service's calls, or of all."""
        with self._lock:
            return [call for call in self._calls if service in {"", call.service}]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._calls.clear()


class NoJournal(Journal):
    """For a service that is no part of the cloud: it keeps nothing."""

    def add(self, call: Call) -> None:
        """Forget this call at once."""
