"""The asynchronous queue on a fake function: retries, age, destinations, duplicates, limits."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from devcloud.fc.async_invocation import Attempt
from devcloud.fc.destinations import Destinations
from devcloud.fc.function import InvocationResult
from devcloud.fc.models import AsyncConfig
from devcloud.fc.queue import MAX_EVENT_BYTES, AsyncQueue
from devcloud.http_message import ServiceError

ARN = "acs:fc:cn-hangzhou:1234567890123456:functions/fake"
SUCCESSES, FAILURES = "acs:mns:cn-hangzhou:1:/queues/good", "acs:mns:cn-hangzhou:1:/queues/bad"
BOTH: dict[str, Any] = {"on_success": SUCCESSES, "on_failure": FAILURES}
UNHANDLED = "UnhandledInvocationError"


class FakeFunction:
    """Fails a run for each ``f`` that its event begins with; then succeeds."""

    def __init__(self) -> None:
        self.runs: list[tuple[bytes, str, int]] = []
        self.during: Callable[[bytes], object] = lambda _event: None
        self._lock = threading.Lock()

    def __call__(self, event: bytes, *, request_id: str, retry_count: int) -> InvocationResult:
        with self._lock:
            self.runs.append((event, request_id, retry_count))
        self.during(event)
        error_type = UNHANDLED if event[retry_count : retry_count + 1] == b"f" else ""
        return InvocationResult(200, {}, f"run {retry_count}".encode(), error_type, request_id)


class Bench:
    """A queue, and what it is made of."""

    def __init__(self) -> None:
        self.function = FakeFunction()
        self.now = 1000.0
        self.allowed = {SUCCESSES, FAILURES}
        self.destinations = Destinations(ARN, self.allowed.__contains__, lambda: self.now)
        self._queues: list[AsyncQueue] = []

    def queue(self, *, max_instances: int = 2, pace: float = 0.0, **config: Any) -> AsyncQueue:
        queue = AsyncQueue(
            self.function,
            AsyncConfig(**config),
            max_instances=max_instances,
            send=self.destinations.send,
            clock=lambda: self.now,
            pace=pace,
        )
        self._queues.append(queue)
        return queue

    @property
    def told(self) -> list[tuple[str, Any]]:
        return [(message.destination, message.content) for message in self.destinations.messages]

    def close(self) -> None:
        for queue in self._queues:
            queue.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def test_a_success_is_run_once(bench: Bench) -> None:
    """Whatever the function returns, it is not run again."""
    queue = bench.queue()
    request_id = queue.accept(b"event")
    queue.drain()

    assert [(b"event", request_id, 0)] == bench.function.runs
    (invocation,) = queue.invocations
    assert (request_id, b"event", "succeeded", (Attempt(1, 0, ""),)) == (
        invocation.request_id,
        invocation.event,
        invocation.outcome,
        invocation.attempts,
    )


@pytest.mark.parametrize(
    ("event", "config", "outcome", "runs"),
    [
        pytest.param(b"f", {}, "succeeded", 2, id="second time"),
        pytest.param(b"fff", {}, "succeeded", 4, id="last time"),
        pytest.param(b"ffff", {}, "failed", 4, id="one time too often"),
        pytest.param(b"f", {"max_retry_attempts": 0}, "failed", 1, id="without retries"),
        pytest.param(b"f" * 9, {"max_retry_attempts": 8}, "failed", 9, id="with 8 retries"),
    ],
)
@pytest.mark.parametrize("pace", [0.0, 0.0001], ids=["no wait", "short waits"])
def test_a_failure_is_retried(
    bench: Bench, event: bytes, config: dict[str, int], outcome: str, runs: int, pace: float
) -> None:
    """Three times, unless maxAsyncRetryAttempts says otherwise; one request id throughout."""
    queue = bench.queue(pace=pace, **config)
    request_id = queue.accept(event)
    queue.drain()

    assert [(event, request_id, number) for number in range(runs)] == bench.function.runs
    assert [outcome] == [invocation.outcome for invocation in queue.invocations]


@pytest.mark.parametrize(
    ("max_age_seconds", "outcome", "runs"),
    [
        pytest.param(3.4, "expired", 3, id="less than 0.5 + 1 + 2 s"),
        pytest.param(3.5, "failed", 4, id="the whole backoff"),
    ],
)
def test_backoff_ages_an_event(
    bench: Bench, max_age_seconds: float, outcome: str, runs: int
) -> None:
    """Seconds that the pace leaves out count, so a test need not wait to see an event expire."""
    queue = bench.queue(max_event_age_seconds=max_age_seconds)
    queue.accept(b"ffff")
    queue.drain()

    assert [outcome] == [invocation.outcome for invocation in queue.invocations]
    assert runs == len(bench.function.runs)


def test_an_event_too_old_is_not_run(bench: Bench) -> None:
    """Age is counted from when it was accepted; its failure is told of."""
    both_accepted = threading.Event()

    def last_a_minute(_event: bytes) -> None:
        both_accepted.wait(10)
        bench.now += 61

    bench.function.during = last_a_minute
    queue = bench.queue(max_instances=1, max_event_age_seconds=60, **BOTH)
    queue.accept(b"1")
    queue.accept(b"2")
    both_accepted.set()
    queue.drain()

    assert ["succeeded", "expired"] == [invocation.outcome for invocation in queue.invocations]
    assert [b"1"] == [event for event, _, _ in bench.function.runs]
    ((_, success), (destination, failure)) = bench.told
    assert FAILURES == destination
    assert {"": 1, "EventAgeExceeded": 0} == {
        content["requestContext"]["condition"]: content["requestContext"]["approximateInvokeCount"]
        for content in (success, failure)
    }


def test_a_destination_is_told_what_the_manual_says(bench: Bench) -> None:
    """Every member of the message, for a failure."""
    queue = bench.queue(**BOTH)
    request_id = queue.accept("ffff ü".encode())
    queue.drain()

    assert [
        (
            FAILURES,
            {
                "timestamp": 1_000_000,
                "requestContext": {
                    "requestId": request_id,
                    "functionArn": ARN,
                    "condition": UNHANDLED,
                    "approximateInvokeCount": 4,
                },
                "requestPayload": "ffff ü",
                "responseContext": {"statusCode": 200, "functionError": UNHANDLED},
                "responsePayload": "run 3",
            },
        )
    ] == bench.told


def test_a_success_has_a_destination_of_its_own(bench: Bench) -> None:
    """OnSuccess gets what the function returned in the end."""
    queue = bench.queue(**BOTH)
    queue.accept(b"f")
    queue.drain()
    ((destination, content),) = bench.told

    assert SUCCESSES == destination
    assert ("", 2, "run 1") == (
        content["requestContext"]["condition"],
        content["requestContext"]["approximateInvokeCount"],
        content["responsePayload"],
    )


def test_without_a_destination_nobody_is_told(bench: Bench) -> None:
    """As in s.yaml's default."""
    queue = bench.queue()
    queue.accept(b"ffff")
    queue.drain()

    assert [] == bench.told


