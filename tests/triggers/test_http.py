"""The HTTP trigger: its methods and paths, and envelopes that FC would not send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.errors import (
    UnsupportedMethod,
)
from core.importing.request import ImportRequest
from tests.events.gallery import ALICE_KEY, as_json, http_event, refusal_of, request_of
from triggers.http_request import HttpRequest

ALICE = ImportRequest("alice", ALICE_KEY)
AS_JSON = as_json(KeyPairName="alice", PublicKeyBody=ALICE_KEY)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW", "", None])
def test_refuses_other_methods(method: str | None) -> None:
    """405 with what is allowed; a method that is missing is no POST."""
    refusal = refusal_of(http_event(AS_JSON, method=method), UnsupportedMethod)

    assert isinstance(refusal, UnsupportedMethod)
    assert ("GET", "POST") == refusal.allowed
    assert refusal.description == "Send a POST request."


def test_refuses_get_without_an_action() -> None:
    """GET is for RPC clients; a link must import nothing."""
    refusal = refusal_of(
        http_event(method="GET", queryParameters={"KeyPairName": "a", "PublicKeyBody": "b"}),
        UnsupportedMethod,
    )

    assert isinstance(refusal, UnsupportedMethod)
    assert ("POST",) == refusal.allowed
    assert "with Action and Version" in refusal.description


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/", id="root"),
        pytest.param("/fc", id="of cloud-native API Gateway"),
        pytest.param("/import/keys", id="of a custom domain"),
        pytest.param("/2023-03-30/functions/ens-key-import/invocations", id="of FC's own API"),
        pytest.param("//%2F..", id="odd"),
        pytest.param(None, id="none"),
    ],
)
def test_takes_any_path(path: str | None) -> None:
    """A gateway or a custom domain maps paths of its own choice to the function."""
    assert ALICE == request_of(http_event(AS_JSON, path=path))


@pytest.mark.parametrize(
    "members",
    [
        {"headers": []},
        {"headers": "Content-Type: text/plain"},
        {"queryParameters": []},
        {"queryParameters": "KeyPairName=bob"},
        {"isBase64Encoded": None},
        {"isBase64Encoded": []},
        {"rawPath": []},
        {"version": None},
    ],
    ids=str,
)
def test_survives_members_of_another_type(members: dict[str, Any]) -> None:
    """An envelope that FC does not send is read as far as it goes."""
    assert ALICE == request_of(http_event(AS_JSON, **members))


def test_survives_deep_nesting_in_the_envelope() -> None:
    """Nothing of the envelope is printed or turned into text, however deep it is."""
    deep = "[" * 900 + "]" * 900
    for member in ("headers", "queryParameters"):
        event = json.loads(http_event(AS_JSON))
        event[member] = {"x": "DEEP"}
        event["isBase64Encoded"] = event["rawPath"] = "DEEP"
        text = json.dumps(event).replace('"DEEP"', deep)

        assert ALICE == request_of(text)


def test_a_request_shows_nothing_of_what_came() -> None:
    """A repr may end in a log, and a private key may stand anywhere in a request."""
    request = HttpRequest("POST", {"a": "secret"}, {"b": "secret"}, "secret")

    assert "secret" not in repr(request)
