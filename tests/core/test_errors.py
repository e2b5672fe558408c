"""The catalogue of failures: code, status, whether a retry helps, and the documented sentence."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from core import errors
from core.errors import (
    CODES,
    EnsError,
    ImportFailure,
    InternalError,
    InvalidKeyPairName,
    InvalidRequest,
    MalformedPublicKey,
    OssError,
    PermissionDenied,
    RequestRefused,
    RoleCredentialsUnusable,
    ServiceUnavailable,
    Throttled,
    UnsupportedMethod,
    UntrustedPublicKey,
    too_large,
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
        kind=RequestRefused,
        code="MissingParameter",
        status=400,
        retryable=False,
        message="The input parameter that is mandatory for processing this request is not "
        "supplied.",
    ),
    Row(
        kind=InvalidRequest,
        code="InvalidParameter",
        status=400,
        retryable=False,
        message="The errorMessage is not json. Please check it again.",
    ),
    Row(
        kind=InvalidKeyPairName,
        code="InvalidParameter.KeyPairName",
        status=400,
        retryable=False,
        message=FIELD.format("KeyPairName"),
    ),
    Row(
        kind=UntrustedPublicKey,
        code="InvalidParameter.PublicKeyBody",
        status=400,
        retryable=False,
        message=FIELD.format("PublicKeyBody"),
    ),
    Row(
        kind=MalformedPublicKey,
        code="InvalidPublicKeyBody.Malformed",
        status=400,
        retryable=False,
        message="The PublicKeyBody format is not supported.",
    ),
    Row(
        kind=RequestRefused,
        code="InvalidAction.NotFound",
        status=404,
        retryable=False,
        message="The specified API is not found, please check your url and method.",
    ),
    Row(
        kind=RequestRefused,
        code="InvalidVersion",
        status=400,
        retryable=False,
        message="Specified parameter Version is not valid.",
    ),
    Row(
        kind=RequestRefused,
        code="NoPermission",
        status=403,
        retryable=False,
        message="Permission denied.",
    ),
]
OURS = [
    Row(
        kind=ServiceUnavailable,
        code="ServiceUnavailable",
        status=503,
        retryable=True,
        message=UNAVAILABLE,
    ),
    Row(
        kind=RoleCredentialsUnusable,
        code="ServiceUnavailable",
        status=503,
        retryable=True,
        message=UNAVAILABLE,
    ),
    Row(
        kind=InternalError,
        code="InternalError",
        status=500,
        retryable=False,
        message="The request processing has failed due to some unknown error, exception or "
        "failure.",
    ),
]
OF_ENS = [
    Row(
        kind=PermissionDenied,
        code="NoPermission",
        status=400,
        retryable=False,
        message="Permission denied.",
    ),
    Row(
        kind=EnsError,
        code="ens.interface.error",
        status=400,
        retryable=True,
        message="An error occurred while calling the API.",
    ),
    Row(
        kind=EnsError,
        code="CallInterface",
        status=400,
        retryable=True,
        message="Call Interface Happen Error.",
    ),
    Row(
        kind=EnsError,
        code="InvalidSecurityGroupId.NotFound",
        status=400,
        retryable=False,
        message="The specified SecurityGroupId does not exist.",
    ),
    Row(
        kind=EnsError,
        code="SecurityGroupRuleConflict.Duplicated",
        status=400,
        retryable=False,
        message="The SecurityGroup rule already exists.",
    ),
    Row(
        kind=EnsError,
        code="AuthorizationLimitExceed",
        status=400,
        retryable=False,
        message="The limit of authorization records in the security group reaches.",
    ),
    Row(
        kind=Throttled,
        code="Throttling.User",
        status=400,
        retryable=True,
        message="Request was denied due to request throttling.",
    ),
]


def described(row: Row, failure: ImportFailure) -> None:
    """Check a failure against its row."""
    assert row == Row(
        type(failure), failure.code, failure.status, failure.retryable, failure.message
    )


def made(row: Row) -> ImportFailure:
    """Make a failure of the function itself."""
    if row.kind is RequestRefused:
        return RequestRefused("What to do.", code=row.code, reason="not_json")
    return row.kind("What to do.", reason="not_json")


def of_ens(kind: type[EnsError], code: str, status: int = 400, message: str = "") -> EnsError:
    return kind("What to do.", code=code, message=message, status=status)


@pytest.mark.parametrize("row", REFUSALS + OURS, ids=lambda row: f"{row.kind.__name__} {row.code}")
def test_catalogue(row: Row) -> None:
    """Each failure of the function itself, as documented."""
    described(row, made(row))


def test_too_large() -> None:
    """413, by the code of any other value that cannot be read."""
    described(
        Row(
            kind=InvalidRequest,
            code="InvalidParameter",
            status=413,
            retryable=False,
            message="The errorMessage is body too large. Please check it again.",
        ),
        too_large("What to do.", reason="body_too_large"),
    )


def test_unsupported_method() -> None:
    """405, and which methods would do."""
    failure = UnsupportedMethod("What to do.", reason="unsupported_method", allowed=("GET", "POST"))

    described(
        Row(
            kind=UnsupportedMethod,
            code="UnsupportedHTTPMethod",
            status=405,
            retryable=False,
            message="This http method is not supported.",
        ),
        failure,
    )
    assert ("GET", "POST") == failure.allowed


@pytest.mark.parametrize("row", OF_ENS, ids=lambda row: row.code)
def test_catalogue_of_ens(row: Row) -> None:
    """ENS's documented errors; the documented sentence is used where ENS sent none."""
    assert issubclass(row.kind, EnsError)
    described(row, of_ens(row.kind, row.code))


