"""What callers read: the documented JSON, and headers of a closed vocabulary."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from core.errors import (
    EnsError,
    ImportFailure,
    InternalError,
    InvalidKeyPairName,
    InvalidRequest,
    MalformedPublicKey,
    RequestRefused,
    ServiceUnavailable,
    Throttled,
    UnsupportedMethod,
    too_large,
)
from core.importing.request import ImportOutcome, ImportRequest, validate
from core.keys.trust.policy import KeyPolicy
from tests.events.gallery import ALICE_KEY, event_file, trigger_of

if TYPE_CHECKING:
    from triggers import Trigger

MD5 = "5c" * 16
KEY_PAIR = validate(ImportRequest("阿里_alice", ALICE_KEY), KeyPolicy())
IMPORTED = ImportOutcome("imported", KEY_PAIR, MD5, verified=True, service_request_id="ENS-1")
TRIGGERS = {"http": "http-json", "api_gateway": "api-gateway-json", "direct": "direct"}
COMMON_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
CLOSED_VOCABULARY = {
    "X-Import-Outcome": "imported|already_imported|validated",
    "X-Key-Fingerprint-SHA256": "SHA256:[A-Za-z0-9+/]{43}",
    "X-Fingerprint-Verified": "true|false",
    "X-Key-Warnings": "[a-z_]+(, [a-z_]+)*",
    "Allow": "(GET, )?POST",
    "Retry-After": "[0-9]+",
}
FAILURES = [
    MalformedPublicKey("Not an RSA key.", reason="wrong_key_type", place=(1, 9)),
    InvalidKeyPairName("Too short.", reason="name_too_short"),
    InvalidRequest("No JSON.", reason="not_json", place=(1, 3)),
    too_large("Too large.", reason="body_too_large"),
    RequestRefused("Another.", code="InvalidAction.NotFound", reason="unknown_action"),
    UnsupportedMethod("Send a POST request.", reason="unsupported_method", allowed=("GET", "POST")),
    EnsError("ENS says so.", code="Odd\r\nCode", message="Odd\nmessage", status=418),
    Throttled("Later.", code="Throttling.User", message="", status=400, service_request_id="ENS-2"),
    ServiceUnavailable("Unreachable.", reason="ens_unreachable"),
    InternalError("A bug.", reason="internal_error"),
]


def trigger(name: str) -> Trigger:
    return trigger_of(event_file(TRIGGERS[name]))


def opened(answer: Any) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Take an HTTP answer apart, as FC does."""
    assert {"statusCode", "headers", "isBase64Encoded", "body"} == set(answer)
    assert answer["isBase64Encoded"] is False
    assert all(isinstance(value, str) for value in answer["headers"].values())
    return answer["statusCode"], answer["headers"], json.loads(answer["body"])


@pytest.mark.parametrize("name", ["http", "api_gateway"])
def test_a_success_over_http(name: str) -> None:
    """Exactly the three documented members; the rest is told in headers."""
    status, headers, body = opened(trigger(name).answer(IMPORTED, "FC-1"))

    assert status == 200
    assert body == {
        "KeyPairFingerPrint": MD5,
        "KeyPairName": "阿里_alice",
        "RequestId": "ENS-1",
    }
    assert headers == {
        **COMMON_HEADERS,
        "X-Import-Outcome": "imported",
        "X-Key-Fingerprint-SHA256": KEY_PAIR.fingerprint_sha256,
        "X-Fingerprint-Verified": "true",
    }


def test_a_direct_success_is_the_body_alone() -> None:
    """FC hands the caller what the handler returns, as JSON."""
    assert {
        "KeyPairFingerPrint": MD5,
        "KeyPairName": "阿里_alice",
        "RequestId": "ENS-1",
    } == trigger("direct").answer(IMPORTED, "FC-1")


def test_a_dry_run_says_so() -> None:
    """ENS was not asked: no verdict on its fingerprint, and FC's request id instead of ENS's."""
    outcome = ImportOutcome("validated", KEY_PAIR, KEY_PAIR.fingerprint_md5)

    _, headers, body = opened(trigger("http").answer(outcome, "FC-1"))

    assert headers["X-Import-Outcome"] == "validated"
    assert "X-Fingerprint-Verified" not in headers
    assert body["RequestId"] == "FC-1"


