"""The state over HTTP: each member shows what happened, and resets or changes what it says."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from devcloud import DevCloud, Fault
from devcloud.state import responses
from devcloud.state.planning import KINDS, MAX_TIMES
from tests.devcloud.clients import RawRequest
from tests.devcloud.conftest import PROBE, Key, order
from tests.devcloud.test_faults import import_key_pair


def get(cloud: DevCloud, member: str) -> Any:
    answer = requests.get(f"{cloud.state_url}/{member}", timeout=10)
    assert 200 == answer.status_code
    return answer.json()


def post(cloud: DevCloud, member: str, content: Any) -> requests.Response:
    return requests.post(f"{cloud.state_url}/{member}", json=content, timeout=10)


# Members


def test_health_names_every_endpoint(probe: DevCloud) -> None:
    """Whoever has the one address finds the others."""
    assert {
        "status": "ok",
        "endpoints": {
            "ens": probe.ens_endpoint,
            "sts": probe.sts_endpoint,
            "oss": probe.oss_endpoint,
            "fc": probe.fc_endpoint,
            "http-trigger": probe.function_url,
            "api-gateway": probe.api_gateway_url,
        },
    } == get(probe, "health")


def test_key_pairs_and_calls_are_shown_without_the_key(cloud: DevCloud, key: Key) -> None:
    """What ENS holds and was asked, as ``cloud.key_pairs`` and ``cloud.calls`` have it."""
    import_key_pair(cloud, key)

    (pair,) = cloud.key_pairs
    (call,) = cloud.calls
    assert {
        "key_pairs": [
            {
                "name": "alice",
                "id": pair.id,
                "fingerprint": key.md5_fingerprint,
                "creation_time": pair.creation_time,
            }
        ]
    } == get(cloud, "key-pairs")
    (shown,) = get(cloud, "calls")["calls"]
    assert ("ens", "ImportKeyPair", 200, call.request_id) == (
        shown["service"],
        shown["action"],
        shown["status"],
        shown["request_id"],
    )
    assert ("", True) == (shown["fault"], shown["performed"])
    assert "PublicKeyBody" in shown["parameters"]
    assert key.line.split()[1] not in json.dumps([get(cloud, "calls"), get(cloud, "key-pairs")])


def test_calls_of_one_service(cloud: DevCloud) -> None:
    """Those of the others are left out; reading the state is no call."""
    for endpoint in (cloud.ens_endpoint, cloud.sts_endpoint):
        RawRequest(endpoint, headers={"x-acs-action": "Any"}).send()

    services = [
        [call["service"] for call in get(cloud, f"calls{query}")["calls"]]
        for query in ("", "?service=ens", "?service=sts", "?service=oss")
    ]
    assert [["ens", "sts"], ["ens"], ["sts"], []] == services


def test_objects_are_shown_without_their_bodies(one_object: DevCloud) -> None:
    """Of the upload bucket, or of the one that is named."""
    one_object.create_bucket("another")
    (stored,) = one_object.objects().values()

    assert {
        "bucket": "uploads",
        "objects": [
            {
                "key": stored.key,
                "size": stored.size,
                "etag": stored.etag,
                "crc64": str(stored.crc64),
                "last_modified": stored.last_modified,
                "headers": dict(stored.headers),
            }
        ],
    } == get(one_object, "objects")
    assert {"bucket": "another", "objects": []} == get(one_object, "objects?bucket=another")


def test_faults_are_set_listed_and_cleared(cloud: DevCloud, key: Key) -> None:
    """A fault that is set over HTTP strikes the official SDK as one that is set in Python."""
    plan = {
        "action": "ImportKeyPair",
        "fault": "throttled",
        "arguments": {"status": 429, "retry_after_ms": 40},
        "after_the_work": True,
        "times": 2,
    }
    planned = {
        "action": "ImportKeyPair",
        "fault": "429 Throttling.User after the work",
        "times": 2,
    }
    assert planned == post(cloud, "faults", plan).json()
    cloud.faults.fail_at_random(["DescribeKeyPairs"], [Fault.unavailable()], rate=0.5, seed=1)
    assert {"faults": [planned], "at_random": ["DescribeKeyPairs"]} == get(cloud, "faults")
    with pytest.raises(Exception, match=r"Throttling\.User"):
        import_key_pair(cloud, key)
    assert [key.md5_fingerprint] == [pair.fingerprint for pair in cloud.key_pairs]
    assert [{**planned, "times": 1}] == get(cloud, "faults")["faults"]

    assert {} == post(cloud, "faults/clear", {}).json()
    assert {"faults": [], "at_random": []} == get(cloud, "faults")


ARGUMENTS: dict[str, dict[str, Any]] = {
    "slow": {"seconds": 0.5},
    "error": {"code": "Any", "status": 409, "message": "Full."},
    "unavailable": {"status": 500},
    "throttled": {"status": 429, "retry_after_ms": None, "code": "Throttling"},
    "answer": {"status": 200, "body": "小", "content_type": "text/plain"},
    "html": {"status": 504},
    "altered_answer": {"member": "RequestId", "value": "x"},
    "altered_header": {"name": "x-acs-request-id", "value": "x"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_can_be_set(cloud: DevCloud, kind: str) -> None:
    """With all its arguments; it is the one that Python makes."""
    arguments = ARGUMENTS.get(kind, {})
    plan = {"action": "ImportKeyPair", "fault": kind, "arguments": arguments}

    assert 200 == post(cloud, "faults", plan).status_code

    body = {"body": b"\xe5\xb0\x8f"} if kind == "answer" else {}
    assert [("ImportKeyPair", KINDS[kind](**arguments | body))] == cloud.faults.planned


UNAVAILABLE = {"action": "ImportKeyPair", "fault": "unavailable"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([], "the body is a JSON object."),
        (1, "the body is a JSON object."),
        ({}, "action is the name of an action"),
        ({"action": "a b", "fault": "html"}, "action is the name of an action"),
        ({"action": "A"}, "fault is one of reset_before_reading, "),
        ({"action": "A", "fault": "after_the_work"}, "fault is one of "),
        ({"action": "A", "fault": ["html"]}, "fault is one of "),
        ({**UNAVAILABLE, "time": 2}, "there is no member 'time'; there are action, "),
        ({**UNAVAILABLE, "times": 0}, f"times is a whole number from 1 to {MAX_TIMES}."),
        ({**UNAVAILABLE, "times": True}, f"times is a whole number from 1 to {MAX_TIMES}."),
        ({**UNAVAILABLE, "times": 10**9}, f"times is a whole number from 1 to {MAX_TIMES}."),
        ({**UNAVAILABLE, "after_the_work": 1}, "after_the_work is true or false."),
        ({**UNAVAILABLE, "arguments": []}, "arguments is an object."),
        ({**UNAVAILABLE, "arguments": {"code": 1}}, "unavailable has no argument 'code'; it has s"),
        ({**UNAVAILABLE, "arguments": {"status": 99}}, "status is a whole number from 200 to 599."),
        ({"action": "A", "fault": "html", "arguments": {"status": "502"}}, "status is a whole n"),
        ({"action": "A", "fault": "slow"}, "slow needs the argument seconds."),
        ({"action": "A", "fault": "slow", "arguments": {"seconds": -1}}, "seconds is a number fr"),
        ({"action": "A", "fault": "error", "arguments": {"code": "a\r\nb"}}, "code is a text of"),
        (
            {"action": "A", "fault": "answer", "arguments": {"status": 200, "body": 1}},
            "body is a text, sent as UTF-8.",
        ),
        (
            {"action": "A", "fault": "altered_header", "arguments": {"name": "a b", "value": "c"}},
            "name is the name of a header field.",
        ),
    ],
)
def test_a_wrong_fault_is_explained(cloud: DevCloud, content: Any, sentence: str) -> None:
    """400, what would be right, and nothing is planned."""
    answer = post(cloud, "faults", content)

    assert (400, "InvalidParameter") == (answer.status_code, answer.json()["Code"])
    assert answer.json()["Message"].startswith(sentence)
    assert [] == cloud.faults.planned


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 20_000, b'{"times": NaN}', b'{"times": 1e999}']
)
def test_what_is_no_fault_at_all_is_refused(cloud: DevCloud, body: bytes) -> None:
    """Also JSON that Python's reader gives up on."""
    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{cloud.state_url}/faults", body, headers=headers, timeout=10)

    assert (400, "InvalidParameter") == (answer.status_code, answer.json()["Code"])


