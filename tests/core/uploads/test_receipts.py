"""What a receipt remembers: deliveries that come again, come together, or come to nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from core.importing.exactly_once import ListedKeyPair
from core.uploads.receipts import LONGEST_WAIT, MOST_REMEMBERED, PastReceipt, read_receipt
from tests.fakes import faults
from tests.fakes.key_pairs import DUPLICATE_NAMES, IMPORT, LOOK_UP, DuplicateNames, Fault, refused
from tests.fakes.objects import (
    READ,
    WRITE,
    World,
    delivered_again,
    denied,
    unavailable,
)
from tests.keys.public_keys import BASE64, LINE

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.uploads.rules import Upload

MD5_OF_OTHERS = "0" * 32
on_both_kinds_of_ens = pytest.mark.parametrize("duplicate_names", DUPLICATE_NAMES)


class Killed(BaseException):
    """The instance was killed."""


def test_the_same_upload_again() -> None:
    """A second delivery of an event changes nothing, not even the receipt."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    world.importer().import_upload(upload)
    receipt, calls = world.receipt(upload), len(world.ens.calls)

    result = world.importer().import_upload(upload)

    assert ("already_imported", "receipt_found") == (result.outcome, result.reason)
    assert receipt == world.receipt(upload)
    assert calls == len(world.ens.calls)


def test_a_deleted_key_pair_stays_deleted() -> None:
    """Neither a retry nor a late second delivery brings back what was deleted in ENS."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    world.importer().import_upload(upload)
    world.ens.held.clear()

    world.importer().import_upload(upload)

    assert [] == world.ens.held


def test_the_same_file_put_again() -> None:
    """Whoever uploads a deleted key again wants it back: another upload, though one ETag."""
    world = World()
    world.importer().import_upload(world.put("keys/alice.pub", LINE))
    world.ens.held.clear()
    again = world.put("keys/alice.pub", LINE)

    result = world.importer().import_upload(again)

    assert "imported" == result.outcome
    assert 1 == len(world.ens.held)
    assert again.upload_request_id == world.receipt(again)["upload_request_id"]


def test_an_event_that_does_not_tell_uploads_apart() -> None:
    """Without a request id ENS is asked, and the receipt of a success stays."""
    world = World()
    upload = delivered_again(world.put("keys/alice.pub", LINE), upload_request_id="")
    world.importer().import_upload(upload)
    receipt = world.receipt(upload)

    result = world.importer().import_upload(upload)

    assert ("already_imported", None) == (result.outcome, result.reason)
    assert receipt == world.receipt(upload)


def test_a_failure_after_a_success_leaves_its_receipt() -> None:
    """What a later delivery of the same upload cannot do does not undo what was done."""
    world = World()
    upload = delivered_again(world.put("keys/alice.pub", LINE), upload_request_id="")
    world.importer().import_upload(upload)
    world.ens.fail_next("DescribeKeyPairs", *[faults.unreachable()] * 3)

    result = world.importer().import_upload(upload)

    assert "will_retry" == result.outcome
    assert "imported" == world.receipt(upload)["outcome"]


@on_both_kinds_of_ens
def test_a_retry_ends_what_a_failure_began(duplicate_names: DuplicateNames) -> None:
    """A receipt that promises another try is replaced by what comes of it."""
    world = World()
    world.ens.duplicate_names = duplicate_names
    upload = world.put("keys/alice.pub", LINE)
    world.ens.fail_next(IMPORT, *[faults.throttled()] * 3)
    world.importer().import_upload(upload)
    assert "will_retry" == world.receipt(upload)["outcome"]

    result = world.importer().import_upload(upload)

    assert "imported" == result.outcome == world.receipt(upload)["outcome"]
    assert 1 == len(world.ens.held)


def test_a_refusal_is_final_for_its_upload() -> None:
    """Once the name is free, the file is put again; the old event, delivered late, is done."""
    world = World()
    world.ens.held.append(ListedKeyPair("alice", "0" * 32))
    upload = world.put("keys/alice.pub", LINE)
    world.importer().import_upload(upload)
    world.ens.held.clear()
    refusal, calls = world.receipt(upload), len(world.ens.calls)

    late = world.importer().import_upload(upload)

    assert ("refused", "receipt_found", None) == (late.outcome, late.reason, late.failure)
    assert (refusal, calls) == (world.receipt(upload), len(world.ens.calls))

    world.importer().import_upload(world.put("keys/alice.pub", LINE))

    assert "imported" == world.receipt(upload)["outcome"]


@on_both_kinds_of_ens
@pytest.mark.parametrize("killed_at", range(1, 7))
def test_killed_at_any_call(duplicate_names: DuplicateNames, killed_at: int) -> None:
    """Wherever an instance dies, the retry leaves one key pair and the receipt of a success."""
    world = World()
    world.ens.duplicate_names = duplicate_names
    upload = world.put("keys/alice.pub", LINE)
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == killed_at:
            raise Killed

    world.objects.before_call = count
    world.ens.before_call = count
    with pytest.raises(Killed):
        world.importer().import_upload(upload)

    result = world.importer().import_upload(upload)

    assert result.outcome in {"imported", "already_imported"}
    assert 1 == len(world.ens.held)
    assert result.outcome == world.receipt(upload)["outcome"]


def test_killed_for_good() -> None:
    """An upload that nobody comes back to has a receipt that says so."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)

    def kill(_: int) -> None:
        raise Killed

    world.ens.before_call = kill
    with pytest.raises(Killed):
        world.importer().import_upload(upload)

    receipt = world.receipt(upload)
    assert ("will_retry", "under_way") == (receipt["outcome"], receipt["reason"])


