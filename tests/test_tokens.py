"""
s.jwt.yaml as it is deployed: whose tokens import a key, and under which names.

devcloud's gateway verifies signature and times, as FC's does; the function asks whether the token
was made for it. One cloud has the provider's key alone, the other the key that comes next too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from devcloud import DevCloud
from devcloud.fc.s_yaml import read_function
from tests.conftest import PATIENT
from tests.fakes.provider import ProviderKey
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.keys.ssh_keys import SshKey

FIRST, NEXT, UNKNOWN = ProviderKey("key-1"), ProviderKey("key-2"), ProviderKey("key-1")
CLAIMS = {"aud": "key-import", "iss": "https://id.example.com/", "sub": "alice", "exp": 9e9}
FIRST_KEY = {"JWK_KID": FIRST.kid, "JWK_N": FIRST.jwk["n"]}
NEXT_KEY = {"NEXT_JWK_KID": NEXT.kid, "NEXT_JWK_N": NEXT.jwk["n"]}
SETTINGS = {
    "JWT_AUDIENCE": "key-import",
    "JWT_ISSUER": "https://id.example.com/",
    "CALLER_NAME_PREFIX": "app:",
}


def cloud_of(exported: Mapping[str, str]) -> DevCloud:
    """Return what `s deploy -t s.jwt.yaml` makes where these variables are exported."""
    with pytest.MonkeyPatch.context() as shell:
        for name, value in exported.items():
            shell.setenv(name, value)
        function = read_function(PROJECT, "s.jwt.yaml")
    return DevCloud(function=function, function_env=PATIENT, enforce_auth=True, project=PROJECT)


@pytest.fixture(scope="module")
def one_key() -> Iterator[DevCloud]:
    with cloud_of({**FIRST_KEY, **SETTINGS}) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def two_keys() -> Iterator[DevCloud]:
    with cloud_of({**FIRST_KEY, **NEXT_KEY, **SETTINGS}) as cloud:
        yield cloud


def call(url: str, token: str, name: str, body: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.post(url, body, params={"KeyPairName": name}, headers=headers, timeout=30)


@pytest.mark.parametrize(
    ("cloud", "provider"),
    [
        pytest.param("one_key", FIRST, id="the key"),
        pytest.param("two_keys", FIRST, id="the first of two"),
        pytest.param("two_keys", NEXT, id="the next of two"),
    ],
)
def test_a_token_for_this_function(
    request: pytest.FixtureRequest, cloud: str, provider: ProviderKey, key: SshKey, name: str
) -> None:
    """Signed by a key of the provider, for this function: the key pair is imported."""
    running: DevCloud = request.getfixturevalue(cloud)

    answer = call(running.function_url, provider.token(CLAIMS), f"app:{name}", key.line)

    assert (200, "imported") == (answer.status_code, answer.headers["X-Import-Outcome"])
    assert [key.md5] == [
        pair.fingerprint for pair in running.key_pairs if pair.name == f"app:{name}"
    ]


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        pytest.param({"aud": "cafeteria"}, "caller_not_allowed", id="the cafeteria's app"),
        pytest.param({"iss": "https://other.example"}, "caller_not_allowed", id="another issuer"),
        pytest.param({"aud": None}, "caller_not_allowed", id="no audience"),
    ],
)
def test_a_token_for_another_program(
    one_key: DevCloud, key: SshKey, claims: dict[str, Any], reason: str
) -> None:
    """The same provider's signature: the gateway lets it pass, the function does not."""
    answer = call(one_key.function_url, FIRST.token({**CLAIMS, **claims}), "app:admin", key.line)
    line = json.loads(one_key.function_logs().splitlines()[-1])

    assert (403, "NoPermission", reason) == (
        answer.status_code,
        answer.json()["Code"],
        answer.json()["Reason"],
    )
    assert "X-Fc-Error-Type" not in answer.headers
    assert ("warning", "refused", reason, "alice") == (
        line["level"],
        line["outcome"],
        line["reason"],
        line["caller"],
    )
    assert "app:admin" not in [pair.name for pair in one_key.key_pairs]