@pytest.fixture
def fresh_probe() -> Iterator[DevCloud]:
    """A cloud with the probe function, whose retries do not wait."""
    with DevCloud(project=PROBE, function=True, retry_pace=0) as running:
        yield running


def test_async_invocations_are_shown_without_their_events(fresh_probe: DevCloud) -> None:
    """With the attempts and their end."""
    succeeded = fresh_probe.invoke_async(order("context"))
    fresh_probe.drain()
    attempt = {"delivery": 1, "retry_count": 0, "error_type": ""}

    assert {
        "async_invocations": [
            {
                "function": fresh_probe._running_function.spec.name,
                "request_id": succeeded,
                "outcome": "succeeded",
                "attempts": [attempt],
            }
        ]
    } == get(fresh_probe, "async-invocations")


def test_drain_answers_when_all_came_to_their_end(fresh_probe: DevCloud) -> None:
    """So a test in another language need not ask again and again."""
    for _ in range(3):
        fresh_probe.invoke_async(order("context"))

    assert {} == post(fresh_probe, "async-invocations/drain", {}).json()

    assert ["succeeded"] * 3 == [each.outcome for each in fresh_probe.async_invocations]


def test_drain_tells_that_invocations_are_still_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """503 after a while; here at once."""
    monkeypatch.setattr(responses, "DRAIN_SECONDS", 0.0)
    with DevCloud(project=PROBE, function=True, retry_pace=3600) as cloud:
        cloud.invoke_async(order("raise"))

        answer = post(cloud, "async-invocations/drain", {})

    assert (503, "NotDrained") == (answer.status_code, answer.json()["Code"])


