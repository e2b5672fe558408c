"""Uploads through the handler, in process: OSS and ENS on loopback, as the role that s.yaml has."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import pytest

import handler
from core.uploads.bucket import MAX_ATTEMPTS, MAX_OBJECT_SIZE
from core.uploads.one_upload import UploadImporter
from devcloud import DevCloud, Fault
from invocation import ATTEMPTS_UNAWAITED, Unfinished
from logs import InvocationLog
from settings import InvalidSetting
from tests.adapters.calls import everything_said
from tests.events.gallery import ALICE_KEY, ALICE_PUB, event_file
from tests.events.uploads import BUCKET, KEY, event_of, put, receipts
from tests.fakes.contexts import python312
from tests.fakes.objects import World
from tests.invocation import ROLE_VARIABLES, environment_of, new_instance
from tests.paths import PROJECT
from upload_handler import import_upload, log_upload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.uploads.rules import Upload, UploadResult

GET, PUT = "GetObject", "PutObject"
ENS_ATTEMPTS = 1 * ATTEMPTS_UNAWAITED  # in the environment below
PRIVATE_KEY = "-----BEGIN OPENSSH" + " PRIVATE KEY-----\n" + "b3BlbnNzaC1rZXk" * 4 + "\n"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[DevCloud]:
    """OSS and ENS, and this process in the environment that FC would give the function."""
    with DevCloud(project=PROJECT) as running:
        quick = {"OSS_ENDPOINT": running.oss_endpoint, "ENS_MAX_ATTEMPTS": "1"}
        for name, value in (environment_of(running) | quick).items():
            monkeypatch.setenv(name, value)
        running.create_bucket(BUCKET)
        yield running


@dataclass(frozen=True)
class Invoked:
    """What came of an invocation: an answer, or the exception that makes FC try again."""

    answer: Any
    raised: Unfinished | None
    written: str
    log: list[dict[str, Any]] = field(default_factory=list)

    @property
    def outcomes(self) -> list[str]:
        return [upload["Outcome"] for upload in self.answer["Uploads"]]


def invoke(event: bytes, timeout: object = 30) -> Invoked:
    """Invoke as FC does: the answer goes through json.dumps, stdout and stderr are the log."""
    new_instance()
    answer, raised = None, None
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            answer = json.loads(json.dumps(handler.handler(event, python312(timeout=timeout))))
        except Unfinished as error:
            raised = error
    written = out.getvalue() + err.getvalue()
    return Invoked(answer, raised, written, [json.loads(line) for line in written.splitlines()])


@pytest.mark.parametrize("name", ["oss-native", "oss-eventbridge"])
def test_an_upload_becomes_a_key_pair(cloud: DevCloud, name: str) -> None:
    """Told by OSS or by EventBridge; the answer, the receipt and the one log line agree."""
    stored = put(cloud)

    invoked = invoke(event_file(name))

    assert [("team:alice", ALICE_KEY)] == [(p.name, p.public_key) for p in cloud.key_pairs]
    assert ["imported"] == invoked.outcomes
    receipt = receipts(cloud)[KEY]
    assert ("imported", True, "team:alice", stored.etag) == (
        receipt["outcome"],
        receipt["fingerprint_verified"],
        receipt["key_pair_name"],
        receipt["etag"],
    )
    (line,) = invoked.log
    assert {
        "level": "info",
        "message": "upload imported",
        "trigger": name.removeprefix("oss-").replace("native", "oss"),
        "outcome": "imported",
        "bucket": BUCKET,
        "object_key": KEY,
        "etag": stored.etag,
        "key_pair_name": "team:alice",
        "fingerprint_md5": receipt["fingerprint_md5"],
        "service_request_id": receipt["service_request_id"],
        "attempts": 1,
        "look_ups": 1,
    }.items() <= line.items()


def test_an_upload_through_the_whole_cloud() -> None:
    """A file is put, OSS tells FC, FC's queue the function: what s.yaml and its role allow."""
    with DevCloud(project=PROJECT, function=True, retry_pace=0) as cloud:
        cloud.put_upload(KEY, ALICE_PUB.encode())
        cloud.put_upload("keys/bob.pub", PRIVATE_KEY.encode())
        cloud.put_upload("keys/notes.txt", b"no key")
        cloud.drain()

        assert ["team:alice"] == [pair.name for pair in cloud.key_pairs]
        assert ["succeeded"] * 2 == [each.outcome for each in cloud.async_invocations]
        written = {
            key: json.loads(stored.body)["outcome"]
            for key, stored in cloud.objects().items()
            if key.startswith("receipts/")
        }
        assert ["imported", "refused"] == sorted(written.values())
        assert "b3BlbnNzaC1rZXk" not in cloud.function_logs()


