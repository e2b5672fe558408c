"""
OSS through the official SDK: the port Objects, one method a call. Loaded for uploads only.

The SDK signs, sends and reads headers; its own retries stay off, for core repeats what may be
repeated, within the time there is. What the SDK leaves out is done here: it neither checks the
CRC64 of what it reads nor notices a body that was cut short. Every way that a call can end is
translated here, once; adapters.oss_failures has the sentences.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.library_logs import silence_loggers
from adapters.oss_failures import key_too_long, no_answer, refused, too_large
from core.errors import ImportFailure, InvalidRequest, ServiceUnavailable
from core.uploads.bucket import MAX_OBJECT_SIZE, NoSuchObject, ObjectExists, ObjectReplaced
from late_imports import loads_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adapters.credentials import Credentials
    from adapters.transport import Idle

    # What a status or a code says of an object, for one call. The same status on another call says
    # nothing of the kind: a bucket that is gone answers 404 to a write.
    Meanings = Mapping[int | str, type[Exception]]

CONNECT_TIMEOUT = 2.0  # seconds; the SDK's own are 10 and 20
READ_TIMEOUT = 3.0  # seconds, from one piece of an answer to the next
BLOCK = 4096  # bytes
COMPRESSIONS = {"br", "deflate", "gzip", "x-gzip", "zstd"}  # which requests would undo
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class OssCall:
    """One call, for the log: how it ended."""

    action: str
    result: str


class Oss:
    """
    OSS, as one role sees it during one invocation.

    Args:
        credentials: the role's.
        endpoint: ``https://host``; None for the internal endpoint of each bucket's region, which
            costs no traffic and leaves Alibaba Cloud's network at no point.
        observe: told of each call after it has ended.
    """

    def __init__(
        self, credentials: Credentials, endpoint: str | None, observe: Callable[[OssCall], None]
    ) -> None:
        self._credentials = credentials
        self._endpoint = endpoint
        self._observe = observe

    def objects(self, region: str, bucket: str) -> OssObjects:
        """Return a bucket's objects."""
        endpoint = self._endpoint or internal_endpoint(region)
        sdk = load_oss_sdk()
        http = TimedHttp(http_client(endpoint.startswith("https:")))
        credentials = self._credentials
        config = sdk.Config(
            region=region,
            endpoint=endpoint,
            credentials_provider=sdk.credentials.StaticCredentialsProvider(
                credentials.access_key_id,
                credentials.access_key_secret,
                credentials.security_token,
            ),
            http_client=http,
            retry_max_attempts=1,
        )
        return OssObjects(sdk, sdk.Client(config), bucket, self._observe, http)


@cache
@loads_modules
def load_oss_sdk() -> Any:
    """Import the SDK; the first call takes the time, which only uploads pay."""
    import alibabacloud_oss_v2 as sdk  # noqa: PLC0415 - late

    return sdk


def http_client(is_tls: bool) -> Any:  # noqa: FBT001 - what the cache tells apart
    """Return the SDK's HTTP client, which all uploads of an instance share, without dead ends."""
    silence_loggers()
    client, idle = _http_client(is_tls)
    if idle.too_long(time.time()):
        client.close()
    return client


@cache
def _http_client(is_tls: bool) -> tuple[Any, Idle]:  # noqa: FBT001 - as above
    from urllib3.util import Retry  # noqa: PLC0415 - late, as all of the transport

    from adapters.transport import Idle, SharedTls, tls_context  # noqa: PLC0415 - as above

    adapter = SharedTls(
        tls_context() if is_tls else None,
        max_retries=Retry(total=False, redirect=False, raise_on_status=False),
    )
    return load_oss_sdk().transport.RequestsHttpClient(adapter=adapter), Idle()


