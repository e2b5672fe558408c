"""What becomes of an upload: its key pair, its receipt, and whether it is tried again."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest

from core.errors import InternalError
from core.importing.exactly_once import ListedKeyPair
from core.uploads.bucket import MAX_ATTEMPTS, MAX_OBJECT_SIZE
from core.uploads.one_upload import TIME_FOR_UPLOAD
from core.uploads.rules import UploadRules
from tests.fakes import faults
from tests.fakes.key_pairs import IMPORT, LOOK_UP
from tests.fakes.objects import (
    READ,
    WRITE,
    World,
    bad_credentials,
    delivered_again,
    denied,
    unavailable,
)
from tests.keys.public_keys import BASE64, ED25519_LINE, LINE, OTHER_LINE, SPKI, b64

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.key_pairs import Fault

BLOB = b64decode(BASE64)
MD5 = hashlib.md5(BLOB, usedforsecurity=False).hexdigest()
SHA256 = "SHA256:" + b64(hashlib.sha256(BLOB).digest()).rstrip("=")
PRIVATE = "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"


def test_imports_an_upload() -> None:
    """A key becomes a key pair under its path's name, and its receipt tells everything but it."""
    world = World()
    upload = world.put("keys/team/alice.pub", LINE)

    result = world.importer().import_upload(upload)

    assert "imported" == result.outcome
    assert [ListedKeyPair("team:alice", MD5)] == world.ens.held
    assert [LOOK_UP, IMPORT] == world.ens.actions
    assert {
        "outcome": "imported",
        "key_pair_name": "team:alice",
        "fingerprint_md5": MD5,
        "fingerprint_sha256": SHA256,
        "fingerprint_ens": MD5,
        "fingerprint_verified": True,
        "service_request_id": "REQUEST-2",
        "bucket": "uploads",
        "object_key": "keys/team/alice.pub",
        "etag": upload.etag,
        "upload_request_id": "UPLOAD-1",
        "invocation": "INVOCATION-2",
        "request_id": "FC-2",
        "time": "2026-03-11T05:40:45+00:00",
    } == world.receipt(upload)


@pytest.mark.parametrize(
    ("key", "content", "code", "reason"),
    [
        pytest.param("keys/alice.pub", ED25519_LINE, "InvalidPublicKeyBody.Malformed",
                     "wrong_key_type", id="another type"),
        pytest.param("keys/alice.pub", PRIVATE, "InvalidPublicKeyBody.Malformed",
                     "private_key", id="a private key"),
        pytest.param("keys/a:b.pub", PRIVATE, "InvalidPublicKeyBody.Malformed",
                     "private_key", id="a private key before its name"),
        pytest.param("keys/alice.pub", f"{LINE}\n{OTHER_LINE}", "InvalidPublicKeyBody.Malformed",
                     "multiple_keys", id="two keys"),
        pytest.param("keys/alice.pub", b"ssh-rsa \xff", "InvalidPublicKeyBody.Malformed",
                     "not_text", id="no text"),
        pytest.param("keys/alice.pub", "", "MissingParameter", "missing_parameter", id="empty"),
        pytest.param("keys/1alice.pub", LINE, "InvalidParameter.KeyPairName",
                     "name_bad_start", id="a bad name"),
        pytest.param("keys/.pub", LINE, "MissingParameter", "missing_parameter", id="no name"),
        pytest.param("keys/a:b.pub", LINE, "InvalidParameter.KeyPairName",
                     "name_has_colon", id="a colon"),
        pytest.param("keys/alice.pub", b"x" * (MAX_OBJECT_SIZE + 1), "InvalidParameter",
                     "object_too_large", id="too large"),
    ],
)  # fmt: skip
def test_refuses(key: str, content: str | bytes, code: str, reason: str) -> None:
    """What can never be imported has its receipt at once, and ENS is not asked."""
    world = World()
    upload = world.put(key, content)

    result = world.importer().import_upload(upload)

    assert "refused" == result.outcome
    assert [] == world.ens.calls
    receipt = world.receipt(upload)
    assert ("refused", code, reason) == (receipt["outcome"], receipt["code"], receipt["reason"])
    assert receipt["message"]
    assert receipt["description"]
    assert "key_pair_name" not in receipt


