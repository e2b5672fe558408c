"""
ENS through the official SDK: the port KeyPairs, one method a call.

The SDK signs, sends and reads; its own retries stay off, for they re-send blindly. Here every way
that a call can end is translated, once. The texts of exceptions are dropped on the way: those of
requests and urllib3 print the URL, and the URL holds the public key.
"""

from __future__ import annotations

import logging
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cloud.sdk_diet import load_ens_sdk
from core.delivery import ImportedKeyPair, KeyPairsPage, ListedKeyPair
from core.errors import (
    AuthorizationLimitReached,
    CallInterfaceError,
    EnsError,
    EnsInterfaceError,
    ImportFailure,
    PermissionDenied,
    RoleCredentialsUnusable,
    SecurityGroupNotFound,
    SecurityGroupRuleExists,
    ServiceUnavailable,
    Throttled,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cloud.credentials import Credentials

CODES: dict[str, type[EnsError]] = {
    "NoPermission": PermissionDenied,
    "Forbidden.RAM": PermissionDenied,
    "NotAuthorized": PermissionDenied,
    "ens.interface.error": EnsInterfaceError,
    "CallInterface": CallInterfaceError,
    "InvalidSecurityGroupId.NotFound": SecurityGroupNotFound,
    "SecurityGroupRuleConflict.Duplicated": SecurityGroupRuleExists,
    "AuthorizationLimitExceed": AuthorizationLimitReached,
}
CREDENTIALS_CODES = (
    "InvalidSecurityToken",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
)
NOISY_LOGGERS = ("darabonba-core", "urllib3")  # they print headers and URLs
LONGEST_IDLE = 20.0  # seconds; gateways on the way may forget a connection soon after
LONGEST_RETRY_AFTER = 86_400_000  # milliseconds; what is longer is a day all the same
Answer = TypeVar("Answer", ImportedKeyPair, KeyPairsPage)


@dataclass(frozen=True, slots=True)
class EnsCall:
    """One call, for the log: how it ended ("ok", or the failure's code), and how long it took."""

    action: str
    result: str
    request_id: str | None
    duration_ms: float


@dataclass(frozen=True, slots=True)
class EnsConnection:
    """Where ENS is (``protocol``: "http" or "https"), and how long to wait for it."""

    protocol: str
    host: str
    connect_timeout_ms: int
    read_timeout_ms: int


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
        self._sdk = load_ens_sdk()
        silence_loggers()
        prepare_session(connection.protocol, connection.host, time.time())
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
                ListedKeyPair(_text(entry.key_pair_name), _text(entry.key_pair_finger_print))
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
                raise _unreadable(action)
        except ImportFailure as failure:
            result, request_id = failure.code, failure.request_id
            raise
        else:
            request_id = answer.request_id
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
            connect_timeout=int(connect_timeout_ms), read_timeout=int(read_timeout_ms)
        )
        try:
            return method(request, runtime)
        except self._sdk.AlibabaCloudException as error:
            failure: ImportFailure = _refused(action, error)
        except self._sdk.UnretryableException as error:
            failure = _no_answer(action, error.inner_exception, self._sdk.RetryError)
        # Raised outside the handler, so that the SDK's exception, whose text holds the URL, does
        # not hang on ours.
        raise failure


_last_use = 0.0  # of the session; by the wall clock, for a frozen instance's own may stand still


