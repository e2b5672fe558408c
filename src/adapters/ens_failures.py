"""
What is made of the SDK's exceptions: each way a call of ENS can fail, as a class of core.errors.

The texts of the exceptions are dropped on the way: those of requests and urllib3 print the URL, and
the URL holds the public key.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from core.errors import (
    EnsError,
    ImportFailure,
    PermissionDenied,
    RoleCredentialsUnusable,
    ServiceUnavailable,
    Throttled,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.reasons import Reason

PERMISSION_CODES = (
    "NoPermission",
    "Forbidden*",
    "NotAuthorized*",
    "*NoPermission*",
    "*AccessDenied*",
)
CREDENTIALS_CODES = (
    "InvalidSecurityToken",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
)
LONGEST_RETRY_AFTER = 86_400_000  # milliseconds; what is longer is a day all the same
OUTCOME_UNKNOWN = {
    "ImportKeyPair": "The key may have been imported all the same; repeating is safe.",
    "DescribeKeyPairs": "Repeating is safe.",
}


def refused(action: str, error: Any) -> ImportFailure:
    """Translate an error that ENS answered with."""
    data = error.data if isinstance(error.data, dict) else {}
    code = _member(data, "Code", "code")
    message = _member(data, "Message", "message")
    request_id = _member(data, "RequestId", "requestId") or None
    if not code:
        return unreadable(action)

    if code.startswith(CREDENTIALS_CODES):
        return RoleCredentialsUnusable(
            f"ENS does not accept the credentials of the function's role ({code}). "
            "The request itself is not at fault: try again.",
            reason="role_credentials",
            service_request_id=request_id,
        )
    status = int(error.status_code)
    kind = EnsError
    description = f"ENS answered {action} with this error."
    reason: Reason = "ens_error"
    if code.startswith("Throttling") or status == 429:
        kind = Throttled
        description = f"ENS is throttling {action}: try again later."
        reason = "throttled"
    elif any(
        fnmatchcase(code, each) for each in PERMISSION_CODES
    ):  # by code: a 403 may be a quota, too
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
        service_request_id=request_id,
    )
    if isinstance(error.retry_after, int):
        failure.retry_after = min(error.retry_after, LONGEST_RETRY_AFTER) / 1000
    return failure


def no_answer(action: str, error: BaseException, transport_error: type) -> ServiceUnavailable:
    """Translate a call that brought no error of ENS and no answer."""
    if not isinstance(error, transport_error):
        return unreadable(action)
    if any(_nothing_was_sent(cause) for cause in _causes(error)):
        return ServiceUnavailable(
            f"ENS could not be reached, so {action} was not sent: try again.",
            reason="ens_unreachable",
        )
    return ServiceUnavailable(
        f"ENS did not answer {action} in time, or broke off. {OUTCOME_UNKNOWN[action]}",
        reason="no_answer",
        outcome_unknown=True,
    )


def unreadable(action: str) -> ServiceUnavailable:
    """Return the failure of a call whose answer is not one of ENS's."""
    return ServiceUnavailable(
        f"ENS answered {action} with something unreadable. {OUTCOME_UNKNOWN[action]}",
        reason="unreadable_answer",
        outcome_unknown=True,
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that led to it; ends, for none can lead to itself."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _nothing_was_sent(error: BaseException) -> bool:
    from ssl import SSLCertVerificationError  # noqa: PLC0415 - late, as all of the transport

    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError  # noqa: PLC0415 - late

    return isinstance(error, (ConnectTimeoutError, NewConnectionError, SSLCertVerificationError))


def _member(data: dict[str, object], *names: str) -> str:
    """Return the first of these members that is a string with something in it, or nothing."""
    values = (data.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), "")
