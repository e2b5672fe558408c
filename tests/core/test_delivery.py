"""What becomes of one import, fault by fault, on both tempers of ENS and for both callers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.delivery import Delivery, KeyPairsPage, ListedKeyPair
from core.errors import (
    EnsError,
    ImportFailure,
    PermissionDenied,
    RoleCredentialsUnusable,
    ServiceUnavailable,
)
from tests.core import faults
from tests.core.fakes import TEMPERS, FakeClock, FakeKeyPairs, Fault, Temper, made_up_key

if TYPE_CHECKING:
    from core.delivery import Delivered, ImportedKeyPair

NAME = "alice"
KEY, MD5 = made_up_key(1)
_, OTHER_MD5 = made_up_key(2)
IMPORT, LOOK_UP = "ImportKeyPair", "DescribeKeyPairs"

both_tempers = pytest.mark.parametrize("temper", TEMPERS)
both_callers = pytest.mark.parametrize(
    "look_up_first",
    [pytest.param(False, id="synchronous"), pytest.param(True, id="asynchronous")],
)


def ens_with(temper: Temper = "refuses-taken-names", *held: str) -> FakeKeyPairs:
    """Make an ENS that holds keys of these fingerprints under the name."""
    ens = FakeKeyPairs(FakeClock(), temper)
    ens.held.extend(ListedKeyPair(NAME, fingerprint) for fingerprint in held)
    return ens


def deliver(
    ens: FakeKeyPairs, *, look_up_first: bool = False, seconds: float = 20, attempts: int = 3
) -> Delivered:
    """Deliver the key, with waits of full length, within so many seconds."""
    delivery = Delivery(
        key_pairs=ens,
        clock=ens.clock,
        deadline=ens.clock.now() + seconds,
        max_attempts=attempts,
        look_up_first=look_up_first,
        jitter=lambda: 1.0,
    )
    return delivery.deliver(NAME, KEY, MD5)


@both_tempers
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
        pytest.param(faults.lost_answer(), "already-imported", [IMPORT, LOOK_UP], id="lost answer"),
        pytest.param(
            faults.server_error(500, performed=True),
            "already-imported",
            [IMPORT, LOOK_UP],
            id="500, but done",
        ),
        pytest.param(
            faults.late(0.1), "already-imported", [IMPORT, LOOK_UP], id="done during the wait"
        ),
    ],
)
def test_mends_one_fault(
    *, temper: Temper, look_up_first: bool, fault: Fault | None, outcome: str, actions: list[str]
) -> None:
    """One fault of any kind that can be mended ends in one key pair, and no call too many."""
    ens = ens_with(temper)
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


@both_tempers
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
    temper: Temper,
    look_up_first: bool,
    fault: Fault,
    code: str,
    retryable: bool,
    actions: list[str],
) -> None:
    """A fault that lasts ends in its own code, after so many calls and no key pair."""
    ens = ens_with(temper)
    ens.fail_next(IMPORT, *[fault] * 9)

    with pytest.raises(ImportFailure) as failure:
        deliver(ens, look_up_first=look_up_first)

    assert (code, retryable) == (failure.value.code, failure.value.retryable)
    assert [LOOK_UP] * look_up_first + actions == ens.actions
    assert [] == ens.fingerprints(NAME)


@pytest.mark.parametrize(
    ("temper", "look_up_first", "outcome", "actions", "count"),
    [
        pytest.param("refuses-taken-names", False, "already-imported", [IMPORT, LOOK_UP], 1),
        pytest.param("refuses-taken-names", True, "already-imported", [LOOK_UP], 1),
        # The limit that README states: such an ENS gives a synchronous caller what it asks for.
        pytest.param("accepts-taken-names", False, "imported", [IMPORT], 2),
        pytest.param("accepts-taken-names", True, "already-imported", [LOOK_UP], 1),
    ],
)
def test_the_same_key_is_there_already(
    *, temper: Temper, look_up_first: bool, outcome: str, actions: list[str], count: int
) -> None:
    """The same name with the same key is a success, and one key pair where ENS lets it be one."""
    ens = ens_with(temper, MD5)

    delivered = deliver(ens, look_up_first=look_up_first)

    assert outcome == delivered.outcome
    assert actions == ens.actions
    assert [MD5] * count == ens.fingerprints(NAME)


@both_callers
def test_another_key_has_the_name(*, look_up_first: bool) -> None:
    """A name taken by another key is ENS's error, explained with both fingerprints."""
    ens = ens_with("refuses-taken-names", OTHER_MD5)

    with pytest.raises(EnsError) as failure:
        deliver(ens, look_up_first=look_up_first)

    assert ("InvalidKeyPairName.Duplicate", "name_taken", 400, "REQUEST-OF-REFUSAL") == (
        failure.value.code,
        failure.value.reason,
        failure.value.status,
        failure.value.request_id,
    )
    assert MD5 in failure.value.description
    assert OTHER_MD5 in failure.value.description
    assert [LOOK_UP] * look_up_first + [IMPORT, LOOK_UP] == ens.actions
    assert [OTHER_MD5] == ens.fingerprints(NAME)