def test_the_catalogue_is_whole() -> None:
    """A class or a code that is added to the module needs a row here."""
    defined = {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, ImportFailure)
    }
    in_between = {ImportFailure, OssError, UnsupportedMethod}
    rows = REFUSALS + OURS + OF_ENS

    assert {row.kind for row in rows} == defined - in_between
    assert CODES.keys() == {row.code for row in rows if row.kind in {RequestRefused, EnsError}}


def test_a_class_is_for_what_is_caught() -> None:
    """Each class is named where it is caught or told apart; any other failure is a row of CODES."""
    named = "".join(
        path.read_text("utf-8") for path in SOURCE.rglob("*.py") if path.name != "errors.py"
    )
    caught = set(re.findall(r"\w+", " ".join(re.findall(r"except ([^:]+):", named))))
    caught |= set(
        re.findall(r"\w+", " ".join(re.findall(r"isinstance\([^,()]+,\s*\(?([\w,\s]+)\)", named)))
    )
    classes = {row.kind.__name__ for row in REFUSALS + OURS + OF_ENS}

    assert set() == classes - caught - {"RequestRefused"}  # the base of those that are


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.code)
def test_what_the_caller_must_fix_is_a_refusal(row: Row) -> None:
    """Refused before ENS was asked; sending it again brings the same answer."""
    assert issubclass(row.kind, RequestRefused)
    assert row.kind.retry_after is None


def test_an_error_of_ens_is_passed_on_as_it_was_sent() -> None:
    """Code, message, status and RequestId are ENS's own."""
    failure = EnsError(
        "What to do.",
        code="Odd.Code",
        message="Odd sentence.",
        status=409,
        service_request_id="ENS-1",
    )

    assert ("Odd.Code", "Odd sentence.", 409, "ENS-1", False, "ens_error") == (
        failure.code,
        failure.message,
        failure.status,
        failure.service_request_id,
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
    failure = EnsError("x", code="Taken", message="It is.", status=400, service_request_id="ENS-1")
    explained = failure.explained("Choose another.", reason="name_taken")

    assert ("Taken", "It is.", 400, "ENS-1") == (
        explained.code,
        explained.message,
        explained.status,
        explained.service_request_id,
    )
    assert ("Choose another.", "name_taken") == (explained.description, explained.reason)


def test_an_error_of_oss() -> None:
    """Code, status and RequestId are OSS's own."""
    failure = OssError(
        "What to do.", reason="oss_error", code="NoSuchKey", status=404, service_request_id="OSS-1"
    )

    assert ("NoSuchKey", 404, "OSS-1", False) == (
        failure.code,
        failure.status,
        failure.service_request_id,
        failure.retryable,
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda text: MalformedPublicKey(text, reason="private_key", corrected_line=text),
        lambda text: InvalidKeyPairName(text, reason="name_bad_start", place=(1, 1)),
        lambda text: EnsError(text, code="Code", message=text, status=400, service_request_id=text),
        lambda text: ServiceUnavailable(text, reason="no_answer", service_request_id=text),
    ],
)
def test_an_exception_shows_code_and_reason_alone(make: Callable[[str], ImportFailure]) -> None:
    """Its text ends in tracebacks; a description may quote a key, and so stays out of it."""
    failure = make("planted")

    assert f"{failure.code} ({failure.reason})" == str(failure)
    assert "planted" not in repr(failure)


def test_no_message_is_lost_under_oo() -> None:
    """``python -OO`` drops docstrings; what callers read is not in them."""
    code = (
        "from core.errors import MalformedPublicKey as Malformed;"
        "assert False, 'not dropped';"
        "print(Malformed('', reason='quoted').message, Malformed.__doc__)"
    )
    run = subprocess.run(
        [sys.executable, "-OO", "-c", code],
        cwd=SOURCE,
        check=True,
        capture_output=True,
        text=True,
    )

    assert "The PublicKeyBody format is not supported. None\n" == run.stdout
