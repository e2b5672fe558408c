"""The HTTP trigger: what is taken from query and body, and what is refused there."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import pytest

from core.errors import (
    InvalidRequest,
    RequestRefused,
)
from core.importing.request import ImportRequest
from tests.events.gallery import ALICE_KEY, FORM, as_json, http_event, refusal_of, request_of
from triggers.http_request import BODY_CAP

ALICE = ImportRequest("alice", ALICE_KEY)
AS_JSON = as_json(KeyPairName="alice", PublicKeyBody=ALICE_KEY)
AS_FORM = urlencode({"KeyPairName": "alice", "PublicKeyBody": ALICE_KEY})
BY_NAME: dict[str, Any] = {"queryParameters": {"KeyPairName": "alice"}}


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(http_event(AS_JSON, content_type="application/json"), id="JSON"),
        pytest.param(
            http_event(AS_JSON, content_type="Application/JSON ; charset=utf-8"),
            id="JSON, with a charset",
        ),
        pytest.param(http_event(AS_JSON), id="JSON without a content type"),
        pytest.param(http_event(f"\n  {AS_JSON}\n"), id="JSON behind blank lines"),
        pytest.param(http_event(f"\ufeff{AS_JSON}"), id="JSON behind a byte order mark"),
        pytest.param(http_event(AS_JSON, content_type=FORM), id="JSON that curl calls a form"),
        pytest.param(http_event(AS_JSON, content_type="text/plain"), id="JSON that is called text"),
        pytest.param(
            http_event(base64_of(AS_JSON.encode()), isBase64Encoded=True), id="JSON in base64"
        ),
        pytest.param(
            http_event(base64_of(b"\xef\xbb\xbf" + AS_JSON.encode()), isBase64Encoded=True),
            id="JSON behind a byte order mark in base64",
        ),
        pytest.param(http_event(AS_FORM, content_type=FORM), id="a form"),
        pytest.param(
            http_event(AS_FORM, content_type=f"{FORM.title()} ; charset=UTF-8"),
            id="a form, in title case, with a charset",
        ),
        pytest.param(
            http_event(base64_of(AS_FORM.encode()), content_type=FORM, isBase64Encoded=True),
            id="a form in base64",
        ),
        pytest.param(
            http_event(urlencode({"PublicKeyBody": ALICE_KEY}), content_type=FORM, **BY_NAME),
            id="the key in a form, the name in the query",
        ),
        pytest.param(
            http_event(as_json(PublicKeyBody=ALICE_KEY), **BY_NAME),
            id="the key in JSON, the name in the query",
        ),
        pytest.param(http_event(ALICE_KEY, **BY_NAME), id="the key itself"),
        pytest.param(
            http_event(ALICE_KEY, content_type=FORM, **BY_NAME), id="the key that curl calls a form"
        ),
        pytest.param(
            http_event(ALICE_KEY, content_type="application/octet-stream", **BY_NAME),
            id="the key as bytes",
        ),
        pytest.param(
            http_event(queryParameters={"KeyPairName": "alice", "PublicKeyBody": ALICE_KEY}),
            id="all in the query, no body",
        ),
        pytest.param(
            http_event(None, queryParameters={"KeyPairName": "alice", "PublicKeyBody": ALICE_KEY}),
            id="all in the query, the body null",
        ),
        pytest.param(http_event(AS_JSON, **BY_NAME), id="the name twice, alike"),
        pytest.param(http_event(AS_JSON, queryParameters=None), id="a query that is null"),
        pytest.param(http_event(AS_JSON, headers=None), id="headers that are null"),
        pytest.param(
            http_event(AS_JSON, headers={"Content-Type": None, "X": 1, "Y": ["z"]}),
            id="headers that are no strings",
        ),
        pytest.param(
            http_event(AS_JSON, queryParameters={"DryRun": None}), id="a null in the query"
        ),
        pytest.param(http_event(AS_JSON, queryParameters={"utm_source": "x"}), id="foreign names"),
        pytest.param(http_event(AS_JSON, method="post"), id="the method in lower case"),
        pytest.param(http_event(AS_JSON, path=None), id="no path"),
        pytest.param(
            http_event(AS_JSON, path="/2023-03-30/functions/ens-key-import/invocations"),
            id="the path of FC's own API",
        ),
    ],
)
def test_takes(event: bytes) -> None:
    """The parameters come from the query and the body, in whichever way they were written."""
    request = request_of(event)

    key = request.public_key_body
    text = key.decode() if isinstance(key, bytes) else key
    assert ALICE == ImportRequest(request.key_pair_name, text, request.dry_run)


@pytest.mark.parametrize("header", ["Content-Type", "content-type", "CONTENT-TYPE", "cOnTeNt-TyPe"])
def test_headers_are_read_in_any_case(header: str) -> None:
    """A form is told by its content type, in whatever case the header's name comes."""
    event = http_event(AS_FORM, headers={header: FORM})

    assert ALICE == request_of(event)


