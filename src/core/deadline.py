"""
The time that an invocation has left for its calls, and the waits between attempts.

Times are in seconds. A deadline is a reading of the clock by which every call must have ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from core.errors import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

SHORTEST_CALL = 0.25  # with less left, a call would only be cut off in the middle
FIRST_BACKOFF = 0.2  # the ceiling of the first wait, doubled each time
LONGEST_BACKOFF = 5.0


class Clock(Protocol):
    """Time, in seconds."""

    def now(self) -> float:
        """Return a reading that never goes back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


def remaining(clock: Clock, deadline: float) -> float:
    """Return how much time may pass before the last call must start; negative: too late."""
    return deadline - clock.now() - SHORTEST_CALL


def time_left(clock: Clock, deadline: float, too_late: str) -> float:
    """
    Return the time that a call may take.

    Raises:
        ServiceUnavailable: none, with ``too_late`` as its description.
    """
    if remaining(clock, deadline) < 0:
        raise ServiceUnavailable(too_late, reason="out_of_time")
    return deadline - clock.now()


def backoff(attempt: int, jitter: Callable[[], float]) -> float:
    """Return the wait after an attempt: full jitter, up to a ceiling that doubles each time."""
    return jitter() * min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** (attempt - 1))
