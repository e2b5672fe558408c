"""Each fault does to OSS what it says, as the official SDK sees it."""

import threading
from typing import Any

import alibabacloud_oss_v2 as oss
import pytest
import requests
from alibabacloud_oss_v2.exceptions import OperationError, RequestError, ResponseError, ServiceError

from devcloud import DevCloud, Fault
from devcloud.oss.crc64 import crc64
from tests.devcloud.clients import RawRequest
from tests.devcloud.oss_clients import BUCKET, error_of, new_client, signed

KEY = "keys/alice.pub"
BODY = b"ssh-rsa AAAA"


@pytest.fixture
def client(cloud: DevCloud) -> Any:
    """An SDK over a bucket of one object; no time-out is waited for, however busy the machine."""
    cloud.put_upload(KEY, BODY)
    return patient_for(20.0, cloud)


def patient_for(seconds: float, cloud: DevCloud) -> Any:
    return new_client(
        cloud.oss_endpoint,
        cloud.user_credentials(),
        connect_timeout=seconds,
        readwrite_timeout=seconds,
    )


def read(client: Any) -> bytes:
    content: bytes = client.get_object(oss.GetObjectRequest(BUCKET, KEY)).body.content
    return content


@pytest.mark.parametrize(
    ("fault", "status", "code", "message"),
    [
        pytest.param(
            Fault.error("AccessDenied", 403), 403, "AccessDenied", "You have no right", id="403"
        ),
        pytest.param(
            Fault.error("NoSuchKey", 404), 404, "NoSuchKey", "The specified key", id="404"
        ),
        pytest.param(
            Fault.error("PreconditionFailed", 412), 412, "PreconditionFailed", "At least", id="412"
        ),
        pytest.param(Fault.unavailable(500), 500, "InternalError", "Please contact", id="500"),
        pytest.param(Fault.unavailable(503), 503, "ServiceUnavailable", "Please reduce", id="503"),
    ],
)
def test_an_error_in_oss_own_shape(
    cloud: DevCloud, client: Any, fault: Fault, status: int, code: str, message: str
) -> None:
    """The SDK reads code, message and request id of a refusal; then all is as before."""
    cloud.fail_next("GetObject", fault)
    with pytest.raises(OperationError) as refusal:
        read(client)
    error = refusal.value.unwrap()

    assert isinstance(error, ServiceError)
    assert (status, code) == (error.status_code, error.code)
    assert error.message.startswith(message)
    assert cloud.calls_of("oss")[-1].request_id == error.request_id
    assert BODY == read(client)


def test_an_error_for_a_head(cloud: DevCloud, client: Any) -> None:
    """An answer to HEAD has no body; the SDK reads its error from x-oss-err."""
    cloud.fail_next("HeadObject", Fault.error("AccessDenied", 403))
    with pytest.raises(OperationError) as refusal:
        client.head_object(oss.HeadObjectRequest(BUCKET, KEY))

    assert "AccessDenied" == refusal.value.unwrap().code


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        pytest.param(Fault.reset_before_reading(), False, id="reset before reading"),
        pytest.param(Fault.reset_before_answer(), False, id="reset before the answer"),
        pytest.param(Fault.reset_before_answer().after_the_work(), True, id="answer lost"),
        pytest.param(Fault.unavailable(500), False, id="500"),
        pytest.param(Fault.unavailable(500).after_the_work(), True, id="500 after the work"),
    ],
)
def test_a_put_that_fails(cloud: DevCloud, client: Any, fault: Fault, kept: bool) -> None:  # noqa: FBT001 - of the table
    """What the client cannot know: whether the object was kept."""
    cloud.fail_next("PutObject", fault)
    with pytest.raises(OperationError) as failure:
        client.put_object(oss.PutObjectRequest(BUCKET, "new", body=b"new"))

    assert isinstance(failure.value.unwrap(), (RequestError, ResponseError, ServiceError))
    assert kept == ("new" in cloud.objects())


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        pytest.param(Fault.never_answer(), False, id="silence"),
        pytest.param(Fault.never_answer().after_the_work(), True, id="late silence"),
        pytest.param(Fault.slow(60.0), True, id="too slow"),
    ],
)
def test_a_put_whose_answer_comes_too_late(cloud: DevCloud, fault: Fault, kept: bool) -> None:  # noqa: FBT001 - of the table
    """The client gives up, perhaps before its request was read; the object is kept all the same."""
    cloud.fail_next("PutObject", fault)
    with pytest.raises(OperationError) as failure:
        patient_for(0.3, cloud).put_object(oss.PutObjectRequest(BUCKET, "new", body=b"new"))

    assert isinstance(failure.value.unwrap(), (RequestError, ResponseError))
    never = threading.Event()
    while not cloud.calls_of("oss"):  # recorded after the work
        never.wait(0.01)
    assert kept == ("new" in cloud.objects())


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault.cut_answer(), id="cut"),
        pytest.param(Fault.reset_during_answer(), id="reset during"),
    ],
)
def test_a_body_cut_short(cloud: DevCloud, client: Any, fault: Fault) -> None:
    """The head promises the whole body, and half of it comes; the SDK lets requests raise."""
    cloud.fail_next("GetObject", fault)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        read(client)


def test_a_wrong_checksum(cloud: DevCloud, client: Any) -> None:
    """The object comes whole, with the CRC-64 of another one."""
    cloud.fail_next("GetObject", Fault.wrong_crc64())
    answer = client.get_object(oss.GetObjectRequest(BUCKET, KEY))

    assert BODY == answer.body.content
    assert str(crc64(BODY)) != answer.hash_crc64


def test_a_wrong_checksum_of_an_upload(cloud: DevCloud, client: Any) -> None:
    """The SDK compares that of what it put; the object was kept all the same."""
    cloud.fail_next("PutObject", Fault.wrong_crc64())
    with pytest.raises(OperationError) as failure:
        client.put_object(oss.PutObjectRequest(BUCKET, "new", body=b"new"))

    assert "crc is inconsistent" in str(failure.value)
    assert b"new" == cloud.objects()["new"].body


def test_a_proxys_page(cloud: DevCloud) -> None:
    """An HTML page in place of XML, as from a gateway that cannot reach OSS."""
    cloud.fail_next("GetObject", Fault.html(502))
    request = RawRequest(cloud.oss_endpoint, "GET", f"/{BUCKET}/{KEY}")
    answer = signed(request, cloud.user_credentials()).send()

    assert (502, "text/html") == (answer.status, answer.headers["content-type"])


def test_uploads_for_a_test_meet_no_fault(cloud: DevCloud) -> None:
    """A fault waits for the next request over HTTP."""
    cloud.fail_next("PutObject", Fault.unavailable())
    cloud.put_upload(KEY, BODY)
    request = RawRequest(cloud.oss_endpoint, "PUT", f"/{BUCKET}/{KEY}")
    answer = signed(request, cloud.user_credentials()).send()

    assert BODY == cloud.objects()[KEY].body
    assert "ServiceUnavailable" == error_of(answer)["Code"]
