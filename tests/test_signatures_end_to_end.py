"""What ENS refuses for its signature, token or policy, and what the function's caller hears."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from core.errors import PermissionDenied
from devcloud import DevCloud
from tests.callers import DirectCaller, Watch, post
from tests.fakes.key_pairs import IMPORT, LOOK_UP, valid_pair
from tests.fakes.raw_server import RawServer
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fakes.raw_server import Answer as Behaviour
    from tests.keys.ssh_keys import SshKey


def policy(*actions: str) -> dict[str, Any]:
    """Allow a role these actions."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "1", "Statement": [statement]}


@pytest.mark.parametrize(
    ("settings", "cloud_options", "code"),
    [
        pytest.param(
            {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "made-up"},
            {},
            "SignatureDoesNotMatch",
            id="wrong secret",
        ),
        pytest.param(
            {"ALIBABA_CLOUD_ACCESS_KEY_ID": "STS.made-up"},
            {},
            "InvalidAccessKeyId.NotFound",
            id="wrong key id",
        ),
        pytest.param(
            {"ALIBABA_CLOUD_SECURITY_TOKEN": "made-up"},
            {},
            "InvalidSecurityToken.Malformed",
            id="wrong token",
        ),
        pytest.param(
            {}, {"role_session_seconds": 0}, "InvalidSecurityToken.Expired", id="expired token"
        ),
    ],
)
def test_credentials_that_do_not_fit(
    settings: dict[str, str], cloud_options: dict[str, Any], code: str, name: str, key: SshKey
) -> None:
    """They are the function's own, so it is unavailable; ENS's code is in the description."""
    with DevCloud(function=True, function_env=settings, project=PROJECT, **cloud_options) as cloud:
        answer = post(cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)

        assert (503, "ServiceUnavailable", "role_credentials") == (
            answer.status,
            answer.body["Code"],
            answer.body["Reason"],
        )
        assert code in answer.body["Description"]
        assert [code] == [call.code for call in cloud.calls]
        assert cloud.calls[0].request_id == answer.body["RequestId"]
        assert [] == cloud.key_pairs


def test_a_role_without_the_permission(name: str, key: SshKey) -> None:
    """ENS's 403 is passed on, and says which action to allow, and where."""
    allowed = policy("ens:DescribeKeyPairs")
    with DevCloud(function=True, role_policy=allowed, project=PROJECT) as cloud:
        answer = post(cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)

        assert (403, "Forbidden.RAM", "role_permission") == (
            answer.status,
            answer.body["Code"],
            answer.body["Reason"],
        )
        assert "ens:ImportKeyPair" in answer.body["Description"]
        assert [IMPORT] == [call.action for call in cloud.calls]


def test_a_role_that_may_only_import(name: str, key: SshKey, another_key: SshKey) -> None:
    """Imports work; what needs a look-up ends in ENS's first error, or is refused beforehand."""
    allowed = policy("ens:ImportKeyPair")
    with DevCloud(function=True, role_policy=allowed, project=PROJECT) as cloud:
        first = post(cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)
        taken = post(cloud.function_url, KeyPairName=name, PublicKeyBody=another_key.line)
        asynchronous = DirectCaller(
            cloud.ens_endpoint, cloud.role_credentials(), look_up_first=True
        ).exactly_once()
        with pytest.raises(PermissionDenied) as refusal:
            asynchronous.import_key_pair(valid_pair(name, key.line, key.md5))

        assert 200 == first.status
        assert (400, "InvalidKeyPairName.Duplicate") == (taken.status, taken.body["Code"])
        assert "ens:DescribeKeyPairs" in refusal.value.description
        assert [key.md5] == [pair.fingerprint for pair in cloud.key_pairs]


