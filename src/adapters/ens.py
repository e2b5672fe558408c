"""
ENS through the official SDK: the port KeyPairs, one method a call.

The SDK signs, sends and reads; its own retries stay off, for they re-send blindly. Every way that a
call can end is translated here, once; adapters.ens_failures has the sentences.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.ens_failures import no_answer, refused, unreadable
from adapters.lazy_sdk import load_ens_sdk
from adapters.library_logs import silence_loggers
from core.errors import ImportFailure
from core.importing.exactly_once import ImportedKeyPair, KeyPairsPage, ListedKeyPair

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.credentials import Credentials
    from adapters.lazy_sdk import EnsSdk

Answer = TypeVar("Answer", ImportedKeyPair, KeyPairsPage)


@dataclass(frozen=True, slots=True)
class EnsCall:
    """One call, for the log: how it ended ("ok", or the failure's code), and how long it took."""

    action: str
    result: str
    service_request_id: str | None
    duration_ms: float


@dataclass(frozen=True, slots=True)
class EnsConnection:
    """
    Where ENS is (``protocol``: "http" or "https"), and how long to wait for it.

    ``no_proxy``: hosts that are reached without the environment's proxy, with commas between them.
    """

    protocol: str
    host: str
    connect_timeout_ms: int
    read_timeout_ms: int
    no_proxy: str | None = None


def prepare_ens(connection: EnsConnection) -> EnsSdk:
    """Load the SDK, and make ready what outlives an invocation."""
    sdk, prepare_session = _load()
    silence_loggers()
    prepare_session(connection.protocol, connection.host, time.time())
    return sdk


@cache
def _load() -> tuple[EnsSdk, Callable[[str, str, float], None]]:
    sdk = load_ens_sdk()
    from adapters.ens_session import prepare_session  # noqa: PLC0415 - it imports the SDK

    return sdk, prepare_session


class EnsKeyPairs:
    """
    ENS's key pairs, as one role sees them during one invocation.

    Args:
        credentials: the role's.
        connection: where ENS is, and how long to wait for it.
        observe: told of each call after it has ended.
    """

    def __init__(
        self,
        credentials: Credentials,
        connection: EnsConnection,
        observe: Callable[[EnsCall], None],
    ) -> None:
        self._connection = connection
        self._observe = observe
        self._sdk = prepare_ens(connection)
        self._client = self._sdk.Client(
            self._sdk.Config(
                access_key_id=credentials.access_key_id,
                access_key_secret=credentials.access_key_secret,
                security_token=credentials.security_token,
                endpoint=connection.host,
                protocol=connection.protocol,
            )
        )

    def import_key_pair(self, name: str, public_key: str, time_left: float) -> ImportedKeyPair:
        """Call ImportKeyPair."""
        request = self._sdk.ImportKeyPairRequest(key_pair_name=name, public_key_body=public_key)

        def read(body: Any) -> ImportedKeyPair:
            return ImportedKeyPair(_text(body.key_pair_finger_print), _text(body.request_id))

        return self._call(
            "ImportKeyPair", self._client.import_key_pair_with_options, request, time_left, read
        )

    def describe_key_pairs(
        self, name: str, page_number: int, page_size: int, time_left: float
    ) -> KeyPairsPage:
        """Call DescribeKeyPairs, for one page."""
        request = self._sdk.DescribeKeyPairsRequest(
            key_pair_name=name, page_number=str(page_number), page_size=str(page_size)
        )

        def read(body: Any) -> KeyPairsPage:
            total = int(body.total_count)
            nothing_found = total == 0 and body.key_pairs is None
            key_pairs = tuple(
                ListedKeyPair(
                    _text(entry.key_pair_name), _text_or_nothing(entry.key_pair_finger_print)
                )
                for entry in ([] if nothing_found else body.key_pairs.key_pair)
            )
            return KeyPairsPage(key_pairs, total, _text(body.request_id))

        return self._call(
            "DescribeKeyPairs",
            self._client.describe_key_pairs_with_options,
            request,
            time_left,
            read,
        )

    def _call(
        self,
        action: str,
        method: Callable[[Any, Any], Any],
        request: Any,
        time_left: float,
        read: Callable[[Any], Answer],
    ) -> Answer:
        """Make one call, read its answer, and translate whatever goes wrong."""
        started = time.monotonic()
        result: str = "ok"
        request_id: str | None = None
        try:
            response = self._send(action, method, request, time_left)
            answer: Answer | None = None
            with suppress(AttributeError, OverflowError, TypeError, ValueError):
                answer = read(response.body)
            if answer is None:
                raise unreadable(action)
        except ImportFailure as failure:
            result, request_id = failure.code, failure.service_request_id
            raise
        else:
            request_id = answer.service_request_id
            return answer
        finally:
            duration_ms = (time.monotonic() - started) * 1000
            self._observe(EnsCall(action, result, request_id, duration_ms))

    def _send(
        self, action: str, method: Callable[[Any, Any], Any], request: Any, time_left: float
    ) -> Any:
        # These time-outs are each packet's. An answer that drips, or a slow look-up of the host's
        # name, ends with the function's own time-out; a thread that could leave it sooner would
        # cost every import a tenth of its time.
        connect_timeout_ms = min(self._connection.connect_timeout_ms, time_left * 500)
        read_timeout_ms = min(
            self._connection.read_timeout_ms, time_left * 1000 - connect_timeout_ms
        )
        runtime = self._sdk.RuntimeOptions(
            connect_timeout=int(connect_timeout_ms),
            read_timeout=int(read_timeout_ms),
            no_proxy=self._connection.no_proxy,  # the SDK reads the proxies, and not this
        )
        try:
            return method(request, runtime)
        except self._sdk.AlibabaCloudException as error:
            failure: ImportFailure = refused(action, error)
        except self._sdk.UnretryableException as error:
            failure = no_answer(action, error.inner_exception, self._sdk.RetryError)
        # Raised outside the handler, so that the SDK's exception, whose text holds the URL, does
        # not hang on ours.
        raise failure


def _text_or_nothing(value: object) -> str:
    return "" if value is None or value == "" else _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value
