"""The catalogue of failures: code, status, whether a retry helps, and the documented sentence."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from core import errors
from core.errors import (
    AuthorizationLimitReached,
    CallInterfaceError,
    EnsError,
    EnsInterfaceError,
    ImportFailure,
    InternalError,
    InvalidKeyPairName,
    InvalidRequest,
    MalformedPublicKey,
    MissingParameter,
    OssError,
    PermissionDenied,
    RequestRefused,
    RequestTooLarge,
    RoleCredentialsUnusable,
    SecurityGroupNotFound,
    SecurityGroupRuleExists,
    ServiceUnavailable,
    Throttled,
    UnknownAction,
    UnsupportedMethod,
    UnsupportedVersion,
    UntrustedPublicKey,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = Path(__file__).parent.parent.parent / "src"


class Row(NamedTuple):
    """One failure of the catalogue, as a caller sees it."""

    kind: type[ImportFailure]
    code: str
    status: int
    retryable: bool
    message: str


UNAVAILABLE = "The request has failed due to a temporary failure of the server."
FIELD = "The specified field {} invalid. Please check it again."
REFUSALS = [
    Row(
        MissingParameter,
        "MissingParameter",
        400,
        False,
        "The input parameter that is mandatory for processing this request is not supplied.",
    ),
    Row(
        InvalidRequest,
        "InvalidParameter",
        400,
        False,
        "The errorMessage is why not. Please check it again.",
    ),
    Row(
        RequestTooLarge,
        "InvalidParameter",
        413,
        False,
        "The errorMessage is why not. Please check it again.",
    ),
    Row(
        InvalidKeyPairName,
        "InvalidParameter.KeyPairName",
        400,
        False,
        FIELD.format("KeyPairName"),
    ),
    Row(
        UntrustedPublicKey,
        "InvalidParameter.PublicKeyBody",
        400,
        False,
        FIELD.format("PublicKeyBody"),
    ),
    Row(
        MalformedPublicKey,
        "InvalidPublicKeyBody.Malformed",
        400,
        False,
        "The PublicKeyBody format is not supported.",
    ),
    Row(
        UnknownAction,
        "InvalidAction.NotFound",
        404,
        False,
        "The specified API is not found, please check your url and method.",
    ),
    Row(
        UnsupportedVersion,
        "InvalidVersion",
        400,
        False,
        "Specified parameter Version is not valid.",
    ),
]
OURS = [
    Row(ServiceUnavailable, "ServiceUnavailable", 503, True, UNAVAILABLE),
    Row(RoleCredentialsUnusable, "ServiceUnavailable", 503, True, UNAVAILABLE),
    Row(
        InternalError,
        "InternalError",
        500,
        False,
        "The request processing has failed due to some unknown error, exception or failure.",
    ),
]
OF_ENS = [
    Row(PermissionDenied, "NoPermission", 400, False, "Permission denied."),
    Row(
        EnsInterfaceError,
        "ens.interface.error",
        400,
        True,
        "An error occurred while calling the API.",
    ),
    Row(CallInterfaceError, "CallInterface", 400, True, "Call Interface Happen Error."),
    Row(
        SecurityGroupNotFound,
        "InvalidSecurityGroupId.NotFound",
        400,
        False,
        "The specified SecurityGroupId does not exist.",
    ),
    Row(
        SecurityGroupRuleExists,
        "SecurityGroupRuleConflict.Duplicated",
        400,
        False,
        "The SecurityGroup rule already exists.",
    ),
    Row(
        AuthorizationLimitReached,
        "AuthorizationLimitExceed",
        400,
        False,
        "The limit of authorization records in the security group reaches.",
    ),
    Row(
        Throttled,
        "Throttling.User",
        400,
        True,
        "Request was denied due to request throttling.",
    ),
]


def described(row: Row, failure: ImportFailure) -> None:
    """Check a failure against its row."""
    assert row == Row(
        type(failure), failure.code, failure.status, failure.retryable, failure.message
    )


def of_ens(kind: type[EnsError], code: str, status: int = 400, message: str = "") -> EnsError:
    return kind("What to do.", code=code, message=message, status=status)


@pytest.mark.parametrize("row", REFUSALS + OURS, ids=lambda row: row.kind.__name__)
def test_catalogue(row: Row) -> None:
    """Each failure of the function itself, as documented."""
    described(row, row.kind("What to do.", reason="why_not"))


def test_unsupported_method() -> None:
    """405, and which methods would do."""
    failure = UnsupportedMethod("What to do.", reason="why_not", allowed=("GET", "POST"))

    described(
        Row(
            UnsupportedMethod,
            "UnsupportedHTTPMethod",
            405,
            False,
            "This http method is not supported.",
        ),
        failure,
    )
    assert ("GET", "POST") == failure.allowed


@pytest.mark.parametrize("row", OF_ENS, ids=lambda row: row.kind.__name__)
def test_catalogue_of_ens(row: Row) -> None:
    """ENS's documented errors; the documented sentence stands in where ENS sent none."""
    assert issubclass(row.kind, EnsError)
    described(row, of_ens(row.kind, row.code))