def prepare_session(protocol: str, host: str, now: float) -> None:
    """
    Make sure that the SDK's session for ENS has no dead connections, and follows no redirects.

    It outlives an invocation, and is worth keeping: it saves the TLS handshake. But what is sent
    on a connection that the other side gave up without a word, while the instance was frozen,
    looks like a lost answer. And a redirect would take the role's security token to whomever the
    answer names.

    Args:
        protocol: as in EnsConnection.
        host: likewise.
        now: seconds since the epoch.
    """
    global _last_use  # noqa: PLW0603 - as long-lived as the session it is about
    from darabonba.core import DEFAULT_POOL_MAXSIZE, DaraCore  # noqa: PLC0415 - late

    # The SDK offers no other way; the tests tell when it names its sessions otherwise.
    name = f"{protocol}://{host}:80:pool={DEFAULT_POOL_MAXSIZE}"
    session = DaraCore._get_session(name, protocol)  # noqa: SLF001 - see above
    session.max_redirects = 0
    if not 0 <= now - _last_use <= LONGEST_IDLE:
        session.close()
    _last_use = now


_NOBODY = logging.NullHandler()  # with no handler at all, warnings would go to stderr


def silence_loggers() -> None:
    """Take the voice from libraries that would log what was sent, if anyone gave it back."""
    for name in NOISY_LOGGERS:
        logger = logging.getLogger(name)
        if logger.handlers != [_NOBODY] or logger.propagate:
            logger.handlers[:] = [_NOBODY]
            logger.propagate = False
            logger.setLevel(logging.CRITICAL + 1)


def _refused(action: str, error: Any) -> ImportFailure:
    """Translate an error that ENS answered with."""
    data = error.data if isinstance(error.data, dict) else {}
    code = _member(data, "Code", "code")
    message = _member(data, "Message", "message")
    request_id = _member(data, "RequestId", "requestId") or None
    if not code:
        return _unreadable(action)

    if code.startswith(CREDENTIALS_CODES):
        return RoleCredentialsUnusable(
            f"ENS does not take the credentials of the function's role ({code}). "
            "The request itself is not at fault: try again.",
            reason="role_credentials",
            request_id=request_id,
        )
    status = int(error.status_code)
    kind = CODES.get(code, EnsError)
    description = f"ENS answered {action} with this error."
    reason = "ens_error"
    if code.startswith("Throttling") or status == 429:
        kind = Throttled
        description = f"ENS is throttling {action}: try again later."
        reason = "throttled"
    elif kind is PermissionDenied or status == 403:
        kind = PermissionDenied
        description = (
            f"ENS refuses the function's role. Its owner must allow it ens:{action} on resource *, "
            "in the RAM policy attached to that role."
        )
        reason = "role_permission"
    failure = kind(
        description,
        code=code,
        message=message,
        status=status,
        reason=reason,
        request_id=request_id,
    )
    if isinstance(error.retry_after, int):
        failure.retry_after = min(error.retry_after, LONGEST_RETRY_AFTER) / 1000
    return failure


def _no_answer(action: str, error: BaseException, transport_error: type) -> ServiceUnavailable:
    """Translate a call that brought no error of ENS and no answer."""
    if not isinstance(error, transport_error):
        return _unreadable(action)
    if any(_nothing_was_sent(cause) for cause in _causes(error)):
        return ServiceUnavailable(
            f"ENS could not be reached, so {action} was not sent: try again.",
            reason="ens_unreachable",
        )
    return ServiceUnavailable(
        f"ENS did not answer {action} in time, or broke off. {_MAYBE[action]}",
        reason="no_answer",
        may_have_happened=True,
    )


def _unreadable(action: str) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"ENS answered {action} with something unreadable. {_MAYBE[action]}",
        reason="unreadable_answer",
        may_have_happened=True,
    )


_MAYBE = {
    "ImportKeyPair": "The key may have been imported all the same; repeating is safe.",
    "DescribeKeyPairs": "Repeating is safe.",
}


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that led to it; ends, for none can lead to itself."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _nothing_was_sent(error: BaseException) -> bool:
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError  # noqa: PLC0415 - late

    return isinstance(
        error, (ConnectTimeoutError, NewConnectionError, ssl.SSLCertVerificationError)
    )


def _member(data: dict[str, object], *names: str) -> str:
    """Return the first of these members that is a string with something in it, or nothing."""
    values = (data.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), "")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value
