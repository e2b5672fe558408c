"""Events of uploads: which records are uploads, and why the others are none."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequest, MalformedPublicKey
from core.uploads.rules import Upload, UploadResult
from tests.events.gallery import GALLERY, event_file
from triggers import recognise
from triggers.answers import failure_body
from triggers.oss import OTHER_EVENTS, WHOLE_OBJECTS, OssInvocation, SkippedRecord

if TYPE_CHECKING:
    from core.reasons import SkipReason

ALICE = Upload(
    "cn-hangzhou",
    "ens-key-uploads",
    "keys/team/alice.pub",
    "3B1A1F0D3E4E6C3B7F8C5D2A9E0F1B2C",
    "64F6CD875B1A2C3D01234567",
)
NATIVE: dict[str, Any] = json.loads(event_file("oss-native"))
RECORD: dict[str, Any] = NATIVE["events"][0]
CLOUD_EVENT: dict[str, Any] = json.loads(event_file("oss-eventbridge"))


def invocation(event: object) -> OssInvocation:
    """Have an event recognised, as one of uploads."""
    trigger = recognise(json.dumps(event))
    assert isinstance(trigger, OssInvocation)
    return trigger


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the record with another value at a place such as ``oss.object.key``."""
    record = copy.deepcopy(RECORD)
    *parents, last = path.split(".")
    place = record
    for parent in parents:
        place = place[parent]
    place[last] = value
    return record


def read(record: object) -> Upload | SkippedRecord:
    """Read one record, beside another one that makes the event an upload's."""
    trigger = invocation({"events": [{"oss": {"a": "neighbour"}}, record]})
    return trigger.uploads[0] if trigger.uploads else trigger.skipped[1]


@pytest.mark.parametrize(
    ("name", "trigger_name", "keys"),
    [
        ("oss-native", "oss", ["keys/team/alice.pub"]),
        ("oss-native-several", "oss", ["keys/team/alice.pub", "keys/bob.pub"]),
        ("oss-eventbridge", "eventbridge", ["keys/team/alice.pub"]),
        ("oss-eventbridge-list", "eventbridge", ["keys/team/alice.pub", "keys/bob.pub"]),
        ("oss-nothing-uploaded", "oss", []),
    ],
)
def test_reads_the_gallery(name: str, trigger_name: str, keys: list[str]) -> None:
    """Native events and EventBridge's, alone and several, tell the same."""
    trigger = recognise(event_file(name))

    assert isinstance(trigger, OssInvocation)
    assert trigger_name == trigger.name
    assert keys == [upload.object_key for upload in trigger.uploads]


def test_the_table_is_the_gallery() -> None:
    """No event file of uploads stands in the gallery untested."""
    marks = test_reads_the_gallery.pytestmark  # type: ignore[attr-defined]
    tested = {row[0] for row in marks[0].args[1]}

    assert tested == {path.stem for path in GALLERY.glob("oss-*.json")}


def test_reads_a_record() -> None:
    """Region, bucket, key, ETag, the upload's own request id, and who put it there from where."""
    etag = RECORD["oss"]["object"]["eTag"]

    assert Upload(
        "cn-hangzhou",
        "ens-key-uploads",
        "keys/team/alice.pub",
        etag,
        "64F6CD875B1A2C3D01234567",
        uploader=RECORD["userIdentity"]["principalId"],
        source_ip=RECORD["requestParameters"]["sourceIPAddress"],
    ) == read(RECORD)


@pytest.mark.parametrize("event_name", sorted(WHOLE_OBJECTS))
@pytest.mark.parametrize("prefix", ["", "ObjectCreated:", "oss:ObjectCreated:"])
def test_whole_objects(prefix: str, event_name: str) -> None:
    """Whatever makes a whole object is an upload, however much of its name is there."""
    assert isinstance(read(changed("eventName", prefix + event_name)), Upload)


@pytest.mark.parametrize(
    ("event_name", "reason"),
    [
        *sorted(OTHER_EVENTS.items()),
        ("UpdateObjectMeta", "other_event"),
        ("ObjectCreated:*", "other_event"),
        ("", "other_event"),
        (None, "other_event"),
        (7, "other_event"),
    ],
)
def test_other_events(event_name: object, reason: SkipReason) -> None:
    """What makes no whole object is skipped, and it is said why."""
    assert SkippedRecord(reason, "keys/team/alice.pub") == read(changed("eventName", event_name))


def test_folder_markers() -> None:
    """The object that consoles make for a folder is no upload."""
    assert SkippedRecord("folder_marker", "keys/team/") == read(
        changed("oss.object.key", "keys/team/")
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("region", "cn-hangzhou.example.com", id="a host as region"),
        pytest.param("region", "cn-hangzhou/", id="a slash in the region"),
        pytest.param("region", "cn-hangzhou@example", id="a user in the region"),
        pytest.param("region", "cn-hangzhou\n", id="a line break in the region"),
        pytest.param("region", "CN-hangzhou", id="a region in capitals"),
        pytest.param("region", "cn-" + "a" * 80, id="an endless region"),
        pytest.param("region", "", id="no region"),
        pytest.param("region", None, id="null as region"),
        pytest.param("oss.bucket.name", "example.com", id="a host as bucket"),
        pytest.param("oss.bucket.name", "a/b-c", id="a slash in the bucket"),
        pytest.param("oss.bucket.name", "ab", id="a short bucket"),
        pytest.param("oss.bucket.name", "a" * 64, id="a long bucket"),
        pytest.param("oss.bucket.name", "uploads-", id="a bucket that ends in a hyphen"),
        pytest.param("oss.bucket.name", "uploads\n", id="a line break in the bucket"),
        pytest.param("oss.bucket", [], id="a list as bucket"),
        pytest.param("oss.object.eTag", "", id="no ETag"),
        pytest.param("oss.object.eTag", "a/b", id="a slash in the ETag"),
        pytest.param("oss.object.eTag", "../a", id="a step up in the ETag"),
        pytest.param("oss.object.eTag", ["A"], id="a list as ETag"),
    ],
)
def test_unreadable_records(path: str, value: object) -> None:
    """What ends in a host name or in a receipt's key is strict; everybody can write events."""
    assert SkippedRecord("unreadable_record", "keys/team/alice.pub") == read(changed(path, value))