def test_the_catalogue_is_whole() -> None:
    """A class that is added to the module needs a row here; those in between have no code."""
    defined = {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, ImportFailure)
    }
    in_between = {ImportFailure, RequestRefused, EnsError, OssError, UnsupportedMethod}

    assert {row.kind for row in REFUSALS + OURS + OF_ENS} == defined - in_between


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.kind.__name__)
def test_what_the_caller_must_mend_is_a_refusal(row: Row) -> None:
    """Refused before ENS was asked; sending it again brings the same answer."""
    assert issubclass(row.kind, RequestRefused)
    assert row.kind.retry_after is None


def test_an_error_of_ens_is_passed_on_as_it_was_sent() -> None:
    """Code, message, status and RequestId are ENS's own."""
    failure = EnsError(
        "What to do.", code="Odd.Code", message="Odd sentence.", status=409, request_id="ENS-1"
    )

    assert ("Odd.Code", "Odd sentence.", 409, "ENS-1", False, "ens_error") == (
        failure.code,
        failure.message,
        failure.status,
        failure.request_id,
        failure.retryable,
        failure.reason,
    )


@pytest.mark.parametrize(
    ("kind", "status", "retryable"),
    [
        (EnsError, 400, False),
        (EnsError, 404, False),
        (EnsError, 499, False),
        (EnsError, 500, True),
        (EnsError, 503, True),
        (PermissionDenied, 403, False),
        (Throttled, 429, True),
    ],
)
def test_what_a_retry_can_help(kind: type[EnsError], status: int, retryable: bool) -> None:  # noqa: FBT001 - a table's column
    """5xx and throttling pass; what ENS refuses stays refused."""
    assert retryable is of_ens(kind, "Any", status).retryable


def test_one_failure_says_nothing_of_the_next() -> None:
    """What is told of an instance does not stick to its class."""
    of_ens(EnsError, "A", 500)

    assert not of_ens(EnsError, "B", 400).retryable


def test_explained_keeps_what_ens_said() -> None:
    """More is known later; then the description changes, and nothing of ENS's."""
    failure = EnsError("x", code="Taken", message="It is.", status=400, request_id="ENS-1")
    explained = failure.explained("Choose another.", reason="name_taken")

    assert ("Taken", "It is.", 400, "ENS-1") == (
        explained.code,
        explained.message,
        explained.status,
        explained.request_id,
    )
    assert ("Choose another.", "name_taken") == (explained.description, explained.reason)


def test_an_error_of_oss() -> None:
    """Code, status and RequestId are OSS's own."""
    failure = OssError(
        "What to do.", reason="object_gone", code="NoSuchKey", status=404, request_id="OSS-1"
    )

    assert ("NoSuchKey", 404, "OSS-1", False) == (
        failure.code,
        failure.status,
        failure.request_id,
        failure.retryable,
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda text: MalformedPublicKey(text, reason="private_key", corrected_line=text),
        lambda text: InvalidKeyPairName(text, reason="name_bad_start", column=1),
        lambda text: EnsError(text, code="Code", message=text, status=400, request_id=text),
        lambda text: ServiceUnavailable(text, reason="no_answer", request_id=text),
    ],
)
def test_an_exception_shows_code_and_reason_alone(make: Callable[[str], ImportFailure]) -> None:
    """Its text ends in tracebacks; a description may quote a key, and so stays out of it."""
    failure = make("planted")

    assert f"{failure.code} ({failure.reason})" == str(failure)
    assert "planted" not in repr(failure)


def test_no_sentence_is_lost_silently() -> None:
    """Docstrings are the messages; ``python -OO``, which drops them, fails at import."""
    run = subprocess.run(
        [sys.executable, "-OO", "-c", "import core.errors"],
        cwd=SOURCE,
        check=False,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 1
    assert "IndexError" in run.stderr
