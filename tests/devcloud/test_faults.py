"""Each fault does what it says, as the official SDK sees it; and the key is there, or is not."""

import contextlib
import http.client
import json
import threading
from typing import Any
from urllib.parse import urlsplit

import alibabacloud_oss_v2 as oss
import pytest
import requests
from alibabacloud_ens20171110 import models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException, ThrottlingException
from darabonba.runtime import RuntimeOptions

from devcloud import DevCloud, Fault
from devcloud.faults import FaultPlan
from tests.devcloud.clients import RawRequest, ens_client
from tests.devcloud.conftest import Key
from tests.devcloud.oss_clients import new_client

PATIENT_MS = 20_000  # where no time-out is expected, however busy the machine
IMPATIENT_MS = 300  # where one is


def import_key_pair(
    cloud: DevCloud, key: Key, *, read_timeout: int = PATIENT_MS, connect_timeout: int = PATIENT_MS
) -> Any:
    """Import once, with these milliseconds; raise what the SDK raises, requests' error inside."""
    client = ens_client(cloud.ens_endpoint, cloud.role_credentials())
    request = models.ImportKeyPairRequest(key_pair_name="alice", public_key_body=key.line)
    options = RuntimeOptions(read_timeout=read_timeout, connect_timeout=connect_timeout)
    return client.import_key_pair_with_options(request, options).body


def wait_for_a_call(cloud: DevCloud) -> None:
    """Return when one was recorded, which is after the work."""
    never = threading.Event()
    while not cloud.calls:
        never.wait(0.01)


def root_cause(error: BaseException) -> BaseException:
    """Find what the socket said, under the wrappings of the SDK, requests and urllib3."""
    while inner := getattr(error, "inner_exception", None) or error.__context__:
        error = inner
    return error


@pytest.mark.parametrize(
    ("fault", "cause", "performed"),
    [
        pytest.param(
            Fault.reset_before_reading(), ConnectionResetError, False, id="reset before reading"
        ),
        pytest.param(
            Fault.reset_before_answer(), ConnectionResetError, False, id="reset before answer"
        ),
        pytest.param(
            Fault.reset_before_answer().after_the_work(),
            ConnectionResetError,
            True,
            id="answer lost",
        ),
        pytest.param(Fault.reset_during_answer(), ConnectionResetError, True, id="reset during"),
        pytest.param(Fault.cut_answer(), http.client.IncompleteRead, True, id="cut"),
        pytest.param(Fault.never_answer(), TimeoutError, False, id="silence"),
        pytest.param(Fault.never_answer().after_the_work(), TimeoutError, True, id="late silence"),
    ],
)
def test_a_broken_connection(
    cloud: DevCloud,
    key: Key,
    fault: Fault,
    cause: type[Exception],
    performed: bool,  # noqa: FBT001 - a column
) -> None:
    """The client sees the break; the key is in exactly when the fault says that it performs."""
    cloud.fail_next("ImportKeyPair", fault)
    read_timeout = IMPATIENT_MS if cause is TimeoutError else PATIENT_MS

    with pytest.raises(Exception) as failure:  # noqa: PT011 - the cause inside is what counts
        import_key_pair(cloud, key, read_timeout=read_timeout)

    assert isinstance(root_cause(failure.value), cause)
    wait_for_a_call(cloud)  # on a busy machine, a client may give up before its request is read
    assert performed == fault.performs == bool(cloud.key_pairs)
    assert [(fault.name, performed)] == [(call.fault, call.performed) for call in cloud.calls]


@pytest.mark.parametrize(
    ("fault", "status", "code", "message"),
    [
        pytest.param(
            Fault.unavailable(500),
            500,
            "InternalError",
            "The request processing has failed due to some unknown error.",
            id="500",
        ),
        pytest.param(
            Fault.unavailable(),
            503,
            "ServiceUnavailable",
            "The request has failed due to a temporary failure of the server.",
            id="503",
        ),
        pytest.param(
            Fault.error("AuthorizationLimitExceed"),
            400,
            "AuthorizationLimitExceed",
            "The limit of authorization records in the security group reaches.",
            id="documented",
        ),
        pytest.param(Fault.error("Quota.Exceeded", 409, "Full."), 409, "Quota.Exceeded", "Full."),
        pytest.param(Fault.error("New.Code"), 400, "New.Code", "New.Code", id="no message known"),
    ],
)
@pytest.mark.parametrize("performed", [False, True])
def test_an_error_answer(  # noqa: PLR0917 - a row
    cloud: DevCloud,
    key: Key,
    fault: Fault,
    status: int,
    code: str,
    message: str,
    performed: bool,  # noqa: FBT001 - a column
) -> None:
    """A refusal in ENS's shape, before or after the work."""
    cloud.fail_next("ImportKeyPair", fault.after_the_work() if performed else fault)

    with pytest.raises(AlibabaCloudException) as failure:
        import_key_pair(cloud, key)

    assert (status, code) == (failure.value.status_code, failure.value.code)
    assert message == failure.value.data["Message"]
    assert performed == bool(cloud.key_pairs)