def test_a_key_that_looks_like_base64_padding_is_no_form() -> None:
    """A key's ``=`` and ``+`` do not make it a form; curl's content type says nothing of it."""
    key = "ssh-rsa AAAAB3NzaC1yc2E+AA== a&b=c"

    request = request_of(http_event(key, content_type=FORM, **BY_NAME))

    assert key == request.public_key_body


def test_a_key_of_bytes_stays_bytes() -> None:
    """What is no text is the core's to name; no replacement character stands in for it."""
    request = request_of(
        http_event(base64_of(b"\xff\xfes\x00s\x00h\x00"), isBase64Encoded=True, **BY_NAME)
    )

    assert request.public_key_body == b"\xff\xfes\x00s\x00h\x00"


def test_a_form_that_is_not_utf8_stays_recognisable() -> None:
    """Bytes that are no text become lone surrogates, which no key and no name may hold."""
    body = base64_of(b"KeyPairName=alice&PublicKeyBody=\xff%FE")
    request = request_of(http_event(body, content_type=FORM, isBase64Encoded=True))

    assert request.public_key_body == "\udcff\udcfe"


def test_a_form_decodes_plus_and_percent() -> None:
    """In a form, ``+`` is a blank and ``%2B`` a plus; the core notices what got lost."""
    event = http_event("KeyPairName=a&PublicKeyBody=x+y%2Bz%00", content_type=FORM)

    assert request_of(event).public_key_body == "x y+z\0"


@pytest.mark.parametrize("name", ["KeyPairName", "PublicKeyBody"])
def test_a_form_with_an_empty_value_is_a_form(name: str) -> None:
    """A form that names a parameter without a value is not taken for the key."""
    request = request_of(http_event(f"{name}=", content_type=FORM))

    assert ImportRequest("", "") == request


def test_points_out_a_near_miss_in_a_form() -> None:
    """A form with a misspelt name is a form, too."""
    refusal = refusal_of(http_event("keyPairName=alice", content_type=FORM), RequestRefused)

    assert "MissingParameter" == refusal.code
    assert "write KeyPairName." in refusal.description


