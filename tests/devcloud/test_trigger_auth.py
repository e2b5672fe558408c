"""The HTTP trigger's authType, enforced: who gets through to the function."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests

from devcloud import DevCloud, FunctionSpec, HttpTrigger
from devcloud.fc.exceptions import InvalidSpec
from devcloud.fc.jwt import JwtAuthenticator
from devcloud.fc.s_yaml import read_function
from devcloud.http_message import Headers, Request
from tests.devcloud.clients import RawRequest
from tests.devcloud.conftest import PROBE
from tests.fakes.provider import ProviderKey, base64url

Claims = dict[str, Any]


@pytest.fixture(scope="module")
def signed_cloud() -> Iterator[DevCloud]:
    """The probe behind authType function, as its s.yaml says."""
    with DevCloud(project=PROBE, function=True, enforce_auth=True) as running:
        yield running


# authType function


def test_a_signed_request_passes(signed_cloud: DevCloud) -> None:
    """ACS3-HMAC-SHA256 by a RAM user who may invoke; the function gets the body untouched."""
    request = RawRequest(signed_cloud.function_url, query={"a": "b"}, body=b"hello")

    answer = request.signed(signed_cloud.user_credentials()).send()

    assert (200, "hello") == (answer.status, answer.json["body"])


def test_a_request_with_only_a_date_signed_passes(signed_cloud: DevCloud) -> None:
    """The manual asks for x-acs-date alone; without the body's digest the body is not covered."""
    credentials = signed_cloud.user_credentials()
    request = RawRequest(
        signed_cloud.function_url,
        headers={"x-acs-content-sha256": "", "x-acs-signature-nonce": "", "x-acs-version": ""},
    ).signed(credentials)

    assert [200, 200] == [request.send().status for _ in range(2)]


@pytest.mark.parametrize(
    ("spoil", "status", "code"),
    [
        pytest.param(
            lambda r: r.without_header("authorization"), 400, "MissingRequiredHeader", id="unsigned"
        ),
        pytest.param(
            lambda r: r.without_header("x-acs-date"), 400, "MissingRequiredHeader", id="no date"
        ),
        pytest.param(
            lambda r: r.with_query(a="c"), 403, "SignatureDoesNotMatch", id="another query"
        ),
        pytest.param(
            lambda r: replace(r, body=b"other"), 403, "SignatureDoesNotMatch", id="another body"
        ),
        pytest.param(
            lambda r: replace(r, path="/else"), 403, "SignatureDoesNotMatch", id="another path"
        ),
    ],
)
def test_a_spoiled_request_does_not_reach_the_function(
    signed_cloud: DevCloud, spoil: Callable[[RawRequest], RawRequest], status: int, code: str
) -> None:
    """FC refuses it itself, as FcCommonError."""
    request = RawRequest(signed_cloud.function_url, query={"a": "b"}, body=b"hello")

    answer = spoil(request.signed(signed_cloud.user_credentials())).send()

    assert (status, code) == (answer.status, answer.code)
    assert "FcCommonError" == answer.headers["x-fc-error-type"]


def test_who_may_not_invoke_does_not_reach_the_function(signed_cloud: DevCloud) -> None:
    """The function's own role has no fc:InvokeFunction."""
    request = RawRequest(signed_cloud.function_url).signed(signed_cloud.role_credentials())

    assert (403, "AccessDenied") == ((answer := request.send()).status, answer.code)


def test_nothing_is_enforced_unless_asked_for() -> None:
    """The default lets curl through."""
    with DevCloud(project=PROBE, function=True) as cloud:
        assert 200 == requests.get(cloud.function_url, timeout=10).status_code


# authType jwt


@pytest.fixture(scope="module")
def provider() -> ProviderKey:
    return ProviderKey()


def jwt_spec(auth_config: dict[str, Any]) -> FunctionSpec:
    trigger = HttpTrigger("web", "jwt", auth_config=auth_config)
    return replace(read_function(PROBE), http_trigger=trigger)


@pytest.fixture(scope="module")
def jwt_cloud(provider: ProviderKey) -> Iterator[DevCloud]:
    """The probe behind authType jwt."""
    config = {"jwks": {"keys": [provider.jwk]}, "tokenLookup": "header:Authorization:Bearer"}
    with DevCloud(function=jwt_spec(config), enforce_auth=True) as running:
        yield running


def get(cloud: DevCloud, text: str) -> int:
    return requests.get(cloud.function_url, headers={"Authorization": text}, timeout=10).status_code


def test_a_good_token_passes(jwt_cloud: DevCloud, provider: ProviderKey) -> None:
    """RS256, by the key of the JWKS, not yet over."""
    assert 200 == get(jwt_cloud, f"Bearer {provider.token({'exp': time.time() + 60})}")


