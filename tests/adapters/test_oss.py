"""Every way in which a call of OSS can end, translated once: on devcloud, and on worse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from adapters.credentials import Credentials
from adapters.oss import (
    BLOCK,
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    Oss,
    OssCall,
    OssObjects,
    TimedHttp,
    internal_endpoint,
    normalised_etag,
)
from core.errors import (
    ImportFailure,
    InvalidRequest,
    OssError,
    RoleCredentialsUnusable,
    ServiceUnavailable,
)
from core.uploads.bucket import MAX_OBJECT_SIZE, NoSuchObject, ObjectExists, ObjectReplaced
from devcloud import DevCloud, Fault
from tests.adapters.calls import PLANTED, everything_said
from tests.fakes.raw_server import RawServer, http, send, send_and_close, send_and_reset

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "uploads"
KEY, CONTENT = "keys/团队/a b+c.pub", b"ssh-rsa AAAA alice"
GET, PUT = "GetObject", "PutObject"
POLICY = {
    "Version": "1",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["oss:GetObject", "oss:PutObject"],
            "Resource": [f"acs:oss:*:*:{BUCKET}/keys/*", f"acs:oss:*:*:{BUCKET}/receipts/*"],
        }
    ],
}


@pytest.fixture(scope="module")
def shared_cloud() -> Iterator[DevCloud]:
    with DevCloud(role_policy=POLICY) as started:
        started.create_bucket(BUCKET)
        yield started


@pytest.fixture
def cloud(shared_cloud: DevCloud) -> Iterator[DevCloud]:
    yield shared_cloud
    shared_cloud.faults.clear()


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer() as prepared:
        yield prepared


@dataclass(slots=True)
class Opened:
    """A bucket's objects, and the calls that were observed."""

    objects: OssObjects
    calls: list[OssCall] = field(default_factory=list)


@pytest.fixture
def opened(cloud: DevCloud) -> Opened:
    """Return the bucket on devcloud, as the function's role sees it."""
    calls: list[OssCall] = []
    oss = Oss(role(cloud), cloud.oss_endpoint, calls.append)
    return Opened(oss.objects("cn-hangzhou", BUCKET), calls)


@pytest.fixture
def raw(server: RawServer) -> OssObjects:
    """Return a bucket on the server that answers whatever it is told to."""
    oss = Oss(PLANTED, f"http://{server.host}", lambda _: None)
    return oss.objects("cn-hangzhou", BUCKET)


def role(cloud: DevCloud, seconds: int = 900) -> Credentials:
    issued = cloud.role_credentials(seconds)
    return Credentials(issued.access_key_id, issued.access_key_secret, issued.security_token or "")


def read_failing(objects: OssObjects, etag: str | None = None) -> BaseException:
    """Return what reading ends with; it may be anything of ours, and tell nothing of theirs."""
    with pytest.raises((ImportFailure, NoSuchObject, ObjectReplaced)) as failure:
        objects.read(KEY, etag, 10.0)
    said = everything_said(failure.value)
    assert not [word for word in ("planted", "127.0.0.1", "Signature=") if word in said]
    return failure.value


def test_reads_what_was_put(cloud: DevCloud, opened: Opened) -> None:
    """Keys are encoded as OSS signs them, and the ETag is compared as events spell it."""
    etag = cloud.put_upload(KEY, CONTENT, bucket=BUCKET).etag

    assert CONTENT == opened.objects.read(KEY, etag, 10.0)
    assert CONTENT == opened.objects.read(KEY, None, 10.0)
    assert [OssCall(GET, "ok")] * 2 == opened.calls


@pytest.mark.parametrize("size", [0, 1, MAX_OBJECT_SIZE])
def test_reads_objects_of_any_size_that_is_allowed(
    cloud: DevCloud, opened: Opened, size: int
) -> None:
    """From nothing to the largest that is taken."""
    content = b"k" * size
    cloud.put_upload(KEY, content, bucket=BUCKET)

    assert content == opened.objects.read(KEY, None, 10.0)


def test_writes_a_receipt(cloud: DevCloud, opened: Opened) -> None:
    """It can be read by whoever opens it, and written over."""
    key = "receipts/keys/alice.pub/1.json"

    opened.objects.write(key, b"{}", overwrite=True, time_left=10.0)
    opened.objects.write(key, b'{"a": 1}', overwrite=True, time_left=10.0)

    stored = cloud.objects(BUCKET)[key]
    assert b'{"a": 1}' == stored.body
    assert "application/json; charset=utf-8" == stored.headers["Content-Type"]