@pytest.mark.parametrize(
    ("fault", "outcome", "reason", "calls"),
    [
        pytest.param(
            Fault.error("AccessDenied", 403), "will_retry", "role_permission", 1, id="403"
        ),
        pytest.param(Fault.error("NoSuchKey", 404), "superseded", None, 1, id="404"),
        pytest.param(Fault.error("PreconditionFailed", 412), "superseded", None, 1, id="412"),
        pytest.param(Fault.unavailable(500), "will_retry", "oss_unavailable", 3, id="500"),
        pytest.param(Fault.unavailable(503), "will_retry", "oss_unavailable", 3, id="503"),
        pytest.param(Fault.reset_before_answer(), "will_retry", "oss_unavailable", 3, id="reset"),
        pytest.param(Fault.cut_answer(), "will_retry", "cut", 3, id="cut"),
        pytest.param(Fault.wrong_crc64(), "will_retry", "wrong_crc64", 3, id="wrong CRC64"),
        pytest.param(
            Fault.error("SecurityTokenExpired", 403), "will_retry", "role_credentials", 1,
            id="expired",
        ),
    ],
)  # fmt: skip
def test_each_fault_of_oss_ends_as_written(
    cloud: DevCloud, fault: Fault, outcome: str, reason: str | None, calls: int
) -> None:
    """
    What a retry can fix leaves as an exception; the rest is answered.

    All but the superseded have their receipt, nothing is imported, and each is logged at WARNING.
    """
    event = event_of(put(cloud))
    cloud.fail_next(GET, fault, calls)

    invoked = invoke(event)

    assert [] == cloud.key_pairs
    assert (outcome == "will_retry") == (invoked.raised is not None)
    written = receipts(cloud)
    if outcome == "superseded":
        assert {} == written
    else:
        assert (outcome, reason) == (written[KEY]["outcome"], written[KEY]["reason"])
    (line,) = invoked.log
    assert ("warning", outcome) == (line["level"], line["outcome"])
    assert [] == cloud.calls  # ENS was not asked
    assert calls == sum(call.fault == fault.name for call in cloud.calls_of("oss"))


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault.unavailable(500), id="500"),
        pytest.param(Fault.cut_answer(), id="cut"),
        pytest.param(Fault.wrong_crc64(), id="wrong CRC64"),
        pytest.param(Fault.reset_during_answer(), id="reset in the body"),
    ],
)
def test_a_fault_of_oss_that_passes_is_not_noticed(cloud: DevCloud, fault: Fault) -> None:
    """The second or third attempt gets the object, whole."""
    event = event_of(put(cloud))
    cloud.fail_next(GET, fault, MAX_ATTEMPTS - 1)

    invoked = invoke(event)

    assert ["imported"] == invoked.outcomes
    assert "imported" == receipts(cloud)[KEY]["outcome"]


def test_a_slow_oss(cloud: DevCloud) -> None:
    """The time that the function has is the most that is waited."""
    event = event_of(put(cloud))
    cloud.fail_next(GET, Fault.never_answer(), MAX_ATTEMPTS)

    invoked = invoke(event, timeout=7.5)  # the least in which an upload is begun, and a little

    assert invoked.raised is not None
    assert [] == cloud.key_pairs


def test_too_large(cloud: DevCloud) -> None:
    """Answered, for it will not shrink."""
    invoked = invoke(event_of(put(cloud, content=b"k" * (MAX_OBJECT_SIZE + 1))))

    assert ["refused"] == invoked.outcomes
    assert "object_too_large" == receipts(cloud)[KEY]["reason"]


def test_replaced_since(cloud: DevCloud) -> None:
    """The event of what was put since tells of it."""
    event = event_of(put(cloud))
    put(cloud, content="something else")

    invoked = invoke(event)

    assert ["superseded"] == invoked.outcomes
    assert {} == receipts(cloud)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        pytest.param(Fault.unavailable(500), "will_retry", id="500"),
        pytest.param(Fault.throttled(), "will_retry", id="throttled"),
        pytest.param(Fault.reset_before_answer(), "will_retry", id="reset"),
        pytest.param(Fault.error("NoPermission"), "will_retry", id="no permission"),
        pytest.param(Fault.error("QuotaExceed.KeyPair", 403), "refused", id="quota, with 403"),
        pytest.param(Fault.error("QuotaExceeded.KeyPair"), "refused", id="quota"),
    ],
)
def test_a_fault_of_ens(cloud: DevCloud, fault: Fault, outcome: str) -> None:
    """As with OSS: raised or answered, and receipted either way."""
    event = event_of(put(cloud))
    cloud.fail_next("ImportKeyPair", fault, ENS_ATTEMPTS)

    invoked = invoke(event)

    assert (outcome == "will_retry") == (invoked.raised is not None)
    assert outcome == receipts(cloud)[KEY]["outcome"]


