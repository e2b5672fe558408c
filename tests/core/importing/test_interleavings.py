"""Two deliveries of one key at once, as two instances of the function make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import EnsError
from core.importing.exactly_once import ExactlyOnce
from tests.core.importing.deliveries import (
    ALICE,
    KEY,
    MD5,
    NAME,
    OTHER_KEY,
    OTHER_MD5,
    both_callers,
)
from tests.fakes import faults
from tests.fakes.key_pairs import IMPORT, DuplicateNames, FakeClock, FakeKeyPairs, Fault, valid_pair

if TYPE_CHECKING:
    from core.importing.request import ImportOutcome

at_any_call = pytest.mark.parametrize("number", [1, 2, 3, 4])


def meet(
    ens: FakeKeyPairs, rival_key: tuple[str, str], number: int, *, look_up_first: bool
) -> ImportOutcome:
    """Deliver the key; a rival's goes from end to end before our call of this number."""
    entered = False

    def start() -> ExactlyOnce:
        return ExactlyOnce(
            key_pairs=ens,
            clock=ens.clock,
            deadline=ens.clock.now() + 20,
            look_up_first=look_up_first,
            jitter=lambda: 1.0,
        )

    def interrupt(call: int) -> None:
        nonlocal entered
        if call == number and not entered:
            entered = True
            start().import_key_pair(valid_pair(NAME, *rival_key))

    ens.before_call = interrupt
    return start().import_key_pair(ALICE)


@at_any_call
@both_callers
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(None, id="no fault"),
        pytest.param(faults.lost_answer(), id="lost answer"),
        pytest.param(faults.lost_request(), id="lost request"),
        pytest.param(faults.throttled(), id="throttled"),
        pytest.param(faults.server_error(), id="500"),
    ],
)
def test_one_key_twice_at_once(*, number: int, look_up_first: bool, fault: Fault | None) -> None:
    """Where ENS refuses taken names, both succeed and one key pair is there, at whichever call."""
    ens = FakeKeyPairs(FakeClock(), "refused")
    ens.fail_next(IMPORT, fault)

    meet(ens, (KEY, MD5), number, look_up_first=look_up_first)

    assert [MD5] == ens.fingerprints(NAME)


@pytest.mark.parametrize(
    ("number", "count"),
    [
        pytest.param(1, 1, id="before our look-up"),
        # A limit that is documented: without a lock, this cannot be told apart.
        pytest.param(2, 2, id="between our look-up and our import"),
        pytest.param(3, 1, id="after our import"),
    ],
)
def test_an_ens_that_accepts_taken_names(number: int, count: int) -> None:
    """Two instances that import at the same instant are not kept apart by such an ENS."""
    ens = FakeKeyPairs(FakeClock(), "accepted")

    meet(ens, (KEY, MD5), number, look_up_first=True)

    assert [MD5] * count == ens.fingerprints(NAME)


@pytest.mark.parametrize("number", [1, 2])
def test_two_keys_want_one_name(number: int) -> None:
    """Where ENS refuses taken names, whoever comes second is told whose the name is."""
    ens = FakeKeyPairs(FakeClock(), "refused")

    with pytest.raises(EnsError) as failure:
        meet(ens, (OTHER_KEY, OTHER_MD5), number, look_up_first=True)

    assert "name_taken" == failure.value.reason
    assert OTHER_MD5 in failure.value.description
    assert [OTHER_MD5] == ens.fingerprints(NAME)


@pytest.mark.parametrize(
    ("duplicate_names", "seconds", "count"),
    [
        pytest.param("refused", 0.1, 1, id="refused, done before the look-up"),
        pytest.param("refused", 0.4, 1, id="refused, done after the next import"),
        pytest.param("accepted", 0.1, 1, id="accepted, done before the look-up"),
        # ENS did what it was asked after it had said that it holds no such key.
        pytest.param("accepted", 5.0, 2, id="accepted, done long after all"),
    ],
)
def test_an_import_that_is_done_late(
    *, duplicate_names: DuplicateNames, seconds: float, count: int
) -> None:
    """An import whose answer was lost may be done while, or after, the next one is sent."""
    ens = FakeKeyPairs(FakeClock(), duplicate_names)
    ens.fail_next(IMPORT, faults.late(seconds))

    ExactlyOnce(
        key_pairs=ens, clock=ens.clock, deadline=ens.clock.now() + 20, jitter=lambda: 1.0
    ).import_key_pair(ALICE)
    ens.clock.sleep(60)

    assert [MD5] * count == ens.fingerprints(NAME)


@both_callers
def test_an_invocation_repeated_after_it_was_killed(*, look_up_first: bool) -> None:
    """A function that died after its import, and is run again, finds its key."""
    ens = FakeKeyPairs(FakeClock(), "refused")
    ens.import_key_pair(NAME, KEY, 1.0)

    ours = meet(ens, (KEY, MD5), 99, look_up_first=look_up_first)

    assert "already_imported" == ours.outcome
    assert [MD5] == ens.fingerprints(NAME)