def test_leaves_what_is_there(cloud: DevCloud, opened: Opened) -> None:
    """Only one of two that write first is the first."""
    key = "receipts/keys/alice.pub/2.json"
    opened.objects.write(key, b"1", overwrite=False, time_left=10.0)

    with pytest.raises(ObjectExists):
        opened.objects.write(key, b"2", overwrite=False, time_left=10.0)

    assert b"1" == cloud.objects(BUCKET)[key].body
    assert [OssCall(PUT, "ok"), OssCall(PUT, "ObjectExists")] == opened.calls


def test_the_object_is_another_one(cloud: DevCloud, opened: Opened) -> None:
    """What was put since is told of by its own event."""
    etag = cloud.put_upload(KEY, CONTENT, bucket=BUCKET).etag
    cloud.put_upload(KEY, b"k" * (MAX_OBJECT_SIZE + 1), bucket=BUCKET)

    with pytest.raises(ObjectReplaced):
        opened.objects.read(KEY, etag, 10.0)


def test_the_object_is_gone(opened: Opened) -> None:
    """404 is an answer."""
    with pytest.raises(NoSuchObject):
        opened.objects.read("keys/nobody.pub", None, 10.0)


def test_the_object_is_too_large(cloud: DevCloud, opened: Opened) -> None:
    """Its headers say so; the body stays where it is."""
    cloud.put_upload(KEY, b"k" * (MAX_OBJECT_SIZE + 1), bucket=BUCKET)

    failure = read_failing(opened.objects)

    assert isinstance(failure, InvalidRequest)
    assert ("object_too_large", 413) == (failure.reason, failure.status)


@pytest.mark.parametrize("size", [1, MAX_OBJECT_SIZE, MAX_OBJECT_SIZE + 1, 2 * 1024 * 1024])
def test_the_start_of_an_object(cloud: DevCloud, opened: Opened, size: int) -> None:
    """So much of an object of any size is read as of one that is not too large."""
    content = bytes(range(256)) * (size // 256) + b"k" * (size % 256)
    stored = cloud.put_upload(KEY, content, bucket=BUCKET)

    assert content[:MAX_OBJECT_SIZE] == opened.objects.read_start(KEY, stored.etag, 10.0)


def test_the_start_of_another_object(cloud: DevCloud, opened: Opened) -> None:
    """The ETag is compared, and what is gone is gone."""
    cloud.put_upload(KEY, CONTENT, bucket=BUCKET)

    with pytest.raises(ObjectReplaced):
        opened.objects.read_start(KEY, "0" * 32, 10.0)
    with pytest.raises(NoSuchObject):
        opened.objects.read_start("keys/nobody.pub", None, 10.0)


def test_the_start_of_an_object_that_is_cut_off(server: RawServer, raw: OssObjects) -> None:
    """What has arrived in whole blocks is the start."""
    head = b'HTTP/1.1 206 Partial Content\r\nETag: "A"\r\nContent-Length: 9000\r\n\r\n'
    server.prepare(send_and_close(head + b"k" * (BLOCK + 100)))

    assert b"k" * BLOCK == raw.read_start(KEY, None, 10.0)


def test_the_start_of_an_object_whatever_is_answered(server: RawServer, raw: OssObjects) -> None:
    """A server that ignores the range is read up to the limit, and no further."""
    head = b'HTTP/1.1 200 OK\r\nETag: "A"\r\nConnection: close\r\n\r\n'
    server.prepare(send_and_close(head + b"k" * 70_000))

    assert b"k" * MAX_OBJECT_SIZE == raw.read_start(KEY, None, 10.0)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "utf-8, deflate", "br"])
def test_the_object_is_compressed(cloud: DevCloud, opened: Opened, encoding: str) -> None:
    """64 KiB of gzip may be 64 MiB of anything: it is not unpacked."""
    cloud.put_upload(KEY, CONTENT, bucket=BUCKET, headers={"Content-Encoding": encoding})

    failure = read_failing(opened.objects)

    assert isinstance(failure, InvalidRequest)
    assert "compressed_object" == failure.reason


