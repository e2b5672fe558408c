"""The official ENS SDK with its endpoint changed from ENS's to the function's, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from alibabacloud_ens20171110.client import Client
from alibabacloud_ens20171110.models import DescribeKeyPairsRequest, ImportKeyPairRequest
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException
from alibabacloud_tea_openapi.utils_models import Config

from devcloud import DevCloud, Fault
from tests.callers import Watch
from tests.conftest import PATIENT
from tests.devcloud.clients import call_by_old_sdk
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from devcloud import Credentials
    from tests.fakes.key_pairs import DuplicateNames
    from tests.keys.ssh_keys import SshKey


@pytest.fixture(scope="module")
def cloud() -> Iterator[DevCloud]:
    """The function behind its trigger as s.yaml has it: who calls must sign, and be allowed to."""
    with DevCloud(
        function=True, function_env=PATIENT, enforce_auth=True, project=PROJECT
    ) as running:
        yield running


@pytest.fixture(scope="module")
def user(cloud: DevCloud) -> Credentials:
    return cloud.user_credentials()


def sdk(cloud: DevCloud, access_key_id: str, access_key_secret: str) -> Any:
    """Make the SDK's client, as its users do."""
    return Client(
        Config(
            access_key_id=access_key_id,
            access_key_secret=access_key_secret,
            endpoint=cloud.function_url.removeprefix("http://"),
            protocol="http",
        )
    )


@pytest.fixture
def client(cloud: DevCloud, user: Credentials) -> Any:
    cloud.faults.clear()
    return sdk(cloud, user.access_key_id, user.access_key_secret)


def test_imports_a_key(cloud: DevCloud, client: Any, key: SshKey, name: str) -> None:
    """The SDK's answer is filled as ENS fills it."""
    answer = client.import_key_pair(
        ImportKeyPairRequest(key_pair_name=name, public_key_body=key.line)
    )

    assert (200, key.md5, name) == (
        answer.status_code,
        answer.body.key_pair_finger_print,
        answer.body.key_pair_name,
    )
    assert cloud.calls[-1].request_id == answer.body.request_id
    assert [key.md5] == [pair.fingerprint for pair in cloud.key_pairs if pair.name == name]


@pytest.mark.parametrize("comment", ["a+b c&d=e%2B", "café 密钥", ""])
def test_what_the_query_could_garble(client: Any, key: SshKey, name: str, comment: str) -> None:
    """Names and comments come through the SDK's encoding and ours."""
    answer = client.import_key_pair(
        ImportKeyPairRequest(
            key_pair_name=f"密钥:{name}", public_key_body=f"ssh-rsa {key.body} {comment}"
        )
    )

    assert (f"密钥:{name}", key.md5) == (
        answer.body.key_pair_name,
        answer.body.key_pair_finger_print,
    )


@pytest.mark.parametrize(
    ("public_key", "reason"),
    [
        pytest.param("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43, "wrong_key_type"),
        pytest.param("hello", "not_a_key"),
    ],
    ids=["ed25519", "a word"],
)
def test_a_bad_key(client: Any, name: str, public_key: str, reason: str) -> None:
    """The SDK raises its own exception, with our code, description and reason in it."""
    with pytest.raises(ClientException) as raised:
        client.import_key_pair(ImportKeyPairRequest(key_pair_name=name, public_key_body=public_key))

    error = raised.value
    assert (400, "InvalidPublicKeyBody.Malformed", reason) == (
        error.status_code,
        error.code,
        error.data["Reason"],
    )
    assert "The PublicKeyBody format is not supported." in error.message
    assert error.data["Description"] == error.description
    assert len(error.description) > 20
    assert error.data["RequestId"] == error.request_id


@pytest.mark.parametrize(
    ("request_members", "code"),
    [
        pytest.param({"key_pair_name": "alice"}, "MissingParameter", id="no key"),
        pytest.param(
            {"key_pair_name": "1", "public_key_body": "valid"},
            "InvalidParameter.KeyPairName",
            id="a bad name",
        ),
    ],
)
def test_other_refusals(
    client: Any, key: SshKey, request_members: dict[str, str], code: str
) -> None:
    """Each refusal is the SDK's ClientException with the documented code."""
    if "public_key_body" in request_members:
        request_members = request_members | {"public_key_body": key.line}

    with pytest.raises(ClientException) as raised:
        client.import_key_pair(ImportKeyPairRequest(**request_members))

    assert code == raised.value.code


def test_another_action(client: Any) -> None:
    """The function is no ENS: what it does not do, it says in the API's own words."""
    with pytest.raises(ClientException) as raised:
        client.describe_key_pairs(DescribeKeyPairsRequest(page_number="1", page_size="10"))

    assert (404, "InvalidAction.NotFound") == (raised.value.status_code, raised.value.code)


def test_ens_is_down(cloud: DevCloud, client: Any, key: SshKey, name: str) -> None:
    """What ENS does not answer is the SDK's ServerException."""
    request = ImportKeyPairRequest(key_pair_name=name, public_key_body=key.line)
    with cloud.refusing_connections(), pytest.raises(ServerException) as raised:
        client.import_key_pair(request)

    assert (503, "ServiceUnavailable") == (raised.value.status_code, raised.value.code)


def test_an_error_of_ens(cloud: DevCloud, client: Any, key: SshKey, name: str) -> None:
    """ENS's own errors reach the SDK as if it had asked ENS: code, message and RequestId."""
    cloud.fail_next("ImportKeyPair", Fault.error("AuthorizationLimitExceed"))
    ens = Watch.over(cloud, name)

    with pytest.raises(ClientException) as raised:
        client.import_key_pair(ImportKeyPairRequest(key_pair_name=name, public_key_body=key.line))

    assert (400, "AuthorizationLimitExceed") == (raised.value.status_code, raised.value.code)
    assert "limit of authorization records" in raised.value.message
    assert cloud.calls[ens.start].request_id == raised.value.request_id


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_older_sdk(
    clouds: Mapping[DuplicateNames, DevCloud],
    user: Credentials,
    key: SshKey,
    name: str,
    method: str,
) -> None:
    """aliyun-python-sdk-core signs as RPC V1; FC cannot check that, so here nobody does."""
    cloud = clouds["refused"]
    cloud.faults.clear()
    parameters = {"Action": "ImportKeyPair", "KeyPairName": name, "PublicKeyBody": key.line}

    answer = call_by_old_sdk(cloud.function_url, user, parameters, method)

    assert (key.md5, name) == (answer["KeyPairFingerPrint"], answer["KeyPairName"])


def test_a_caller_whom_nobody_knows(cloud: DevCloud, key: SshKey, name: str) -> None:
    """FC's gateway turns away who cannot sign, and the function never hears of it."""
    stranger = sdk(cloud, "made-up-id", "made-up")
    logged = cloud.function_logs()

    with pytest.raises(ClientException) as raised:
        stranger.import_key_pair(ImportKeyPairRequest(key_pair_name=name, public_key_body=key.line))

    assert 403 == raised.value.status_code
    assert logged == cloud.function_logs()
