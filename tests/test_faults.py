"""
The table of faults, over real HTTP: what becomes of one import when ENS, or the way to it, fails.

Three callers: one that waits for the function's HTTP trigger, and the same policy and adapter
called here, as for a caller who waits and for an asynchronous invocation, which looks up first.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pytest

from core.errors import EnsError, ServiceUnavailable
from devcloud import DevCloud, Fault
from devcloud.fc.s_yaml import read_function
from invocation import SystemClock
from tests.callers import DirectCaller, Watch, post
from tests.fakes.key_pairs import DUPLICATE_NAMES, IMPORT, LOOK_UP, DuplicateNames, valid_pair
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from tests.keys.ssh_keys import SshKey

Caller = Literal["function", "synchronous", "asynchronous"]
CALLERS: tuple[Caller, ...] = ("function", "synchronous", "asynchronous")
UNAVAILABLE = "ServiceUnavailable"


@dataclass(frozen=True, slots=True)
class End:
    """
    How an import ended: ``word`` is its outcome, or the failure's reason.

    ``retryable`` is None where the caller cannot see it.
    """

    status: int
    word: str
    code: str = ""
    retryable: bool | None = None


def imported(word: str = "imported") -> End:
    return End(200, word)


def import_by(
    caller: Caller, cloud: DevCloud, name: str, key: SshKey, *, is_patient: bool = True
) -> End:
    """Import a key, and tell how that ended."""
    if caller == "function":
        answer = post(cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)
        assert "x-fc-error-type" not in answer.headers  # an answer of ours, not the platform's
        if answer.status == 200:
            assert name == answer.body["KeyPairName"]
            return End(200, answer.headers["x-import-outcome"])
        return End(answer.status, answer.body["Reason"], answer.body["Code"])

    caller_here = DirectCaller(
        cloud.ens_endpoint,
        cloud.role_credentials(),
        look_up_first=caller == "asynchronous",
        is_patient=is_patient,
    )
    exactly_once = caller_here.exactly_once()
    try:
        imported = exactly_once.import_key_pair(valid_pair(name, key.line, key.md5))
    except (EnsError, ServiceUnavailable) as failure:
        return End(failure.status, failure.reason, failure.code, failure.retryable)
    finally:
        assert exactly_once.deadline >= SystemClock.now()  # the budget is kept
    return End(200, imported.outcome)


@pytest.fixture(autouse=True)
def _no_fault_of_another_test(
    clouds: Mapping[DuplicateNames, DevCloud], impatient_clouds: Mapping[DuplicateNames, DevCloud]
) -> None:
    for cloud in (*clouds.values(), *impatient_clouds.values()):
        cloud.faults.clear()


every_caller = pytest.mark.parametrize("caller", CALLERS)
on_every_kind_of_ens = pytest.mark.parametrize("duplicate_names", DUPLICATE_NAMES)


def row(fault: Fault, *values: object) -> pytest.ParameterSet:
    """One row of a table, called by its fault."""
    return pytest.param(fault, *values, id=fault.name)


@every_caller
@on_every_kind_of_ens
@pytest.mark.parametrize(
    ("fault", "outcome", "actions"),
    [
        row(Fault.reset_before_reading(), "imported", [IMPORT, LOOK_UP, IMPORT]),
        row(Fault.reset_before_answer(), "imported", [IMPORT, LOOK_UP, IMPORT]),
        row(Fault.reset_before_answer().after_the_work(), "already_imported", [IMPORT, LOOK_UP]),
        row(Fault.reset_during_answer(), "already_imported", [IMPORT, LOOK_UP]),
        row(Fault.cut_answer(), "already_imported", [IMPORT, LOOK_UP]),
        row(Fault.unavailable(500), "imported", [IMPORT, LOOK_UP, IMPORT]),
        row(Fault.unavailable(503), "imported", [IMPORT, LOOK_UP, IMPORT]),
        row(Fault.unavailable(503).after_the_work(), "already_imported", [IMPORT, LOOK_UP]),
        row(Fault.throttled(), "imported", [IMPORT, IMPORT]),
        row(Fault.throttled(status=429), "imported", [IMPORT, IMPORT]),
        row(Fault.throttled(retry_after_ms=50), "imported", [IMPORT, IMPORT]),
        row(Fault.html(), "imported", [IMPORT, LOOK_UP, IMPORT]),
        row(Fault.html(200).after_the_work(), "already_imported", [IMPORT, LOOK_UP]),
        row(Fault.empty_body(), "imported", [IMPORT, LOOK_UP, IMPORT]),
        row(Fault.empty_body().after_the_work(), "already_imported", [IMPORT, LOOK_UP]),
        row(Fault.truncated_json(), "imported", [IMPORT, LOOK_UP, IMPORT]),
        row(Fault.truncated_json().after_the_work(), "already_imported", [IMPORT, LOOK_UP]),
        row(Fault.not_an_object(), "imported", [IMPORT, LOOK_UP, IMPORT]),
        row(Fault.not_an_object().after_the_work(), "already_imported", [IMPORT, LOOK_UP]),
        row(Fault.error("ens.interface.error"), "imported", [IMPORT, LOOK_UP, IMPORT]),
        row(Fault.error("CallInterface"), "imported", [IMPORT, LOOK_UP, IMPORT]),
        row(Fault.wrong_fingerprint(), "imported", [IMPORT]),
    ],
)
def test_a_passing_fault(
    *,
    duplicate_names: DuplicateNames,
    caller: Caller,
    fault: Fault,
    outcome: str,
    actions: list[str],
    clouds: Mapping[DuplicateNames, DevCloud],
    name: str,
    key: SshKey,
) -> None:
    """One fault costs no key pair and makes no second one."""
    clouds[duplicate_names].fail_next(IMPORT, fault)

    assert_recovers(caller, clouds[duplicate_names], name, key, outcome, actions)


@every_caller
@on_every_kind_of_ens
@pytest.mark.parametrize(
    ("fault", "outcome", "actions"),
    [
        row(Fault.never_answer(), "imported", [IMPORT, LOOK_UP, IMPORT]),
        row(Fault.slow(3.0), "already_imported", [IMPORT, LOOK_UP]),
    ],
)
def test_an_answer_that_comes_too_late(
    *,
    duplicate_names: DuplicateNames,
    caller: Caller,
    fault: Fault,
    outcome: str,
    actions: list[str],
    impatient_clouds: Mapping[DuplicateNames, DevCloud],
    name: str,
    key: SshKey,
) -> None:
    """A time-out costs no key pair and makes no second one."""
    cloud = impatient_clouds[duplicate_names]
    cloud.fail_next(IMPORT, fault)

    assert_recovers(caller, cloud, name, key, outcome, actions, is_patient=False)


def assert_recovers(
    caller: Caller,
    cloud: DevCloud,
    name: str,
    key: SshKey,
    outcome: str,
    actions: list[str],
    *,
    is_patient: bool = True,
) -> None:
    """Import while a fault is due: it ends well after these calls, with one key pair."""
    ens = Watch.over(cloud, name)

    assert imported(outcome) == import_by(caller, cloud, name, key, is_patient=is_patient)
    assert [LOOK_UP] * (caller == "asynchronous") + actions == ens.actions
    assert [key.md5] == ens.fingerprints


@every_caller
@on_every_kind_of_ens
@pytest.mark.parametrize(
    ("fault", "end", "actions"),
    [
        row(
            Fault.reset_before_answer(),
            End(503, "no_answer", UNAVAILABLE, True),
            [IMPORT, LOOK_UP] * 2,
        ),
        row(
            Fault.unavailable(500),
            End(500, "ens_error", "InternalError", True),
            [IMPORT, LOOK_UP] * 2,
        ),
        row(
            Fault.unavailable(503), End(503, "ens_error", UNAVAILABLE, True), [IMPORT, LOOK_UP] * 2
        ),
        row(Fault.throttled(), End(400, "throttled", "Throttling.User", True), [IMPORT] * 2),
        row(
            Fault.throttled(retry_after_ms=60_000),
            End(400, "throttled", "Throttling.User", True),
            [IMPORT],
        ),
        row(Fault.html(), End(503, "unreadable_answer", UNAVAILABLE, True), [IMPORT, LOOK_UP] * 2),
        row(
            Fault.empty_body(500),
            End(503, "unreadable_answer", UNAVAILABLE, True),
            [IMPORT, LOOK_UP] * 2,
        ),
        row(
            Fault.error("ens.interface.error"),
            End(400, "ens_error", "ens.interface.error", True),
            [IMPORT, LOOK_UP] * 2,
        ),
        row(
            Fault.error("NoPermission"),
            End(400, "role_permission", "NoPermission", False),
            [IMPORT],
        ),
        row(
            Fault.error("InvalidPublicKeyBody.Malformed"),
            End(400, "ens_error", "InvalidPublicKeyBody.Malformed", False),
            [IMPORT],
        ),
        row(
            Fault.error("AuthorizationLimitExceed"),
            End(400, "ens_error", "AuthorizationLimitExceed", False),
            [IMPORT, LOOK_UP],
        ),
        row(
            Fault.error("QuotaExceed.KeyPair", 403),
            End(403, "ens_error", "QuotaExceed.KeyPair", False),
            [IMPORT, LOOK_UP],
        ),
        row(
            Fault.error("Never.Heard.Of", 404),
            End(404, "ens_error", "Never.Heard.Of", False),
            [IMPORT, LOOK_UP],
        ),
        row(
            Fault.error("InvalidSecurityToken.Expired"),
            End(503, "role_credentials", UNAVAILABLE, True),
            [IMPORT],
        ),
    ],
)
def test_a_lasting_fault(
    *,
    duplicate_names: DuplicateNames,
    caller: Caller,
    fault: Fault,
    end: End,
    actions: list[str],
    clouds: Mapping[DuplicateNames, DevCloud],
    name: str,
    key: SshKey,
) -> None:
    """A fault that lasts ends in its own code after so many calls, and leaves no key pair."""
    cloud = clouds[duplicate_names]
    ens = Watch.over(cloud, name)
    cloud.fail_next(IMPORT, fault, times=9)

    assert seen_by(caller, end) == import_by(caller, cloud, name, key)
    assert [LOOK_UP] * (caller == "asynchronous") + actions == ens.actions
    assert [] == ens.fingerprints


def seen_by(caller: Caller, end: End) -> End:
    """Leave out what this caller cannot see."""
    return replace(end, retryable=None) if caller == "function" else end


@every_caller
@on_every_kind_of_ens
@pytest.mark.parametrize(
    "unreachable",
    [
        pytest.param(DevCloud.refusing_connections, id="refused"),
        pytest.param(DevCloud.ignoring_connections, id="connect time-out"),
    ],
)
def test_ens_cannot_be_reached(
    *,
    duplicate_names: DuplicateNames,
    caller: Caller,
    unreachable: Callable[[DevCloud], AbstractContextManager[None]],
    impatient_clouds: Mapping[DuplicateNames, DevCloud],
    name: str,
    key: SshKey,
) -> None:
    """An ENS that takes no connection is reported after the last attempt; nothing was sent."""
    cloud = impatient_clouds[duplicate_names]
    ens = Watch.over(cloud, name)
    reason = "look_up_failed" if caller == "asynchronous" else "ens_unreachable"

    with unreachable(cloud):
        end = import_by(caller, cloud, name, key, is_patient=False)

    assert seen_by(caller, End(503, reason, UNAVAILABLE, True)) == end
    assert [] == ens.actions
    assert imported() == import_by(caller, cloud, name, key)
    assert [key.md5] == ens.fingerprints


@every_caller
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault.reset_before_answer(), id="reset"),
        pytest.param(Fault.html(), id="HTML"),
        pytest.param(Fault.error("InvalidParameter"), id="refused"),
    ],
)
def test_an_answer_is_lost_and_ens_cannot_be_asked(
    *,
    caller: Caller,
    fault: Fault,
    clouds: Mapping[DuplicateNames, DevCloud],
    name: str,
    key: SshKey,
) -> None:
    """The key is there, nobody could tell, and nothing is sent twice; repeating finds it."""
    cloud = clouds["refused"]
    ens = Watch.over(cloud, name)
    cloud.fail_next(IMPORT, Fault.cut_answer())
    cloud.fail_next(LOOK_UP, fault, times=9)

    end = import_by("function" if caller == "function" else "synchronous", cloud, name, key)

    assert seen_by(caller, End(503, "look_up_failed", UNAVAILABLE, True)) == end
    assert 1 == ens.actions.count(IMPORT)
    cloud.faults.clear()
    assert imported("already_imported") == import_by(caller, cloud, name, key)
    assert [key.md5] == ens.fingerprints


@every_caller
@pytest.mark.parametrize(
    ("duplicate_names", "end", "actions", "count"),
    [
        pytest.param("refused", imported("already_imported"), [IMPORT, LOOK_UP], 1),
        # A limit that is documented: such an ENS gives whoever waits what he asks for.
        pytest.param("accepted", imported(), [IMPORT], 2),
    ],
)
def test_the_same_key_again(
    *,
    duplicate_names: DuplicateNames,
    caller: Caller,
    end: End,
    actions: list[str],
    count: int,
    clouds: Mapping[DuplicateNames, DevCloud],
    name: str,
    key: SshKey,
) -> None:
    """A repeated import is a success; an asynchronous one makes no second key pair anywhere."""
    cloud = clouds[duplicate_names]
    import_by("function", cloud, name, key)
    ens = Watch.over(cloud, name)
    if caller == "asynchronous":
        end, actions, count = imported("already_imported"), [LOOK_UP], 1

    assert end == import_by(caller, cloud, name, key)
    assert actions == ens.actions
    assert [key.md5] * count == ens.fingerprints


@every_caller
@pytest.mark.parametrize(
    ("duplicate_names", "end"),
    [
        pytest.param("refused", End(400, "name_taken", "InvalidKeyPairName.Duplicate", False)),
        pytest.param("accepted", imported()),
    ],
)
def test_the_name_is_another_keys(
    *,
    duplicate_names: DuplicateNames,
    caller: Caller,
    end: End,
    clouds: Mapping[DuplicateNames, DevCloud],
    name: str,
    key: SshKey,
    another_key: SshKey,
) -> None:
    """Whether two keys may share a name, ENS decides, and says so in its own words."""
    cloud = clouds[duplicate_names]
    import_by("function", cloud, name, another_key)
    ens = Watch.over(cloud, name)

    assert seen_by(caller, end) == import_by(caller, cloud, name, key)
    assert 1 == ens.actions.count(IMPORT)
    assert [another_key.md5, key.md5][: 2 if end == imported() else 1] == ens.fingerprints


@every_caller
@on_every_kind_of_ens
@pytest.mark.parametrize("code", ["ens.interface.error", "CallInterface"])
def test_an_interface_error_and_the_name_is_another_keys(
    *,
    duplicate_names: DuplicateNames,
    caller: Caller,
    code: str,
    clouds: Mapping[DuplicateNames, DevCloud],
    name: str,
    key: SshKey,
    another_key: SshKey,
) -> None:
    """After one more try it is ENS's word on the name: final, for either kind of caller."""
    cloud = clouds[duplicate_names]
    import_by("function", cloud, name, another_key)
    ens = Watch.over(cloud, name)
    cloud.fail_next(IMPORT, Fault.error(code), times=9)

    end = import_by(caller, cloud, name, key)

    assert seen_by(caller, End(400, "name_taken", code, False)) == end
    assert [LOOK_UP] * (caller == "asynchronous") + [IMPORT, LOOK_UP] * 2 == ens.actions
    assert [another_key.md5] == ens.fingerprints