def test_a_message_that_the_role_may_not_send_is_lost(bench: Bench) -> None:
    """FC sends as the function's role, and tells nobody when that is not allowed."""
    bench.allowed.clear()
    queue = bench.queue(**BOTH)
    queue.accept(b"ffff")
    queue.drain()

    assert [] == bench.told


def test_a_duplicate_is_delivered_with_the_same_id(bench: Bench) -> None:
    """At least once: both deliveries run, and retry, on their own; one end is told of."""
    queue = bench.queue(**BOTH)
    queue.duplicate_next(2)
    ids = [queue.accept(b"f") for _ in range(3)]
    queue.drain()

    assert [4, 4, 2] == [
        [request_id for _, request_id, _ in bench.function.runs].count(each) for each in ids
    ]
    assert {Attempt(n, r, UNHANDLED if r == 0 else "") for n in (1, 2) for r in (0, 1)} == set(
        queue.invocations[0].attempts
    )
    assert [SUCCESSES] * 3 == [destination for destination, _ in bench.told]


def test_duplicates_run_at_the_same_time(bench: Bench) -> None:
    """Where two instances are free: the hardest case for whoever must do a thing once."""
    meeting = threading.Barrier(2, timeout=10)
    bench.function.during = lambda _event: meeting.wait()
    queue = bench.queue()
    queue.duplicate_next()
    queue.accept(b"event")
    queue.drain()

    assert 2 == len(bench.function.runs)


@pytest.mark.parametrize("events", [(b"f", b""), (b"", b"f")], ids=["the second", "the first"])
def test_of_two_deliveries_one_success_is_enough(bench: Bench, events: tuple[bytes, bytes]) -> None:
    """An invocation fails only when all its deliveries did."""
    in_turn = iter(events)

    class Alternating(FakeFunction):
        def __call__(self, event: bytes, *, request_id: str, retry_count: int) -> InvocationResult:
            return super().__call__(
                next(in_turn) + event, request_id=request_id, retry_count=retry_count
            )

    bench.function = Alternating()
    queue = bench.queue(max_retry_attempts=0, max_instances=1, **BOTH)
    queue.duplicate_next()
    queue.accept(b"")
    queue.drain()

    assert ["succeeded"] == [invocation.outcome for invocation in queue.invocations]
    assert [SUCCESSES] == [destination for destination, _ in bench.told]


