"""What a delivery learns of ENS by looking a name up, and what it does when it learns nothing."""

from __future__ import annotations

import pytest

from core.errors import EnsError, PermissionDenied, RoleCredentialsUnusable, ServiceUnavailable
from core.importing.exactly_once import KeyPairsPage, ListedKeyPair
from tests.core.importing.deliveries import (
    COLONS,
    MD5,
    NAME,
    OTHER_MD5,
    both_callers,
    deliver,
    ens_with,
)
from tests.fakes import faults
from tests.fakes.key_pairs import IMPORT, LOOK_UP, FakeClock, FakeKeyPairs, Fault


def test_finds_its_key_beside_another() -> None:
    """A look-up reads on behind another key of the same name."""
    ens = ens_with("accepted", OTHER_MD5, MD5)

    delivered = deliver(ens, look_up_first=True)

    assert ("already_imported", MD5) == (delivered.outcome, delivered.fingerprint)


def test_another_name_is_not_meant() -> None:
    """A look-up that finds more than it should takes exactly the name."""
    ens = ens_with()
    ens.matches_prefixes = True
    ens.held.append(ListedKeyPair(f"{NAME}-2", MD5))

    delivered = deliver(ens, look_up_first=True)

    assert "imported" == delivered.outcome
    assert [MD5] == ens.fingerprints(NAME)


@pytest.mark.parametrize("spelling", [COLONS, COLONS.upper(), MD5.upper()])
def test_a_look_up_compares_likewise(spelling: str) -> None:
    """The key is found in whichever spelling ENS lists it."""
    delivered = deliver(ens_with("accepted", spelling), look_up_first=True)

    assert ("already_imported", spelling) == (delivered.outcome, delivered.fingerprint)


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
        failure.value.outcome_unknown,
        failure.value.service_request_id,
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

        assert ("already_imported", [LOOK_UP] * 3) == (outcome, actions)

    def test_smaller_pages_than_asked_for(self) -> None:
        """An ENS that caps its pages at ten is read page by page."""
        ten = [(f"{NAME}-{number}", OTHER_MD5) for number in range(10)]

        outcome, actions = self.look_up((ten, 11), ([(NAME, MD5)], 11))

        assert ("already_imported", [LOOK_UP] * 2) == (outcome, actions)

    def test_a_total_that_promises_too_much(self) -> None:
        """An empty page is the end, whatever the total says."""
        outcome, actions = self.look_up(([(NAME, OTHER_MD5)], 70))

        assert ("imported", [LOOK_UP, LOOK_UP, IMPORT]) == (outcome, actions)

    @pytest.mark.parametrize("total", [0, -1])
    def test_a_total_that_promises_nothing(self, total: int) -> None:
        """What is on the page counts, whatever the total says."""
        outcome, actions = self.look_up(([(NAME, MD5)], total))

        assert ("already_imported", [LOOK_UP]) == (outcome, actions)

    def test_pages_that_change_while_they_are_read(self) -> None:
        """An entry that moves onto the next page is seen twice, and harms nothing."""
        first = [(f"{NAME}-{number}", OTHER_MD5) for number in range(50)]

        outcome, actions = self.look_up((first, 51), ([first[-1], (NAME, MD5)], 52))

        assert ("already_imported", [LOOK_UP] * 2) == (outcome, actions)

    def test_pages_without_end(self) -> None:
        """More pages than anyone has: nothing is known then, so nothing is imported."""
        page = [(f"{NAME}-{number}", OTHER_MD5) for number in range(50)]
        ens = self.ens(*[(page, 1_000_000)] * 200)

        with pytest.raises(ServiceUnavailable) as failure:
            deliver(ens, look_up_first=True)

        assert "look_up_failed" == failure.value.reason
        assert [LOOK_UP] * 100 == ens.actions


class TestUnfiltered:
    """ENS may list every key pair of an account, whichever name is asked for."""

    @staticmethod
    def ens(pairs: int, *last: ListedKeyPair) -> FakeKeyPairs:
        """Make an ENS that filters nothing, and holds so many key pairs of other names before."""
        ens = ens_with()
        ens.filters = False
        ens.held.extend(ListedKeyPair(f"other{number}", OTHER_MD5) for number in range(pairs))
        ens.held.extend(last)
        return ens

    def test_the_first_look_up_is_given_up(self) -> None:
        """10,000 key pairs are not read before a first import; the log is told."""
        ens = self.ens(10_000)
        told: list[str] = []

        delivered = deliver(ens, look_up_first=True, on_unfiltered=lambda: told.append("told"))

        assert ("imported", ["told"], [LOOK_UP, IMPORT]) == (delivered.outcome, told, ens.actions)

    def test_a_few_are_read(self) -> None:
        """What fits on one page is known; nothing is given up then."""
        ens = self.ens(9, ListedKeyPair(NAME, MD5))
        told: list[str] = []

        delivered = deliver(ens, look_up_first=True, on_unfiltered=lambda: told.append("told"))

        assert ("already_imported", []) == (delivered.outcome, told)

    @both_callers
    @pytest.mark.parametrize(("seconds", "found"), [(60, True), (10, False)])
    def test_after_a_lost_answer_it_reads_on(
        self, *, look_up_first: bool, seconds: float, found: bool
    ) -> None:
        """While time lasts, for the key may be there; then nothing is known, and nothing sent."""
        ens = self.ens(10_000)
        ens.fail_next(IMPORT, faults.lost_answer())

        if found:
            delivered = deliver(ens, look_up_first=look_up_first, seconds=seconds)
            assert "already_imported" == delivered.outcome
        else:
            with pytest.raises(ServiceUnavailable) as failure:
                deliver(ens, look_up_first=look_up_first, seconds=seconds)
            assert ("look_up_failed", True) == (failure.value.reason, failure.value.retryable)
        assert 1 == ens.actions.count(IMPORT)
        assert [MD5] == ens.fingerprints(NAME)

    def test_an_earlier_delivery_is_looked_for_to_the_end(self) -> None:
        """Where one may have imported the key, no look-up is given up."""
        ens = self.ens(10_000, ListedKeyPair(NAME, MD5))

        delivered = deliver(ens, look_up_first=True, seconds=60, may_be_imported=True)

        assert "already_imported" == delivered.outcome
        assert IMPORT not in ens.actions


def test_an_entry_without_a_fingerprint_is_skipped() -> None:
    """ENS lists one under another name: it says nothing of ours."""
    ens = ens_with()
    ens.matches_prefixes = True
    ens.held.append(ListedKeyPair(f"{NAME}-2", ""))

    assert "imported" == deliver(ens, look_up_first=True).outcome


@both_callers
def test_an_entry_without_a_fingerprint_under_our_name(*, look_up_first: bool) -> None:
    """It may be our key: nothing is imported, a retry may learn more."""
    ens = ens_with("refused", "")

    with pytest.raises(ServiceUnavailable) as failure:
        deliver(ens, look_up_first=look_up_first)

    assert ("look_up_failed", True) == (failure.value.reason, failure.value.retryable)
    assert [""] == ens.fingerprints(NAME)


def test_our_key_beside_an_entry_without_a_fingerprint() -> None:
    """What is found counts, whatever else is not known."""
    assert "already_imported" == deliver(ens_with("accepted", "", MD5), look_up_first=True).outcome