@pytest.mark.parametrize("content", [LINE, SPKI, PRIVATE, f'"{LINE}"', f"{LINE}\n{OTHER_LINE}"])
def test_no_receipt_holds_key_material(content: str) -> None:
    """Neither the key nor, where it could be corrected, the corrected line is written."""
    world = World()
    upload = world.put("keys/alice.pub", content)

    world.importer().import_upload(upload)

    receipt = json.dumps(world.receipt(upload))
    assert "b3BlbnNz" not in receipt
    assert BASE64[:16] not in receipt
    assert "AAAA" not in receipt


@pytest.mark.parametrize(
    ("fault", "outcome", "code"),
    [
        pytest.param(faults.server_error(), "will_retry", "InternalError", id="500"),
        pytest.param(faults.throttled(), "will_retry", "Throttling.User", id="throttled"),
        pytest.param(faults.unreachable(), "will_retry", "ServiceUnavailable", id="unreachable"),
        pytest.param(faults.bad_credentials(), "will_retry", "ServiceUnavailable", id="expired"),
        pytest.param(faults.no_permission(), "will_retry", "Forbidden.RAM", id="no permission"),
        pytest.param(faults.refusal(), "refused", "QuotaExceeded.KeyPair", id="quota"),
    ],
)
def test_tells_what_a_retry_can_mend(fault: Fault, outcome: str, code: str) -> None:
    """ENS's failures are tried again if that may help, and answered if it cannot."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    world.ens.fail_next(IMPORT, *[fault] * 3)

    result = world.importer().import_upload(upload)

    receipt = world.receipt(upload)
    assert (outcome, outcome, code) == (result.outcome, receipt["outcome"], receipt["code"])
    assert "alice" == receipt["key_pair_name"]
    assert not world.ens.held


@pytest.mark.parametrize(
    ("raised", "attempts", "outcome", "reason"),
    [
        pytest.param(unavailable, MAX_ATTEMPTS, "will_retry", "oss_unavailable", id="unavailable"),
        pytest.param(bad_credentials, 1, "will_retry", "role_credentials", id="expired"),
        pytest.param(denied, 1, "will_retry", "role_permission", id="403"),
    ],
)
def test_an_upload_that_cannot_be_read(
    raised: Callable[[], Exception], attempts: int, outcome: str, reason: str
) -> None:
    """OSS's failures are tried again if that may help, and answered if it cannot."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    world.objects.fail_next(READ, raised, attempts)

    result = world.importer().import_upload(upload)

    receipt = world.receipt(upload)
    assert (outcome, outcome, reason) == (result.outcome, receipt["outcome"], receipt["reason"])
    assert [] == world.ens.calls


def test_a_request_id_is_that_of_the_service_that_gave_it() -> None:
    """Whoever asks Alibaba Cloud for help must name a request that the service knows."""
    world = World()
    unread, refused = world.put("keys/alice.pub", LINE), world.put("keys/bob.pub", LINE)
    world.objects.fail_next(READ, denied)
    world.ens.fail_next(IMPORT, faults.refusal())

    world.importer().import_upload(unread)
    world.importer().import_upload(refused)

    told = [world.receipt(upload)["service_request_id"] for upload in (unread, refused)]
    assert ["R", "REQUEST-OF-REFUSAL"] == told