def test_an_encoding_that_is_none(cloud: DevCloud, opened: Opened) -> None:
    """Some clients write the character set there."""
    cloud.put_upload(KEY, CONTENT, bucket=BUCKET, headers={"Content-Encoding": "utf-8"})

    assert CONTENT == opened.objects.read(KEY, None, 10.0)


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        pytest.param(Fault.unavailable(500), ServiceUnavailable, "oss_unavailable", id="500"),
        pytest.param(Fault.unavailable(503), ServiceUnavailable, "oss_unavailable", id="503"),
        pytest.param(Fault.html(502), ServiceUnavailable, "oss_unavailable", id="HTML"),
        pytest.param(Fault.error("X", 429), ServiceUnavailable, "oss_unavailable", id="429"),
        pytest.param(
            Fault.reset_before_answer(), ServiceUnavailable, "oss_unavailable", id="reset"
        ),
        pytest.param(Fault.cut_answer(), ServiceUnavailable, "cut", id="cut"),
        pytest.param(Fault.wrong_crc64(), ServiceUnavailable, "wrong_crc64", id="wrong CRC64"),
        pytest.param(Fault.error("AccessDenied", 403), OssError, "role_permission", id="403"),
        pytest.param(Fault.error("InvalidObjectState", 403), OssError, "oss_error", id="archived"),
        pytest.param(Fault.error("InvalidArgument", 400), OssError, "oss_error", id="400"),
        pytest.param(
            Fault.error("PreconditionFailed", 412), OssError, "oss_error", id="412, of no ETag"
        ),
        pytest.param(
            Fault.error("SecurityTokenExpired", 403),
            RoleCredentialsUnusable,
            "role_credentials",
            id="expired",
        ),
        pytest.param(
            Fault.error("RequestTimeTooSkewed", 403),
            RoleCredentialsUnusable,
            "role_credentials",
            id="clock",
        ),
    ],
)
def test_faults(
    cloud: DevCloud, opened: Opened, fault: Fault, kind: type[ImportFailure], reason: str
) -> None:
    """Each becomes one exception, which says whether another try may help."""
    cloud.put_upload(KEY, CONTENT, bucket=BUCKET)
    cloud.fail_next(GET, fault)
    before = len(cloud.calls_of("oss"))

    failure = read_failing(opened.objects)

    assert isinstance(failure, ImportFailure)
    assert (kind, reason) == (type(failure), failure.reason)
    assert [OssCall(GET, reason)] == opened.calls
    assert [fault.name] == [call.fault for call in cloud.calls_of("oss")[before:]]
    assert failure.retryable == issubclass(kind, ServiceUnavailable)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(Fault.error("NoSuchKey", 404), NoSuchObject, id="404"),
        pytest.param(Fault.error("PreconditionFailed", 412), ObjectReplaced, id="412"),
    ],
)
def test_faults_that_say_superseded(
    cloud: DevCloud, opened: Opened, fault: Fault, kind: type[Exception]
) -> None:
    """The object that the event told of is not there any more."""
    etag = cloud.put_upload(KEY, CONTENT, bucket=BUCKET).etag
    cloud.fail_next(GET, fault)

    assert isinstance(read_failing(opened.objects, etag), kind)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault.error("NoSuchBucket", 404), id="404"),
        pytest.param(Fault.error("PreconditionFailed", 412), id="412"),
        pytest.param(Fault.error("FileAlreadyExists", 409), id="exists, but was to be replaced"),
    ],
)
def test_a_write_says_nothing_of_the_object(cloud: DevCloud, opened: Opened, fault: Fault) -> None:
    """What is an answer to a read, or to a first write, is here a refusal as any other."""
    cloud.fail_next(PUT, fault)

    with pytest.raises(OssError) as refusal:
        opened.objects.write("receipts/keys/alice.pub/3.json", b"1", overwrite=True, time_left=10.0)

    assert (fault.error_code, False) == (refusal.value.code, refusal.value.retryable)


def test_is_slow(cloud: DevCloud, opened: Opened) -> None:
    """The time-out is no longer than what the invocation has left."""
    cloud.put_upload(KEY, CONTENT, bucket=BUCKET)
    cloud.fail_next(GET, Fault.never_answer())

    with pytest.raises(ServiceUnavailable) as failure:
        opened.objects.read(KEY, None, 0.3)

    assert "oss_unavailable" == failure.value.reason


def test_cannot_be_reached(cloud: DevCloud) -> None:
    """Nor can the receipt be written."""
    oss = Oss(PLANTED, cloud.refused_endpoint, lambda _: None)
    objects = oss.objects("cn-hangzhou", BUCKET)

    assert isinstance(read_failing(objects), ServiceUnavailable)
    with pytest.raises(ServiceUnavailable):
        objects.write(KEY, b"{}", overwrite=True, time_left=10.0)


def test_the_role_may_not(cloud: DevCloud, opened: Opened) -> None:
    """The Description says what its owner has to allow."""
    cloud.put_upload("other/alice.pub", CONTENT, bucket=BUCKET)

    with pytest.raises(OssError) as refusal:
        opened.objects.read("other/alice.pub", None, 10.0)

    assert ("AccessDenied", 403) == (refusal.value.code, refusal.value.status)
    assert "oss:GetObject" in refusal.value.description
    assert refusal.value.service_request_id


