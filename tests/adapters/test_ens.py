"""Every way in which a call of ENS can end, translated once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from core.errors import (
    EnsError,
    PermissionDenied,
    RoleCredentialsUnusable,
    ServiceUnavailable,
    Throttled,
)
from core.importing.exactly_once import ImportedKeyPair, KeyPairsPage, ListedKeyPair
from tests.adapters.calls import KEY, MD5, SECRETS, Ens, everything_said
from tests.fakes.raw_server import RawServer, http, in_json, send

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.errors import ImportFailure

IMPORTED = {"KeyPairFingerPrint": MD5, "KeyPairName": "alice", "RequestId": "R-1"}
ENTRY = {"KeyPairName": "alice", "KeyPairFingerPrint": MD5}
LISTED = {"KeyPairs": {"KeyPair": [ENTRY]}, "TotalCount": 1, "RequestId": "R-2"}


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer() as prepared:
        yield prepared


def refusal_to(
    server: RawServer, content: object, status: int = 400, *headers: str
) -> ImportFailure:
    """Return what an import fails with when ENS answers this."""
    server.prepare(send(in_json(status, content, *headers)))
    with pytest.raises((EnsError, ServiceUnavailable)) as failure:
        Ens(server.host).import_key()
    assert 1 == len(server.requests)
    said = everything_said(failure.value)
    assert [] == [secret for secret in SECRETS if secret in said]
    return failure.value


def test_imports(server: RawServer) -> None:
    """An answer is read, and the request is the one that ENS documents."""
    server.prepare(send(in_json(200, IMPORTED)))
    ens = Ens(server.host)

    assert ImportedKeyPair(MD5, "R-1") == ens.import_key()

    head = server.requests[0].decode()
    line, *headers = head.splitlines()
    method, target, _ = line.split(" ")
    query = parse_qs(urlsplit(target).query, strict_parsing=True)
    named = {name.lower(): value for name, _, value in (h.partition(": ") for h in headers)}
    assert ("POST", "/") == (method, urlsplit(target).path)
    assert {"KeyPairName": ["alice"], "PublicKeyBody": [KEY]} == query
    assert ("ImportKeyPair", "2017-11-10") == (named["x-acs-action"], named["x-acs-version"])
    assert "planted-token" == named["x-acs-security-token"]
    assert named["authorization"].startswith("ACS3-HMAC-SHA256 Credential=planted-key-id,")
    (observed,) = ens.observed
    assert ("ImportKeyPair", "ok", "R-1") == (
        observed.action,
        observed.result,
        observed.service_request_id,
    )


def test_looks_up(server: RawServer) -> None:
    """A page is read, and asked for by number and size."""
    server.prepare(send(in_json(200, LISTED)))
    page = Ens(server.host).look_up()

    assert KeyPairsPage((ListedKeyPair("alice", MD5),), 1, "R-2") == page
    query = parse_qs(urlsplit(server.requests[0].decode().split(" ")[1]).query)
    assert {"KeyPairName": ["alice"], "PageNumber": ["1"], "PageSize": ["50"]} == query


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param({"KeyPairs": {"KeyPair": []}}, id="an empty list"),
        pytest.param({"KeyPairs": {}}, id="no list"),
        pytest.param({"KeyPairs": {"KeyPair": None}}, id="null for a list"),
        pytest.param({"KeyPairs": None}, id="null for all"),
        pytest.param({}, id="nothing at all"),
    ],
)
def test_looks_up_what_is_not_there(server: RawServer, nothing: dict[str, object]) -> None:
    """However ENS writes it that it found nothing, nothing is found."""
    server.prepare(send(in_json(200, {"TotalCount": 0, "RequestId": "R-3", **nothing})))
    assert KeyPairsPage((), 0, "R-3") == Ens(server.host).look_up()


@pytest.mark.parametrize("total", [1, "1"])
def test_reads_a_total_in_words_too(server: RawServer, total: object) -> None:
    """A number in quotes is one."""
    server.prepare(send(in_json(200, LISTED | {"TotalCount": total})))
    assert 1 == Ens(server.host).look_up().total


def without(answer: Mapping[str, object], member: str) -> dict[str, object]:
    return {name: value for name, value in answer.items() if name != member}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="an empty object"),
        pytest.param(without(IMPORTED, "KeyPairFingerPrint"), id="no fingerprint"),
        pytest.param(without(IMPORTED, "RequestId"), id="no request id"),
        pytest.param(IMPORTED | {"KeyPairFingerPrint": ""}, id="an empty fingerprint"),
        pytest.param(IMPORTED | {"KeyPairFingerPrint": None}, id="null for a fingerprint"),
        pytest.param(IMPORTED | {"KeyPairFingerPrint": 17}, id="a number"),
        pytest.param(IMPORTED | {"KeyPairFingerPrint": [MD5]}, id="a list"),
        pytest.param(IMPORTED | {"RequestId": {"a": 1}}, id="an object for a request id"),
        pytest.param([IMPORTED], id="a list of answers"),
        pytest.param("imported", id="a string"),
        pytest.param(1, id="one"),
        pytest.param(None, id="null"),
        pytest.param({"Code": "InternalError", "RequestId": "R"}, id="an error with status 200"),
    ],
)
def test_no_answer_to_an_import(server: RawServer, answer: object) -> None:
    """What does not say that the key was imported leaves it in doubt."""
    failure = refusal_to(server, answer, 200)

    assert isinstance(failure, ServiceUnavailable)
    assert ("unreadable_answer", True) == (failure.reason, failure.outcome_unknown)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="an empty object"),
        pytest.param(without(LISTED, "TotalCount"), id="no total"),
        pytest.param(without(LISTED, "KeyPairs"), id="a total without key pairs"),
        pytest.param(without(LISTED, "RequestId"), id="no request id"),
        pytest.param(LISTED | {"TotalCount": "many"}, id="a word for a total"),
        pytest.param(LISTED | {"TotalCount": float("inf")}, id="infinity for a total"),
        pytest.param(LISTED | {"TotalCount": "planted-token"}, id="a secret for a total"),
        pytest.param(LISTED | {"KeyPairs": [ENTRY]}, id="a list without its object"),
        pytest.param(LISTED | {"KeyPairs": {"KeyPair": ENTRY}}, id="an object for a list"),
        pytest.param(LISTED | {"KeyPairs": {"KeyPair": "alice"}}, id="a string for a list"),
        pytest.param(LISTED | {"KeyPairs": {"KeyPair": [None]}}, id="null for an entry"),
        pytest.param(LISTED | {"KeyPairs": {"KeyPair": [{}]}}, id="an empty entry"),
        pytest.param(
            LISTED | {"KeyPairs": {"KeyPair": [ENTRY | {"KeyPairFingerPrint": 7}]}},
            id="a number for a fingerprint",
        ),
        pytest.param(
            LISTED | {"KeyPairs": {"KeyPair": [ENTRY | {"KeyPairName": 7}]}}, id="a number's name"
        ),
    ],
)
def test_no_answer_to_a_look_up(server: RawServer, answer: object) -> None:
    """What may hide a key pair is not taken for "nothing there"."""
    server.prepare(send(in_json(200, answer)))
    with pytest.raises(ServiceUnavailable) as failure:
        Ens(server.host).look_up()

    assert "unreadable_answer" == failure.value.reason
    assert "planted" not in everything_said(failure.value)


@pytest.mark.parametrize(
    "entry",
    [without(ENTRY, "KeyPairFingerPrint"), ENTRY | {"KeyPairFingerPrint": ""}],
    ids=["absent", "empty"],
)
def test_an_entry_without_a_fingerprint(server: RawServer, entry: dict[str, object]) -> None:
    """It is listed as such: core decides what it may hide."""
    server.prepare(send(in_json(200, LISTED | {"KeyPairs": {"KeyPair": [entry]}})))

    assert [""] == [each.fingerprint for each in Ens(server.host).look_up().key_pairs]


@pytest.mark.parametrize(
    ("status", "code", "kind", "retryable", "reason"),
    [
        (400, "MissingParameter", EnsError, False, "ens_error"),
        (400, "InvalidParameter", EnsError, False, "ens_error"),
        (400, "InvalidParameter.KeyPairName", EnsError, False, "ens_error"),
        (400, "InvalidPublicKeyBody.Malformed", EnsError, False, "ens_error"),
        (400, "NoPermission", PermissionDenied, False, "role_permission"),
        (403, "Forbidden.RAM", PermissionDenied, False, "role_permission"),
        (400, "NotAuthorized", PermissionDenied, False, "role_permission"),
        (403, "Forbidden.Unknown", PermissionDenied, False, "role_permission"),
        (403, "NotAuthorized.Ens", PermissionDenied, False, "role_permission"),
        (400, "Ens.NoPermission.Role", PermissionDenied, False, "role_permission"),
        (403, "Role.AccessDenied", PermissionDenied, False, "role_permission"),
        (403, "QuotaExceed.KeyPair", EnsError, False, "ens_error"),
        (403, "InvalidOperation", EnsError, False, "ens_error"),
        (400, "ens.interface.error", EnsError, True, "ens_error"),
        (400, "CallInterface", EnsError, True, "ens_error"),
        (400, "InvalidSecurityGroupId.NotFound", EnsError, False, "ens_error"),
        (400, "SecurityGroupRuleConflict.Duplicated", EnsError, False, "ens_error"),
        (400, "AuthorizationLimitExceed", EnsError, False, "ens_error"),
        (400, "Throttling", Throttled, True, "throttled"),
        (400, "Throttling.User", Throttled, True, "throttled"),
        (429, "Throttling.Api", Throttled, True, "throttled"),
        (503, "Throttling", Throttled, True, "throttled"),
        (429, "TooManyRequests", Throttled, True, "throttled"),
        (404, "Never.Heard.Of", EnsError, False, "ens_error"),
        (409, "Conflict", EnsError, False, "ens_error"),
        (500, "InternalError", EnsError, True, "ens_error"),
        (503, "ServiceUnavailable", EnsError, True, "ens_error"),
        (599, "Odd", EnsError, True, "ens_error"),
    ],
)
def test_an_error_of_ens(
    server: RawServer, *, status: int, code: str, kind: type[EnsError], retryable: bool, reason: str
) -> None:
    """An error of ENS keeps code, message, status and RequestId, and gets its class."""
    failure = refusal_to(
        server, {"Code": code, "Message": "ENS's words.", "RequestId": "R-9"}, status
    )

    assert kind is type(failure)
    assert (code, "ENS's words.", status, "R-9") == (
        failure.code,
        failure.message,
        failure.status,
        failure.service_request_id,
    )
    assert (retryable, reason) == (failure.retryable, failure.reason)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "InvalidSecurityToken.Expired"),
        (400, "InvalidSecurityToken.Malformed"),
        (400, "InvalidSecurityToken.MismatchWithAccessKey"),
        (403, "InvalidSecurityToken.Expired"),
        (404, "InvalidAccessKeyId.NotFound"),
        (400, "InvalidAccessKeyId.Inactive"),
        (400, "SignatureDoesNotMatch"),
        (400, "IncompleteSignature"),
    ],
)
def test_credentials_that_ens_does_not_take(server: RawServer, status: int, code: str) -> None:
    """The role's credentials are the owner's to fix: a 503 that names ENS's code."""
    failure = refusal_to(server, {"Code": code, "Message": "No.", "RequestId": "R-9"}, status)

    assert isinstance(failure, RoleCredentialsUnusable)
    assert ("ServiceUnavailable", 503, True, "role_credentials", "R-9") == (
        failure.code,
        failure.status,
        failure.retryable,
        failure.reason,
        failure.service_request_id,
    )
    assert code in failure.description


