"""Who is told of copies, uploads and deletions, and what several deletions at once do."""

import json
from xml.etree import ElementTree as ET

import pytest

from devcloud import DevCloud
from devcloud.oss.notifications import NotificationRule
from tests.devcloud.oss_clients import BUCKET, error_of
from tests.devcloud.oss_requests import (
    KEY,
    complete,
    copy,
    deletion,
    digest,
    initiate,
    parts_document,
    send,
    upload_part,
)


def test_several_are_deleted_at_once(one_object: DevCloud) -> None:
    """Quietly, or with a list of what is gone."""
    one_object.put_upload("b", b"")
    body = deletion(KEY, "none")
    loud = send(one_object, "POST", "", {"delete": ""}, body, content_md5=digest(body))
    body = deletion("b", quiet=True)
    quiet = send(one_object, "POST", "", {"delete": ""}, body, content_md5=digest(body))

    found = ET.fromstring(loud.body).iter("Key")  # noqa: S314 - devcloud's own
    assert [KEY, "none"] == [each.text for each in found]
    assert (200, b"") == (quiet.status, quiet.body)
    assert {} == one_object.objects()


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        pytest.param(deletion(KEY), {}, 400, "MissingArgument", id="no digest"),
        pytest.param(deletion(KEY), {"content_md5": digest(b"")}, 400, "BadDigest", id="another"),
        pytest.param(deletion(), None, 400, "MalformedXML", id="no key"),
        pytest.param(deletion(""), None, 400, "MalformedXML", id="an empty key"),
        pytest.param(deletion(*["k"] * 1001), None, 400, "MalformedXML", id="1,001 keys"),
        pytest.param(deletion("k" * (2 << 20)), None, 400, "MalformedXML", id="2 MB"),
        pytest.param(
            b"<Delete><Object><Key>a</Key><VersionId>b</VersionId></Object></Delete>",
            None,
            501,
            "NotImplemented",
            id="a version",
        ),
    ],
)
def test_deletions_that_are_refused(
    one_object: DevCloud, body: bytes, headers: dict[str, str] | None, status: int, code: str
) -> None:
    """All of a request, or nothing."""
    headers = {"content_md5": digest(body)} if headers is None else headers
    answer = send(one_object, "POST", "", {"delete": ""}, body, **headers)

    assert (status, code) == (answer.status, error_of(answer)["Code"])
    assert KEY in one_object.objects()


def test_subscribers_are_told_of_copies_and_uploads(one_object: DevCloud) -> None:
    """s.yaml subscribes to CopyObject and CompleteMultipartUpload; each step has its own event."""
    told: list[tuple[str, str, int, int]] = []

    def hear(event: bytes) -> None:
        record = json.loads(event)["events"][0]
        told_of = record["oss"]["object"]
        told.append((record["eventName"], told_of["key"], told_of["size"], told_of["deltaSize"]))

    every = ("oss:ObjectCreated:*", "oss:ObjectRemoved:*")
    one_object._oss.subscribe(NotificationRule("rule", BUCKET, every, "", "", hear))
    copy(one_object, "big")
    upload_id = initiate(one_object)
    part = upload_part(one_object, upload_id, 1, b"12345")
    complete(one_object, upload_id, parts_document((1, part)))
    query = {"uploadId": (given_up := initiate(one_object)), "partNumber": "1"}
    send(one_object, "PUT", "big", query, x_oss_copy_source=f"/{BUCKET}/{KEY}")
    send(one_object, "DELETE", "big", {"uploadId": given_up})
    body = deletion("big")
    send(one_object, "POST", "", {"delete": ""}, body, content_md5=digest(body))

    assert [
        ("ObjectCreated:CopyObject", "big", 12, 12),
        ("ObjectCreated:InitiateMultipartUpload", "big", 0, 0),
        ("ObjectCreated:UploadPart", "big", 5, 5),
        ("ObjectCreated:CompleteMultipartUpload", "big", 5, -7),
        ("ObjectCreated:InitiateMultipartUpload", "big", 0, 0),
        ("ObjectCreated:UploadPartCopy", "big", 12, 12),
        ("ObjectRemoved:AbortMultipartUpload", "big", 0, 0),
        ("ObjectRemoved:DeleteObjects", "big", 5, -5),
    ] == told