def test_an_upload_is_more_patient_than_a_caller_who_waits(cloud: DevCloud) -> None:
    """Nobody waits for it: throttled once more often than a request would bear, it is imported."""
    event = event_of(put(cloud))
    cloud.fail_next("ImportKeyPair", Fault.throttled(), ENS_ATTEMPTS - 1)

    assert ["imported"] == invoke(event).outcomes


def test_another_fingerprint_is_cried_out(cloud: DevCloud) -> None:
    """The import has happened; receipt and log say what did not match."""
    event = event_of(put(cloud))
    cloud.fail_next("ImportKeyPair", Fault.wrong_fingerprint())

    invoked = invoke(event)

    receipt = receipts(cloud)[KEY]
    assert ("imported", False, "0" * 32) == (
        receipt["outcome"],
        receipt["fingerprint_verified"],
        receipt["fingerprint_ens"],
    )
    assert ("error", "0" * 32) == (invoked.log[0]["level"], invoked.log[0]["fingerprint_ens"])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param(Fault.error("NoSuchBucket", 404), "oss_error", id="404"),
        pytest.param(Fault.error("FileAlreadyExists", 409), "oss_error", id="409"),
        pytest.param(Fault.error("PreconditionFailed", 412), "oss_error", id="412"),
    ],
)
def test_a_receipt_that_cannot_be_written(cloud: DevCloud, fault: Fault, reason: str) -> None:
    """It is logged, the import stays, and the neighbours have their turn."""
    event = event_of(put(cloud), put(cloud, "keys/bob.pub"))
    cloud.fail_next(PUT, fault, 4)

    invoked = invoke(event)

    assert ["imported", "imported"] == invoked.outcomes
    assert ["team:alice", "bob"] == [pair.name for pair in cloud.key_pairs]
    assert [("warning", reason)] * 2 == [
        (line["level"], line["receipt_failure"]) for line in invoked.log[:2]
    ]


@pytest.mark.parametrize("content", [ALICE_PUB, PRIVATE_KEY], ids=["imported", "refused"])
def test_a_receipt_that_cannot_be_written_yet(cloud: DevCloud, content: str) -> None:
    """FC tries again; the import stays, is not done twice, and has its receipt in the end."""
    event = event_of(put(cloud, content=content))
    cloud.fail_next(PUT, Fault.unavailable(500), 2 * MAX_ATTEMPTS)

    first, second = invoke(event), invoke(event)

    assert "1 of 1 uploads are to be tried again" == str(first.raised)
    assert "oss_unavailable" == first.log[0]["receipt_failure"]
    assert None is second.raised
    imports = [call.action for call in cloud.calls].count("ImportKeyPair")
    assert imports == len(cloud.key_pairs) == (content == ALICE_PUB)
    assert receipts(cloud)[KEY]["outcome"] == (
        "already_imported" if content == ALICE_PUB else "refused"
    )


def test_a_claim_forbids_to_overwrite(cloud: DevCloud) -> None:
    """The answer to it lost, OSS refuses it the second time; it is found to be one's own."""
    event = event_of(put(cloud))
    cloud.fail_next(PUT, Fault.reset_before_answer().after_the_work())

    invoked = invoke(event)

    assert ["imported"] == invoked.outcomes
    codes = [call.code for call in cloud.calls_of("oss") if call.action == PUT and not call.fault]
    assert ["FileAlreadyExists", ""] == codes  # the claim, and the receipt of the end
    assert "imported" == receipts(cloud)[KEY]["outcome"]


def test_an_event_of_a_hundred_with_one_that_fails(cloud: DevCloud) -> None:
    """It is retried; the 99 are not imported twice, and not even looked up again."""
    stored = [put(cloud, f"keys/user{number:02}.pub") for number in range(100)]
    event = event_of(*stored)
    cloud.fail_next("ImportKeyPair", Fault.throttled(), ENS_ATTEMPTS)

    first = invoke(event, timeout=300)
    asked = len(cloud.calls)
    second = invoke(event, timeout=300)

    assert "1 of 100 uploads are to be tried again" == str(first.raised)
    assert 101 == len(first.log)
    assert {"imported": 99, "will_retry": 1} == first.log[-1]["outcomes"]
    assert None is second.raised
    assert ["DescribeKeyPairs", "ImportKeyPair"] == [call.action for call in cloud.calls[asked:]]
    assert 100 == len({pair.name for pair in cloud.key_pairs}) == len(cloud.key_pairs)
    assert {"imported"} == {receipt["outcome"] for receipt in receipts(cloud).values()}