@pytest.mark.parametrize(
    ("event", "reason", "description"),
    [
        pytest.param(
            http_event("ssh-rsa AAAA", content_type="application/json"),
            "not_json",
            "The Content-Type is application/json, but the body is the key itself.",
            id="a key that is called JSON",
        ),
        pytest.param(
            http_event('["KeyPairName"]', content_type="application/json"),
            "not_an_object",
            "The body is JSON, but not an object.",
            id="a JSON list",
        ),
        pytest.param(
            http_event('{"KeyPairName": "alice"'),
            "not_json",
            "The body is not JSON (line 1, column 24).",
            id="JSON cut off",
        ),
        pytest.param(http_event("{" * 60_000), "not_json", "The body is not JSON (", id="braces"),
        pytest.param(
            http_event('{"a":' * 10_000), "not_json", "The body is not JSON", id="nested objects"
        ),
        pytest.param(
            http_event('{"PublicKeyBody": "a", "PublicKeyBody": "b"}'),
            "contradicting_values",
            "A member of a JSON object is given twice",
            id="two keys in one object",
        ),
        pytest.param(
            http_event(AS_JSON, queryParameters={"KeyPairName": "bob"}),
            "contradicting_values",
            "KeyPairName is given twice, with different values.",
            id="another name in the query",
        ),
        pytest.param(
            http_event(ALICE_KEY, queryParameters={"PublicKeyBody": "ssh-rsa AAAA"}),
            "contradicting_values",
            "PublicKeyBody is given twice, with different values.",
            id="another key in the query",
        ),
        pytest.param(
            http_event("KeyPairName=alice&KeyPairName=bob", content_type=FORM),
            "contradicting_values",
            "KeyPairName is given twice, with different values.",
            id="two names in a form",
        ),
        pytest.param(
            http_event(AS_JSON, queryParameters={"DryRun": ""}),
            "wrong_type",
            "DryRun must be true or false.",
            id="a flag without a value",
        ),
        pytest.param(
            http_event(AS_JSON, queryParameters={"DryRun": "true,true"}),
            "wrong_type",
            "DryRun must be true or false.",
            id="DryRun twice in the query, as FC joins it",
        ),
        pytest.param(
            http_event(AS_JSON, queryParameters={"KeyPairName": ["alice"]}),
            "wrong_type",
            "KeyPairName must be a string.",
            id="a list in the query",
        ),
        pytest.param(
            http_event({"KeyPairName": "alice"}),
            "unreadable_body",
            "The event's body is no string.",
            id="an object for a body",
        ),
        pytest.param(
            http_event(0), "unreadable_body", "The event's body is no string.", id="zero for a body"
        ),
        pytest.param(
            http_event("%%%", isBase64Encoded=True),
            "unreadable_body",
            "The event says that its body is base64",
            id="foreign letters in base64",
        ),
        pytest.param(
            http_event("QUJ", isBase64Encoded=True),
            "unreadable_body",
            "The event says that its body is base64",
            id="base64 without padding",
        ),
        pytest.param(
            http_event("QU\nJD", isBase64Encoded=True),
            "unreadable_body",
            "The event says that its body is base64",
            id="a line break in base64",
        ),
        pytest.param(
            http_event("\u4e2d\ud800", isBase64Encoded=True),
            "unreadable_body",
            "The event says that its body is base64",
            id="base64 that is not ASCII",
        ),
    ],
)
def test_refuses(event: bytes, reason: str, description: str) -> None:
    """What cannot be read, or has two meanings, is refused with what was understood."""
    refusal = refusal_of(event, InvalidRequest)

    assert reason == refusal.reason
    assert refusal.description.startswith(description)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(http_event("a" * BODY_CAP, **BY_NAME), id="letters"),
        pytest.param(http_event("é" * (BODY_CAP // 2), **BY_NAME), id="letters of two bytes"),
        pytest.param(
            http_event(base64_of(b"a" * BODY_CAP), isBase64Encoded=True, **BY_NAME), id="base64"
        ),
    ],
)
def test_takes_a_body_of_just_the_cap(event: bytes) -> None:
    """64 KiB are taken, counted in bytes of the body itself."""
    key = request_of(event).public_key_body

    assert BODY_CAP == len(key.encode() if isinstance(key, str) else key)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(http_event("a" * (BODY_CAP + 1)), id="letters"),
        pytest.param(http_event("é" * (BODY_CAP // 2) + "a"), id="letters of two bytes"),
        pytest.param(http_event("\ud800" * (BODY_CAP // 2)), id="lone surrogates"),
        pytest.param(
            http_event(base64_of(b"a" * (BODY_CAP + 1)), isBase64Encoded=True), id="base64"
        ),
        pytest.param(
            http_event(base64_of(b"a" * (BODY_CAP + 3)), isBase64Encoded="true"),
            id="base64, a few bytes over",
        ),
        pytest.param(http_event("%" * (2 * BODY_CAP), isBase64Encoded=True), id="not even base64"),
        pytest.param(http_event("[" * (BODY_CAP + 1)), id="nested brackets"),
    ],
)
def test_refuses_a_body_over_the_cap(event: bytes) -> None:
    """More is 413, before it is parsed."""
    refusal = refusal_of(event, InvalidRequest)

    assert (413, "body_too_large") == (refusal.status, refusal.reason)
    assert "64 KiB" in refusal.description


@pytest.mark.parametrize(
    ("content_type", "is_the_key"),
    [
        pytest.param(None, True, id="without a content type"),
        pytest.param(FORM, True, id="called a form"),
        pytest.param("application/json", False, id="called JSON"),
    ],
)
def test_an_object_that_names_nothing_of_ours(
    content_type: str | None, *, is_the_key: bool
) -> None:
    """It may be a JWK, a private one even: it is parameters only where JSON is meant."""
    body = '{"kty": "RSA"}'

    request = request_of(http_event(body, content_type=content_type, **BY_NAME))

    assert (body if is_the_key else "") == request.public_key_body
