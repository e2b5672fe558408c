"""Whose an event is, and that each file of the gallery asks for what it was written to ask for."""

from __future__ import annotations

import json

import pytest

from core.errors import InvalidRequest
from core.importing.request import ImportRequest
from tests.events.gallery import (
    ALICE_KEY,
    ALICE_PUB,
    GALLERY,
    api_gateway_event,
    event_file,
    http_event,
    request_of,
    trigger_of,
)

GALLERY_TABLE: dict[str, tuple[str, str | bytes, bool]] = {
    "api-gateway-base64": ("api_gateway", ALICE_PUB.encode(), False),
    "api-gateway-json": ("api_gateway", ALICE_KEY, False),
    "api-gateway-nulls": ("api_gateway", ALICE_KEY, False),
    "api-gateway-rpc-get": ("api_gateway", ALICE_KEY, False),
    "direct": ("direct", ALICE_KEY, False),
    "direct-dry-run": ("direct", ALICE_KEY, True),
    "http-bare-key": ("http", ALICE_PUB, False),
    "http-bare-key-base64": ("http", ALICE_PUB.encode(), False),
    "http-form": ("http", ALICE_KEY, False),
    "http-invoke-function": ("http", ALICE_KEY, False),
    "http-json": ("http", ALICE_KEY, False),
    "http-json-called-a-form": ("http", ALICE_KEY, False),
    "http-json-dry-run": ("http", ALICE_KEY, True),
    "http-query": ("http", ALICE_KEY, True),
    "http-rpc-acs3": ("http", ALICE_KEY, False),
    "http-rpc-v1-form": ("http", ALICE_KEY, False),
    "http-rpc-v1-get": ("http", ALICE_KEY, False),
}


@pytest.mark.parametrize("name", GALLERY_TABLE)
def test_reads_the_gallery(name: str) -> None:
    """Each event of the gallery is recognised, and asks to import alice's key."""
    trigger_name, key, dry_run = GALLERY_TABLE[name]

    trigger = trigger_of(event_file(name))

    assert trigger_name == trigger.name
    assert ImportRequest("alice", key, dry_run) == trigger.request()


def test_the_table_is_the_gallery() -> None:
    """No event file stands in the gallery untested; those of uploads are the uploads' tests'."""
    files = {path.stem for path in GALLERY.glob("*.json")}

    assert set(GALLERY_TABLE) == {name for name in files if not name.startswith("oss-")}


def test_takes_text_as_well_as_bytes() -> None:
    """An event that a runtime has decoded already is read the same."""
    assert "alice" == request_of(event_file("direct").decode()).key_pair_name


@pytest.mark.parametrize(
    ("event", "understood"),
    [
        pytest.param(b"", "The event is empty.", id="nothing"),
        pytest.param(b" \r\n", "The event is empty.", id="blanks"),
        pytest.param("", "The event is empty.", id="nothing, as text"),
        pytest.param(
            b"ssh-rsa AAAA", "The event is not JSON (line 1, column 1).", id="a key, bare"
        ),
        pytest.param(
            b'{"KeyPairName": "alice",}',
            "The event is not JSON (line 1, column 24).",
            id="a trailing comma",
        ),
        pytest.param(b"\xff\x00\xfe", "The event is not JSON.", id="not UTF-8"),
        pytest.param(b"\x00", "The event is not JSON (line 1, column 1).", id="NUL"),
        pytest.param(b"[" * 100_000, "The event is not JSON.", id="nested brackets"),
        pytest.param(b'{"KeyPairName":' * 50_000, "The event is not JSON.", id="nested objects"),
        pytest.param(b"9" * 5_000, "The event is not JSON.", id="a number of 5000 digits"),
        pytest.param(b"null", "The event is JSON, but not an object.", id="null"),
        pytest.param(b'"KeyPairName"', "The event is JSON, but not an object.", id="a string"),
        pytest.param(
            b'[{"KeyPairName":"a"}]', "The event is JSON, but not an object.", id="a list"
        ),
        pytest.param(b"{}", "The event is a JSON object that names none", id="an empty object"),
        pytest.param(
            b'{"triggerTime": "2026-11-24T02:36:36Z", "triggerName": "nightly", "payload": ""}',
            "The event is a JSON object that names none",
            id="a timer's",
        ),
        pytest.param(
            b'{"requestContext": {"http": null}}',
            "The event is a JSON object that names none",
            id="half of an HTTP trigger's",
        ),
        pytest.param(
            b'{"httpMethod": 1}',
            "The event is a JSON object that names none",
            id="half of API Gateway's",
        ),
        pytest.param(
            b'{"KeyPairName": "alice", "KeyPairName": "bob"}',
            "A member of a JSON object is given twice, with different values.",
            id="contradicts itself",
        ),
    ],
)
def test_refuses_what_is_nobodys(event: bytes | str, understood: str) -> None:
    """An event of no trigger of ours is refused with what it is, and with what would be taken."""
    trigger = trigger_of(event)

    with pytest.raises(InvalidRequest) as refusal:
        trigger.request()

    assert "unknown" == trigger.name
    assert "unknown_event" == refusal.value.reason
    assert refusal.value.description.startswith(understood)
    assert "Accepted are: a JSON object with KeyPairName and PublicKeyBody" in (
        refusal.value.description
    )


def test_answers_what_is_nobodys_like_a_direct_invocation() -> None:
    """Whoever sent it reads the error body as it is."""
    trigger = trigger_of(b"hello")
    with pytest.raises(InvalidRequest) as refusal:
        trigger.request()

    answer = trigger.refuse(refusal.value, "R-1")

    assert isinstance(answer, dict)
    assert ("InvalidParameter", "R-1") == (answer["Code"], answer["RequestId"])


@pytest.mark.parametrize(
    ("event", "name"),
    [
        pytest.param(http_event(httpMethod="POST"), "http", id="of both kinds of HTTP"),
        pytest.param(http_event(KeyPairName="alice"), "http", id="HTTP that names a parameter"),
        pytest.param(
            api_gateway_event(KeyPairName="alice"),
            "api_gateway",
            id="API Gateway that names a parameter",
        ),
        pytest.param(b'{"key_pair_name": "alice"}', "direct", id="a near miss of a parameter"),
        pytest.param(b'{"DryRun": null}', "direct", id="a parameter that is null"),
        pytest.param(
            b'\xef\xbb\xbf{"KeyPairName": "alice"}', "direct", id="behind a byte order mark"
        ),
        pytest.param(
            json.dumps({"KeyPairName": "a"}).encode("utf-16"), "direct", id="JSON in UTF-16"
        ),
    ],
)
def test_recognises(event: bytes, name: str) -> None:
    """Where an event could be two triggers', the one with the envelope wins."""
    assert name == trigger_of(event).name