def test_a_name_that_is_taken_is_explained(
    clouds: Mapping[DuplicateNames, DevCloud], name: str, key: SshKey, another_key: SshKey
) -> None:
    """The answer names both fingerprints, so that one can find out whose key it is."""
    cloud = clouds["refused"]
    post(cloud.function_url, KeyPairName=name, PublicKeyBody=another_key.line)

    answer = post(cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)

    assert key.md5 in answer.body["Description"]
    assert another_key.md5 in answer.body["Description"]


@on_every_kind_of_ens
def test_another_fingerprint_is_answered_and_flagged(
    *,
    duplicate_names: DuplicateNames,
    clouds: Mapping[DuplicateNames, DevCloud],
    name: str,
    key: SshKey,
) -> None:
    """The import has happened: ENS's fingerprint is answered, and said to be another's."""
    cloud = clouds[duplicate_names]
    cloud.fail_next(IMPORT, Fault.wrong_fingerprint())

    answer = post(cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)

    assert (200, "0" * 32, "false") == (
        answer.status,
        answer.body["KeyPairFingerPrint"],
        answer.headers["x-fingerprint-verified"],
    )
    assert '"level": "error"' in last_line(cloud)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault.reset_before_answer(), id="lost"),
        pytest.param(Fault.throttled(retry_after_ms=60_000), id="throttled for a minute"),
    ],
)
def test_says_when_to_come_back(
    fault: Fault, clouds: Mapping[DuplicateNames, DevCloud], name: str, key: SshKey
) -> None:
    """Where it is known when trying again makes sense, Retry-After says so in whole seconds."""
    cloud = clouds["refused"]
    cloud.fail_next(IMPORT, fault, times=9)

    answer = post(cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)

    assert ("60" if "Throttling" in fault.name else "5") == answer.headers["retry-after"]


