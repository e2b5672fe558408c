"""Multipart uploads: what becomes an object, what is refused, what is listed."""

import hashlib
import threading
from collections.abc import Callable
from typing import Any

import alibabacloud_oss_v2 as oss
import pytest

from devcloud import DevCloud
from devcloud.http_message import ServiceError
from devcloud.oss.crc64 import crc64
from devcloud.oss.multipart import MAX_OBJECT_BYTES, MIN_PART_BYTES, MultipartUploads
from tests.devcloud.oss_clients import BUCKET, error_of, new_client, old_bucket, oss2
from tests.devcloud.oss_requests import (
    BODY,
    complete,
    copy,
    initiate,
    parts_document,
    send,
    upload_part,
)

FULL = bytes(MIN_PART_BYTES)


def test_a_completed_upload_is_one_object(one_object: DevCloud) -> None:
    """ETag, type, checksum, headers; parts count in the order of numbers, gaps are allowed."""
    upload_id = initiate(one_object, x_oss_meta_who="alice", content_type="text/x")
    last = upload_part(one_object, upload_id, 7, b"end")
    first = upload_part(one_object, upload_id, 2, FULL)
    answer = complete(one_object, upload_id, parts_document((2, first), (7, last)))
    seen = send(one_object, "HEAD", "big").headers
    digests = hashlib.md5(FULL).digest() + hashlib.md5(b"end").digest()  # noqa: S324 - ETags

    assert 200 == answer.status
    assert FULL + b"end" == one_object.objects()["big"].body
    assert f'"{hashlib.md5(digests).hexdigest().upper()}-2"' == seen["etag"]  # noqa: S324
    assert ("Multipart", str(crc64(FULL + b"end"))) == (
        seen["x-oss-object-type"],
        seen["x-oss-hash-crc64ecma"],
    )
    assert ("alice", "text/x") == (seen["x-oss-meta-who"], seen["content-type"])
    assert "content-md5" not in seen


def test_a_part_can_be_sent_again(one_object: DevCloud) -> None:
    """The last one of a number counts; what was sent before does not count as a part."""
    upload_id = initiate(one_object)
    before = upload_part(one_object, upload_id, 1, b"before")
    after = upload_part(one_object, upload_id, 1, b"after")

    assert (
        "InvalidPart"
        == error_of(complete(one_object, upload_id, parts_document((1, before))))["Code"]
    )
    assert 200 == complete(one_object, upload_id, parts_document((1, after))).status
    assert b"after" == one_object.objects()["big"].body


def test_all_parts_can_be_completed_without_a_list(one_object: DevCloud) -> None:
    """x-oss-complete-all: yes, with an empty body."""
    upload_id = initiate(one_object)
    upload_part(one_object, upload_id, 1, FULL)
    upload_part(one_object, upload_id, 2, b"end")

    assert 400 == complete(one_object, upload_id, b"<x/>", x_oss_complete_all="yes").status
    assert 200 == complete(one_object, upload_id, b"", x_oss_complete_all="yes").status
    assert FULL + b"end" == one_object.objects()["big"].body


@pytest.mark.parametrize(
    ("document", "code"),
    [
        pytest.param(lambda a, b: parts_document((2, b), (1, a)), "InvalidPartOrder", id="order"),
        pytest.param(lambda a, _: parts_document((1, a), (1, a)), "InvalidPartOrder", id="twice"),
        pytest.param(lambda a, _: parts_document((3, a)), "InvalidPart", id="no such part"),
        pytest.param(lambda _, b: parts_document((1, b)), "InvalidPart", id="another ETag"),
        pytest.param(lambda a, b: parts_document((1, a), (2, b)), "EntityTooSmall", id="small"),
        pytest.param(lambda a, _: parts_document((0, a)), "InvalidArgument", id="number 0"),
        pytest.param(lambda a, _: parts_document(("9" * 5000, a)), "InvalidArgument", id="digits"),
        pytest.param(lambda *_: parts_document(), "MalformedXML", id="no part"),
        pytest.param(lambda *_: b"", "MalformedXML", id="no document"),
        pytest.param(lambda *_: b"<Delete/>", "MalformedXML", id="another document"),
        pytest.param(lambda *_: b"\xff", "MalformedXML", id="no text"),
        pytest.param(
            lambda *_: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + parts_document(),
            "MalformedXML",
            id="entities",
        ),
    ],
)
def test_what_cannot_be_completed(
    one_object: DevCloud, document: Callable[[str, str], bytes], code: str
) -> None:
    """Nothing is kept, and the upload can still be completed as it should be."""
    upload_id = initiate(one_object)
    first = upload_part(one_object, upload_id, 1, b"small")
    second = upload_part(one_object, upload_id, 2, b"end")
    answer = complete(one_object, upload_id, document(first, second))

    assert (400, code) == (answer.status, error_of(answer)["Code"])
    assert "big" not in one_object.objects()
    assert 200 == complete(one_object, upload_id, parts_document((1, first))).status