class TimedHttp:
    """
    The SDK's HTTP client, whose time-outs are set before each call.

    The SDK passes on no time-out for connecting; left to its own, a call that is begun shortly
    before the deadline would outlast the function.

    Args:
        client: the SDK's.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._connect_timeout = CONNECT_TIMEOUT
        self._read_timeout = READ_TIMEOUT

    def limit(self, time_left: float) -> None:
        """Let the next call connect and be answered within so many seconds."""
        self._connect_timeout = min(CONNECT_TIMEOUT, time_left / 2)
        self._read_timeout = min(READ_TIMEOUT, time_left - self._connect_timeout)

    def send(self, request: Any, **kwargs: Any) -> Any:
        """Send a request; the SDK calls this."""
        timeouts = {
            "connect_timeout": self._connect_timeout,
            "readwrite_timeout": self._read_timeout,
        }
        return self._client.send(request, **{**kwargs, **timeouts})

    def open(self) -> None:
        """Make ready to send."""
        self._client.open()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class OssObjects:
    """The objects of one bucket."""

    def __init__(
        self,
        sdk: Any,
        client: Any,
        bucket: str,
        observe: Callable[[OssCall], None],
        http: TimedHttp,
    ) -> None:
        self._http = http
        self._sdk = sdk
        self._client = client
        self._bucket = bucket
        self._observe = observe

    def read(self, key: str, etag: str | None, time_left: float) -> bytes:
        """Call GetObject; nothing of a body is read that is another's, too large or compressed."""
        return self._get(key, etag, time_left, self._body)

    def read_start(self, key: str, etag: str | None, time_left: float) -> bytes:
        """Call GetObject for a part of the object; nothing is read that is compressed."""
        parts = f"bytes=0-{MAX_OBJECT_SIZE - 1}"
        return self._get(key, etag, time_left, _first_bytes, parts)

    def _get(
        self,
        key: str,
        etag: str | None,
        time_left: float,
        read: Callable[[Any], bytes],
        parts: str | None = None,
    ) -> bytes:
        request = self._sdk.GetObjectRequest(bucket=self._bucket, key=key, range_header=parts)
        meanings: dict[int | str, type[Exception]] = {404: NoSuchObject}
        if etag is not None:
            meanings[412] = ObjectReplaced  # unasked, but a proxy in between may compare too

        def get() -> bytes:
            self._http.limit(time_left)
            answer = self._client.get_object(request)
            with answer.body:
                _check_headers(answer, etag)
                return read(answer)

        return self._call("GetObject", get, meanings)

    def write(self, key: str, content: bytes, *, overwrite: bool, time_left: float) -> None:
        """Call PutObject; the SDK compares CRC64 itself."""
        request = self._sdk.PutObjectRequest(
            bucket=self._bucket,
            key=key,
            body=content,
            content_type="application/json; charset=utf-8",
            forbid_overwrite=None if overwrite else True,
        )

        def put() -> None:
            self._http.limit(time_left)
            self._client.put_object(request)

        self._call("PutObject", put, {} if overwrite else {"FileAlreadyExists": ObjectExists})

    def _body(self, answer: Any) -> bytes:
        """Read the body, no more of it than is allowed, and compare it with its CRC64."""
        from alibabacloud_oss_v2.crc import Crc64  # noqa: PLC0415 - late, as all of the SDK
        from requests.exceptions import RequestException  # noqa: PLC0415 - as above

        crc = Crc64(0)
        content = b""
        try:
            for block in answer.body.iter_bytes(block_size=BLOCK):
                crc.update(block)
                content += block
                if len(content) > MAX_OBJECT_SIZE:  # no length was announced
                    raise too_large()
        except RequestException:
            cut = True
        else:
            cut = answer.content_length is not None and len(content) != answer.content_length
        if cut:
            raise ServiceUnavailable("OSS broke off in the middle of the object.", reason="cut")
        if answer.hash_crc64 is not None and str(crc.sum64()) != answer.hash_crc64:
            raise ServiceUnavailable(
                "The object arrived damaged: its CRC-64 is not the one that OSS names.",
                reason="wrong_crc64",
            )
        return content

    def _call(self, action: str, call: Callable[[], Answer], meanings: Meanings) -> Answer:
        """Make one call, and report it."""
        result = "ok"
        try:
            return self._send(action, call, meanings)
        except (ImportFailure, NoSuchObject, ObjectExists, ObjectReplaced) as error:
            result = getattr(error, "reason", type(error).__name__)
            raise
        finally:
            self._observe(OssCall(action, result))

    def _send(self, action: str, call: Callable[[], Answer], meanings: Meanings) -> Answer:
        """Make one call, and translate whatever goes wrong."""
        try:
            return call()
        except self._sdk.exceptions.OperationError as error:
            failure = self._translated(action, error.unwrap(), meanings)
        except (
            ValueError,  # raised by the SDK where a header is no number or no date,
            self._sdk.exceptions.DeserializationError,  # and where it is no date at all
        ):
            failure = no_answer(action)
        # Raised outside the handler, so that the SDK's exception does not hang on ours.
        raise failure

    def _translated(self, action: str, error: BaseException, meanings: Meanings) -> Exception:
        """Return our exception for one of the SDK's; what is not understood may pass."""
        exceptions = self._sdk.exceptions
        if isinstance(error, exceptions.ServiceError):
            meant = meanings.get(str(error.code)) or meanings.get(int(error.status_code))
            return meant() if meant else refused(action, error)
        if isinstance(error, exceptions.ObjectNameInvalidError):
            return key_too_long()
        return no_answer(action)


def internal_endpoint(region: str) -> str:
    """Return where a region's buckets are, seen from within it."""
    return f"https://oss-{region}-internal.aliyuncs.com"


def normalised_etag(header: str) -> str:
    """Return an ETag as uploads have it, without quotes and in upper case."""
    return header.strip().strip('"').upper()


def _first_bytes(answer: Any) -> bytes:
    """Read a body that is a part of an object: as much as arrives, and no more than asked for."""
    from requests.exceptions import RequestException  # noqa: PLC0415 - late, as all of the SDK

    content = b""
    with suppress(RequestException):  # what has arrived is looked at
        for block in answer.body.iter_bytes(block_size=BLOCK):
            content += block
            if len(content) >= MAX_OBJECT_SIZE:
                break
    return content[:MAX_OBJECT_SIZE]


def _check_headers(answer: Any, etag: str | None) -> None:
    """Refuse what its headers say is not the object, or no public key, before the body is read."""
    if not answer.etag:
        raise no_answer("GetObject")  # with 200, but by something else than OSS
    if etag is not None and normalised_etag(answer.etag) != etag:
        raise ObjectReplaced
    if answer.content_length is not None and answer.content_length > MAX_OBJECT_SIZE:
        raise too_large()
    if COMPRESSIONS.intersection((answer.content_encoding or "").lower().replace(",", " ").split()):
        raise InvalidRequest(
            "The object is stored with a Content-Encoding. Upload the file as it is.",
            reason="compressed_object",
        )
