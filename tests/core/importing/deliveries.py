"""One import of one made-up key, as the tests of core.importing.exactly_once make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.importing.exactly_once import ExactlyOnce, ListedKeyPair
from tests.fakes.key_pairs import (
    DUPLICATE_NAMES,
    DuplicateNames,
    FakeClock,
    FakeKeyPairs,
    made_up_key,
    valid_pair,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.importing.request import ImportOutcome

NAME = "alice"
KEY, MD5 = made_up_key(1)
OTHER_KEY, OTHER_MD5 = made_up_key(2)
ALICE = valid_pair(NAME, KEY, MD5)
COLONS = ":".join(MD5[at : at + 2] for at in range(0, 32, 2))

on_both_kinds_of_ens = pytest.mark.parametrize("duplicate_names", DUPLICATE_NAMES)
both_callers = pytest.mark.parametrize(
    "look_up_first",
    [pytest.param(False, id="synchronous"), pytest.param(True, id="asynchronous")],
)


def ens_with(duplicate_names: DuplicateNames = "refused", *held: str) -> FakeKeyPairs:
    """Make an ENS that holds keys of these fingerprints under the name."""
    ens = FakeKeyPairs(FakeClock(), duplicate_names)
    ens.held.extend(ListedKeyPair(NAME, fingerprint) for fingerprint in held)
    return ens


def deliver(
    ens: FakeKeyPairs,
    *,
    look_up_first: bool = False,
    seconds: float = 20,
    attempts: int = 3,
    may_be_imported: bool = False,
    on_unfiltered: Callable[[], None] = lambda: None,
) -> ImportOutcome:
    """Import the key, with waits of full length, within so many seconds."""
    exactly_once = ExactlyOnce(
        key_pairs=ens,
        clock=ens.clock,
        deadline=ens.clock.now() + seconds,
        max_attempts=attempts,
        look_up_first=look_up_first,
        jitter=lambda: 1.0,
        on_unfiltered=on_unfiltered,
    )
    return exactly_once.import_key_pair(ALICE, may_be_imported=may_be_imported)