@pytest.mark.parametrize(
    ("status", "retry_after_ms"), [(400, None), (429, 40), (429, None), (503, 40)]
)
def test_throttling(cloud: DevCloud, key: Key, status: int, retry_after_ms: int | None) -> None:
    """Throttling.User, with x-acs-retry-after in milliseconds only when it is asked for."""
    cloud.fail_next("ImportKeyPair", Fault.throttled(status, retry_after_ms))

    with pytest.raises(AlibabaCloudException) as failure:
        import_key_pair(cloud, key)

    assert (status, "Throttling.User") == (failure.value.status_code, failure.value.code)
    if isinstance(failure.value, ThrottlingException):  # the SDK's 503 is a ServerException
        assert retry_after_ms == failure.value.retry_after


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        pytest.param(Fault.html(), 502, "text/html", b"<html>", id="HTML"),
        pytest.param(Fault.empty_body(), 200, "application/json", b"", id="empty"),
        pytest.param(Fault.empty_body(500), 500, "application/json", b"", id="empty 500"),
        pytest.param(Fault.truncated_json(), 200, "application/json", b'{"', id="truncated"),
        pytest.param(Fault.not_an_object(), 200, "application/json", b"[", id="a list"),
        pytest.param(Fault.answer(418, b"tea", "text/plain"), 418, "text/plain", b"tea"),
    ],
)
def test_an_answer_that_is_none(
    cloud: DevCloud, fault: Fault, status: int, content_type: str, body: bytes
) -> None:
    """Whole as HTTP goes, and of no use to the client."""
    cloud.fail_next("DescribeKeyPairs", fault)
    answer = RawRequest(cloud.ens_endpoint, headers={"x-acs-action": "DescribeKeyPairs"}).send()

    assert (status, content_type) == (answer.status, answer.headers["content-type"])
    assert answer.body.startswith(body)
    assert str(len(answer.body)) == answer.headers["content-length"]


def test_a_wrong_fingerprint(cloud: DevCloud, key: Key) -> None:
    """The import is carried out, and its answer tells of another key."""
    cloud.fail_next("ImportKeyPair", Fault.wrong_fingerprint())

    assert "0" * 32 == import_key_pair(cloud, key).key_pair_finger_print
    assert [key.md5_fingerprint] == [pair.fingerprint for pair in cloud.key_pairs]


def test_an_answer_that_is_no_json_object_stays_as_it_is(cloud: DevCloud) -> None:
    """An altered member has no place in it, and that breaks no connection."""
    cloud.fail_next("ListBuckets", Fault.altered_answer("RequestId", "x"))
    answer = new_client(cloud.oss_endpoint, cloud.user_credentials()).list_buckets(
        oss.ListBucketsRequest()
    )

    assert ["uploads"] == [bucket.name for bucket in answer.buckets or []]
    assert ["another RequestId"] == [call.fault for call in cloud.calls_of("oss")]


def test_another_header(cloud: DevCloud) -> None:
    """Any header of an answer can be made wrong."""
    cloud.fail_next("DescribeKeyPairs", Fault.altered_header("x-acs-request-id", "another"))
    request = RawRequest(cloud.ens_endpoint, headers={"x-acs-action": "DescribeKeyPairs"})

    answer = request.signed(cloud.role_credentials()).send()

    assert "another" == answer.headers["x-acs-request-id"]


def test_a_slow_answer_comes_whole(cloud: DevCloud, key: Key) -> None:
    """Later than usual, but in time."""
    cloud.fail_next("ImportKeyPair", Fault.slow(0.05))

    assert key.md5_fingerprint == import_key_pair(cloud, key).key_pair_finger_print


def test_faults_strike_in_order_and_as_often_as_told(cloud: DevCloud) -> None:
    """Plans for one action follow each other; other actions are left alone."""
    cloud.fail_next("ImportKeyPair", Fault.unavailable(500))
    cloud.fail_next("DescribeKeyPairs", Fault.unavailable(503), times=2)
    cloud.fail_next("DescribeKeyPairs", Fault.unavailable(500))
    request = RawRequest(cloud.ens_endpoint, headers={"x-acs-action": "DescribeKeyPairs"})

    statuses = [request.signed(cloud.role_credentials()).send().status for _ in range(4)]

    assert [503, 503, 500, 200] == statuses


