"""ENS's four actions through the official SDK, in both kinds of ENS."""

from typing import Any, NoReturn
from urllib.parse import urlencode

import pytest
from alibabacloud_ens20171110 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from darabonba.runtime import RuntimeOptions

from devcloud import DevCloud, KeyPair
from devcloud.ens.models import KeyPairs
from devcloud.http_message import ServiceError
from tests.devcloud.clients import RawRequest, ens_client
from tests.devcloud.conftest import ENS_POLICY, Key


def import_key_pair(cloud: DevCloud, name: str, line: str) -> dict[str, Any]:
    client = ens_client(cloud.ens_endpoint, cloud.role_credentials())
    request = models.ImportKeyPairRequest(key_pair_name=name, public_key_body=line)
    answer: dict[str, Any] = client.import_key_pair_with_options(
        request, RuntimeOptions()
    ).body.to_map()
    return answer


def describe(cloud: DevCloud, **parameters: Any) -> dict[str, Any]:
    client = ens_client(cloud.ens_endpoint, cloud.role_credentials())
    request = models.DescribeKeyPairsRequest(**parameters)
    answer: dict[str, Any] = client.describe_key_pairs_with_options(
        request, RuntimeOptions()
    ).body.to_map()
    return answer


def test_imports_a_key_pair(cloud: DevCloud, key: Key) -> None:
    """The answer has the documented members, and ssh-keygen's MD5 fingerprint, bare."""
    answer = import_key_pair(cloud, "alice", key.line)

    assert {"KeyPairFingerPrint", "KeyPairName", "RequestId"} == set(answer)
    assert ("alice", key.md5_fingerprint) == (answer["KeyPairName"], answer["KeyPairFingerPrint"])
    assert [("alice", key.line)] == [(pair.name, pair.public_key) for pair in cloud.key_pairs]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("place", ["query", "form"])
def test_takes_parameters_from_query_and_form(
    cloud: DevCloud, key: Key, method: str, place: str
) -> None:
    """Both methods are documented, and the parameters may stand in either place."""
    parameters = {"KeyPairName": "alice", "PublicKeyBody": key.line}
    request = RawRequest(cloud.ens_endpoint, method, headers={"x-acs-action": "ImportKeyPair"})
    if place == "query":
        request = request.with_query(**parameters)
    else:
        request = RawRequest(
            cloud.ens_endpoint,
            method,
            headers={
                "x-acs-action": "ImportKeyPair",
                "content-type": "application/x-www-form-urlencoded",
            },
            body=urlencode(parameters).encode(),
        )

    answer = request.signed(cloud.role_credentials()).send()

    assert (200, "alice") == (answer.status, answer.json.get("KeyPairName"))


@pytest.mark.parametrize(
    ("name", "line_change", "code"),
    [
        pytest.param("", "", "MissingParameter", id="no name"),
        pytest.param("a", "", "InvalidParameter.KeyPairName", id="one character"),
        pytest.param("a" * 129, "", "InvalidParameter.KeyPairName", id="129 characters"),
        pytest.param("1a", "", "InvalidParameter.KeyPairName", id="a digit in front"),
        pytest.param("http://a", "", "InvalidParameter.KeyPairName", id="a URL"),
        pytest.param("a b", "", "InvalidParameter.KeyPairName", id="a blank"),
        pytest.param("alice", "ssh-dss", "InvalidPublicKeyBody.Malformed", id="another type"),
        pytest.param("alice", "two", "InvalidPublicKeyBody.Malformed", id="two keys"),
        pytest.param("alice", "cut", "InvalidPublicKeyBody.Malformed", id="cut short"),
    ],
)
def test_refuses_what_breaks_a_rule(
    cloud: DevCloud, key: Key, name: str, line_change: str, code: str
) -> None:
    """Each refusal has the documented code, and status 400."""
    changed = {
        "": key.line,
        "ssh-dss": key.line.replace("ssh-rsa", "ssh-dss"),
        "two": f"{key.line}\n{key.line}",
        "cut": key.line[:200],
    }

    with pytest.raises(ClientException) as refusal:
        import_key_pair(cloud, name, changed[line_change])

    assert (400, code) == (refusal.value.status_code, refusal.value.code)
    assert [] == cloud.key_pairs