def test_an_error_in_small_letters(server: RawServer) -> None:
    """Some gateways of Alibaba Cloud write the members of an error in lower case."""
    failure = refusal_to(server, {"code": "Odd", "message": "Words.", "requestId": "R-8"}, 409)

    assert ("Odd", "Words.", "R-8") == (failure.code, failure.message, failure.service_request_id)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({}, id="an empty object"),
        pytest.param({"Message": "No code."}, id="no code"),
        pytest.param({"Code": ""}, id="an empty code"),
        pytest.param({"Code": None}, id="null for a code"),
        pytest.param({"Code": 17}, id="a number for a code"),
        pytest.param({"Code": ["NoPermission"]}, id="a list for a code"),
        pytest.param({"Code": {"Code": "NoPermission"}}, id="an object for a code"),
        pytest.param(["NoPermission"], id="a list"),
        pytest.param("NoPermission", id="a string"),
        pytest.param(None, id="null"),
        pytest.param(0, id="zero"),
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_no_error_of_ens(server: RawServer, status: int, content: object) -> None:
    """A failing status without a code says nothing of what was done."""
    failure = refusal_to(server, content, status)

    assert isinstance(failure, ServiceUnavailable)
    assert ("unreadable_answer", True) == (failure.reason, failure.outcome_unknown)