@pytest.mark.parametrize(
    "key",
    ["", "/keys/a.pub", "\\keys/a.pub", "k" * 1024, "张" * 342, "keys/\ud800.pub", None, 7, []],
    ids=["empty", "slash", "backslash", "long", "long in UTF-8", "surrogate", "null", "7", "list"],
)
def test_keys_that_no_object_has(key: object) -> None:
    """A key that OSS would not take is no upload's, and is not repeated in answer or log."""
    assert SkippedRecord("unreadable_record") == read(changed("oss.object.key", key))


@pytest.mark.parametrize("etag", ['"abc-3"', "abc-3", "ABC-3"])
def test_spellings_of_an_etag(etag: str) -> None:
    """With or without quotes, in any case: one ETag, and one receipt."""
    upload = read(changed("oss.object.eTag", etag))

    assert isinstance(upload, Upload)
    assert "ABC-3" == upload.etag


@pytest.mark.parametrize("request_id", ["", "a b", "x" * 65, None, {}])
def test_an_upload_without_a_request_id(request_id: object) -> None:
    """It cannot be told from the same file put again, and is an upload all the same."""
    upload = read(changed("responseElements.requestId", request_id))

    assert isinstance(upload, Upload)
    assert "" == upload.upload_request_id


@pytest.mark.parametrize(
    "neighbour",
    [None, 7, "x", [], {}, {"oss": None}, {"oss": {"object": 7}, "eventName": "PutObject"}],
    ids=repr,
)
def test_a_broken_record_stands_alone(neighbour: object) -> None:
    """Whatever stands beside an upload in an event, the upload has its turn."""
    trigger = invocation({"events": [neighbour, RECORD]})

    assert ["keys/team/alice.pub"] == [upload.object_key for upload in trigger.uploads]
    assert 1 == len(trigger.skipped)


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param({**CLOUD_EVENT, "source": "acs.mns"}, id="another source"),
        pytest.param("x", id="no object"),
        pytest.param({**CLOUD_EVENT, "data": None}, id="no data"),
    ],
)
def test_a_foreign_cloud_event_beside_ours(foreign: object) -> None:
    """In a list that several sources wrote, OSS's are taken."""
    trigger = invocation([foreign, CLOUD_EVENT])

    assert ["keys/team/alice.pub"] == [upload.object_key for upload in trigger.uploads]
    assert 1 == len(trigger.skipped)


@pytest.mark.parametrize(
    "event",
    [
        {"events": []},
        {"events": [7]},
        {"events": "x"},
        {"events": [{"cdn": {}}]},
        [],
        [7],
        [[CLOUD_EVENT]],
        {**CLOUD_EVENT, "source": "acs.ens"},
        {name: member for name, member in CLOUD_EVENT.items() if name != "specversion"},
    ],
    ids=["none", "number", "text", "another's", "empty", "numbers", "nested", "source", "shape"],
)
def test_events_of_others(event: object) -> None:
    """What is not certainly OSS's is refused as what it is, an unknown event."""
    assert "unknown" == recognise(json.dumps(event)).name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
        ["events", "oss", "object", "bucket", "name", "key", "eTag", "region", "eventName", "data"]
    ), inner),
    max_leaves=15,
)  # fmt: skip


@pytest.mark.no_cover
@given(JSON)
def test_any_record_is_read_or_skipped(record: object) -> None:
    """No record makes the trigger raise, whatever it holds."""
    trigger = OssInvocation({"events": [record]})

    assert 1 == len(trigger.uploads) + len(trigger.skipped)


def test_answers_what_became_of_each() -> None:
    """The answer names uploads and words of ours, and nothing of a key."""
    trigger = invocation({"events": [changed("oss.object.key", "keys/team/"), RECORD]})
    failure = MalformedPublicKey("No.", reason="private_key", corrected_line="ssh-rsa AAAA")
    results = [UploadResult(ALICE, "refused", failure=failure)]

    assert {
        "RequestId": "FC-1",
        "Uploads": [
            {
                "Bucket": "ens-key-uploads",
                "ObjectKey": "keys/team/alice.pub",
                "ETag": ALICE.etag,
                "Outcome": "refused",
                "Code": "InvalidPublicKeyBody.Malformed",
                "Reason": "private_key",
            }
        ],
        "Skipped": [{"ObjectKey": "keys/team/", "Reason": "folder_marker"}],
    } == trigger.answer(results, "FC-1")


def test_a_failure_of_the_whole_event_is_an_error_body() -> None:
    """What no retry can fix is answered as everywhere; ``s invoke`` shows it."""
    failure = InvalidRequest("What to do.", reason="not_json")

    answer = invocation({"events": [RECORD]}).refuse(failure, "FC-1")

    assert failure_body(failure, "FC-1") == answer