@pytest.mark.parametrize("name", ["al", "键对", "a" * 128, "字_1-2:3", "Z9"])
def test_takes_every_name_that_the_manual_allows(cloud: DevCloud, key: Key, name: str) -> None:
    """English and Chinese letters, digits, colon, underscore, hyphen; 2 to 128 of them."""
    assert name == import_key_pair(cloud, name, key.line)["KeyPairName"]


def test_the_error_document_has_the_documented_members(cloud: DevCloud) -> None:
    """Code, Message, HostId, RequestId and Recommend: what the SDKs read."""
    request = RawRequest(cloud.ens_endpoint, headers={"x-acs-action": "ImportKeyPair"})

    answer = request.signed(cloud.role_credentials()).send()

    assert {"RequestId", "HostId", "Code", "Message", "Recommend"} == set(answer.json)
    assert (
        "The input parameter that is mandatory for processing this request is not supplied."
        == answer.json["Message"]
    )
    assert answer.json["RequestId"] == answer.headers["x-acs-request-id"]


def test_refuses_a_taken_name(key: Key) -> None:
    """Where duplicate names are refused, the first pair stays."""
    with DevCloud(duplicate_names="refused", role_policy=ENS_POLICY) as cloud:
        import_key_pair(cloud, "alice", key.line)

        with pytest.raises(ClientException) as refusal:
            import_key_pair(cloud, "alice", key.line)

        assert "InvalidKeyPairName.Duplicate" == refusal.value.code
        assert 1 == len(cloud.key_pairs)


def test_accepts_a_taken_name(key: Key) -> None:
    """Where they are accepted, a second pair is made, with an id of its own."""
    with DevCloud(duplicate_names="accepted", role_policy=ENS_POLICY) as cloud:
        import_key_pair(cloud, "alice", key.line)
        import_key_pair(cloud, "alice", key.line)

        assert ["alice", "alice"] == [pair.name for pair in cloud.key_pairs]
        assert 2 == len({pair.id for pair in cloud.key_pairs})


def test_describes_page_by_page(cloud: DevCloud, key: Key) -> None:
    """Ten a page unless told; the pages together hold each pair once, in one order."""
    for number in range(12):
        import_key_pair(cloud, f"key{number:02}", key.line)

    first, second = describe(cloud), describe(cloud, page_number=2)
    beyond = describe(cloud, page_number=3)

    assert (12, 1, 10) == (first["TotalCount"], first["PageNumber"], first["PageSize"])
    names = [p["KeyPairName"] for page in (first, second) for p in page["KeyPairs"]["KeyPair"]]
    assert [f"key{number:02}" for number in range(12)] == names
    assert [] == beyond["KeyPairs"]["KeyPair"]


def test_describes_one_by_name_or_id(cloud: DevCloud, key: Key) -> None:
    """A name matches exactly; so does an id."""
    import_key_pair(cloud, "alice", key.line)
    import_key_pair(cloud, "alice2", key.line)
    wanted = cloud.key_pairs[0]

    by_name = describe(cloud, key_pair_name="alice")["KeyPairs"]["KeyPair"]
    by_id = describe(cloud, key_pair_id=wanted.id)["KeyPairs"]["KeyPair"]

    shown = {
        "CreationTime": wanted.creation_time,
        "KeyPairFingerPrint": key.md5_fingerprint,
        "KeyPairId": wanted.id,
        "KeyPairName": "alice",
    }
    assert [shown] == by_name == by_id


@pytest.mark.parametrize("page_number", ["0", "-1", "x", "١"])
def test_refuses_a_page_that_is_no_number(cloud: DevCloud, page_number: str) -> None:
    """Pages count from 1."""
    with pytest.raises(ClientException) as refusal:
        describe(cloud, page_number=page_number)

    assert "InvalidParameter.PageNumber" == refusal.value.code