@on_both_kinds_of_ens
@pytest.mark.parametrize("at_call", range(1, 7))
def test_two_deliveries_at_once(duplicate_names: DuplicateNames, at_call: int) -> None:
    """
    A second delivery begins and ends just before some call of the first one.

    Whichever comes too late finds what the other has done: its receipt, or its key pair in ENS.
    Only one that comes between the other's look-up and its import cannot, and there it depends on
    ENS: that takes the second delivery waiting in vain, for the first one stands still.
    """
    world = World()
    world.ens.duplicate_names = duplicate_names
    upload = world.put("keys/alice.pub", LINE)
    calls = 0

    def overtake(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == at_call:
            world.importer().import_upload(upload)

    world.objects.before_call = overtake
    world.ens.before_call = overtake

    world.importer().import_upload(upload)

    between_look_up_and_import = at_call == 5
    doubled = between_look_up_and_import and duplicate_names == "accepted"
    assert (2 if doubled else 1) == len(world.ens.held)
    assert world.receipt(upload)["outcome"] in {"imported", "already_imported"}
    first_had_claimed = at_call > 3
    assert first_had_claimed == (sum(world.clock.slept) >= LONGEST_WAIT)


def just_before_the_claim(world: World, upload: Upload, happen: Callable[[], object]) -> None:
    """Let something happen once a delivery has found no receipt, and before it writes its own."""

    def watch(action: str, key: str) -> None:
        if (action, key) == (WRITE, world.receipt_key(upload)):
            world.objects.before_call = lambda _action, _key: None
            happen()

    world.objects.before_call = watch


def test_a_claim_writes_over_no_success() -> None:
    """Of two that found no receipt, the later one honours what the other has done meanwhile."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    left: list[dict[str, object]] = []

    def overtake() -> None:
        world.importer().import_upload(upload)
        left.append(world.receipt(upload))

    just_before_the_claim(world, upload, overtake)

    result = world.importer().import_upload(upload)

    assert ("already_imported", "receipt_found") == (result.outcome, result.reason)
    assert left == [world.receipt(upload)]
    assert "imported" == left[0]["outcome"]
    assert [LOOK_UP, IMPORT] == world.ens.actions


def test_a_claim_writes_over_no_other_claim() -> None:
    """It is refused, so the later one waits; and is no lock, so it goes on, and looks up first."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    under_way = {"outcome": "will_retry", "reason": "under_way", "invocation": "ANOTHER"}
    claim = json.dumps(under_way).encode()
    just_before_the_claim(
        world, upload, lambda: world.objects.stored.update({world.receipt_key(upload): claim})
    )

    result = world.importer().import_upload(upload)

    assert sum(world.clock.slept) >= LONGEST_WAIT
    assert "imported" == result.outcome == world.receipt(upload)["outcome"]
    assert [LOOK_UP, IMPORT] == world.ens.actions


def test_waits_no_longer_than_the_other_needs() -> None:
    """The second delivery goes on as soon as the first one's receipt tells of success."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    world.importer().import_upload(upload)
    done = world.objects.stored[world.receipt_key(upload)]
    under_way = {"outcome": "will_retry", "reason": "under_way", "invocation": "ANOTHER"}
    world.objects.stored[world.receipt_key(upload)] = json.dumps(under_way).encode()
    reads = []

    def finish(action: str, key: str) -> None:
        reads.append((action, key))
        if reads.count((READ, world.receipt_key(upload))) == 3:
            world.objects.stored[key] = done

    world.objects.before_call = finish

    result = world.importer().import_upload(upload)

    assert "receipt_found" == result.reason
    assert [0.25, 0.25] == world.clock.slept


def test_does_not_wait_for_itself() -> None:
    """A claim whose answer was lost is one's own, and no reason to wait."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    world.objects.fail_next(WRITE, unavailable, performed=True)

    result = world.importer().import_upload(upload)

    assert "imported" == result.outcome
    assert [0.2] == world.clock.slept


@pytest.mark.parametrize("failing", [READ, WRITE])
def test_goes_on_without_receipts(failing: str) -> None:
    """A claim that cannot be made is no reason not to import."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)

    def deny(action: str, key: str) -> None:
        if action == failing and key == world.receipt_key(upload):
            world.objects.fail_next(action, denied)

    world.objects.before_call = deny

    result = world.importer().import_upload(upload)

    assert "imported" == result.outcome
    assert (failing == WRITE) == bool(result.receipt_failure)


@pytest.mark.parametrize(
    "content",
    [b"", b"not JSON", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"outcome": {"a": 1}}'],
    ids=["empty", "text", "list", "null", "no text", "deep", "foreign"],
)
def test_a_receipt_that_is_none_of_ours(content: bytes) -> None:
    """Whatever stands in its place tells of no success, and is written over."""
    assert not read_receipt(content).is_success

    world = World()
    upload = world.put("keys/alice.pub", LINE)
    world.objects.stored[world.receipt_key(upload)] = content
    world.importer().import_upload(upload)

    assert "imported" == world.receipt(upload)["outcome"]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (f"No: {LINE} \ud800", "No: ssh-rsa *** alice@example.com \ud800"),
        (f"No: Key={quote(LINE, safe='')}&Version=1", "No: Key=ssh-***.com&Version=1"),
    ],
    ids=["as it was sent", "as the URL had it"],
)
def test_what_ens_says_is_no_reason_to_write_a_key(message: str, told: str) -> None:
    """Its message is passed on, but for what looks like a key, and for what is no text."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    world.ens.fail_next(IMPORT, Fault(lambda: refused("InvalidPublicKeyBody.Malformed", message)))

    world.importer().import_upload(upload)

    assert told == world.receipt(upload)["message"]


def test_what_ens_calls_a_fingerprint_is_no_reason_either() -> None:
    """Of a taken name the description tells what ENS holds, in ENS's words: they may be a key."""
    world = World()
    world.ens.held.append(ListedKeyPair("alice", BASE64))
    upload = world.put("keys/alice.pub", LINE)

    result = world.importer().import_upload(upload)

    assert result.failure is not None
    assert BASE64 in result.failure.description
    receipt = world.receipt(upload)
    assert ("name_taken", result.failure.description.replace(BASE64, "***")) == (
        receipt["reason"],
        receipt["description"],
    )


def test_an_upload_without_an_id_is_no_other_upload() -> None:
    """An absent id is equal to nothing."""
    upload = World().put("keys/alice.pub", LINE)
    nameless = delivered_again(upload, upload_request_id="")
    past = PastReceipt("imported", upload_request_id=upload.upload_request_id)

    assert past.is_of(upload)
    assert not past.is_of(nameless)
    assert not PastReceipt().is_of(nameless)
    assert not past.is_of(delivered_again(upload, upload_request_id="UPLOAD-9"))


def test_a_forged_event_does_not_rewrite_a_success() -> None:
    """Whoever may invoke the function can name any upload; a success stays as it is told."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    world.importer().import_upload(upload)
    receipt = world.receipt(upload)
    forged = delivered_again(upload, upload_request_id="FORGED", uploader="mallory")

    found = world.importer().import_upload(forged)
    world.ens.fail_next("DescribeKeyPairs", *[faults.unreachable()] * 3)
    failed = world.importer().import_upload(forged)

    assert ("already_imported", "will_retry") == (found.outcome, failed.outcome)
    assert receipt == world.receipt(upload)


def test_a_later_success_remembers_the_earlier_ones() -> None:
    """A deleted key that is put again is imported; the first event, delivered late, is done."""
    world = World()
    first = world.put("keys/alice.pub", LINE)
    world.importer().import_upload(first)
    world.ens.held.clear()
    world.importer().import_upload(world.put("keys/alice.pub", LINE))
    world.ens.held.clear()

    late = world.importer().import_upload(first)

    assert ("already_imported", "receipt_found") == (late.outcome, late.reason)
    assert [] == world.ens.held


@pytest.mark.parametrize("uploads", [MOST_REMEMBERED, MOST_REMEMBERED + 1])
def test_so_many_successes_are_remembered_and_no_more(uploads: int) -> None:
    """The latest ones: a receipt stays small."""
    ids = [f"upload-{number}" for number in range(uploads)]
    past = PastReceipt("imported", upload_request_id=ids[-1], earlier_uploads=tuple(ids[:-1]))

    assert tuple(ids[-MOST_REMEMBERED:]) == past.successes()


def only_receipts_cannot_be_read(world: World, upload: Upload) -> None:
    """Let the role write receipts, and not read them."""

    def deny(action: str, key: str) -> None:
        if (action, key) == (READ, world.receipt_key(upload)):
            world.objects.fail_next(READ, denied)

    world.objects.before_call = deny


def test_a_receipt_that_may_be_written_and_not_read() -> None:
    """The claim settles it: there was none, so the upload is imported."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    only_receipts_cannot_be_read(world, upload)

    result = world.importer().import_upload(upload)

    assert ("imported", None) == (result.outcome, result.receipt_failure)
    assert "imported" == world.receipt(upload)["outcome"]


@pytest.mark.parametrize("content", [LINE, "no key"], ids=["imported", "refused"])
def test_a_receipt_that_is_there_and_may_not_be_read(content: str) -> None:
    """It may be anything: nothing is imported, nothing overwritten, and FC tries again."""
    world = World()
    upload = world.put("keys/alice.pub", content)
    world.importer().import_upload(upload)
    receipt, calls = world.receipt(upload), len(world.ens.calls)
    only_receipts_cannot_be_read(world, upload)

    result = world.importer().import_upload(upload)

    assert ("will_retry", True) == (result.outcome, result.is_unfinished)
    assert result.failure is not None
    assert "role_permission" == result.failure.reason
    assert (receipt, calls) == (world.receipt(upload), len(world.ens.calls))


def test_a_refusal_whose_receipt_may_not_be_read() -> None:
    """What is refused is not lost silently: its receipt stays under way, and FC tries again."""
    world = World()
    upload = world.put("keys/alice.pub", "no key")
    only_receipts_cannot_be_read(world, upload)

    result = world.importer().import_upload(upload)

    assert ("refused", True) == (result.outcome, result.is_unfinished)


@pytest.mark.parametrize(
    ("first", "read_on"),
    [
        pytest.param(faults.throttled(), False, id="nothing was done"),
        pytest.param(faults.no_permission(), False, id="no permission"),
        pytest.param(faults.server_error(500), True, id="500"),
        pytest.param(faults.lost_request(), True, id="no answer"),
    ],
)
def test_a_doubt_is_remembered(*, first: Fault, read_on: bool) -> None:
    """An unfiltered look-up is given up by a retry only if nothing can have been imported."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    world.ens.fail_next(IMPORT, *[first] * 3)
    world.importer().import_upload(upload)
    world.objects.fail_next(READ, unavailable, 3)
    world.importer().import_upload(upload)  # its receipt is written over the first one's
    assert read_on == world.receipt(upload).get("outcome_unknown", False)
    world.ens.filters = False
    world.ens.held.extend(ListedKeyPair(f"other{number}", MD5_OF_OTHERS) for number in range(200))
    calls = len(world.ens.calls)

    world.importer().import_upload(upload)

    assert [LOOK_UP] * (4 if read_on else 1) + [IMPORT] == world.ens.actions[calls:]


def test_who_uploaded_is_told() -> None:
    """Without it no one could say afterwards who put the key on a server."""
    world = World()
    upload = delivered_again(
        world.put("keys/alice.pub", LINE), uploader="ram-user-7", source_ip="192.0.2.7"
    )

    world.importer().import_upload(upload)

    receipt = world.receipt(upload)
    assert ("ram-user-7", "192.0.2.7") == (receipt["uploader"], receipt["source_ip"])
