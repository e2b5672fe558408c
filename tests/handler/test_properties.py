"""Whatever comes in: an answer of the right shape goes out, one log line, and no caller's text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.events import strategies as events
from tests.events.strategies import PLANTED
from tests.invocation import ROLE_VARIABLES, Answered, invoke

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.no_cover
repeatable = settings(max_examples=100, derandomize=True)
HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Allow": "(GET, )?POST",
    "Retry-After": "[0-9]+",
    "X-Import-Outcome": "validated",
    "X-Key-Fingerprint-SHA256": "SHA256:[A-Za-z0-9+/]{43}",
    "X-Key-Warnings": "[a-z_, ]+",
}
SUCCESS = {"KeyPairFingerPrint", "KeyPairName", "RequestId"}
FAILURE = {"RequestId", "HostId", "Code", "Message", "Description", "Reason"}


@pytest.fixture(autouse=True, scope="module")
def _no_role() -> Iterator[None]:
    """Without credentials nothing gets as far as ENS, and everything up to there is run."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ROLE_VARIABLES:
            environment.delenv(name, raising=False)
        yield


def well_answered(answered: Answered) -> None:
    """Check what holds of every answer and its log."""
    body = answered.body
    assert set(body) - {"Parameter", "Line", "Column", "Corrected"} in (SUCCESS, FAILURE)
    assert body.get("Code") != "InternalError"
    assert PLANTED not in json.dumps(answered.answer)
    assert PLANTED not in answered.written
    (line,) = answered.log
    assert line["level"] in {"info", "warning", "error"}
    assert line.get("code") == body.get("Code")


def well_answered_over_http(answered: Answered) -> None:
    """Check what holds of an HTTP answer beside that."""
    assert set(answered.answer) == {"statusCode", "headers", "isBase64Encoded", "body"}
    assert (answered.status == 200) is (set(answered.body) == SUCCESS)
    assert answered.status in {200, 400, 404, 405, 413, 503}
    assert (answered.status == 405) is ("Allow" in answered.headers)
    for name, value in answered.headers.items():
        assert re.fullmatch(HEADERS[name], value)
    well_answered(answered)


@given(st.binary(max_size=200))
@example(b"")
@example(b"\x00")
@example(b"\xff\xfe{\x00}\x00")
@example(b"[" * 200_000)
@example(b'{"a":' * 200_000)
@example(b"1" * 200_000)
@example(b'{"KeyPairName": 1e999, "DryRun": NaN}')
@repeatable
def test_any_bytes(event: bytes) -> None:
    """Bytes that are no event are answered like a direct invocation."""
    well_answered(invoke(event))


@given(events.json_values)
@repeatable
def test_any_json(event: Any) -> None:
    """So is JSON of any other shape."""
    well_answered(invoke(json.dumps(event).encode()))


@given(events.http_events)
@repeatable
def test_any_http_event(event: dict[str, Any]) -> None:
    """An HTTP trigger's event is answered as HTTP, however broken it is inside."""
    well_answered_over_http(invoke(json.dumps(event).encode()))


@given(events.api_gateway_events)
@repeatable
def test_any_api_gateway_event(event: dict[str, Any]) -> None:
    """So is API Gateway's."""
    well_answered_over_http(invoke(json.dumps(event).encode()))


@given(events.direct_events)
@repeatable
def test_any_direct_event(event: dict[str, Any]) -> None:
    """An object that names a parameter is answered with the body alone."""
    answered = invoke(json.dumps(event).encode())

    assert "statusCode" not in answered.answer
    well_answered(answered)


@given(st.integers(0, 2_000), st.sampled_from(["body", "headers", "queryParameters", "rawPath"]))
@settings(max_examples=50, derandomize=True)
def test_any_depth(depth: int, member: str) -> None:
    """However deep a member is nested, it is read or refused; nothing overflows."""
    template = json.dumps(
        {"requestContext": {"http": {"method": "POST"}}, member: {"KeyPairName": "DEEP"}}
    )
    answered = invoke(template.replace('"DEEP"', "[" * depth + "]" * depth).encode())

    well_answered(answered)
