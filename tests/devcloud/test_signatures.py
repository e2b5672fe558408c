"""Who may call: signatures of both kinds, tokens, clocks, nonces; good ones pass, others do not."""

import base64
import hmac
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException

from devcloud import Credentials, DevCloud
from tests.devcloud.clients import RawRequest, call_by_old_sdk
from tests.devcloud.conftest import ENS_POLICY, Key

Spoil = Callable[[RawRequest], RawRequest]


def describe(cloud: DevCloud) -> RawRequest:
    return RawRequest(
        cloud.ens_endpoint,
        query={"PageSize": "10"},
        headers={"x-acs-action": "DescribeKeyPairs", "content-type": "application/json"},
    )


def test_a_good_signature_passes(cloud: DevCloud) -> None:
    """What the official SDK's own code signs is accepted."""
    answer = describe(cloud).signed(cloud.role_credentials()).send()

    assert 200 == answer.status


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(lambda r: r.with_query(PageSize="11"), "SignatureDoesNotMatch", id="a value"),
        pytest.param(lambda r: r.with_query(More="1"), "SignatureDoesNotMatch", id="one more"),
        pytest.param(lambda r: replace(r, query={}), "SignatureDoesNotMatch", id="one less"),
        pytest.param(lambda r: replace(r, method="GET"), "SignatureDoesNotMatch", id="the method"),
        pytest.param(lambda r: replace(r, body=b"x"), "SignatureDoesNotMatch", id="the body"),
        pytest.param(
            lambda r: r.with_headers(x_acs_action="ImportKeyPair"),
            "SignatureDoesNotMatch",
            id="the action",
        ),
        pytest.param(
            lambda r: r.with_headers(x_acs_signature_nonce="other"),
            "SignatureDoesNotMatch",
            id="the nonce",
        ),
        pytest.param(
            lambda r: r.with_headers(content_type="text/plain"),
            "SignatureDoesNotMatch",
            id="the content type",
        ),
        pytest.param(
            lambda r: r.with_headers(x_acs_extra="1"), "IncompleteSignature", id="a header unsigned"
        ),
        pytest.param(
            lambda r: r.without_header("x-acs-signature-nonce"),
            "IncompleteSignature",
            id="without its nonce",
        ),
        pytest.param(
            lambda r: r.with_headers(authorization="ACS3-HMAC-SHA256 nothing"),
            "IncompleteSignature",
            id="no claim in the header",
        ),
        pytest.param(
            lambda r: r.with_headers(authorization=r.headers["authorization"][:-1]),
            "IncompleteSignature",
            id="a signature too short",
        ),
        pytest.param(
            lambda r: r.without_header("authorization"), "MissingAccessKeyId", id="unsigned"
        ),
    ],
)
def test_a_request_changed_after_signing_is_refused(
    cloud: DevCloud, spoil: Spoil, code: str
) -> None:
    """Every part of a request is covered by its signature, or must be."""
    answer = spoil(describe(cloud).signed(cloud.role_credentials())).send()

    assert (400, code) == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("falsify", "status", "code"),
    [
        pytest.param(
            lambda c: replace(c, access_key_secret="x" * 44),
            400,
            "SignatureDoesNotMatch",
            id="another secret",
        ),
        pytest.param(
            lambda c: replace(c, access_key_id="STS.Nunknown"),
            404,
            "InvalidAccessKeyId.NotFound",
            id="an unknown key",
        ),
        pytest.param(
            lambda c: replace(c, security_token="malformed"),
            400,
            "InvalidSecurityToken.Malformed",
            id="an unknown token",
        ),
        pytest.param(
            lambda c: replace(c, security_token=None),
            400,
            "InvalidSecurityToken.Malformed",
            id="no token",
        ),
    ],
)
def test_false_credentials_are_refused(
    cloud: DevCloud, falsify: Callable[[Credentials], Credentials], status: int, code: str
) -> None:
    """A wrong secret or token is told apart from an unknown key, as the real gateway does."""
    answer = describe(cloud).signed(falsify(cloud.role_credentials())).send()

    assert (status, code) == (answer.status, answer.code)


def test_the_token_of_another_session_is_refused(cloud: DevCloud) -> None:
    """A token goes with one access key."""
    mixed = replace(
        cloud.role_credentials(), security_token=cloud.role_credentials().security_token
    )

    answer = describe(cloud).signed(mixed).send()

    assert "InvalidSecurityToken.MismatchWithAccessKey" == answer.code


def test_an_expired_session_is_refused(cloud: DevCloud) -> None:
    """Temporary credentials end when they say."""
    answer = describe(cloud).signed(cloud.role_credentials(duration_seconds=0)).send()

    assert (400, "InvalidSecurityToken.Expired") == (answer.status, answer.code)


def test_a_replayed_request_is_refused(cloud: DevCloud) -> None:
    """A nonce is good for one request, the same or another."""
    request = describe(cloud).signed(cloud.role_credentials())

    assert [200, 400] == [request.send().status for _ in range(2)]
    assert "SignatureNonceUsed" == request.send().code


def test_a_refused_signature_spends_no_nonce(cloud: DevCloud) -> None:
    """Who cannot sign cannot use up another's nonce."""
    request = describe(cloud).signed(cloud.role_credentials())

    assert "SignatureDoesNotMatch" == request.with_query(PageSize="11").send().code
    assert 200 == request.send().status