@pytest.mark.parametrize(
    ("method", "query"),
    [
        pytest.param("PUT", {"partNumber": "1"}, id="UploadPart"),
        pytest.param("GET", {}, id="ListParts"),
        pytest.param("POST", {}, id="CompleteMultipartUpload"),
        pytest.param("DELETE", {}, id="AbortMultipartUpload"),
    ],
)
@pytest.mark.parametrize("why", ["never begun", "ended", "of another key"])
def test_an_upload_that_is_not_there(
    one_object: DevCloud, method: str, query: dict[str, str], why: str
) -> None:
    """Ids are of one key, and good until the upload is completed or aborted."""
    upload_id = {
        "never begun": lambda: "0" * 32,
        "ended": lambda: initiate(one_object),
        "of another key": lambda: initiate(one_object, "other"),
    }[why]()
    if why == "ended":
        assert 204 == send(one_object, "DELETE", "big", {"uploadId": upload_id}).status
    body = parts_document((1, "x")) if method == "POST" else b""
    answer = send(one_object, method, "big", {"uploadId": upload_id, **query}, body)

    assert (404, "NoSuchUpload") == (answer.status, error_of(answer)["Code"])


@pytest.mark.parametrize("number", ["0", "10001", "x", ""])
def test_part_numbers(one_object: DevCloud, number: str) -> None:
    """They are 1 to 10000."""
    query = {"uploadId": initiate(one_object), "partNumber": number}
    answer = send(one_object, "PUT", "big", query, b"x")

    assert (400, "InvalidArgument") == (answer.status, error_of(answer)["Code"])


def test_an_upload_outgrows_no_object() -> None:
    """Parts come to what an object may hold, at most; the earlier part of a number is let go."""
    uploads = MultipartUploads(lambda: 0.0)
    upload = uploads.initiate("big", {})
    uploads.keep_part(upload, 1, bytes(MAX_OBJECT_BYTES - 1))
    uploads.keep_part(upload, 1, bytes(MAX_OBJECT_BYTES - 1))
    uploads.keep_part(upload, 2, b"1")
    with pytest.raises(ServiceError, match="400 EntityTooLarge"):
        uploads.keep_part(upload, 3, b"1")


def test_nothing_is_overwritten_that_is_not_to_be(one_object: DevCloud) -> None:
    """x-oss-forbid-overwrite, on the initiation, on completion, on a copy."""
    forbid = {"x_oss_forbid_overwrite": "true"}
    upload_id = initiate(one_object, **forbid)
    part = upload_part(one_object, upload_id, 1, b"new")
    assert 200 == copy(one_object, "big", **forbid).status
    answers = [
        copy(one_object, "big", **forbid),
        send(one_object, "POST", "big", {"uploads": ""}, **forbid),
        complete(one_object, upload_id, parts_document((1, part)), **forbid),
    ]

    assert [(409, "FileAlreadyExists")] * 3 == [
        (answer.status, error_of(answer)["Code"]) for answer in answers
    ]
    assert BODY == one_object.objects()["big"].body
    assert 200 == complete(one_object, upload_id, parts_document((1, part))).status
    assert b"new" == one_object.objects()["big"].body


def test_one_of_two_completions_wins(one_object: DevCloud) -> None:
    """Two at the same instant make one object, and one of them is told that it was late."""
    upload_id = initiate(one_object)
    document = parts_document((1, upload_part(one_object, upload_id, 1, b"x")))
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: statuses.append(complete(one_object, upload_id, document).status)
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [200, 404, 404, 404] == sorted(statuses)


def test_parts_are_listed_page_by_page(one_object: DevCloud) -> None:
    """max-parts and part-number-marker."""
    upload_id = initiate(one_object)
    for number in (1, 3, 5):
        upload_part(one_object, upload_id, number, b"x" * number)
    client = new_client(one_object.oss_endpoint, one_object.user_credentials())
    pages = client.list_parts_paginator(limit=2).iter_page(
        oss.ListPartsRequest(BUCKET, "big", upload_id=upload_id)
    )

    assert [[(1, 1), (3, 3)], [(5, 5)]] == [
        [(part.part_number, part.size) for part in page.parts] for page in pages
    ]


@pytest.mark.parametrize(
    ("parameters", "keys"),
    [
        pytest.param({}, ["a", "b/1", "b/1", "b/2", "c"], id="all"),
        pytest.param({"max_uploads": 2}, ["a", "b/1", "b/1", "b/2", "c"], id="within a key"),
        pytest.param({"prefix": "b/"}, ["b/1", "b/1", "b/2"], id="below a prefix"),
        pytest.param({"delimiter": "/"}, ["a", "b/", "c"], id="folders"),
        pytest.param({"delimiter": "/", "max_uploads": 1}, ["a", "b/", "c"], id="folder pages"),
    ],
)
def test_uploads_are_listed_page_by_page(
    one_object: DevCloud, parameters: dict[str, Any], keys: list[str]
) -> None:
    """Those under way, in the order of keys; several of one key in the order of their ids."""
    for key in ("c", "b/2", "b/1", "b/1", "a"):
        initiate(one_object, key)
    bucket = old_bucket(one_object.oss_endpoint, one_object.user_credentials())
    found = oss2.MultipartUploadIterator(bucket, **parameters)

    assert keys == sorted(each.key for each in found)