@pytest.mark.parametrize(
    "member",
    [
        pytest.param({"Message": None}, id="null for a message"),
        pytest.param({"Message": 17}, id="a number for a message"),
        pytest.param({"Message": {"a": ["b"]}}, id="an object for a message"),
        pytest.param({"RequestId": 17}, id="a number for a request id"),
        pytest.param({"RequestId": ["R"]}, id="a list for a request id"),
        pytest.param({"AccessDeniedDetail": "none"}, id="a string for details"),
        pytest.param({"AccessDeniedDetail": {"a": {"b": 1}}}, id="nested details"),
        pytest.param({"statusCode": 200}, id="a status of its own"),
    ],
)
def test_an_error_with_odd_members(server: RawServer, member: dict[str, object]) -> None:
    """A code is enough; what else is odd is left out, and nothing foreign is raised."""
    failure = refusal_to(server, {"Code": "NoPermission", **member})

    assert isinstance(failure, PermissionDenied)
    assert isinstance(failure.message, str)
    assert failure.service_request_id is None or isinstance(failure.service_request_id, str)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("1500", 1.5, id="milliseconds"),
        pytest.param("1", 0.001, id="one millisecond"),
        pytest.param("0", None, id="zero"),
        pytest.param("-5", None, id="negative"),
        pytest.param("soon", None, id="a word"),
        pytest.param("1.5", None, id="a fraction"),
        pytest.param("", None, id="empty"),
        pytest.param("9" * 12, 86400.0, id="thirty years"),
        pytest.param("9" * 400, 86400.0, id="more than a float holds"),
        pytest.param("9" * 5000, None, id="more than Python reads"),
    ],
)
@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(400, "Throttling.User", Throttled), (503, "ServiceUnavailable", EnsError)],
)
def test_how_long_to_wait(
    server: RawServer,
    status: int,
    code: str,
    kind: type[EnsError],
    header: str,
    seconds: float | None,
) -> None:
    """``x-acs-retry-after`` is in milliseconds; nonsense is as if it were not there."""
    failure = refusal_to(server, {"Code": code}, status, f"x-acs-retry-after: {header}")

    assert kind is type(failure)
    assert seconds == failure.retry_after


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" \r\n", id="blank"),
        pytest.param(b"<html>Bad gateway</html>", id="HTML"),
        pytest.param(b'{"RequestId": "R', id="truncated"),
        pytest.param(b'{"a": 1} {"b": 2}', id="two objects"),
        pytest.param(b"\xff\xfe{\x00}\x00", id="UTF-16"),
        pytest.param(b"\x1f\x8b\x08", id="bytes"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"9" * 5000, id="a number of five thousand digits"),
        pytest.param(b"NaN", id="not a number"),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 403, 500, 502])