def test_a_fingerprint_that_differs_is_answered_and_flagged() -> None:
    """The import has happened all the same."""
    outcome = replace(IMPORTED, fingerprint="00:11", verified=False)

    _, headers, body = opened(trigger("http").answer(outcome, "FC-1"))

    assert headers["X-Fingerprint-Verified"] == "false"
    assert body["KeyPairFingerPrint"] == "00:11"


def test_warnings_travel_in_a_header() -> None:
    """One header, words of a closed vocabulary."""
    key_pair = replace(KEY_PAIR, warnings=("unusual_size", "unusual_exponent"))

    _, headers, _ = opened(trigger("http").answer(replace(IMPORTED, key_pair=key_pair), "FC-1"))

    assert headers["X-Key-Warnings"] == "unusual_size, unusual_exponent"


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.code.split("\r")[0])
def test_a_failure(failure: ImportFailure) -> None:
    """The error body is the same through every trigger; over HTTP its status goes with it."""
    direct = trigger("direct").refuse(failure, "FC-1")

    for name in ("http", "api_gateway"):
        status, headers, body = opened(trigger(name).refuse(failure, "FC-1"))
        assert failure.status == status
        assert direct == body
        assert set(COMMON_HEADERS) == set(headers) - {"Allow", "Retry-After"}
    assert isinstance(direct, dict)
    place = {} if failure.place is None else {"Line": failure.line, "Column": failure.column}
    parameter = {} if failure.parameter is None else {"Parameter": failure.parameter}
    assert direct == {
        "RequestId": failure.service_request_id or "FC-1",
        "HostId": "ens.aliyuncs.com",
        "Code": failure.code,
        "Message": failure.message,
        "Description": failure.description,
        "Reason": failure.reason,
        **parameter,
        **place,
    }


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.code.split("\r")[0])
def test_headers_hold_a_closed_vocabulary(failure: ImportFailure) -> None:
    """No caller's and no service's text ever becomes a header."""
    outcomes = (
        IMPORTED,
        ImportOutcome(
            "already_imported", KEY_PAIR, "a\r\nb", verified=False, service_request_id="c\r\nd"
        ),
    )
    answers = [trigger("http").refuse(failure, "FC\r\n1")]
    answers += [trigger("http").answer(outcome, "FC\r\n1") for outcome in outcomes]

    for answer in answers:
        _, headers, _ = opened(answer)
        for name in set(headers) - set(COMMON_HEADERS):
            assert re.fullmatch(CLOSED_VOCABULARY[name], headers[name])


def test_405_names_what_is_allowed() -> None:
    """RFC 9110, section 15.5.6: a 405 must carry Allow."""
    failure = UnsupportedMethod("No.", reason="unsupported_method", allowed=("GET", "POST"))

    _, headers, _ = opened(trigger("http").refuse(failure, "FC-1"))

    assert headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(("seconds", "header"), [(5.0, "5"), (0.2, "1"), (1.001, "2"), (0.0, "0")])
def test_retry_after_is_in_whole_seconds(seconds: float, header: str) -> None:
    """RFC 9110, section 10.2.3; rounded up, for earlier would be too early."""
    failure = Throttled("Later.", code="Throttling", message="", status=400)
    failure.retry_after = seconds

    _, headers, _ = opened(trigger("http").refuse(failure, "FC-1"))

    assert header == headers["Retry-After"]


def test_the_corrected_line_reaches_its_caller() -> None:
    """As a member of its own, beside the place: a caller pastes it back."""
    failure = MalformedPublicKey(
        "Damaged.", reason="plus_lost", place=(2, 3), corrected_line="ssh-rsa AAAA"
    )

    _, _, body = opened(trigger("http").refuse(failure, "FC-1"))

    assert "Damaged." == body["Description"]
    assert {"Parameter": "PublicKeyBody", "Line": 2, "Column": 3, "Corrected": "ssh-rsa AAAA"} == {
        name: body[name] for name in ("Parameter", "Line", "Column", "Corrected")
    }


def test_chinese_stays_readable() -> None:
    """Not escaped: whoever calls by curl reads the answer as it is."""
    answer = trigger("http").answer(IMPORTED, "FC-1")

    assert isinstance(answer, dict)
    assert "阿里_alice" in answer["body"]