def test_a_cloud_without_a_function_has_no_invocations(cloud: DevCloud) -> None:
    """That is an answer, and no error."""
    assert {"async_invocations": []} == get(cloud, "async-invocations")


def test_reset_forgets_everything_that_tests_leave(fresh_probe: DevCloud, key: Key) -> None:
    """Buckets, the function and credentials stay; names are free again."""
    cloud = fresh_probe
    credentials = cloud.role_credentials()
    cloud._key_pairs.add("alice", key.line)
    cloud.put_upload("a", b"b")
    cloud._oss.buckets.get("uploads").uploads.initiate("c", {})
    cloud.fail_next("ImportKeyPair", Fault.unavailable())
    cloud.invoke_async(order("context"))
    cloud.drain()
    describe = RawRequest(cloud.ens_endpoint, headers={"x-acs-action": "DescribeKeyPairs"})
    describe.signed(credentials).send()

    assert {} == post(cloud, "reset", {}).json()

    assert ([], [], []) == (cloud.key_pairs, cloud.calls, cloud.async_invocations)
    assert {} == cloud.objects()
    assert [] == list(cloud._oss.buckets.get("uploads").uploads)
    assert ([], []) == (cloud.faults.planned, cloud.destination_messages)
    cloud._key_pairs.add("alice", key.line)
    assert 403 == describe.signed(credentials).send().status  # known, and not allowed
    assert "" == cloud.invoke(order("context")).error_type


def test_reset_with_invocations_under_way() -> None:
    """What waits is dropped, what runs ends and is not retried, and nobody hears of it."""
    with DevCloud(project=PROBE, function=True, retry_pace=3600) as cloud:
        cloud.invoke_async(order("raise"))
        retried = threading.Event()
        while not cloud.async_invocations[0].attempts:
            retried.wait(0.01)

        cloud.reset()

        cloud.drain(10)
        assert ([], []) == (cloud.async_invocations, cloud.destination_messages)