@pytest.mark.parametrize(
    ("ahead_seconds", "code"),
    [(-901, "InvalidTimeStamp.Expired"), (-880, ""), (880, ""), (901, "InvalidTimeStamp.Expired")],
)
def test_clocks_may_differ_by_fifteen_minutes(ahead_seconds: int, code: str) -> None:
    """Fifteen minutes either way; the client's clock is right here, the cloud's is not."""
    with DevCloud(role_policy=ENS_POLICY, clock=lambda: time.time() + ahead_seconds) as cloud:
        answer = describe(cloud).signed(cloud.role_credentials()).send()

    assert code == answer.code


def test_a_date_that_is_none_is_refused(cloud: DevCloud) -> None:
    """Only ISO 8601, in UTC."""
    request = describe(cloud).with_headers(x_acs_date="Tue, 24 Nov 2026 03:00:00 GMT")

    assert "InvalidTimeStamp.Format" == request.signed(cloud.role_credentials()).send().code


def test_no_refusal_tells_a_secret(cloud: DevCloud) -> None:
    """What is refused is answered without the secret, the token, or the right signature."""
    credentials = cloud.role_credentials()
    request = describe(cloud).signed(credentials)
    right_signature = request.headers["authorization"].rpartition("=")[2]

    text = request.with_headers(x_acs_action="ImportKeyPair").send().body.decode()

    assert credentials.access_key_secret not in text
    assert str(credentials.security_token) not in text
    assert right_signature not in text
    assert credentials.access_key_secret not in repr(credentials)


# RPC V1


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", ["role", "user"])
def test_an_older_sdk_passes(cloud: DevCloud, key: Key, method: str, kind: str) -> None:
    """aliyun-python-sdk-core signs as RPC V1; a user's key has no token."""
    credentials = cloud.role_credentials() if kind == "role" else cloud.user_credentials()
    parameters = {"Action": "ImportKeyPair", "KeyPairName": "alice", "PublicKeyBody": key.line}

    if kind == "role":
        answer = call_by_old_sdk(cloud.ens_endpoint, credentials, parameters, method)
        assert key.md5_fingerprint == answer["KeyPairFingerPrint"]
    else:  # known, but without permission for ENS
        with pytest.raises(ServerException) as refusal:
            call_by_old_sdk(cloud.ens_endpoint, credentials, parameters, method)
        assert "Forbidden.RAM" == refusal.value.error_code


@pytest.mark.parametrize(
    ("falsify", "code"),
    [
        (lambda c: replace(c, access_key_secret="x"), "SignatureDoesNotMatch"),
        (lambda c: replace(c, access_key_id="STS.Nunknown"), "InvalidAccessKeyId.NotFound"),
        (lambda c: replace(c, security_token="x"), "InvalidSecurityToken.Malformed"),
    ],
    ids=["another secret", "an unknown key", "an unknown token"],
)
def test_an_older_sdk_with_false_credentials_is_refused(
    cloud: DevCloud, falsify: Callable[[Credentials], Credentials], code: str
) -> None:
    """The same refusals as for today's signatures."""
    with pytest.raises(ServerException) as refusal:
        call_by_old_sdk(
            cloud.ens_endpoint, falsify(cloud.role_credentials()), {"Action": "DescribeKeyPairs"}
        )

    assert code == refusal.value.error_code


def v1_request(cloud: DevCloud, credentials: Credentials, method: str, digest: str) -> RawRequest:
    """Sign by hand, for what the SDK does not let one spoil."""
    query = {
        "Action": "DescribeKeyPairs",
        "Version": "2017-11-10",
        "AccessKeyId": credentials.access_key_id,
        "SecurityToken": str(credentials.security_token),
        "SignatureMethod": method,
        "SignatureVersion": "1.0",
        "SignatureNonce": "nonce-of-a-test",
        "Timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    canonical = "&".join(
        f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in sorted(query.items())
    )
    to_sign = f"GET&%2F&{quote(canonical, safe='~')}".encode()
    mac = hmac.digest(f"{credentials.access_key_secret}&".encode(), to_sign, digest)
    query["Signature"] = base64.b64encode(mac).decode()
    return RawRequest(cloud.ens_endpoint, "GET", query=query)


@pytest.mark.parametrize(("method", "digest"), [("HMAC-SHA1", "sha1"), ("HMAC-SHA256", "sha256")])
def test_both_digests_of_rpc_v1_pass_once(cloud: DevCloud, method: str, digest: str) -> None:
    """SHA-1 and SHA-256; a replay is refused."""
    request = v1_request(cloud, cloud.role_credentials(), method, digest)

    assert [200, 400] == [request.send().status for _ in range(2)]
    assert "SignatureNonceUsed" == request.send().code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"PageSize": "9"}, "SignatureDoesNotMatch", id="a parameter added"),
        pytest.param({"SignatureNonce": ""}, "MissingSignatureNonce", id="no nonce"),
        pytest.param({"Timestamp": "now"}, "InvalidTimeStamp.Format", id="no time"),
        pytest.param(
            {"Timestamp": "2020-04-26T15:38:27Z"}, "InvalidTimeStamp.Expired", id="another time"
        ),
        pytest.param({"SignatureMethod": "HMAC-MD5"}, "InvalidSignatureMethod", id="MD5"),
    ],
)
def test_a_spoiled_rpc_v1_request_is_refused(
    cloud: DevCloud, change: dict[str, Any], code: str
) -> None:
    """Each with the code that the real gateway gives."""
    request = v1_request(cloud, cloud.role_credentials(), "HMAC-SHA1", "sha1")

    assert code == request.with_query(**change).send().code
