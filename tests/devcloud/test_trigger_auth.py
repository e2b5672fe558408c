"""The HTTP trigger's authType, enforced: who gets through to the function."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from devcloud import DevCloud, FunctionSpec, HttpTrigger
from devcloud.fc.exceptions import InvalidSpec
from devcloud.fc.jwt import JwtAuthenticator
from devcloud.fc.s_yaml import read_function
from tests.devcloud.clients import RawRequest
from tests.devcloud.conftest import PROBE

Claims = dict[str, Any]
KEY_ID = "key-1"


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
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwks(private_key: rsa.RSAPrivateKey) -> dict[str, Any]:
    numbers = private_key.public_key().public_numbers()
    key = {
        "kty": "RSA",
        "alg": "RS256",
        "use": "sig",
        "kid": KEY_ID,
        "n": base64url(numbers.n.to_bytes(256, "big")),
        "e": base64url(numbers.e.to_bytes(3, "big")),
    }
    return {"keys": [key]}


def token(private_key: rsa.RSAPrivateKey, claims: Claims, **head: str) -> str:
    parts = [{"alg": "RS256", "typ": "JWT", "kid": KEY_ID, **head}, claims]
    signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    signature = private_key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{base64url(signature)}"


def jwt_spec(auth_config: dict[str, Any]) -> FunctionSpec:
    trigger = HttpTrigger("web", "jwt", auth_config=auth_config)
    return replace(read_function(PROBE), http_trigger=trigger)


@pytest.fixture(scope="module")
def jwt_cloud(private_key: rsa.RSAPrivateKey) -> Iterator[DevCloud]:
    """The probe behind authType jwt."""
    config = {"jwks": jwks(private_key), "tokenLookup": "header:Authorization:Bearer"}
    with DevCloud(function=jwt_spec(config), enforce_auth=True) as running:
        yield running


def get(cloud: DevCloud, text: str) -> int:
    return requests.get(cloud.function_url, headers={"Authorization": text}, timeout=10).status_code


def test_a_good_token_passes(jwt_cloud: DevCloud, private_key: rsa.RSAPrivateKey) -> None:
    """RS256, by the key of the JWKS, not yet over."""
    assert 200 == get(jwt_cloud, f"Bearer {token(private_key, {'exp': time.time() + 60})}")


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
    jwt_cloud: DevCloud, private_key: rsa.RSAPrivateKey, claims: Claims, head: dict[str, str]
) -> None:
    """The signature is right each time; what it covers is not."""
    assert 403 == get(jwt_cloud, f"Bearer {token(private_key, claims, **head)}")


@pytest.mark.parametrize("spoil", ["other-key", "payload", "prefix", "empty", "two-parts", "text"])
def test_what_is_no_token_is_refused(
    jwt_cloud: DevCloud, private_key: rsa.RSAPrivateKey, spoil: str
) -> None:
    """Signed by another, changed after signing, or not a token at all."""
    good = token(private_key, {"exp": 9e9})
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    head, _, signature = good.split(".")
    payload = base64url(b'{"exp": 9000000001}')
    texts = {
        "other-key": f"Bearer {token(stranger, {'exp': 9e9})}",
        "payload": f"Bearer {head}.{payload}.{signature}",
        "prefix": good,
        "empty": "Bearer ",
        "two-parts": f"Bearer {head}.{signature}",
        "text": "Bearer a.b.c",
    }

    assert 403 == get(jwt_cloud, texts[spoil])


def test_a_token_in_the_query(private_key: rsa.RSAPrivateKey) -> None:
    """A tokenLookup may be a list of one object, and name a query parameter."""
    lookup = [{"readPosition": "query", "parameterName": "token", "prefix": ""}]
    config = {"jwks": json.dumps(jwks(private_key)), "tokenLookup": lookup}
    good = token(private_key, {"exp": 9e9})
    with DevCloud(function=jwt_spec(config), enforce_auth=True) as cloud:
        statuses = [
            requests.get(cloud.function_url, params=params, timeout=10).status_code
            for params in ({"token": good}, {})
        ]

    assert [200, 403] == statuses


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"jwks": {"keys": []}}, id="no key"),
        pytest.param({"jwks": {"keys": [{"kty": "EC"}]}}, id="another kind of key"),
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
    private_key: rsa.RSAPrivateKey, change: dict[str, Any]
) -> None:
    """Rather than enforcing something else than FC would."""
    config = {"jwks": jwks(private_key), "tokenLookup": "header:Authorization:Bearer", **change}

    with pytest.raises(InvalidSpec):
        JwtAuthenticator(config, time.time)