def test_faults_drawn_at_random_can_be_repeated() -> None:
    """One seed, one sequence; about the share that was asked for; every kind comes."""
    kinds = [Fault.unavailable(500), Fault.unavailable(503), Fault.reset_before_answer()]

    def draw() -> list[Fault | None]:
        plan = FaultPlan()
        plan.fail_at_random(["A", "B"], kinds, rate=0.1, seed=7)
        return [plan.take("AB"[number % 2]) for number in range(1000)]

    drawn = draw()
    struck = [fault for fault in drawn if fault]
    assert drawn == draw()
    assert 70 < len(struck) < 130
    assert set(kinds) == set(struck)


def test_cleared_faults_strike_no_more() -> None:
    """Both those queued and those drawn."""
    plan = FaultPlan()
    plan.fail_next("A", Fault.unavailable())
    plan.fail_at_random(["A"], [Fault.unavailable()], rate=1.0, seed=1)
    plan.clear()

    assert plan.take("A") is None


def test_refused_connections(cloud: DevCloud, key: Key) -> None:
    """Connections are refused for a while, those already open end, and then all is as before."""
    client = ens_client(cloud.ens_endpoint, cloud.role_credentials())
    request = models.DescribeKeyPairsRequest()
    client.describe_key_pairs_with_options(request, RuntimeOptions())

    with (
        cloud.refusing_connections(),
        pytest.raises(Exception) as failure,  # noqa: PT011 - the cause inside is what counts
    ):
        client.describe_key_pairs_with_options(request, RuntimeOptions())

    assert isinstance(root_cause(failure.value), ConnectionRefusedError)
    assert key.md5_fingerprint == import_key_pair(cloud, key).key_pair_finger_print


def test_a_refused_endpoint(cloud: DevCloud) -> None:
    """An address on which nothing ever listens."""
    with pytest.raises(requests.ConnectionError) as failure:
        requests.get(cloud.refused_endpoint, timeout=5)

    assert isinstance(root_cause(failure.value), ConnectionRefusedError)


def test_connecting_times_out(cloud: DevCloud, key: Key) -> None:
    """The backlog is full: a connect time-out, not a refusal; and then all is as before."""
    with (
        cloud.ignoring_connections(),
        pytest.raises(Exception) as failure,  # noqa: PT011 - the cause inside is what counts
    ):
        import_key_pair(cloud, key, connect_timeout=IMPATIENT_MS)

    assert "ConnectTimeout" in str(failure.value)
    assert [] == cloud.calls
    assert key.md5_fingerprint == import_key_pair(cloud, key).key_pair_finger_print


def test_a_service_comes_back_even_after_an_exception(cloud: DevCloud) -> None:
    """A test that fails in the middle leaves a cloud that works."""
    with contextlib.suppress(ZeroDivisionError), cloud.refusing_connections():
        raise ZeroDivisionError

    assert 400 == requests.get(cloud.ens_endpoint, timeout=5).status_code


def test_a_connection_left_to_die_is_reset_when_used(cloud: DevCloud) -> None:
    """It was good before, nothing was said in between; a new one works, and no call was seen."""
    connection = http.client.HTTPConnection(urlsplit(cloud.ens_endpoint).netloc, timeout=5)
    connection.request("GET", "/?Version=2017-11-10&Action=DescribeKeyPairs")
    assert "MissingAccessKeyId" == json.load(connection.getresponse())["Code"]
    cloud.let_connections_die()

    connection.request("GET", "/")
    with pytest.raises(ConnectionResetError):
        connection.getresponse()

    connection.close()
    assert 1 == len(cloud.calls)
    assert 400 == requests.get(cloud.ens_endpoint, timeout=5).status_code


def test_leaving_ends_requests_that_are_never_answered() -> None:
    """A client that waits without end is let go when the cloud is left."""
    ended = threading.Event()

    def wait_for_an_answer(endpoint: str) -> None:
        with contextlib.suppress(requests.ConnectionError):
            requests.get(endpoint, params={"Action": "DescribeKeyPairs"}, timeout=60)
        ended.set()

    with DevCloud() as cloud:
        cloud.fail_next("DescribeKeyPairs", Fault.never_answer())
        client = threading.Thread(target=wait_for_an_answer, args=[cloud.ens_endpoint])
        client.start()
        wait_for_a_call(cloud)

    assert ended.wait(10)
    client.join()
    with pytest.raises(requests.ConnectionError):
        requests.get(cloud.ens_endpoint, timeout=5)
