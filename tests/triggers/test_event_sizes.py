"""Events over 1 MiB are refused before they are decoded: the function has 256 MB of memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from core.errors import InvalidRequest
from tests.events.gallery import ALICE, api_gateway_event, as_json, http_event, trigger_of
from tests.paths import PROJECT
from triggers.answers import EVENT_CAP

if TYPE_CHECKING:
    from pathlib import Path

PEAK_BAR = 80  # MB

# Invoked as FC does, in a process of its own; prints what was answered, and its peak in KiB.
# VmHWM, not ru_maxrss: that one counts what the parent held when it forked.
CHILD = """
import json, sys
sys.path[:0] = ["src"]
import handler

class Context:
    request_id = "R-1"

event = open(sys.argv[1], "rb").read()
answer = handler.handler(event, Context())
status = open("/proc/self/status").read()
peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
print(json.dumps([answer, int(peak)]))
"""


def event_of(kind: str, size: int) -> bytes:
    """An event of about so many bytes, of one kind of values."""
    if kind == "wide":
        event = {"requestContext": {"http": {"method": "POST"}}, "body": "a" * size + "\u4e2d"}
        return json.dumps(event, ensure_ascii=False).encode()
    value = {"small": "0,", "objects": '{"a":0},'}[kind]
    return f'{{"KeyPairName":"a","x":[{value * (size // len(value))}0]}}'.encode()


def run(event: bytes, folder: Path) -> tuple[dict[str, object], float]:
    """Return what a process of its own answered, and the peak of its memory in MB."""
    file = folder / "event.json"
    file.write_bytes(event)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, file], cwd=PROJECT, check=True, capture_output=True, text=True
    )
    answer, peak = json.loads(done.stdout.splitlines()[-1])
    body = json.loads(answer["body"]) if "body" in answer else answer
    return {**body, "statusCode": answer.get("statusCode")}, peak / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc, as on FC")
@pytest.mark.parametrize(
    ("kind", "size", "status"),
    [
        pytest.param("small", 6_000_000, None, id="6 MB of small numbers"),
        pytest.param("objects", 6_000_000, None, id="6 MB of small objects"),
        pytest.param("wide", 12_000_000, 413, id="a body of 12 MB with one wide character"),
    ],
)
def test_a_large_event_takes_little_memory(
    kind: str, size: int, status: int | None, tmp_path: Path
) -> None:
    """It is refused as what it is, in the trigger's own shape, and far below the limit."""
    event = event_of(kind, size)
    answer, peak = run(event, tmp_path)

    assert len(event) > EVENT_CAP
    assert ("InvalidParameter", "event_too_large", status) == (
        answer["Code"], answer["Reason"], answer["statusCode"],
    )  # fmt: skip
    assert peak < PEAK_BAR


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc, as on FC")
@pytest.mark.parametrize("kind", ["small", "objects", "wide"])
def test_the_largest_event_that_is_decoded_takes_little_memory(kind: str, tmp_path: Path) -> None:
    """The cap is where it should be: what is below it may be decoded."""
    event = event_of(kind, EVENT_CAP - 1000)
    answer, peak = run(event, tmp_path)

    assert len(event) <= EVENT_CAP
    assert "event_too_large" != answer["Reason"]
    assert peak < PEAK_BAR


def padded(event: bytes, length: int) -> bytes:
    """The event with as many spaces behind it as make it so long."""
    return event + b" " * (length - len(event))


DIRECT = as_json(**ALICE).encode()


@pytest.mark.parametrize(
    ("event", "name"),
    [
        pytest.param(DIRECT, "direct", id="direct"),
        pytest.param(http_event(as_json(**ALICE)), "http", id="HTTP"),
        pytest.param(api_gateway_event(as_json(**ALICE)), "api_gateway", id="API Gateway"),
    ],
)
def test_the_cap(event: bytes, name: str) -> None:
    """1 MiB is decoded, a byte more is not; whoever waits is answered in words that are theirs."""
    assert name == trigger_of(padded(event, EVENT_CAP)).name

    too_large = trigger_of(padded(event, EVENT_CAP + 1))
    with pytest.raises(InvalidRequest) as refusal:
        too_large.request()
    answer = too_large.refuse(refusal.value, "R-1")

    assert ("event_too_large", 413) == (refusal.value.reason, refusal.value.status)
    assert isinstance(answer, dict)
    assert (413 if name != "direct" else None) == answer.get("statusCode")


def test_text_is_counted_too() -> None:
    """An event that a runtime has decoded already is refused all the same."""
    with pytest.raises(InvalidRequest):
        trigger_of("\u4e2d" * (EVENT_CAP // 2)).request()


def test_answers_what_is_too_large_as_json() -> None:
    """An HTTP caller reads the documented error."""
    too_large = trigger_of(padded(http_event("x"), EVENT_CAP + 1))
    with pytest.raises(InvalidRequest) as refusal:
        too_large.request()
    answer = too_large.refuse(refusal.value, "R-1")
    assert isinstance(answer, dict)

    assert "InvalidParameter" == json.loads(answer["body"])["Code"]
