"""
Uploads: the events of an OSS trigger, and the same records through EventBridge.

    {"events": [record, ...]}                                         OSS trigger
    {"specversion": "1.0", "source": "acs.oss", "data": record}       CloudEvent, or a list of them
    record                                                            bare, or a list (RawData)

Any of these may be a JSON string that holds it.

No caller waits for the answer: FC queues these events, delivers each at least once, and again
when the handler raises. Shapes: "OSS trigger" and "Event types of OSS" in the manuals of
Function Compute and of EventBridge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InvalidRequest
from core.uploads.rules import Upload, shown_key
from triggers.answers import failure_body
from triggers.callers import address, principal
from triggers.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.errors import ImportFailure
    from core.reasons import SkipReason
    from core.uploads.rules import UploadResult

SOURCE = "acs.oss"
WHOLE_OBJECTS = {"PutObject", "PostObject", "CompleteMultipartUpload", "CopyObject"}
OTHER_EVENTS: dict[str, SkipReason] = {  # and why they are skipped
    "AppendObject": "appended",
    "PutSymlink": "symlink",
    "InitiateMultipartUpload": "part",
    "UploadPart": "part",
    "UploadPartCopy": "part",
    "AbortMultipartUpload": "removed",
    "DeleteObject": "removed",
    "DeleteObjects": "removed",
}
# Region and bucket end in a host name, to which a signed request is sent; anybody who may invoke
# the function can write an event.
REGION = re.compile(r"[a-z]{2}(-[a-z0-9]{1,16}){1,4}")
BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
ETAG = re.compile(r'"?([0-9A-Za-z-]{1,64})"?')
REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
LONGEST_KEY = 1023  # bytes of UTF-8


@dataclass(frozen=True, slots=True)
class SkippedRecord:
    """A record that reports no upload, and why."""

    reason: SkipReason
    object_key: str | None = None


class OssInvocation:
    """
    An event that reports objects in buckets.

    Args:
        event: the event, parsed; ``is_oss_event`` has said that it is one.
    """

    waits = False
    retries = True
    caller = source_ip = ""  # each upload has its own

    def __init__(self, event: object) -> None:
        event = _plain(event)
        self.name = "oss" if _is_native(event) else "eventbridge"
        read = [_read(record) for record in _records(event)]
        self.uploads = tuple(record for record in read if isinstance(record, Upload))
        self.skipped = tuple(record for record in read if isinstance(record, SkippedRecord))

    @property
    def imports(self) -> int:
        """How many imports the event asks for."""
        return len(self.uploads)

    def refuse(self, failure: ImportFailure, request_id: str) -> object:
        """Answer a failure of the event as a whole that no retry can fix."""
        return failure_body(failure, request_id)

    def answer(self, results: Sequence[UploadResult], request_id: str) -> object:
        """Answer the outcome of each upload: FC drops it, ``s invoke`` and onSuccess show it."""
        return {
            "RequestId": request_id,
            "Uploads": [_describe(result) for result in results],
            "Skipped": [
                {"ObjectKey": record.object_key, "Reason": record.reason} for record in self.skipped
            ],
        }


def is_oss_event(event: object) -> bool:
    """Tell whether an event is an OSS trigger's, or EventBridge's of OSS."""
    event = _plain(event)
    return _is_native(event) or any(
        _is_cloud_event(each) or _is_record(each) for each in map(_plain, _listed(event))
    )


def _plain(value: object) -> object:
    """Read a JSON string that holds an object or a list; anything else is returned as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "["}:
        return value
    try:
        return read_json(value, "The record")
    except InvalidRequest:
        return value


def _is_native(event: object) -> bool:
    records = _member(event, "events")
    return isinstance(records, list) and any(_member(_plain(record), "oss") for record in records)


def _is_cloud_event(event: object) -> bool:
    return _member(event, "source") == SOURCE and _member(event, "specversion") is not None


def _is_record(event: object) -> bool:
    return isinstance(_member(event, "oss"), dict) and bool(_text(event, "eventName"))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _records(event: object) -> list[object]:
    if _is_native(event):
        return [_plain(record) for record in _listed(_member(event, "events"))]
    return [_record(_plain(each)) for each in _listed(event)]


def _record(event: object) -> object:
    """Return the record of a CloudEvent, or the record that an event is."""
    if _is_cloud_event(event):
        return _plain(_member(event, "data"))
    return event if _is_record(event) else None


def _read(record: object) -> Upload | SkippedRecord:
    """Read a record; its event's name is ``PutObject``, with or without ``ObjectCreated:``."""
    oss = _member(record, "oss")
    stored = _member(oss, "object")
    key = _text(stored, "key")
    is_readable = _is_key(key)
    shown = shown_key(key) if is_readable else None
    event_name = _text(record, "eventName").rpartition(":")[2]
    if event_name not in WHOLE_OBJECTS:
        return SkippedRecord(OTHER_EVENTS.get(event_name, "other_event"), shown)
    if key.endswith("/"):
        return SkippedRecord("folder_marker", shown)

    region = _text(record, "region")
    bucket = _text(_member(oss, "bucket"), "name")
    etag = ETAG.fullmatch(_text(stored, "eTag"))
    if not (REGION.fullmatch(region) and BUCKET.fullmatch(bucket) and etag and is_readable):
        return SkippedRecord("unreadable_record", shown)
    request_id = _text(_member(record, "responseElements"), "requestId")
    if not REQUEST_ID.fullmatch(request_id):
        request_id = ""
    return Upload(
        region,
        bucket,
        key,
        etag[1].upper(),
        request_id,
        uploader=principal(_member(_member(record, "userIdentity"), "principalId")),
        source_ip=address(_member(_member(record, "requestParameters"), "sourceIPAddress")),
    )


def _is_key(key: str) -> bool:
    """Tell whether an object can have this key."""
    try:
        size = len(key.encode())
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell
        return False
    return 1 <= size <= LONGEST_KEY and key[0] not in "/\\"


def _describe(result: UploadResult) -> Mapping[str, object]:
    upload, failure = result.upload, result.failure
    described = {
        "Bucket": upload.bucket,
        "ObjectKey": upload.shown_key,
        "ETag": upload.etag,
        "Outcome": result.outcome,
        "KeyPairName": result.key_pair.name if result.key_pair else None,
        "Code": failure.code if failure else None,
        "Reason": failure.reason if failure else result.reason,
    }
    return {name: value for name, value in described.items() if value is not None}


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _text(value: object, name: str) -> str:
    text = _member(value, name)
    return text if isinstance(text, str) else ""