@pytest.mark.parametrize(
    ("provider", "claims"),
    [
        pytest.param(NEXT, CLAIMS, id="a key that is not deployed"),
        pytest.param(UNKNOWN, CLAIMS, id="a key of the same name"),
        pytest.param(FIRST, {**CLAIMS, "exp": 1e9}, id="over"),
    ],
)
def test_what_the_gateway_refuses(
    one_key: DevCloud, key: SshKey, provider: ProviderKey, claims: dict[str, Any]
) -> None:
    """The function is not reached."""
    before = len(one_key.function_logs())

    answer = call(one_key.function_url, provider.token(claims), "app:x", key.line)

    assert (403, "FcCommonError") == (answer.status_code, answer.headers["X-Fc-Error-Type"])
    assert before == len(one_key.function_logs())


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        pytest.param({"aud": "cafeteria"}, "app:x", id="a token for another program"),
        pytest.param({}, "root-admin", id="a name without the prefix"),
    ],
)
def test_a_private_key_is_told_first(
    one_key: DevCloud, key: SshKey, claims: dict[str, Any], name: str
) -> None:
    """Whoever sends one must learn that before anything else, and the log says who it was."""
    answer = call(one_key.function_url, FIRST.token({**CLAIMS, **claims}), name, key.private)
    line = json.loads(one_key.function_logs().splitlines()[-1])

    assert (400, "private_key") == (answer.status_code, answer.json()["Reason"])
    assert ("private_key", "alice", "127.0.0.1") == (
        line["reason"],
        line["caller"],
        line["source_ip"],
    )


def test_api_gateway_needs_a_token_too(one_key: DevCloud, key: SshKey, name: str) -> None:
    """Whatever it lets through by its own rules."""
    url = one_key.api_gateway_url

    none, other, good = (
        call(url, token, f"app:{name}", key.line)
        for token in ("", FIRST.token({**CLAIMS, "aud": "cafeteria"}), FIRST.token(CLAIMS))
    )

    assert [403, 403, 200] == [none.status_code, other.status_code, good.status_code]
    assert "caller_not_allowed" == none.json()["Reason"]


def test_direct_invocations_are_rams(one_key: DevCloud, key: SshKey, name: str) -> None:
    """No token, but the same names: only uploads are free of the prefix."""
    event = {"KeyPairName": f"app:{name}", "PublicKeyBody": key.line}

    imported, refused = (
        json.loads(one_key.invoke(json.dumps(each).encode()).body)
        for each in (event, {**event, "KeyPairName": name})
    )

    assert f"app:{name}" == imported["KeyPairName"]
    assert "name_without_prefix" == refused["Reason"]


def test_names_outside_of_the_prefix(one_key: DevCloud, key: SshKey) -> None:
    """A good token is no right to every name."""
    answer = call(one_key.function_url, FIRST.token(CLAIMS), "root-admin", key.line)

    assert (400, "InvalidParameter.KeyPairName", "name_without_prefix") == (
        answer.status_code,
        answer.json()["Code"],
        answer.json()["Reason"],
    )
    assert "app:" in answer.json()["Description"]
    assert "root-admin" not in [pair.name for pair in one_key.key_pairs]


def test_uploads_have_all_other_names(one_key: DevCloud, key: SshKey, name: str) -> None:
    """Who may write to the bucket and who has a token cannot use each other's names."""
    reserved, free = f"keys/app/{name}.pub", f"keys/team/{name}.pub"
    for path in (reserved, free):
        one_key.put_upload(path, key.line.encode())
    one_key.drain()
    receipts = {
        path: json.loads(stored.body)
        for path in (reserved, free)
        for stored in one_key.objects().values()
        if stored.key.startswith(f"receipts/{path}/")
    }

    assert ("refused", "name_reserved") == (
        receipts[reserved]["outcome"],
        receipts[reserved]["reason"],
    )
    assert "imported" == receipts[free]["outcome"]
    names = [pair.name for pair in one_key.key_pairs]
    assert (f"team:{name}" in names, f"app:{name}" in names) == (True, False)
