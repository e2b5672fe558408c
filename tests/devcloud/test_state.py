"""The state over HTTP: each member shows what happened, and each guard keeps others out."""

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from devcloud import DevCloud, Fault
from devcloud.state.planning import KINDS, MAX_TIMES
from devcloud.state.responses import ANSWERS
from devcloud.state.service import StateService
from tests.devcloud.clients import RawRequest
from tests.devcloud.conftest import PROBE, Key, order
from tests.devcloud.raw_http import RawAnswer, exchange
from tests.devcloud.test_command import ROOT, endpoints
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


# Guards

JSON = {"Content-Type": "application/json"}


def raw(
    cloud: DevCloud,
    member: str = "health",
    *,
    method: str = "GET",
    body: bytes = b"",
    url: str = "",
    headers: Mapping[str, str] | None = None,
) -> RawAnswer:
    """Send a request by hand that is right but for what is told otherwise."""
    right = {"Host": urlsplit(cloud.state_url).netloc, "Content-Length": str(len(body))}
    path = url or f"{urlsplit(cloud.state_url).path}/{member}"
    fields = {**right, **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    octets = f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body
    address = urlsplit(cloud.state_url)
    return exchange(f"{address.scheme}://{address.netloc}", octets)


def own(cloud: DevCloud) -> str:
    return urlsplit(cloud.state_url).netloc


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda url: url[:-1], id="one character less"),
        pytest.param(lambda url: f"{url}x", id="one more"),
        pytest.param(lambda url: url.rpartition("/")[0], id="none"),
        pytest.param(lambda url: url.rpartition("/")[0] + "/", id="empty"),
        pytest.param(lambda url: url.swapcase(), id="another case"),
        pytest.param(lambda url: url.replace("_devcloud", "devcloud"), id="another prefix"),
        pytest.param(lambda url: f"/x{url}", id="in another place"),
        pytest.param(lambda url: f"{url[:-1]}%C3%A9", id="beyond ASCII"),
    ],
)
@pytest.mark.parametrize(("method", "member"), ANSWERS)
def test_without_the_token_nothing_is_answered(
    cloud: DevCloud, method: str, member: str, change: Callable[[str], str]
) -> None:
    """GET or POST; what would be right is not shown."""
    path = change(urlsplit(cloud.state_url).path)
    answer = raw(cloud, method=method, url=f"{path}/{member}", headers=JSON)

    assert (403, "AccessDenied") == (answer.status, answer.code)
    assert cloud.state_url.rpartition("/")[2].encode() not in answer.body


def test_every_cloud_has_a_token_of_its_own(cloud: DevCloud) -> None:
    """It has 256 bits, and is new at each start."""
    with DevCloud() as another:
        tokens = {one.state_url.rpartition("/")[2] for one in (cloud, another)}

    assert [43, 43] == [len(token) for token in tokens]


@pytest.mark.parametrize(
    "host", ["", "127.0.0.1", "127.0.0.1:1", "evil.example", "127.0.0.1:{}.evil.example"]
)
def test_another_host_is_refused(cloud: DevCloud, host: str) -> None:
    """So a name of somebody else's that resolves to 127.0.0.1 (DNS rebinding) leads nowhere."""
    port = own(cloud).partition(":")[2]

    assert 403 == raw(cloud, headers={"Host": host.format(port)}).status
    assert 403 == raw(cloud, url=f"http://evil.example{urlsplit(cloud.state_url).path}/").status
    assert 200 == raw(cloud, headers={"Host": f"localhost:{port}"}).status