def test_no_time_for_the_rest(cloud: DevCloud) -> None:
    """Near the deadline nothing is begun, and FC is told to try again."""
    invoked = invoke(event_of(put(cloud), put(cloud, "keys/bob.pub")), timeout=2)

    assert "2 of 2 uploads are to be tried again" == str(invoked.raised)
    assert [] == cloud.calls_of("oss")
    assert [] == cloud.key_pairs
    assert ("warning", 2) == (invoked.log[0]["level"], invoked.log[0]["unfinished"])


def test_an_event_of_nothing_uploaded(cloud: DevCloud) -> None:
    """Every record is skipped with its reason, and the invocation is a success."""
    invoked = invoke(event_file("oss-nothing-uploaded"))

    assert [] == invoked.answer["Uploads"]
    assert ["removed", "symlink", "part", "appended", "other_event", "folder_marker"] == [
        record["Reason"] for record in invoked.answer["Skipped"]
    ]
    skipped, end = invoked.log
    assert ["info", "info"] == [skipped["level"], end["level"]]
    assert (
        dict.fromkeys(["removed", "symlink", "part", "appended", "other_event", "folder_marker"], 1)
        == skipped["skipped"]
    )
    assert [] == cloud.calls_of("oss")


def test_a_flood_of_records_shares_one_line(cloud: DevCloud) -> None:
    """Whoever may invoke the function can write any event; the log does not grow with it."""
    template = json.loads(event_file("oss-native"))["events"][0]
    unread = {**template, "region": "no region"}
    other = json.loads(json.dumps(template))
    other["oss"]["object"]["key"] = "other/alice.txt"

    invoked = invoke(json.dumps({"events": [unread] * 200 + [other] * 200}).encode())

    assert {"unreadable_record": 200, "other_object": 200} == invoked.log[0]["skipped"]
    assert 2 == len(invoked.log)
    assert [] == cloud.calls_of("oss")


def test_who_uploaded_is_in_the_log_and_in_the_receipt(cloud: DevCloud) -> None:
    """Without it, no one could say afterwards who put the key on a server."""
    put(cloud)
    record = json.loads(event_file("oss-native"))["events"][0]
    who = record["userIdentity"]["principalId"], record["requestParameters"]["sourceIPAddress"]

    (line,) = invoke(event_file("oss-native")).log

    assert who == (line["caller"], line["source_ip"])
    assert who == (receipts(cloud)[KEY]["uploader"], receipts(cloud)[KEY]["source_ip"])


def test_the_oss_sdk_is_loaded_for_uploads_only() -> None:
    """It takes longer to load than all else but ENS's; no other caller pays for it."""
    program = (
        "import json, sys; from handler import handler; "
        "handler(sys.stdin.buffer.read(), None); "
        "print(json.dumps([name for name in sys.modules if name == 'alibabacloud_oss_v2']))"
    )
    environment = {"PYTHONPATH": str(PROJECT / "src")} | dict.fromkeys(ROLE_VARIABLES, "x")
    loaded = [
        subprocess.run(
            [sys.executable, "-c", program],
            input=event,
            env=environment,
            capture_output=True,
            check=True,
        ).stdout.splitlines()[-1]
        for event in (event_file("oss-nothing-uploaded"), event_file("direct-dry-run"))
    ]

    assert [b"[]", b"[]"] == loaded


def test_an_event_without_uploads_needs_no_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing that a retry with credentials would do."""
    for name in ROLE_VARIABLES:
        monkeypatch.delenv(name, raising=False)

    invoked = invoke(event_file("oss-nothing-uploaded"))

    assert (None, []) == (invoked.raised, invoked.answer["Uploads"])


def test_an_unreadable_record_is_warned_of(cloud: DevCloud) -> None:
    """What could not be an upload, whoever wrote it, goes nowhere."""
    invoked = invoke(event_of(put(cloud), eTag="../.."))

    assert ["unreadable_record"] == [record["Reason"] for record in invoked.answer["Skipped"]]
    assert "warning" == invoked.log[0]["level"]
    assert [] == cloud.calls_of("oss")


def test_an_event_of_another_bucket_starts_nothing(
    cloud: DevCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may invoke the function can write any event: UPLOAD_BUCKET names the only bucket."""
    event = event_of(put(cloud))
    monkeypatch.setenv("UPLOAD_BUCKET", "another-bucket")
    cloud.calls.clear()

    invoked = invoke(event)

    assert ["skipped"] == invoked.outcomes
    assert "other_bucket" == invoked.answer["Uploads"][0]["Reason"]
    assert [] == cloud.calls_of("oss")