@pytest.mark.parametrize("second", [ProviderKey(), ProviderKey("key-2")], ids=["same", "other"])
def test_two_keys(second: ProviderKey) -> None:
    """Tokens of either pass, while a provider changes keys; the same key twice is one."""
    first = second if second.kid == "key-1" else ProviderKey()
    config = {"jwks": {"keys": [first.jwk, second.jwk]}, "tokenLookup": "header:Authorization:"}
    authenticator = JwtAuthenticator(config, time.time)

    for key in (first, second):
        headers = Headers([("Authorization", key.token({"exp": 9e9}))])
        authenticator.check(Request("GET", "/", headers))


@pytest.mark.parametrize(
    ("claims", "head"),
    [
        pytest.param({"exp": 1_000_000_000}, {}, id="over"),
        pytest.param({}, {}, id="without an end"),
        pytest.param({"exp": "soon"}, {}, id="an end that is no number"),
        pytest.param({"exp": 9e9, "nbf": 8e9}, {}, id="not yet"),
        pytest.param({"exp": 9e9}, {"kid": "other"}, id="another key id"),
        pytest.param({"exp": 9e9}, {"alg": "none"}, id="no algorithm"),
        pytest.param({"exp": 9e9}, {"alg": "HS256"}, id="a symmetric algorithm"),
    ],
)
def test_a_token_that_does_not_hold_is_refused(
    jwt_cloud: DevCloud, provider: ProviderKey, claims: Claims, head: dict[str, str]
) -> None:
    """The signature is right each time; what it covers is not."""
    assert 403 == get(jwt_cloud, f"Bearer {provider.token(claims, **head)}")


@pytest.mark.parametrize("spoil", ["other-key", "payload", "prefix", "empty", "two-parts", "text"])
def test_what_is_no_token_is_refused(
    jwt_cloud: DevCloud, provider: ProviderKey, spoil: str
) -> None:
    """Signed by another, changed after signing, or not a token at all."""
    good = provider.token({"exp": 9e9})
    head, _, signature = good.split(".")
    payload = base64url(b'{"exp": 9000000001}')
    texts = {
        "other-key": f"Bearer {ProviderKey().token({'exp': 9e9})}",
        "payload": f"Bearer {head}.{payload}.{signature}",
        "prefix": good,
        "empty": "Bearer ",
        "two-parts": f"Bearer {head}.{signature}",
        "text": "Bearer a.b.c",
    }

    assert 403 == get(jwt_cloud, texts[spoil])


def test_a_token_in_the_query(provider: ProviderKey) -> None:
    """A tokenLookup may be a list of one object, and name a query parameter."""
    lookup = [{"readPosition": "query", "parameterName": "token", "prefix": ""}]
    config = {"jwks": json.dumps({"keys": [provider.jwk]}), "tokenLookup": lookup}
    good = provider.token({"exp": 9e9})
    with DevCloud(function=jwt_spec(config), enforce_auth=True) as cloud:
        statuses = [
            requests.get(cloud.function_url, params=params, timeout=10).status_code
            for params in ({"token": good}, {})
        ]

    assert [200, 403] == statuses


def test_a_config_as_fc3_writes_it(provider: ProviderKey) -> None:
    """Serverless Devs' component adds a claimPassBy that passes nothing on."""
    lookup = "header:Authorization:Bearer "
    config = {"jwks": {"keys": [provider.jwk]}, "tokenLookup": lookup, "claimPassBy": "query::"}
    headers = Headers([("Authorization", f"Bearer {provider.token({'exp': 9e9})}")])

    JwtAuthenticator(config, time.time).check(Request("GET", "/", headers))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"jwks": {"keys": []}}, id="no key"),
        pytest.param({"jwks": {"keys": [{"kty": "EC"}]}}, id="another kind of key"),
        pytest.param(
            {"jwks": {"keys": [ProviderKey().jwk, ProviderKey().jwk]}}, id="two keys of one name"
        ),
        pytest.param({"tokenLookup": "cookie:token"}, id="a cookie"),
        pytest.param({"jwks": "{"}, id="no JSON"),
        pytest.param({"jwks": "[" * 20_000}, id="nested too deep"),
        pytest.param({"jwks": [1]}, id="a list"),
        pytest.param({"jwks": {"keys": [1]}}, id="a key that is a number"),
        pytest.param({"jwks": {"keys": [{"kty": "RSA"}]}}, id="a key without a modulus"),
        pytest.param({"jwks": {"keys": [{"kty": "RSA", "n": 1, "e": 1}]}}, id="numbers"),
        pytest.param({"jwks": {"keys": [{"kty": "RSA", "n": "", "e": ""}]}}, id="an empty key"),
        pytest.param({"tokenLookup": []}, id="no lookup"),
        pytest.param({"claimPassBy": "header:x"}, id="claimPassBy"),
        pytest.param({"whitelist": ["/open"]}, id="whitelist"),
    ],
)
def test_a_config_that_cannot_be_enforced_is_refused(
    provider: ProviderKey, change: dict[str, Any]
) -> None:
    """Rather than enforcing something else than FC would."""
    config = {
        "jwks": {"keys": [provider.jwk]},
        "tokenLookup": "header:Authorization:Bearer",
        **change,
    }

    with pytest.raises(InvalidSpec):
        JwtAuthenticator(config, time.time)
