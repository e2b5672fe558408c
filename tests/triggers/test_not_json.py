"""What should be JSON and is not: named, with what to do, where it goes wrong."""

from __future__ import annotations

import json

import pytest

from core.errors import InvalidRequest
from tests.events.gallery import ALICE, ALICE_KEY, as_json, http_event, refusal_of

STRIPPED = "{KeyPairName: alice, PublicKeyBody: " + ALICE_KEY + "}"


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(ALICE_KEY, id="a line"),
        pytest.param("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", id="PEM"),
        pytest.param("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA", id="RFC 4716"),
        pytest.param("ssh-ed25519 AAAA", id="another key"),
        pytest.param(ALICE_KEY.split(" ")[1], id="base64 alone"),
    ],
)
def test_a_key_that_is_called_json(key: str) -> None:
    """The content type is at fault, not the key."""
    refusal = refusal_of(http_event(key, content_type="application/json"), InvalidRequest)

    assert "not_json" == refusal.reason
    assert (
        "The Content-Type is application/json, but the body is the key itself."
        in refusal.description
    )
    assert "--data-binary" in refusal.description


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        pytest.param(json.dumps(as_json(**ALICE)).encode(), "unknown_event", id="direct"),
        pytest.param(
            json.dumps(json.dumps(as_json(**ALICE))).encode(), "unknown_event", id="three times"
        ),
        pytest.param(
            json.dumps(http_event("x").decode()).encode(), "unknown_event", id="HTTP trigger's"
        ),
        pytest.param(
            http_event(json.dumps(as_json(**ALICE)), content_type="application/json"),
            "not_an_object",
            id="a body",
        ),
        pytest.param(
            http_event(json.dumps(as_json(**ALICE))), "not_an_object", id="without a type"
        ),
    ],
)
def test_json_that_was_stringified_twice(event: bytes, reason: str) -> None:
    """A string that holds an object is told as such: it was written as JSON once too often."""
    refusal = refusal_of(event, InvalidRequest)

    assert reason == refusal.reason
    assert "twice" in refusal.description
    assert "the object itself" in refusal.description


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param(STRIPPED, "quotes", id="PowerShell's"),
        pytest.param(STRIPPED.replace(": ", ":"), "quotes", id="without spaces"),
        pytest.param(f"'{STRIPPED}'", "quotes", id="cmd's, which keeps single quotes"),
        pytest.param(f"'{as_json(**ALICE)}'", "quotes", id="single quotes around good JSON"),
        pytest.param("{ DryRun: true }", "quotes", id="DryRun alone"),
        pytest.param(str(ALICE), "single quotes", id="a Python repr"),
        pytest.param(as_json(**ALICE).replace('"', '\\"'), "escaped", id="quotes escaped"),
    ],
)
def test_quotes_that_a_shell_took(sent: str, said: str) -> None:
    """What became of the quotes is told, and the way that passes no shell."""
    refusal = refusal_of(sent.encode(), InvalidRequest)

    assert "unknown_event" == refusal.reason
    assert said in refusal.description
    assert "s invoke -f event.json" in refusal.description


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_place_in_a_body(line_end: str, mark: str) -> None:
    """Line and column are those of the body as it was sent."""
    body = mark + '{"KeyPairName": "alice",\n\n "PublicKeyBody" "x"}'.replace("\n", line_end)

    refusal = refusal_of(http_event(body, content_type="application/json"), InvalidRequest)

    assert (3, 18) == (refusal.line, refusal.column)


def test_the_place_in_an_event() -> None:
    """And of an event."""
    refusal = refusal_of(b'{"KeyPairName":\n "alice",}', InvalidRequest)

    assert (2, 9) == (refusal.line, refusal.column)
