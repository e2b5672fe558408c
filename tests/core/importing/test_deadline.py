"""The time that a delivery has is kept, whatever ENS does with it."""

from __future__ import annotations

import itertools

import pytest

from core.deadline import LONGEST_BACKOFF, SHORTEST_CALL
from core.errors import EnsError, ImportFailure, ServiceUnavailable, Throttled
from core.importing.exactly_once import ExactlyOnce
from tests.core.importing.deliveries import (
    ALICE,
    MD5,
    NAME,
    both_callers,
    ens_with,
    on_both_kinds_of_ens,
)
from tests.fakes import faults
from tests.fakes.key_pairs import IMPORT, LOOK_UP, DuplicateNames, FakeClock, FakeKeyPairs, Fault


def exactly_once(
    ens: FakeKeyPairs,
    seconds: float,
    *,
    attempts: int = 3,
    look_up_first: bool = False,
    jitter: float = 1.0,
) -> ExactlyOnce:
    """Make one that has so many seconds; its waits are this share of the longest."""
    return ExactlyOnce(
        key_pairs=ens,
        clock=ens.clock,
        deadline=ens.clock.now() + seconds,
        max_attempts=attempts,
        look_up_first=look_up_first,
        jitter=lambda: jitter,
    )


@both_callers
@pytest.mark.parametrize("seconds", [-5, 0, SHORTEST_CALL / 2])
def test_no_call_is_begun_too_late(*, look_up_first: bool, seconds: float) -> None:
    """Without the time for the shortest call, none is made, and the caller is told."""
    ens = FakeKeyPairs(FakeClock())

    with pytest.raises(ServiceUnavailable) as failure:
        exactly_once(ens, seconds, look_up_first=look_up_first).import_key_pair(ALICE)

    assert ("look_up_failed" if look_up_first else "out_of_time") == failure.value.reason
    assert failure.value.retryable
    assert [] == ens.actions
    assert [] == ens.clock.slept


def test_each_call_is_told_what_is_left() -> None:
    """A call may take what is left until the deadline, and not more."""
    ens = FakeKeyPairs(FakeClock())
    ens.fail_next(IMPORT, faults.lost_request(seconds=2))
    deadline = ens.clock.now() + 10

    exactly_once(ens, 10).import_key_pair(ALICE)

    assert [deadline - call.at for call in ens.calls] == [call.time_left for call in ens.calls]


def test_a_wait_that_ends_too_late_is_not_begun() -> None:
    """ENS asks for more time than there is: its error is answered at once."""
    ens = FakeKeyPairs(FakeClock())
    ens.fail_next(IMPORT, faults.throttled(retry_after=9.9))

    with pytest.raises(Throttled) as failure:
        exactly_once(ens, 10).import_key_pair(ALICE)

    assert 9.9 == failure.value.retry_after
    assert [] == ens.clock.slept


def test_waits_as_long_as_ens_asks() -> None:
    """The time that ENS asks for is waited in full, and the jitter on top of it."""
    ens = FakeKeyPairs(FakeClock())
    ens.fail_next(IMPORT, faults.throttled(retry_after=3.0))

    exactly_once(ens, 10, jitter=0.5).import_key_pair(ALICE)

    assert [3.1] == ens.clock.slept


def test_waits_longer_each_time_up_to_a_limit() -> None:
    """The ceiling of a wait doubles with each attempt, and ends somewhere."""
    ens = FakeKeyPairs(FakeClock())
    ens.fail_next(IMPORT, *[faults.throttled()] * 9)

    with pytest.raises(Throttled):
        exactly_once(ens, 1000, attempts=8).import_key_pair(ALICE)

    assert [0.2, 0.4, 0.8, 1.6, 3.2, LONGEST_BACKOFF, LONGEST_BACKOFF] == ens.clock.slept


def test_a_jitter_of_nothing() -> None:
    """Jitter may come out as no wait at all."""
    ens = FakeKeyPairs(FakeClock())
    ens.fail_next(IMPORT, faults.throttled(), faults.lost_request())

    assert "imported" == exactly_once(ens, 10, jitter=0.0).import_key_pair(ALICE).outcome
    assert [0.0, 0.0] == ens.clock.slept


def test_the_wait_before_a_look_up_leaves_time_for_it() -> None:
    """A call that used up nearly everything is still looked for."""
    ens = FakeKeyPairs(FakeClock())
    ens.fail_next(IMPORT, faults.lost_answer(seconds=9.7))

    delivered = exactly_once(ens, 10).import_key_pair(ALICE)

    assert "already_imported" == delivered.outcome
    assert [IMPORT, LOOK_UP] == ens.actions


