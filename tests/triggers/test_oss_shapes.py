"""Uploads in every shape in which OSS and EventBridge deliver their records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.events.gallery import event_file, trigger_of
from triggers import recognise
from triggers.oss import OssInvocation

if TYPE_CHECKING:
    from collections.abc import Callable

NATIVE: dict[str, Any] = json.loads(event_file("oss-native"))
CLOUD_EVENT: dict[str, Any] = json.loads(event_file("oss-eventbridge"))
RECORD: dict[str, Any] = CLOUD_EVENT["data"]
SHAPES: dict[str, tuple[str, object]] = {
    "native": ("oss", NATIVE),
    "CloudEvent": ("eventbridge", CLOUD_EVENT),
    "list of CloudEvents": ("eventbridge", [CLOUD_EVENT]),
    "bare record": ("eventbridge", RECORD),
    "list of bare records (RawData)": ("eventbridge", [RECORD]),
    "CloudEvent whose data is a string": (
        "eventbridge", {**CLOUD_EVENT, "data": json.dumps(RECORD)},
    ),
    "list of strings": ("eventbridge", [json.dumps(CLOUD_EVENT)]),
    "list of bare records as strings": ("eventbridge", [json.dumps(RECORD)]),
    "list of CloudEvents whose data are strings": (
        "eventbridge", [{**CLOUD_EVENT, "data": json.dumps(RECORD)}],
    ),
    "native, its records strings": ("oss", {"events": [json.dumps(NATIVE["events"][0])]}),
}  # fmt: skip
AS_TEXT: dict[str, Callable[[object], object]] = {
    "as it is": lambda event: event,
    "as a JSON string": json.dumps,
}


@pytest.mark.parametrize("text", AS_TEXT.values(), ids=AS_TEXT)
@pytest.mark.parametrize(("name", "event"), SHAPES.values(), ids=SHAPES)
def test_takes(name: str, event: object, text: Callable[[object], object]) -> None:
    """An upload is no less one for being wrapped: nothing that was put into the bucket is lost."""
    trigger = recognise(json.dumps(text(event)).encode())

    assert isinstance(trigger, OssInvocation)
    assert name == trigger.name
    assert ["keys/team/alice.pub"] == [upload.object_key for upload in trigger.uploads]
    assert () == trigger.skipped


def test_a_list_of_bare_records_has_each() -> None:
    """Several records in one event are several uploads; what is none is skipped, and told."""
    other = json.loads(json.dumps(RECORD).replace("alice", "bob"))
    removed = {**RECORD, "eventName": "ObjectRemoved:DeleteObject"}

    trigger = recognise(json.dumps([RECORD, json.dumps(other), removed, "x", None]))

    assert isinstance(trigger, OssInvocation)
    assert ["keys/team/alice.pub", "keys/team/bob.pub"] == [
        each.object_key for each in trigger.uploads
    ]
    assert ["removed", "other_event", "other_event"] == [each.reason for each in trigger.skipped]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"oss": {}, "x": 1}, id="no name of an event"),
        pytest.param({"eventName": "ObjectCreated:PutObject"}, id="nothing of OSS"),
        pytest.param({"oss": None, "eventName": "ObjectCreated:PutObject"}, id="null"),
        pytest.param([], id="an empty list"),
        pytest.param(["hello"], id="a list of words"),
        pytest.param(json.dumps(json.dumps(NATIVE)), id="a string in a string in a string"),
    ],
)
def test_what_is_no_upload(event: object) -> None:
    """What is no record of OSS is an event that is nobody's."""
    assert "unknown" == trigger_of(json.dumps(event).encode()).name