@pytest.mark.parametrize(
    ("changes", "session_seconds", "runtime", "calls"),
    [
        pytest.param({"ALIBABA_CLOUD_SECURITY_TOKEN": ""}, 3600, "python3.12", 0, id="missing"),
        pytest.param({"ALIBABA_CLOUD_ACCESS_KEY_ID": "a b"}, 3600, "python3.12", 0, id="malformed"),
        pytest.param({}, 0, "python3.12", 1, id="expired, on python3.12"),
        pytest.param({}, 0, "python3.10", 1, id="expired, on python3.10"),
    ],
)
def test_credentials(
    *,
    changes: Mapping[str, str],
    session_seconds: int,
    runtime: Literal["python3.12", "python3.10"],
    calls: int,
    name: str,
    key: SshKey,
) -> None:
    """Unusable credentials of the role are a 503 that blames no caller, after one call at most."""
    with DevCloud(
        function=True,
        function_env=changes,
        role_session_seconds=session_seconds,
        runtime=runtime,
        project=PROJECT,
    ) as cloud:
        answer = post(cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)

        assert (503, UNAVAILABLE, "role_credentials", "5") == (
            answer.status,
            answer.body["Code"],
            answer.body["Reason"],
            answer.headers["retry-after"],
        )
        assert calls == len(cloud.calls)
        assert [] == cloud.key_pairs