@dataclass(frozen=True, slots=True)
class Tapped:
    """A function whose line to ENS is tapped: what passes is read, changed, or sent again."""

    cloud: DevCloud
    line: RawServer

    def let_pass(self, change: Callable[[bytes], bytes] = bytes, *, times: int = 1) -> Behaviour:
        """Pass a request on to ENS, changed or more than once; answer with what it says last."""

        def behave(line: RawServer, connection: socket.socket) -> bool:
            request = change(line.requests[-1])
            answers = [self.ask_ens(request) for _ in range(times)]
            connection.sendall(answers[-1])
            return False

        return behave

    def ask_ens(self, request: bytes) -> bytes:
        """Send these bytes to ENS, on a connection of their own; return its answer."""
        port = int(self.cloud.ens_endpoint.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as ens:
            ens.sendall(request)
            ens.shutdown(socket.SHUT_WR)  # no further request: ENS closes after its answer
            answer = b""
            while part := ens.recv(65536):
                answer += part
        return answer


@pytest.fixture(scope="module")
def tapped() -> Iterator[Tapped]:
    with (
        RawServer() as line,
        DevCloud(
            duplicate_names="accepted",
            function=True,
            function_env={"ENS_ENDPOINT": f"http://{line.host}"},
            project=PROJECT,
        ) as cloud,
    ):
        yield Tapped(cloud, line)


def test_a_tampered_parameter(tapped: Tapped, name: str, key: SshKey) -> None:
    """A request that somebody changed on its way takes effect under no name."""
    ens = Watch.over(tapped.cloud, "mallory")
    tapped.line.prepare(tapped.let_pass(lambda head: head.replace(name.encode(), b"mallory")))

    answer = post(tapped.cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)

    assert (503, "ServiceUnavailable", "role_credentials") == (
        answer.status,
        answer.body["Code"],
        answer.body["Reason"],
    )
    assert "SignatureDoesNotMatch" in answer.body["Description"]
    assert [IMPORT] == ens.actions
    assert [] == ens.fingerprints


def test_a_request_that_arrives_twice(tapped: Tapped, name: str, key: SshKey) -> None:
    """Of a doubled request ENS refuses the second; what the first did is found, and answered."""
    ens = Watch.over(tapped.cloud, name)
    tapped.line.prepare(tapped.let_pass(times=2), tapped.let_pass())

    answer = post(tapped.cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)

    assert (200, "already_imported") == (answer.status, answer.headers["x-import-outcome"])
    assert [IMPORT, IMPORT, LOOK_UP] == ens.actions
    assert "SignatureNonceUsed" == tapped.cloud.calls[ens.start + 1].code
    assert [key.md5] == ens.fingerprints


def test_a_replayed_request(tapped: Tapped, name: str, key: SshKey) -> None:
    """A request that was recorded and is sent again later makes no second key pair."""
    ens = Watch.over(tapped.cloud, name)
    tapped.line.prepare(tapped.let_pass())
    post(tapped.cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)

    answer = tapped.ask_ens(tapped.line.requests[0])

    assert b"SignatureNonceUsed" in answer
    assert [key.md5] == ens.fingerprints


def test_a_replay_in_the_place_of_a_request(
    tapped: Tapped, name: str, key: SshKey, another_key: SshKey
) -> None:
    """Where an older request is sent instead of ours, the caller hears ENS's own refusal."""
    tapped.line.prepare(tapped.let_pass())
    post(tapped.cloud.function_url, KeyPairName=f"{name}-old", PublicKeyBody=another_key.line)
    (recorded,) = tapped.line.requests
    ens = Watch.over(tapped.cloud, name)
    tapped.line.prepare(tapped.let_pass(lambda _head: recorded), tapped.let_pass())

    answer = post(tapped.cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)

    assert (400, "SignatureNonceUsed") == (answer.status, answer.body["Code"])
    assert [IMPORT, LOOK_UP] == ens.actions
    assert [] == ens.fingerprints


def test_a_clock_that_is_wrong(name: str, key: SshKey) -> None:
    """An hour's difference to ENS's clock is no fault of the caller's."""
    with DevCloud(function=True, project=PROJECT, clock=lambda: time.time() + 3600) as cloud:
        answer = post(cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)

        assert (503, "ServiceUnavailable") == (answer.status, answer.body["Code"])
        assert {"InvalidTimeStamp.Expired"} == {call.code for call in cloud.calls}