def test_an_import_that_took_all_the_time() -> None:
    """Nothing can be looked up any more: the key may be there, and the caller is told so."""
    ens = FakeKeyPairs(FakeClock())
    ens.fail_next(IMPORT, faults.lost_answer(seconds=60))

    with pytest.raises(ServiceUnavailable) as failure:
        exactly_once(ens, 10).import_key_pair(ALICE)

    assert ("look_up_failed", True) == (failure.value.reason, failure.value.outcome_unknown)
    assert [IMPORT] == ens.actions
    assert [MD5] == ens.fingerprints(NAME)


def test_a_look_up_that_took_all_the_time() -> None:
    """The same when the look-up is what ENS takes long for."""
    ens = FakeKeyPairs(FakeClock())
    ens.fail_next(IMPORT, faults.lost_answer())
    ens.fail_next(LOOK_UP, faults.lost_request(seconds=60))

    with pytest.raises(ServiceUnavailable) as failure:
        exactly_once(ens, 10).import_key_pair(ALICE)

    assert "look_up_failed" == failure.value.reason
    assert [IMPORT, LOOK_UP] == ens.actions


def test_what_was_looked_up_at_the_last_moment_is_not_imported_again() -> None:
    """When the look-up found nothing and left no time, the first failure is what is answered."""
    ens = FakeKeyPairs(FakeClock())
    ens.fail_next(IMPORT, faults.lost_request(seconds=9.7))

    with pytest.raises(ServiceUnavailable) as failure:
        exactly_once(ens, 10, jitter=0.2).import_key_pair(ALICE)

    assert ("no_answer", True) == (failure.value.reason, failure.value.outcome_unknown)
    assert [IMPORT, LOOK_UP] == ens.actions


@pytest.mark.parametrize("attempts", [0, 1])
@pytest.mark.parametrize(
    ("fault", "actions"),
    [
        pytest.param(faults.throttled(), [IMPORT], id="throttled"),
        pytest.param(faults.lost_request(), [IMPORT, LOOK_UP], id="lost"),
    ],
)
def test_one_attempt_is_one_attempt(attempts: int, fault: Fault, actions: list[str]) -> None:
    """A single attempt is never repeated, but its outcome is looked up; fewer cannot be had."""
    ens = FakeKeyPairs(FakeClock())
    ens.fail_next(IMPORT, fault)

    with pytest.raises(ImportFailure):
        exactly_once(ens, 10, attempts=attempts).import_key_pair(ALICE)

    assert actions == ens.actions


ANY_FAULT = {
    "none": None,
    "unreachable": faults.unreachable(),
    "slow and lost": faults.lost_request(seconds=1.9),
    "answer lost": faults.lost_answer(),
    "throttled for 1 s": faults.throttled(retry_after=1.0),
    "500": faults.server_error(500),
    "500, but done": faults.server_error(500, performed=True),
    "refused": faults.refusal(),
}
LOOK_UP_FAULTS = [ANY_FAULT[name] for name in ("none", "slow and lost", "500", "refused")]


@pytest.mark.long
@pytest.mark.no_cover
@on_both_kinds_of_ens
@both_callers
@pytest.mark.parametrize("held", [(), (MD5,)], ids=["not there", "there"])
def test_every_course_of_events(
    *, duplicate_names: DuplicateNames, look_up_first: bool, held: tuple[str, ...]
) -> None:
    """
    Any three faults of imports and any two of look-ups, in every order: no second key pair is
    made in doubt, a success is one, no time is overdrawn, and no foreign exception comes.
    """
    at_most = 2 if held and duplicate_names == "accepted" and not look_up_first else 1
    for imports in itertools.product(ANY_FAULT.values(), repeat=3):
        for look_ups in itertools.product(LOOK_UP_FAULTS, repeat=2):
            ens = ens_with(duplicate_names, *held)
            ens.fail_next(IMPORT, *imports)
            ens.fail_next(LOOK_UP, *look_ups)
            deadline = ens.clock.now() + 6

            try:
                exactly_once(ens, 6, look_up_first=look_up_first).import_key_pair(ALICE)
                succeeded = True
            except (EnsError, ServiceUnavailable):
                succeeded = False

            count = len(ens.fingerprints(NAME))
            assert count >= 1 or not succeeded
            assert at_most >= count
            assert deadline >= ens.clock.now()
            assert all(SHORTEST_CALL <= call.time_left for call in ens.calls)
            assert 3 >= ens.actions.count(IMPORT)