@both_callers
def test_another_key_has_the_name_too(*, look_up_first: bool) -> None:
    """Where ENS lets two keys have one name, it does so for us as well: ENS decides."""
    ens = ens_with("accepts-taken-names", OTHER_MD5)

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
    ens = ens_with("accepts-taken-names", OTHER_MD5)
    ens.fail_next(IMPORT, fault)

    delivered = deliver(ens, look_up_first=look_up_first)

    assert "imported" == delivered.outcome
    assert [OTHER_MD5, MD5] == ens.fingerprints(NAME)


def test_a_lasting_server_error_is_not_blamed_on_the_name() -> None:
    """A 5xx stays a 5xx, even where another key has the name."""
    ens = ens_with("refuses-taken-names", OTHER_MD5)
    ens.fail_next(IMPORT, *[faults.server_error(500)] * 3)

    with pytest.raises(EnsError) as failure:
        deliver(ens)

    assert ("InternalError", "ens_error", True) == (
        failure.value.code,
        failure.value.reason,
        failure.value.retryable,
    )


def test_finds_its_key_beside_another() -> None:
    """A look-up reads on behind another key of the same name."""
    ens = ens_with("accepts-taken-names", OTHER_MD5, MD5)

    delivered = deliver(ens, look_up_first=True)

    assert ("already-imported", MD5) == (delivered.outcome, delivered.fingerprint)


def test_another_name_is_not_meant() -> None:
    """A look-up that finds more than it should takes exactly the name."""
    ens = ens_with()
    ens.matches_prefixes = True
    ens.held.append(ListedKeyPair(f"{NAME}-2", MD5))

    delivered = deliver(ens, look_up_first=True)

    assert "imported" == delivered.outcome
    assert [MD5] == ens.fingerprints(NAME)


COLONS = ":".join(MD5[at : at + 2] for at in range(0, 32, 2))


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
            return type(answer)(spelling, answer.request_id)

    delivered = deliver(Spelling(FakeClock()))

    assert (spelling, verified) == (delivered.fingerprint, delivered.verified)


@pytest.mark.parametrize("spelling", [COLONS, COLONS.upper(), MD5.upper()])
def test_a_look_up_compares_likewise(spelling: str) -> None:
    """The key is found in whichever spelling ENS lists it."""
    delivered = deliver(ens_with("accepts-taken-names", spelling), look_up_first=True)

    assert ("already-imported", spelling) == (delivered.outcome, delivered.fingerprint)


@both_callers
@pytest.mark.parametrize(
    ("fault", "look_ups"),
    [
        pytest.param(faults.unreachable(), 2, id="unreachable"),
        pytest.param(faults.lost_request(), 2, id="lost"),
        pytest.param(faults.throttled(), 2, id="throttled"),
        pytest.param(faults.server_error(), 2, id="500"),
    ],
)
def test_a_look_up_is_sent_again(*, look_up_first: bool, fault: Fault, look_ups: int) -> None:
    """A look-up changes nothing, so it is sent again whatever became of it."""
    ens = ens_with()
    ens.fail_next(LOOK_UP, fault)
    if not look_up_first:
        ens.fail_next(IMPORT, faults.lost_answer())

    deliver(ens, look_up_first=look_up_first)

    assert look_ups == ens.actions.count(LOOK_UP)
    assert [MD5] == ens.fingerprints(NAME)


@pytest.mark.parametrize(
    ("fault", "look_ups", "request_id"),
    [
        pytest.param(faults.lost_request(), 3, None, id="lost"),
        pytest.param(faults.throttled(), 3, None, id="throttled"),
        pytest.param(faults.server_error(), 3, "REQUEST-OF-REFUSAL", id="500"),
        pytest.param(faults.refusal("Invalid"), 1, "REQUEST-OF-REFUSAL", id="refused"),
    ],
)
@both_callers
def test_nothing_is_imported_in_doubt(
    *, look_up_first: bool, fault: Fault, look_ups: int, request_id: str | None
) -> None:
    """When ENS cannot be asked what it holds, nothing more is imported, and the caller is told."""
    ens = ens_with()
    ens.fail_next(LOOK_UP, *[fault] * 9)
    if not look_up_first:
        ens.fail_next(IMPORT, faults.lost_answer())

    with pytest.raises(ServiceUnavailable) as failure:
        deliver(ens, look_up_first=look_up_first)

    assert ("look_up_failed", True, True, request_id) == (
        failure.value.reason,
        failure.value.retryable,
        failure.value.may_have_happened,
        failure.value.request_id,
    )
    assert (0 if look_up_first else 1) == ens.actions.count(IMPORT)
    assert look_ups == ens.actions.count(LOOK_UP)


