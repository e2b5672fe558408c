"""API Gateway (classic): the same requests in another envelope, on paths of its own choice."""

from __future__ import annotations

import base64

import pytest

from core.errors import InvalidRequest, UnsupportedMethod
from core.importing.request import ImportRequest
from tests.events.gallery import ALICE_KEY, FORM, api_gateway_event, as_json, request_of

ALICE = ImportRequest("alice", ALICE_KEY)
AS_JSON = as_json(KeyPairName="alice", PublicKeyBody=ALICE_KEY)
IN_BASE64 = base64.b64encode(AS_JSON.encode()).decode()


@pytest.mark.parametrize("path", ["/", "/keys", "/v1/key-pairs/", "", None, 7])
def test_takes_any_path(path: object) -> None:
    """Which paths lead here is set in API Gateway."""
    assert ALICE == request_of(api_gateway_event(AS_JSON, path=path))


@pytest.mark.parametrize(
    ("body", "flag"),
    [
        pytest.param(IN_BASE64, True, id="a boolean"),
        pytest.param(IN_BASE64, "true", id="a string"),
        pytest.param(IN_BASE64, "True", id="a string, capitalised"),
        pytest.param(AS_JSON, False, id="no boolean"),
        pytest.param(AS_JSON, "false", id="a string that says no"),
        pytest.param(AS_JSON, "", id="an empty string"),
        pytest.param(AS_JSON, None, id="null"),
    ],
)
def test_base64_is_told_by_a_boolean_or_a_string(body: str, flag: object) -> None:
    """The manual prints both."""
    assert ALICE == request_of(api_gateway_event(body, isBase64Encoded=flag))


def test_base64_that_is_none_is_refused() -> None:
    """A body that is not what its envelope says is not guessed at."""
    with pytest.raises(InvalidRequest) as refusal:
        request_of(api_gateway_event(AS_JSON, isBase64Encoded="true"))

    assert refusal.value.reason == "unreadable_body"


def test_nulls_stand_for_nothing() -> None:
    """API Gateway sends null where a request has no headers and no query."""
    event = api_gateway_event(AS_JSON, headers=None, queryParameters=None, pathParameters=None)

    assert ALICE == request_of(event)


def test_takes_a_form() -> None:
    """API Gateway passes a form on as it is."""
    event = api_gateway_event("KeyPairName=alice&PublicKeyBody=k", headers={"content-type": FORM})

    assert ImportRequest("alice", "k") == request_of(event)


def test_path_parameters_are_not_looked_at() -> None:
    """Only query and body are said to hold parameters."""
    event = api_gateway_event(AS_JSON, pathParameters={"KeyPairName": "bob"})

    assert ALICE == request_of(event)


@pytest.mark.parametrize(("method", "allowed"), [("GET", ("POST",)), ("PUT", ("GET", "POST"))])
def test_refuses_other_methods(method: str, allowed: tuple[str, ...]) -> None:
    """As through the HTTP trigger."""
    with pytest.raises(UnsupportedMethod) as refusal:
        request_of(api_gateway_event(AS_JSON, method=method))

    assert allowed == refusal.value.allowed