def test_no_json(server: RawServer, status: int, body: bytes) -> None:
    """An answer that is no JSON leaves the import in doubt, whatever its status says."""
    server.prepare(send(http(status, body, "Content-Type: application/json")))
    with pytest.raises(ServiceUnavailable) as failure:
        Ens(server.host).import_key()

    assert ("unreadable_answer", True) == (
        failure.value.reason,
        failure.value.outcome_unknown,
    )
    assert KEY.split()[1] not in everything_said(failure.value)


def test_xml_of_an_old_gateway(server: RawServer) -> None:
    """The SDK reads an error in XML itself; here it is at least no surprise."""
    body = b"<Error><Code>NoPermission</Code><Message>No.</Message></Error>"
    server.prepare(send(http(400, body, "Content-Type: text/xml;charset=utf-8")))
    with pytest.raises(PermissionDenied):
        Ens(server.host).import_key()


def test_each_call_is_observed(server: RawServer) -> None:
    """Whatever becomes of a call, the log is told: its action, its end, ENS's RequestId."""
    refusal = {"Code": "NoPermission", "Message": "No.", "RequestId": "R-9"}
    server.prepare(send(in_json(200, LISTED)), send(in_json(403, refusal)))
    ens = Ens(server.host)
    ens.look_up()
    with pytest.raises(PermissionDenied):
        ens.import_key()

    assert [("DescribeKeyPairs", "ok", "R-2"), ("ImportKeyPair", "NoPermission", "R-9")] == [
        (call.action, call.result, call.service_request_id) for call in ens.observed
    ]
    assert all(call.duration_ms > 0 for call in ens.observed)