def test_a_role_that_may_not_look_up_gets_the_original_error() -> None:
    """A synchronous import needs no ens:DescribeKeyPairs to fail as it would have anyway."""
    ens = ens_with()
    ens.fail_next(IMPORT, faults.refusal())
    ens.fail_next(LOOK_UP, faults.no_permission())

    with pytest.raises(EnsError) as failure:
        deliver(ens)

    assert "QuotaExceeded.KeyPair" == failure.value.code


def test_a_role_that_must_look_up_and_may_not() -> None:
    """An asynchronous import is refused before anything was done."""
    ens = ens_with()
    ens.fail_next(LOOK_UP, faults.no_permission())

    with pytest.raises(PermissionDenied):
        deliver(ens, look_up_first=True)

    assert [LOOK_UP] == ens.actions


@both_callers
def test_credentials_that_end_stay_credentials(*, look_up_first: bool) -> None:
    """Credentials that ENS does not take are reported as such by a look-up too."""
    ens = ens_with()
    ens.fail_next(IMPORT, faults.lost_request())
    ens.fail_next(LOOK_UP, faults.bad_credentials())

    with pytest.raises(RoleCredentialsUnusable):
        deliver(ens, look_up_first=look_up_first)


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

    assert ("no_answer", True) == (failure.value.reason, failure.value.may_have_happened)


class TestPaging:
    """A look-up reads the pages that ENS has, whatever ENS says of their number."""

    class Pages(FakeKeyPairs):
        """An ENS with these pages, by number from 1; beyond them they are empty."""

        pages: tuple[KeyPairsPage, ...] = ()

        def describe_key_pairs(
            self, name: str, page_number: int, page_size: int, time_left: float
        ) -> KeyPairsPage:
            super().describe_key_pairs(name, page_number, page_size, time_left)
            if page_number <= len(self.pages):
                return self.pages[page_number - 1]
            return KeyPairsPage((), self.pages[-1].total, "REQUEST")

    def ens(self, *pages: tuple[list[tuple[str, str]], int]) -> FakeKeyPairs:
        """Make an ENS whose look-ups answer so: each page is its (name, MD5) and its total."""
        ens = self.Pages(FakeClock())
        ens.pages = tuple(
            KeyPairsPage(tuple(ListedKeyPair(*entry) for entry in entries), total, "REQUEST")
            for entries, total in pages
        )
        return ens

    def look_up(self, *pages: tuple[list[tuple[str, str]], int]) -> tuple[str, list[str]]:
        """Deliver with a look-up first, and return the outcome and what ENS was asked."""
        ens = self.ens(*pages)
        return deliver(ens, look_up_first=True).outcome, ens.actions

    def test_the_key_on_the_last_page(self) -> None:
        """Every page is read until the key is found."""
        full = [(f"{NAME}-{number}", OTHER_MD5) for number in range(50)]

        outcome, actions = self.look_up((full, 101), (full, 101), ([(NAME, MD5)], 101))

        assert ("already-imported", [LOOK_UP] * 3) == (outcome, actions)

    def test_smaller_pages_than_asked_for(self) -> None:
        """An ENS that caps its pages at ten is read page by page."""
        ten = [(f"{NAME}-{number}", OTHER_MD5) for number in range(10)]

        outcome, actions = self.look_up((ten, 11), ([(NAME, MD5)], 11))

        assert ("already-imported", [LOOK_UP] * 2) == (outcome, actions)

    def test_a_total_that_promises_too_much(self) -> None:
        """An empty page is the end, whatever the total says."""
        outcome, actions = self.look_up(([(NAME, OTHER_MD5)], 70))

        assert ("imported", [LOOK_UP, LOOK_UP, IMPORT]) == (outcome, actions)

    @pytest.mark.parametrize("total", [0, -1])
    def test_a_total_that_promises_nothing(self, total: int) -> None:
        """What is on the page counts, whatever the total says."""
        outcome, actions = self.look_up(([(NAME, MD5)], total))

        assert ("already-imported", [LOOK_UP]) == (outcome, actions)

    def test_pages_that_change_while_they_are_read(self) -> None:
        """An entry that moves onto the next page is seen twice, and harms nothing."""
        first = [(f"{NAME}-{number}", OTHER_MD5) for number in range(50)]

        outcome, actions = self.look_up((first, 51), ([first[-1], (NAME, MD5)], 52))

        assert ("already-imported", [LOOK_UP] * 2) == (outcome, actions)

    def test_pages_without_end(self) -> None:
        """More pages than anyone has: nothing is known then, so nothing is imported."""
        page = [(f"{NAME}-{number}", OTHER_MD5) for number in range(50)]
        ens = self.ens(*[(page, 1_000_000)] * 200)

        with pytest.raises(ServiceUnavailable) as failure:
            deliver(ens, look_up_first=True)

        assert "look_up_failed" == failure.value.reason
        assert [LOOK_UP] * 100 == ens.actions