def duplicated(bench: Bench, share: float, seed: int) -> list[int]:
    queue = bench.queue()
    queue.duplicate_at_random(share, seed)
    for _ in range(50):
        queue.accept(b"event")
    queue.drain()
    return [len(invocation.attempts) for invocation in queue.invocations]


def test_random_duplicates_are_repeatable(bench: Bench) -> None:
    """The same seed doubles the same invocations, about as many as asked for."""
    first = duplicated(bench, share=0.3, seed=7)

    assert first == duplicated(bench, share=0.3, seed=7)
    assert 5 < first.count(2) < 25
    assert [1] * 50 == duplicated(bench, share=0.0, seed=7)
    assert [2] * 50 == duplicated(bench, share=1.0, seed=7)


@pytest.mark.parametrize(
    ("max_instances", "reserved", "at_once"),
    [
        pytest.param(3, None, 3, id="as many as there are instances"),
        pytest.param(3, 2, 2, id="reserved concurrency"),
        pytest.param(2, 5, 2, id="more reserved than there are"),
    ],
)
def test_concurrency_is_limited(
    bench: Bench, max_instances: int, reserved: int | None, at_once: int
) -> None:
    """So many run at once, and no more: the rest waits in the queue."""
    running, most = 0, 0
    lock = threading.Lock()
    meeting = threading.Barrier(at_once, timeout=10)

    def run(_event: bytes) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        meeting.wait()
        with lock:
            running -= 1
        meeting.wait()

    bench.function.during = run
    queue = bench.queue(max_instances=max_instances, reserved_concurrency=reserved)
    for _ in range(at_once * 3):
        queue.accept(b"event")
    queue.drain()

    assert at_once == most


def test_an_event_too_large_is_refused(bench: Bench) -> None:
    """128 KB are the most; nothing is queued."""
    queue = bench.queue()
    queue.accept(bytes(MAX_EVENT_BYTES))
    with pytest.raises(ServiceError) as refusal:
        queue.accept(bytes(MAX_EVENT_BYTES + 1))
    queue.drain()

    assert (413, "EntityTooLarge") == (refusal.value.status, refusal.value.code)
    assert 1 == len(queue.invocations)


def test_draining_gives_up(bench: Bench) -> None:
    """A function that does not come to an end is a TimeoutError, not a test that hangs."""
    release = threading.Event()
    bench.function.during = lambda _event: release.wait(10)
    queue = bench.queue()
    queue.accept(b"event")
    with pytest.raises(TimeoutError):
        queue.drain(timeout_seconds=0.01)
    assert (1, ["pending"]) == (queue.unfinished, [each.outcome for each in queue.invocations])
    release.set()
    queue.drain()

    assert 0 == queue.unfinished


def test_a_stopped_queue_starts_nothing_more(bench: Bench) -> None:
    """What runs goes on to its end; what waits is left."""
    started, release = threading.Event(), threading.Event()

    def run(_event: bytes) -> None:
        started.set()
        release.wait(10)

    bench.function.during = run
    queue = bench.queue(max_instances=1)
    queue.accept(b"1")
    queue.accept(b"2")
    started.wait(10)
    queue.stop()
    release.set()
    queue.close()

    assert [b"1"] == [event for event, _, _ in bench.function.runs]


def test_a_message_is_json_text(bench: Bench) -> None:
    """As an MNS consumer reads it."""
    queue = bench.queue(**BOTH)
    queue.accept(b"\xff")
    queue.drain()
    (message,) = bench.destinations.messages

    assert "\ufffd" == json.loads(message.body)["requestPayload"]


def test_a_cleared_queue_is_told_of_nothing_more(bench: Bench) -> None:
    """A run under way ends without a retry or a message; its task id is free, new events run."""
    began, go_on = threading.Event(), threading.Event()

    def wait(_event: bytes) -> None:
        began.set()
        go_on.wait(10)

    bench.function.during = wait
    queue = bench.queue(max_instances=1, max_retry_attempts=3, **BOTH)
    queue.duplicate_next()
    queue.accept(b"ffff", task_id="one")
    queue.accept(b"waits")
    assert began.wait(10)

    queue.clear()

    assert [] == queue.invocations
    assert 1 == queue.unfinished
    go_on.set()
    queue.drain()
    assert [] == bench.told
    later = queue.accept(b"later", task_id="one")
    queue.drain()
    assert [b"ffff", b"later"] == [event for event, _, _ in bench.function.runs]
    assert [later] == [content["requestContext"]["requestId"] for _, content in bench.told]