def test_creates_and_deletes_a_key_pair(cloud: DevCloud) -> None:
    """CreateKeyPair hands out the private half of the key that DescribeKeyPairs shows."""
    client = ens_client(cloud.ens_endpoint, cloud.role_credentials())
    request = models.CreateKeyPairRequest(key_pair_name="made")
    made = client.create_key_pair_with_options(request, RuntimeOptions()).body

    assert [made.key_pair_finger_print] == [pair.fingerprint for pair in cloud.key_pairs]
    assert made.private_key_body.startswith("-----BEGIN RSA " + "PRIVATE KEY-----")

    client.delete_key_pairs_with_options(
        models.DeleteKeyPairsRequest(key_pair_name="made"), RuntimeOptions()
    )
    assert [] == cloud.key_pairs
    with pytest.raises(ClientException) as refusal:
        client.delete_key_pairs_with_options(
            models.DeleteKeyPairsRequest(key_pair_name="made"), RuntimeOptions()
        )
    assert "InvalidKeyPairName.NotFound" == refusal.value.code


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        pytest.param({"x-acs-action": "RunInstances"}, 501, "NotImplemented", id="other action"),
        pytest.param({"x-acs-version": "2016-01-01"}, 400, "InvalidVersion", id="other version"),
        pytest.param({"x-acs-action": ""}, 400, "MissingAction", id="no action"),
    ],
)
def test_says_what_it_does_not_emulate(
    cloud: DevCloud, change: dict[str, str], status: int, code: str
) -> None:
    """What devcloud does not do is refused as such, never answered with a success."""
    headers = {"x-acs-action": "DescribeKeyPairs", **change}
    answer = RawRequest(cloud.ens_endpoint, headers=headers).signed(cloud.role_credentials()).send()

    assert (status, code) == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/elsewhere", 404), ("PUT", "/", 405)],
)
def test_knows_one_path_and_two_methods(
    cloud: DevCloud, method: str, path: str, status: int
) -> None:
    """An RPC-style API is GET or POST on the root."""
    request = RawRequest(
        cloud.ens_endpoint, method, path, headers={"x-acs-action": "DescribeKeyPairs"}
    )

    assert status == request.signed(cloud.role_credentials()).send().status


def test_throttles_above_the_rate() -> None:
    """Above the rate the SDK sees a throttling error that says, in milliseconds, when to come."""
    now = [1_800_000_000.0]
    with DevCloud(throttle_per_second=2, role_policy=ENS_POLICY, clock=lambda: now[0]) as cloud:
        credentials = cloud.role_credentials()

        def call() -> tuple[int, str]:
            request = RawRequest(
                cloud.ens_endpoint,
                headers={
                    "x-acs-action": "DescribeKeyPairs",
                    "x-acs-date": "2027-01-15T08:00:00Z",  # the cloud's clock
                },
            )
            answer = request.signed(credentials).send()
            return answer.status, answer.headers.get("x-acs-retry-after", "")

        assert [(200, ""), (200, ""), (400, "501")] == [call() for _ in range(3)]
        now[0] += 0.5
        assert [(200, ""), (400, "501")] == [call() for _ in range(2)]


def test_records_its_calls_without_values(cloud: DevCloud, key: Key) -> None:
    """A record has names, status, code and request id, and nothing of a key."""
    answer = import_key_pair(cloud, "alice", key.line)
    with pytest.raises(ClientException):
        import_key_pair(cloud, "1", key.line)

    first, second = cloud.calls
    assert ("ImportKeyPair", ("KeyPairName", "PublicKeyBody")) == (first.action, first.parameters)
    assert (200, "", answer["RequestId"]) == (first.status, first.code, first.request_id)
    assert (400, "InvalidParameter.KeyPairName") == (second.status, second.code)
    assert key.line.split()[1] not in repr(cloud.calls)


class _NeverWalked(dict[str, KeyPair]):
    """A dict that finds, and may not be walked through."""

    def __iter__(self) -> NoReturn:
        raise AssertionError("every key pair was looked at")

    items = keys = values = __iter__


def test_a_name_is_found_without_a_look_at_the_others(key: Key) -> None:
    """An import, a look-up and a removal cost the same however many key pairs there are."""
    key_pairs = KeyPairs("refused", clock=lambda: 0.0)
    key_pairs.add("alice", key.line)
    key_pairs._by_id = _NeverWalked(key_pairs._by_id)

    bob = key_pairs.add("bob", key.line)

    with pytest.raises(ServiceError, match="Duplicate"):
        key_pairs.add("bob", key.line)
    assert [bob] == key_pairs.matching("bob", "") == key_pairs.matching("", bob.id)
    key_pairs.remove([bob])
    assert [] == key_pairs.matching("bob", "") == key_pairs.matching("", bob.id)