@pytest.mark.parametrize(
    "origin", ["null", "", "http://evil.example", "http://127.0.0.1", "https://{}", "http://{}0"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_of_another_origin_is_refused(cloud: DevCloud, method: str, origin: str) -> None:
    """Even with the token; its own origin is let in."""
    member = {"GET": "health", "POST": "reset"}[method]
    foreign, ours = (
        {**JSON, "Origin": it} for it in (origin.format(own(cloud)), f"http://{own(cloud)}")
    )

    refused = raw(cloud, member, method=method, headers=foreign)
    let_in = raw(cloud, member, method=method, headers=ours)

    assert (403, "AccessDenied", 200) == (refused.status, refused.code, let_in.status)
    assert not [name for name in let_in.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x/json"],
)
@pytest.mark.parametrize("member", [member for method, member in ANSWERS if method == "POST"])
def test_a_post_is_json(cloud: DevCloud, member: str, content_type: str) -> None:
    """What a form on a foreign page can send is refused, and changes nothing."""
    cloud.fail_next("ImportKeyPair", Fault.unavailable())
    body = json.dumps(UNAVAILABLE).encode()

    answer = raw(cloud, member, method="POST", body=body, headers={"Content-Type": content_type})

    assert (415, "UnsupportedMediaType") == (answer.status, answer.code)
    assert 1 == len(cloud.faults.planned)


def test_a_charset_beside_json_is_let_through(cloud: DevCloud) -> None:
    """As clients of many languages send it, in any case."""
    headers = {"Content-Type": "Application/JSON; charset=UTF-8"}

    assert 200 == raw(cloud, "reset", method="POST", headers=headers).status


def test_a_large_body_is_refused(cloud: DevCloud) -> None:
    """Before it is read."""
    answer = raw(cloud, "faults", method="POST", body=b" " * (StateService.max_body_bytes + 1))

    assert (413, "EntityTooLarge") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("method", "member", "status", "allowed"),
    [
        ("GET", "", 404, None),
        ("GET", "keys", 404, None),
        ("GET", "health/", 404, None),
        ("POST", "health", 405, "GET"),
        ("GET", "reset", 405, "POST"),
        ("PUT", "faults", 405, "GET, POST"),
        ("OPTIONS", "reset", 405, "POST"),
        ("GET", "calls?service=nothing", 400, None),
        ("GET", "calls?bucket=uploads", 400, None),
        ("GET", "objects?bucket=nowhere", 404, None),
    ],
)
def test_what_is_not_there(
    cloud: DevCloud, method: str, member: str, status: int, allowed: str | None
) -> None:
    """Paths, methods, parameters: nothing is ignored."""
    answer = raw(cloud, member, method=method)

    assert (status, allowed) == (answer.status, answer.headers.get("allow"))


def test_it_listens_on_loopback_alone(cloud: DevCloud) -> None:
    """Answers are kept by no cache, and the address with the token goes to no other page."""
    answer = raw(cloud)

    assert own(cloud).startswith("127.0.0.1:")
    assert ("no-store", "no-referrer") == (
        answer.headers["cache-control"],
        answer.headers["referrer-policy"],
    )


# From a shell, and in another language


def test_the_state_file(tmp_path: Path) -> None:
    """JSON for the owner alone, for as long as devcloud runs; the token is printed nowhere."""
    file = tmp_path / "devcloud.json"
    command = [sys.executable, "-m", "devcloud", "--state-file", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        shown = endpoints(process.stdout)
        content = json.loads(file.read_text(encoding="utf-8"))
        mode = file.stat().st_mode & 0o777
        answer = requests.get(f"{content['state_url']}/health", timeout=10).json()
        process.send_signal(signal.SIGTERM)
        printed = process.stdout.read()

    assert (0, 0o600, False) == (process.returncode, mode, file.exists())
    assert {"status": "ok", "endpoints": content["endpoints"]} == answer
    assert shown["ENS"] == content["endpoints"]["ens"]
    assert content["state_url"].rpartition("/")[2] not in f"{shown}{printed}"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not there")
def test_curl_sets_a_fault(cloud: DevCloud) -> None:
    """As README has it."""
    command = ["curl", "-sS", "--noproxy", "*", "-H", "Content-Type: application/json", "-d"]
    run = subprocess.run(
        [*command, json.dumps(UNAVAILABLE), f"{cloud.state_url}/faults"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert {"action": "ImportKeyPair", "fault": "503 ServiceUnavailable", "times": 1} == json.loads(
        run.stdout
    )
    assert [("ImportKeyPair", Fault.unavailable())] == cloud.faults.planned
