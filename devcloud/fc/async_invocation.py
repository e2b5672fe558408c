"""One asynchronous invocation: its deliveries, its runs, and what became of it."""

from dataclasses import dataclass, field
from typing import Literal

from devcloud.fc.function import InvocationResult

Outcome = Literal["pending", "succeeded", "failed", "expired"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of the function; ``retry_count`` is 0 for the first of a delivery."""

    delivery: int  # 1; 2 for the duplicate
    retry_count: int
    error_type: str  # empty: success


@dataclass(frozen=True, slots=True)
class AsyncInvocation:
    """
    What became of one accepted invocation so far.

    It succeeded when a run did, failed when its deliveries used up their retries, and expired when
    it grew too old before that.
    """

    request_id: str
    event: bytes = field(repr=False)
    attempts: tuple[Attempt, ...]
    outcome: Outcome


@dataclass(slots=True)
class Progress:
    """The same while it is worked on; whoever holds the queue's lock may change it."""

    request_id: str
    event: bytes
    accepted_at: float  # seconds since the epoch
    unfinished_deliveries: int
    attempts: list[Attempt] = field(default_factory=list)
    result: InvocationResult | None = None  # of the latest run, or of the latest success
    expired: bool = False
    forgotten: bool = False  # a run under way ends, and nothing comes of it

    def record(self, attempt: Attempt, result: InvocationResult) -> None:
        """Add a run. Where deliveries overlap, a failure does not hide a success."""
        self.attempts.append(attempt)
        if self.result is None or self.result.error_type or not result.error_type:
            self.result = result

    @property
    def outcome(self) -> Outcome:
        """What there is to tell; pending as long as a delivery may run again."""
        if self.unfinished_deliveries:
            return "pending"
        if self.result and not self.result.error_type:
            return "succeeded"
        return "expired" if self.expired else "failed"

    def snapshot(self) -> AsyncInvocation:
        """Return it as it is now."""
        return AsyncInvocation(self.request_id, self.event, tuple(self.attempts), self.outcome)


@dataclass(slots=True)
class Delivery:
    """One of the ways in which an invocation goes through the queue; retries are its own."""

    of: Progress
    number: int
    retry_count: int = 0
    skipped_seconds: float = 0.0  # backoff that FC would have waited for and devcloud did not
