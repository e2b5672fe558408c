"""What becomes of one import, fault by fault, on both kinds of ENS and for both callers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import EnsError, ImportFailure, ServiceUnavailable
from tests.core.importing.deliveries import (
    COLONS,
    MD5,
    NAME,
    OTHER_MD5,
    both_callers,
    deliver,
    ens_with,
    on_both_kinds_of_ens,
)
from tests.fakes import faults
from tests.fakes.key_pairs import (
    IMPORT,
    LOOK_UP,
    DuplicateNames,
    FakeClock,
    FakeKeyPairs,
    Fault,
    refused,
)

if TYPE_CHECKING:
    from core.importing.exactly_once import ImportedKeyPair


@on_both_kinds_of_ens
@both_callers
@pytest.mark.parametrize(
    ("fault", "outcome", "actions"),
    [
        pytest.param(None, "imported", [IMPORT], id="no fault"),
        pytest.param(faults.unreachable(), "imported", [IMPORT, IMPORT], id="unreachable"),
        pytest.param(faults.throttled(), "imported", [IMPORT, IMPORT], id="throttled"),
        pytest.param(faults.throttled(2.0), "imported", [IMPORT, IMPORT], id="throttled for 2 s"),
        pytest.param(
            faults.lost_request(), "imported", [IMPORT, LOOK_UP, IMPORT], id="lost request"
        ),
        pytest.param(
            faults.server_error(500), "imported", [IMPORT, LOOK_UP, IMPORT], id="500, not done"
        ),
        pytest.param(
            faults.server_error(503), "imported", [IMPORT, LOOK_UP, IMPORT], id="503, not done"
        ),
        pytest.param(
            faults.interface_error(), "imported", [IMPORT, LOOK_UP, IMPORT], id="interface error"
        ),
        pytest.param(
            faults.call_interface_error(), "imported", [IMPORT, LOOK_UP, IMPORT], id="CallInterface"
        ),
        pytest.param(faults.lost_answer(), "already_imported", [IMPORT, LOOK_UP], id="lost answer"),
        pytest.param(
            faults.server_error(500, performed=True),
            "already_imported",
            [IMPORT, LOOK_UP],
            id="500, but done",
        ),
        pytest.param(
            faults.late(0.1), "already_imported", [IMPORT, LOOK_UP], id="done during the wait"
        ),
    ],
)
def test_mends_one_fault(
    *,
    duplicate_names: DuplicateNames,
    look_up_first: bool,
    fault: Fault | None,
    outcome: str,
    actions: list[str],
) -> None:
    """One fault of any kind that can be fixed ends in one key pair, and no call too many."""
    ens = ens_with(duplicate_names)
    if fault:
        ens.fail_next(IMPORT, fault)

    delivered = deliver(ens, look_up_first=look_up_first)

    assert (outcome, MD5, True) == (
        delivered.outcome,
        delivered.fingerprint,
        delivered.verified,
    )
    assert [LOOK_UP] * look_up_first + actions == ens.actions
    assert [MD5] == ens.fingerprints(NAME)


@on_both_kinds_of_ens
@both_callers
@pytest.mark.parametrize(
    ("fault", "code", "retryable", "actions"),
    [
        pytest.param(faults.no_permission(), "Forbidden.RAM", False, [IMPORT], id="permission"),
        pytest.param(
            faults.bad_credentials(), "ServiceUnavailable", True, [IMPORT], id="credentials"
        ),
        pytest.param(
            faults.refusal("InvalidPublicKeyBody.Malformed"),
            "InvalidPublicKeyBody.Malformed",
            False,
            [IMPORT],
            id="malformed key",
        ),
        pytest.param(
            faults.refusal(), "QuotaExceeded.KeyPair", False, [IMPORT, LOOK_UP], id="other refusal"
        ),
        pytest.param(
            faults.unreachable(), "ServiceUnavailable", True, [IMPORT] * 3, id="unreachable"
        ),
        pytest.param(faults.throttled(), "Throttling.User", True, [IMPORT] * 3, id="throttled"),
        pytest.param(
            faults.throttled(60), "Throttling.User", True, [IMPORT], id="throttled for too long"
        ),
        pytest.param(
            faults.lost_request(), "ServiceUnavailable", True, [IMPORT, LOOK_UP] * 3, id="lost"
        ),
        pytest.param(
            faults.server_error(503), "InternalError", True, [IMPORT, LOOK_UP] * 3, id="503"
        ),
        pytest.param(
            faults.interface_error(),
            "ens.interface.error",
            True,
            [IMPORT, LOOK_UP] * 3,
            id="interface error",
        ),
    ],
)
def test_gives_up(
    *,
    duplicate_names: DuplicateNames,
    look_up_first: bool,
    fault: Fault,
    code: str,
    retryable: bool,
    actions: list[str],
) -> None:
    """A fault that lasts ends in its own code, after so many calls and no key pair."""
    ens = ens_with(duplicate_names)
    ens.fail_next(IMPORT, *[fault] * 9)

    with pytest.raises(ImportFailure) as failure:
        deliver(ens, look_up_first=look_up_first)

    assert (code, retryable) == (failure.value.code, failure.value.retryable)
    assert [LOOK_UP] * look_up_first + actions == ens.actions
    assert [] == ens.fingerprints(NAME)


@pytest.mark.parametrize(
    ("duplicate_names", "look_up_first", "outcome", "actions", "count"),
    [
        pytest.param("refused", False, "already_imported", [IMPORT, LOOK_UP], 1),
        pytest.param("refused", True, "already_imported", [LOOK_UP], 1),
        # A limit that is documented: such an ENS gives a synchronous caller what it asks for.
        pytest.param("accepted", False, "imported", [IMPORT], 2),
        pytest.param("accepted", True, "already_imported", [LOOK_UP], 1),
    ],
)
def test_the_same_key_is_there_already(
    *,
    duplicate_names: DuplicateNames,
    look_up_first: bool,
    outcome: str,
    actions: list[str],
    count: int,
) -> None:
    """The same name with the same key is a success, and one key pair where ENS lets it be one."""
    ens = ens_with(duplicate_names, MD5)

    delivered = deliver(ens, look_up_first=look_up_first)

    assert outcome == delivered.outcome
    assert actions == ens.actions
    assert [MD5] * count == ens.fingerprints(NAME)


@both_callers
def test_another_key_has_the_name(*, look_up_first: bool) -> None:
    """A name taken by another key is ENS's error, explained with both fingerprints."""
    ens = ens_with("refused", OTHER_MD5)

    with pytest.raises(EnsError) as failure:
        deliver(ens, look_up_first=look_up_first)

    assert ("InvalidKeyPairName.Duplicate", "name_taken", 400, "REQUEST-OF-REFUSAL") == (
        failure.value.code,
        failure.value.reason,
        failure.value.status,
        failure.value.service_request_id,
    )
    assert MD5 in failure.value.description
    assert OTHER_MD5 in failure.value.description
    assert [LOOK_UP] * look_up_first + [IMPORT, LOOK_UP] == ens.actions
    assert [OTHER_MD5] == ens.fingerprints(NAME)