def test_the_function_answers_before_it_is_killed(name: str, key: SshKey) -> None:
    """However long the time-outs are set, the function's own time-out comes first."""
    spec = replace(read_function(PROJECT), timeout=2)
    patient = {"ENS_CONNECT_TIMEOUT_MS": "60000", "ENS_READ_TIMEOUT_MS": "600000"}
    with DevCloud(function=spec, function_env=patient, project=PROJECT) as cloud:
        cloud.fail_next(IMPORT, Fault.never_answer(), times=9)

        assert End(503, "look_up_failed", UNAVAILABLE) == import_by("function", cloud, name, key)


def test_an_instance_that_was_frozen(
    clouds: Mapping[DuplicateNames, DevCloud], name: str, key: SshKey
) -> None:
    """A connection that ENS closed while the instance was frozen is not mistaken for a fault."""
    cloud = clouds["refused"]
    import_by("function", cloud, f"{name}-before", key)
    ens = Watch.over(cloud, name)

    with cloud.frozen_instances(), cloud.refusing_connections():
        pass  # which ends the connections there are

    assert imported() == import_by("function", cloud, name, key)
    assert [IMPORT] == ens.actions


def test_two_callers_at_once(
    clouds: Mapping[DuplicateNames, DevCloud], name: str, key: SshKey
) -> None:
    """Two instances that import one key at the same time both succeed, with one key pair."""
    cloud = clouds["refused"]
    ends: list[End] = []

    def call() -> None:
        ends.append(import_by("function", cloud, name, key))

    callers = [threading.Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert [200, 200] == [end.status for end in ends]
    assert [key.md5] == [pair.fingerprint for pair in cloud.key_pairs if pair.name == name]


def last_line(cloud: DevCloud) -> str:
    """Return the function's last log line."""
    return cloud.function_logs().splitlines()[-1]