@pytest.mark.parametrize("content", [None, OTHER_LINE], ids=["deleted", "another one"])
def test_an_upload_that_is_superseded(content: str | None) -> None:
    """What is gone or another by now is left to its own event: no import and no receipt."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    del world.objects.stored["keys/alice.pub"]
    if content:
        world.put("keys/alice.pub", content)

    result = world.importer().import_upload(upload)

    assert "superseded" == result.outcome
    assert [] == world.ens.calls
    assert world.receipt_key(upload) not in world.objects.stored


def test_skips_without_a_call() -> None:
    """What is no key upload costs nothing."""
    world = World()

    result = world.importer().import_upload(world.put("receipts/keys/alice.pub/0.json", "{}"))

    assert ("skipped", "receipt") == (result.outcome, result.reason)
    assert [] == world.objects.calls


def test_finds_an_upload_whose_key_is_encoded_in_the_event() -> None:
    """Name and receipt are those of the object, not of the spelling."""
    world = World()
    upload = world.put("keys/团队/张三.pub", LINE)

    result = world.importer().import_upload(
        delivered_again(upload, object_key="keys/%E5%9B%A2%E9%98%9F/%E5%BC%A0%E4%B8%89.pub")
    )

    assert upload == result.upload
    assert ["团队:张三"] == [held.name for held in world.ens.held]
    assert "imported" == world.receipt(upload)["outcome"]


def test_an_encoded_key_takes_no_other_objects_name() -> None:
    """An object whose key really holds a percent sign has the name that it has: a bad one."""
    world = World()
    world.put("keys/team/alice.pub", OTHER_LINE)

    result = world.importer().import_upload(world.put("keys/team%2Falice.pub", LINE))

    assert result.failure is not None
    assert "name_bad_character" == result.failure.reason
    assert [] == world.ens.calls


def test_another_key_under_the_name() -> None:
    """A name that is taken by another key is refused, with both fingerprints."""
    world = World()
    world.ens.held.append(ListedKeyPair("alice", "0" * 32))
    upload = world.put("keys/alice.pub", LINE)

    result = world.importer().import_upload(upload)

    assert "refused" == result.outcome
    receipt = world.receipt(upload)
    assert "name_taken" == receipt["reason"]
    assert "0" * 32 in str(receipt["description"])
    assert MD5 in str(receipt["description"])


def test_ens_holds_the_key_already() -> None:
    """That is a success; ENS's spelling of the fingerprint stands in the receipt beside ours."""
    world = World()
    world.ens.held.append(ListedKeyPair("alice", MD5.upper()))
    upload = world.put("keys/alice.pub", LINE)

    result = world.importer().import_upload(upload)

    receipt = world.receipt(upload)
    assert "already_imported" == result.outcome == receipt["outcome"]
    assert (True, MD5.upper(), MD5) == (
        receipt["fingerprint_verified"],
        receipt["fingerprint_ens"],
        receipt["fingerprint_md5"],
    )


def test_no_receipts_are_wanted() -> None:
    """With an empty prefix nothing is written, and what ENS holds is all that is known."""
    world = World(rules=UploadRules(receipt_prefix=""))
    upload = world.put("keys/alice.pub", LINE)

    first, second = world.importer().import_upload(upload), world.importer().import_upload(upload)

    assert ("imported", "already_imported") == (first.outcome, second.outcome)
    assert [(READ, upload.object_key)] * 2 == world.objects.calls


def test_no_receipts_can_be_written() -> None:
    """An import needs no receipt, and is not undone for want of one."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)
    world.objects.fail_next(WRITE, denied, 2)

    result = world.importer().import_upload(upload)

    assert "imported" == result.outcome
    assert result.receipt_failure is not None
    assert "role_permission" == result.receipt_failure.reason
    assert 1 == len(world.ens.held)


def test_a_bug_is_answered() -> None:
    """A retry would meet it again; the receipt names the invocation that has the details."""
    world = World()
    upload = world.put("keys/alice.pub", LINE)

    result = world.importer().give_up(upload, InternalError("A bug.", reason="internal_error"))

    assert "refused" == result.outcome
    assert "InternalError" == world.receipt(upload)["code"]


def test_starts_no_upload_that_it_cannot_end() -> None:
    """Near the deadline the rest is left to the retry."""
    world = World()
    uploads = [world.put(f"keys/user{number}.pub", LINE) for number in range(10)]
    importer = world.importer(seconds=TIME_FOR_UPLOAD + 0.3)

    taken = [importer.import_upload(upload) for upload in importer.in_time(uploads)]

    assert 0 < len(taken) < 10
    assert {"imported"} == {result.outcome for result in taken}


def test_an_event_of_a_hundred_with_one_that_fails() -> None:
    """The retry imports the one that failed; the 99 are neither imported nor looked up again."""
    world = World()
    uploads = [world.put(f"keys/user{number:02}.pub", LINE) for number in range(100)]
    world.ens.before_call = lambda number: (
        world.ens.fail_next(LOOK_UP, *[faults.unreachable()] * 3) if number == 101 else None
    )
    first = [world.importer(300).import_upload(upload).outcome for upload in uploads]
    calls = len(world.ens.calls)

    second = [world.importer(300).import_upload(upload) for upload in uploads]

    assert {"imported": 99, "will_retry": 1} == {
        outcome: first.count(outcome) for outcome in set(first)
    }
    assert 1 == sum(result.outcome == "imported" for result in second)
    assert 99 == sum(result.reason == "receipt_found" for result in second)
    assert [LOOK_UP, IMPORT] == world.ens.actions[calls:]
    assert 100 == len({held.name for held in world.ens.held}) == len(world.ens.held)
    assert {"imported"} == {world.receipt(upload)["outcome"] for upload in uploads}