@both_callers
def test_another_key_has_the_name_too(*, look_up_first: bool) -> None:
    """Where ENS lets two keys have one name, it does so for us as well: ENS decides."""
    ens = ens_with("accepted", OTHER_MD5)

    delivered = deliver(ens, look_up_first=look_up_first)

    assert "imported" == delivered.outcome
    assert [OTHER_MD5, MD5] == ens.fingerprints(NAME)


@both_callers
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.server_error(500), id="500"),
        pytest.param(faults.lost_request(), id="lost request"),
        pytest.param(faults.interface_error(), id="interface error"),
    ],
)
def test_a_fault_is_no_word_on_the_name(*, look_up_first: bool, fault: Fault) -> None:
    """A passing fault is sent again although another key has the name: ENS has not judged it."""
    ens = ens_with("accepted", OTHER_MD5)
    ens.fail_next(IMPORT, fault)

    delivered = deliver(ens, look_up_first=look_up_first)

    assert "imported" == delivered.outcome
    assert [OTHER_MD5, MD5] == ens.fingerprints(NAME)


def test_a_lasting_server_error_is_not_blamed_on_the_name() -> None:
    """A 5xx stays a 5xx, even where another key has the name."""
    ens = ens_with("refused", OTHER_MD5)
    ens.fail_next(IMPORT, *[faults.server_error(500)] * 3)

    with pytest.raises(EnsError) as failure:
        deliver(ens)

    assert ("InternalError", "ens_error", True) == (
        failure.value.code,
        failure.value.reason,
        failure.value.retryable,
    )


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(faults.unreachable(), id="then unreachable"),
        pytest.param(faults.throttled(), id="then throttled"),
        pytest.param(faults.throttled(60), id="then throttled for too long"),
    ],
)
def test_a_doubt_outlives_later_attempts(second: Fault) -> None:
    """Once an answer was lost, a later call that was never sent does not make the import undone."""
    ens = ens_with()
    ens.fail_next(IMPORT, faults.late(30), *[second] * 9)

    with pytest.raises(ServiceUnavailable) as failure:
        deliver(ens)

    assert ("no_answer", True) == (failure.value.reason, failure.value.outcome_unknown)


