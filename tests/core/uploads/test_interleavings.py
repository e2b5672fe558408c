"""Two deliveries of one upload, every pair of outcomes, at every call, killed after each write."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import faults
from tests.fakes.objects import READ, WRITE, World
from tests.keys.public_keys import LINE

if TYPE_CHECKING:
    from core.importing.exactly_once import ImportedKeyPair, KeyPairsPage
    from core.uploads.one_upload import UploadImporter
    from core.uploads.rules import Upload, UploadResult
    from tests.fakes.key_pairs import FakeKeyPairs, Fault

FINAL = {"imported", "already_imported", "refused"}
ENDS: dict[str, Fault | None] = {
    "imported": None,
    "refused": faults.refusal(),
    "will_retry": faults.server_error(500),
}
NEVER = 99
CALLS = 6  # of a delivery: read, read receipt, claim; look up, import; receipt


class Killed(BaseException):
    """The instance was killed."""


@dataclass(frozen=True)
class Ending:
    """ENS, which ends each import of one delivery in the same way."""

    ens: FakeKeyPairs
    fault: Fault | None

    def import_key_pair(self, name: str, public_key: str, time_left: float) -> ImportedKeyPair:
        self.ens.fail_next("ImportKeyPair", self.fault)
        return self.ens.import_key_pair(name, public_key, time_left)

    def describe_key_pairs(
        self, name: str, page_number: int, page_size: int, time_left: float
    ) -> KeyPairsPage:
        return self.ens.describe_key_pairs(name, page_number, page_size, time_left)


def delivery(world: World, end: str) -> UploadImporter:
    importer = world.importer()
    return replace(importer, ens=replace(importer.ens, key_pairs=Ending(world.ens, ENDS[end])))


@dataclass
class First:
    """The first delivery: how it ended, unless it was killed, and what its last call was."""

    result: UploadResult | None = None
    second: UploadResult | None = None
    met_at: tuple[str, str] | None = None

    @classmethod
    def meets(
        cls, world: World, upload: Upload, ends: tuple[str, str], at_call: int, killed_after: int
    ) -> First:
        """Deliver; a second delivery goes from end to end before one call, a write is the last."""
        first = cls()
        numbers, writes = itertools.count(1), itertools.count(1)
        dying = False

        def watch(*call: object) -> None:
            nonlocal dying
            if dying:
                raise Killed
            if next(numbers) == at_call:
                hooks = world.objects.before_call, world.ens.before_call
                world.objects.before_call = lambda _action, _key: None
                world.ens.before_call = lambda _number: None
                first.second = delivery(world, ends[1]).import_upload(upload)
                first.met_at = (str(call[0]), str(call[-1]))
                world.objects.before_call, world.ens.before_call = hooks
            dying = call[0] == WRITE and next(writes) == killed_after

        world.objects.before_call = watch
        world.ens.before_call = watch
        try:
            result = delivery(world, ends[0]).import_upload(upload)
            first.result = None if dying else result  # the last call was a write: then killed
        except Killed:
            pass
        world.objects.before_call = lambda _action, _key: None
        world.ens.before_call = lambda _number: None
        return first


@pytest.mark.no_cover
@pytest.mark.parametrize("failed_before", [False, True], ids=["the first try", "a retry"])
@pytest.mark.parametrize("killed_after", [1, 2, NEVER])
@pytest.mark.parametrize("at_call", range(1, CALLS + 2))
@pytest.mark.parametrize("ends", list(itertools.product(ENDS, ENDS)), ids="-".join)
def test_a_final_receipt_is_final(
    *, ends: tuple[str, str], at_call: int, killed_after: int, failed_before: bool
) -> None:
    """
    What the second delivery has ended in stays, even if the first is killed and never comes back.

    All but one moment: between a failure's look at the receipt and its write. There the failure
    is what its delivery ended in, or is tried again.
    """
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    if failed_before:
        delivery(world, "will_retry").import_upload(upload)

    first = First.meets(world, upload, ends, at_call, killed_after)

    receipt = world.receipt(upload)
    in_the_moment = first.met_at == (WRITE, world.receipt_key(upload)) and at_call > 3  # no claim
    if first.second and first.second.outcome in FINAL and not in_the_moment:
        assert receipt["outcome"] in FINAL
        if first.second.outcome == "imported":
            assert receipt["outcome"] in {"imported", "already_imported"}
    if first.result is None or first.result.is_unfinished:  # FC tries again
        world.importer().import_upload(upload)
    assert world.receipt(upload)["outcome"] in FINAL or (
        first.second is not None and first.second.is_unfinished
    )
    if world.receipt(upload)["outcome"] in {"imported", "already_imported"}:
        assert ["alice"] == [pair.name for pair in world.ens.held]


def test_the_claim_of_a_delivery_that_is_killed_replaces_no_refusal() -> None:
    """Of two that found a receipt of a failure, one refuses; the other dies at its next call."""
    world = World()
    upload = world.put("keys/alice.pub", "no key")
    world.objects.fail_next(READ, lambda: faults.unreachable().raised(), 3)
    world.importer().import_upload(upload)
    assert "will_retry" == world.receipt(upload)["outcome"]

    for at_call in range(1, CALLS):
        First.meets(world, upload, ("refused", "refused"), at_call, 1)

        assert "refused" == world.receipt(upload)["outcome"]
