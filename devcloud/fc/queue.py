"""
The queue of asynchronous invocations, as FC keeps one for each function.

At least once: an invocation is retried when the function raised, timed out or died, and may be
delivered twice without any reason. What a function returns, whatever it says, is a success (FC
manual, "Configure a retry mechanism").
"""

import heapq
import itertools
import random
import threading
import time
from collections.abc import Callable
from typing import Protocol

from devcloud.fc import exceptions
from devcloud.fc.async_invocation import AsyncInvocation, Attempt, Delivery, Progress
from devcloud.fc.function import InvocationResult, new_request_id
from devcloud.fc.models import AsyncConfig
from devcloud.http_message import ServiceError
from devcloud.ram.models import Clock

MAX_EVENT_BYTES = 128 << 10
# The manual gives this one, doubled each time, for a reached concurrency limit; for a function
# that failed it gives none.
FIRST_BACKOFF_SECONDS = 0.5


class Invoke(Protocol):
    """One synchronous run, as ``Function.invoke`` makes it."""

    def __call__(self, event: bytes, *, request_id: str, retry_count: int) -> InvocationResult:
        """Return what came of it; a function that fails raises nothing here."""


class AsyncQueue:
    """
    Run the accepted invocations, a limited number at once, until ``close()``.

    Backoff is in FC's seconds; ``pace`` says how long one of them lasts here: 0 for tests, which
    do not wait. An event ages by the clock, and by the backoff that the pace left out.
    """

    def __init__(
        self,
        invoke: Invoke,
        config: AsyncConfig,
        *,
        max_instances: int,
        send: Callable[[str, Progress], None],
        clock: Clock = time.time,
        pace: float = 1.0,
    ) -> None:
        """Start the workers; ``send`` is given a destination and the invocation to tell of."""
        self._invoke = invoke
        self._config = config
        self._send = send
        self._clock = clock
        self._pace = pace
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, Delivery]] = []  # a heap: when due, which came first
        self._serial = itertools.count()
        self._accepted: list[Progress] = []
        self._task_ids: set[str] = set()
        self._unfinished = 0
        self._duplicates = _Duplicates()
        self._running = 0
        self._closed = False
        self._workers = [
            threading.Thread(target=self._work, name=f"devcloud-async-{number}", daemon=True)
            for number in range(max_instances)
        ]
        for worker in self._workers:
            worker.start()

    def accept(self, event: bytes, *, task_id: str = "") -> str:
        """
        Take an event in, and return the invocation's request id.

        Raises:
            ServiceError: EntityTooLarge, for more than 128 KB; or the task id was used before.
        """
        if len(event) > MAX_EVENT_BYTES:
            raise ServiceError(
                413, "EntityTooLarge", f"The event has over {MAX_EVENT_BYTES} bytes."
            )
        request_id = new_request_id()
        self.accept_request(event, request_id, task_id=task_id)
        return request_id

    def accept_request(self, event: bytes, request_id: str, *, task_id: str = "") -> None:
        """
        Take in the event of an HTTP request, whose size has been judged, and which has an id.

        Raises:
            ServiceError: the task id was used before.
        """
        with self._changed:
            if task_id in self._task_ids:
                raise exceptions.async_task_already_exists(task_id)
            if task_id:
                self._task_ids.add(task_id)
            deliveries = 2 if self._duplicates.take() else 1
            invocation = Progress(request_id, event, self._clock(), deliveries)
            self._accepted.append(invocation)
            self._unfinished += 1
            for number in range(1, deliveries + 1):
                self._put(Delivery(invocation, number), backoff_seconds=0.0)

    def configure(self, config: AsyncConfig) -> None:
        """Go by this from now on, also for what is waiting."""
        with self._changed:
            self._config = config
            self._changed.notify_all()

    def duplicate_next(self, times: int = 1) -> None:
        """Deliver the next invocations twice, at once where two instances are free."""
        with self._changed:
            self._duplicates.due += times

    def duplicate_at_random(self, share: float, seed: int) -> None:
        """Deliver this share of the invocations twice, repeatably."""
        with self._changed:
            self._duplicates = _Duplicates(share, seed)

    def drain(self, timeout_seconds: float = 60.0) -> None:
        """
        Return as soon as nothing is waiting, running or to be retried.

        Raises:
            TimeoutError: it took longer.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: not self._unfinished, timeout_seconds):
                raise TimeoutError(f"{self._unfinished} invocations are not finished")

    @property
    def invocations(self) -> list[AsyncInvocation]:
        """All invocations so far, in the order in which they were accepted."""
        with self._changed:
            return [invocation.snapshot() for invocation in self._accepted]

    @property
    def unfinished(self) -> int:
        """How many invocations are waiting, running or to be retried."""
        with self._changed:
            return self._unfinished

    def clear(self) -> None:
        """Forget all invocations. The runs under way end, without a retry or a message."""
        with self._changed:
            for invocation in self._accepted:
                invocation.forgotten = True
            self._accepted.clear()
            self._task_ids.clear()
            self._duplicates = _Duplicates()
            dropped = [delivery for _, _, delivery in self._waiting]
            self._waiting.clear()
            for delivery in dropped:
                self._finish(delivery.of)
            self._changed.notify_all()

    def stop(self) -> None:
        """Start nothing more; the runs under way go on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def close(self) -> None:
        """Stop, and wait for the runs under way: whoever is in a hurry ends the instances first."""
        self.stop()
        for worker in self._workers:
            worker.join()

    def _put(self, delivery: Delivery, backoff_seconds: float) -> None:
        waited = backoff_seconds * self._pace
        delivery.skipped_seconds += backoff_seconds - waited
        heapq.heappush(self._waiting, (time.monotonic() + waited, next(self._serial), delivery))
        self._changed.notify_all()

    def _work(self) -> None:
        while delivery := self._next():
            invocation = delivery.of
            age_seconds = self._clock() - invocation.accepted_at + delivery.skipped_seconds
            if age_seconds > self._config.max_event_age_seconds:
                with self._changed:
                    self._running -= 1
                    invocation.expired = True
                    self._finish(invocation)
                    self._changed.notify_all()
                continue
            result = self._invoke(
                invocation.event,
                request_id=invocation.request_id,
                retry_count=delivery.retry_count,
            )
            with self._changed:
                self._running -= 1
                self._settle(delivery, result)
                self._changed.notify_all()

    def _next(self) -> Delivery | None:
        with self._changed:
            while not self._closed:
                may_run = self._running < (self._config.reserved_concurrency or len(self._workers))
                due = self._waiting[0][0] if self._waiting and may_run else None
                seconds = None if due is None else due - time.monotonic()
                if seconds is not None and seconds <= 0:
                    self._running += 1
                    return heapq.heappop(self._waiting)[2]
                self._changed.wait(seconds)
            return None

    def _settle(self, delivery: Delivery, result: InvocationResult) -> None:
        attempt = Attempt(delivery.number, delivery.retry_count, result.error_type)
        delivery.of.record(attempt, result)
        may_retry = delivery.retry_count < self._config.max_retry_attempts
        if result.error_type and may_retry and not delivery.of.forgotten:
            backoff_seconds = FIRST_BACKOFF_SECONDS * 2**delivery.retry_count
            delivery.retry_count += 1
            self._put(delivery, backoff_seconds)
        else:
            self._finish(delivery.of)

    def _finish(self, invocation: Progress) -> None:
        """End one delivery; with the last one, tell the destination."""
        invocation.unfinished_deliveries -= 1
        if invocation.unfinished_deliveries:
            return
        succeeded = invocation.outcome == "succeeded"
        destination = self._config.on_success if succeeded else self._config.on_failure
        if destination and not invocation.forgotten:
            self._send(destination, invocation)
        self._unfinished -= 1


class _Duplicates:
    """Which invocations are delivered twice: so many of the next, and a share of all."""

    def __init__(self, share: float = 0.0, seed: int = 0) -> None:
        self.due = 0
        self._share = share
        self._random = random.Random(seed)  # noqa: S311 - to be repeatable

    def take(self) -> bool:
        if self.due:
            self.due -= 1
            return True
        return self._random.random() < self._share