def test_a_receipts_event_starts_nothing(cloud: DevCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the settings make every object an upload, there is no loop."""
    monkeypatch.setenv("UPLOAD_PREFIX", "")
    monkeypatch.setenv("UPLOAD_SUFFIX", "")
    receipt = put(cloud, "receipts/keys/alice.pub/0.json", "{}")

    invoked = invoke(event_of(receipt))

    assert ["skipped"] == invoked.outcomes
    assert "receipt" == invoked.answer["Uploads"][0]["Reason"]


@pytest.mark.parametrize("prefix", ["receipts/", "receipts/keys/"])
def test_uploads_among_the_receipts_are_a_bad_setting(
    cloud: DevCloud, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """No object would be taken; that is said at start, and FC keeps the uploads meanwhile."""
    monkeypatch.setenv("UPLOAD_PREFIX", prefix)

    with pytest.raises(InvalidSetting, match="UPLOAD_PREFIX"):
        handler.initialize(python312())
    invoked = invoke(event_of(put(cloud)))

    assert "1 of 1 uploads are to be tried again" == str(invoked.raised)
    assert "UPLOAD_PREFIX" in invoked.log[0]["setting"]


def test_a_role_without_credentials(cloud: DevCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours to fix: no upload is lost to it."""
    event = event_of(put(cloud))
    monkeypatch.delenv("ALIBABA_CLOUD_SECURITY_TOKEN")

    invoked = invoke(event)

    assert invoked.raised is not None
    assert ("error", "role_credentials") == (invoked.log[0]["level"], invoked.log[0]["reason"])


def test_what_leaves_the_function_holds_numbers_alone() -> None:
    """FC writes the exception's text into logs and onFailure messages."""
    assert "3 of 100 uploads are to be tried again" == str(Unfinished(3, 100))


class StumblingImporter(UploadImporter):
    """An importer with a bug, whose exception holds what must not be told."""

    def import_upload(self, upload: Upload) -> UploadResult:
        raise ZeroDivisionError(upload, ALICE_KEY)


def test_a_bug_is_its_own_uploads(capsys: pytest.CaptureFixture[str]) -> None:
    """What met it is answered, with a receipt, and the log has the frames; neighbours go on."""
    world = World()
    upload, importer = world.put(KEY, ALICE_PUB), world.importer()
    stumbling = StumblingImporter(
        **{each.name: getattr(importer, each.name) for each in fields(importer)}
    )

    with InvocationLog(python312()) as log:
        result = import_upload(stumbling, upload, log)
        log_upload(log, result, alone=True)

    assert ("refused", "InternalError") == (result.outcome, world.receipt(upload)["code"])
    written = capsys.readouterr().out
    bug, line = map(json.loads, written.splitlines())
    assert "ZeroDivisionError" == bug["exception"][0]["type"]
    assert ["error", "error"] == [bug["level"], line["level"]]
    assert ALICE_KEY not in written


@pytest.mark.parametrize("content", [ALICE_PUB, PRIVATE_KEY, f'"{ALICE_KEY}"'])
@pytest.mark.parametrize("failing", [False, True], ids=["answered", "raised"])
def test_no_secret_is_told(
    cloud: DevCloud, monkeypatch: pytest.MonkeyPatch, content: str, *, failing: bool
) -> None:
    """Not in the log at its wordiest, the answer, the receipt, nor the exception and its chain."""
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    event = event_of(put(cloud, content=content))
    if failing:
        cloud.fail_next(GET, Fault.reset_before_answer(), 1)
        cloud.fail_next("DescribeKeyPairs", Fault.reset_before_answer(), ENS_ATTEMPTS)

    invoked = invoke(event)

    said = invoked.written + json.dumps(invoked.answer) + json.dumps(receipts(cloud))
    if invoked.raised:
        said += everything_said(invoked.raised)
    role = [os.environ[name] for name in ROLE_VARIABLES if not name.endswith("KEY_ID")]
    for secret in (ALICE_KEY.split(" ")[1][:40], "b3BlbnNz", "Signature=", *role):
        assert secret not in said