def test_the_roles_session_is_over(cloud: DevCloud) -> None:
    """An upload is not lost to credentials that are ours to fix."""
    oss = Oss(role(cloud, 0), cloud.oss_endpoint, lambda _: None)

    assert isinstance(read_failing(oss.objects("cn-hangzhou", BUCKET)), RoleCredentialsUnusable)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(send_and_reset(b""), id="reset at once"),
        pytest.param(send_and_close(http(200, b"x")[:20]), id="half a head"),
        pytest.param(send_and_close(http(200, CONTENT, 'ETag: "A"')[:-3]), id="a body cut short"),
        pytest.param(
            send_and_reset(http(200, CONTENT, 'ETag: "A"')[:-3]), id="a reset in the body"
        ),
        pytest.param(
            send_and_close(
                b'HTTP/1.1 200 OK\r\nETag: "A"\r\nTransfer-Encoding: chunked\r\n\r\n'
                b"5\r\nssh-r\r\n9\r\nxx"
            ),
            id="chunks cut short",
        ),
        pytest.param(send(http(200, CONTENT)), id="no ETag"),
        pytest.param(send(http(500, b"\xff\xfe<not XML")), id="an error that is no text"),
        pytest.param(send(http(302, b"", "Location: http://127.0.0.1:1/")), id="a redirect"),
        pytest.param(send_and_close(b"not HTTP at all\r\n\r\n"), id="no HTTP"),
        pytest.param(send_and_close(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), id="length"),
        *(
            pytest.param(
                send(http(200, CONTENT, 'ETag: "A"', f"Last-Modified: {date}")),
                id=f"Last-Modified: {date}",
            )
            for date in (
                "yesterday",
                "Wed, 99 Foo 2026 06:00:00 GMT",
                "Wed, 25 Nov 2026 99:00:00 GMT",
                "Wed, 25 Nov 99999 06:00:00 GMT",
            )
        ),
    ],
)
def test_answers_of_no_oss(server: RawServer, raw: OssObjects, answer: object) -> None:
    """Whatever stands between, a retry may not meet it."""
    server.prepare(answer)  # type: ignore[arg-type]

    failure = read_failing(raw)

    assert isinstance(failure, ServiceUnavailable)
    assert 1 == len(server.requests)


def test_a_body_without_a_length(server: RawServer, raw: OssObjects) -> None:
    """What announces no size is read up to the limit, and no further."""
    head = b'HTTP/1.1 200 OK\r\nETag: "A"\r\nConnection: close\r\n\r\n'
    server.prepare(send_and_close(head + b"k" * 100), send_and_close(head + b"k" * 70_000))

    assert b"k" * 100 == raw.read(KEY, None, 10.0)
    failure = read_failing(raw)

    assert isinstance(failure, InvalidRequest)
    assert ("object_too_large", 413) == (failure.reason, failure.status)


def test_a_key_of_a_length_that_oss_does_not_take(opened: Opened) -> None:
    """A receipt's key is longer than its upload's; then there is none, whatever the retries."""
    with pytest.raises(OssError) as refusal:
        opened.objects.write("k" * 1025, b"{}", overwrite=True, time_left=10.0)

    assert "object_key_too_long" == refusal.value.reason


def test_goes_to_the_regions_internal_endpoint() -> None:
    """From within the region, which costs no traffic."""
    assert "https://oss-cn-shanghai-internal.aliyuncs.com" == internal_endpoint("cn-shanghai")


@pytest.mark.parametrize("header", ['"abc-1"', "abc-1", ' "ABC-1" '])
def test_spellings_of_an_etag(header: str) -> None:
    """A header has quotes, and an event none."""
    assert "ABC-1" == normalised_etag(header)


@pytest.mark.parametrize("time_left", [0.25, 0.5, 1.0, 2.0, 3.0, 4.9, 5.0, 30.0])
def test_connecting_is_within_the_time(time_left: float) -> None:
    """However little is left, connecting and reading end within it; neither has none."""
    sent: list[tuple[float, float]] = []

    class Client:
        def send(self, _request: object, **kwargs: float) -> None:
            sent.append((kwargs["connect_timeout"], kwargs["readwrite_timeout"]))

    http = TimedHttp(Client())
    http.limit(time_left)
    http.send(None, readwrite_timeout=20.0)

    ((connect, read),) = sent
    assert connect > 0
    assert read > 0
    assert connect + read <= min(time_left, CONNECT_TIMEOUT + READ_TIMEOUT)