@pytest.mark.parametrize(
    ("spelling", "verified"),
    [
        pytest.param(MD5, True, id="bare, as in ENS's sample"),
        pytest.param(COLONS, True, id="colons, as in RFC 4716"),
        pytest.param(COLONS.upper(), True, id="colons and capitals"),
        pytest.param(OTHER_MD5, False, id="another key's"),
        pytest.param(MD5[:24] + "****", False, id="masked"),
        pytest.param("", False, id="empty"),
    ],
)
def test_fingerprints_are_compared_as_numbers(*, spelling: str, verified: bool) -> None:
    """Colons and case do not matter, and ENS's own spelling is what is answered."""

    class Spelling(FakeKeyPairs):
        def import_key_pair(self, name: str, public_key: str, time_left: float) -> ImportedKeyPair:
            answer = super().import_key_pair(name, public_key, time_left)
            return type(answer)(spelling, answer.service_request_id)

    delivered = deliver(Spelling(FakeClock()))

    assert (spelling, verified) == (delivered.fingerprint, delivered.verified)


@both_callers
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.interface_error(), id="ens.interface.error"),
        pytest.param(faults.call_interface_error(), id="CallInterface"),
    ],
)
@pytest.mark.parametrize("attempts", [2, 3, 6])
def test_an_interface_error_for_a_name_in_use(
    *, look_up_first: bool, fault: Fault, attempts: int
) -> None:
    """It is sent once more; the same answer is ENS's word on the name, and final."""
    ens = ens_with("refused", OTHER_MD5)
    ens.fail_next(IMPORT, *[fault] * 9)

    with pytest.raises(EnsError) as failure:
        deliver(ens, look_up_first=look_up_first, attempts=attempts)

    assert ("name_taken", fault.raised().code, 400, False, None) == (
        failure.value.reason,
        failure.value.code,
        failure.value.status,
        failure.value.retryable,
        failure.value.retry_after,
    )
    assert [LOOK_UP] * look_up_first + [IMPORT, LOOK_UP] * 2 == ens.actions


@both_callers
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.server_error(500), id="500"),
        pytest.param(faults.server_error(503), id="503"),
        pytest.param(faults.lost_request(), id="lost"),
    ],
)
def test_a_name_in_use_is_not_blamed_for_no_answer(*, look_up_first: bool, fault: Fault) -> None:
    """A 5xx or a time-out says nothing of the name: all attempts are made, a retry may help."""
    ens = ens_with("refused", OTHER_MD5)
    ens.fail_next(IMPORT, *[fault] * 9)

    with pytest.raises(ImportFailure) as failure:
        deliver(ens, look_up_first=look_up_first)

    assert "name_taken" != failure.value.reason
    assert failure.value.retryable
    assert 3 == ens.actions.count(IMPORT)


def test_a_quota_is_looked_up() -> None:
    """A 403 that is no permission's may be any refusal: ENS's own code is passed on."""
    ens = ens_with()
    ens.fail_next(IMPORT, Fault(lambda: refused("QuotaExceed.KeyPair", status=403)))

    with pytest.raises(EnsError) as failure:
        deliver(ens)

    assert ("QuotaExceed.KeyPair", 403, [IMPORT, LOOK_UP]) == (
        failure.value.code,
        failure.value.status,
        ens.actions,
    )
