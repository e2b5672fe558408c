"""Copies, conditions and ranges: which object, or which part of it, is given, and when."""

import pytest

from devcloud import DevCloud
from tests.devcloud.oss_clients import BUCKET, error_of
from tests.devcloud.oss_requests import BODY, KEY, copy, initiate, send

OTHER_DAY = "Wed, 01 Jan 2020 00:00:00 GMT"
TOMORROW = "Fri, 01 Jan 2100 00:00:00 GMT"


def test_a_copy_takes_the_headers_along(one_object: DevCloud) -> None:
    """Or, with REPLACE, gets those of the request; onto itself an object always does."""
    assert 200 == copy(one_object, "same", x_oss_meta_who="ignored").status
    assert (
        200 == copy(one_object, "new", x_oss_metadata_directive="REPLACE", x_oss_meta_a="b").status
    )
    assert 200 == copy(one_object, KEY, x_oss_meta_who="bob").status
    assert 400 == copy(one_object, "none", x_oss_metadata_directive="MAYBE").status
    objects = one_object.objects()

    assert {BODY} == {stored.body for stored in objects.values()}
    assert {"x-oss-meta-who": "alice", "Content-Type": "text/x"} == objects["same"].headers
    assert {"x-oss-meta-a": "b", "Content-Type": "application/octet-stream"} == (
        objects["new"].headers
    )
    assert "bob" == objects[KEY].headers["x-oss-meta-who"]


@pytest.mark.parametrize(
    ("condition", "value", "status"),
    [
        pytest.param("if-match", "ETAG", 200, id="the one wanted"),
        pytest.param("if-match", "0", 412, id="another one"),
        pytest.param("if-none-match", "ETAG", 304, id="known already"),
        pytest.param("if-none-match", "0", 200, id="a newer one"),
        pytest.param("if-modified-since", OTHER_DAY, 200, id="changed since"),
        pytest.param("if-modified-since", TOMORROW, 304, id="not changed since"),
        pytest.param("if-unmodified-since", TOMORROW, 200, id="left alone since"),
        pytest.param("if-unmodified-since", OTHER_DAY, 412, id="not left alone"),
        pytest.param("if-unmodified-since", "yesterday", 200, id="no time"),
    ],
)
@pytest.mark.parametrize("action", ["GetObject", "HeadObject", "CopyObject", "UploadPartCopy"])
def test_conditions(
    one_object: DevCloud, action: str, condition: str, value: str, status: int
) -> None:
    """All four, on reading and, with a prefix, on copying."""
    value = value.replace("ETAG", one_object.objects()[KEY].etag)
    copied = f"x_oss_copy_source_{condition.replace('-', '_')}"
    answer = {
        "GetObject": lambda: send(one_object, "GET", KEY, **{condition: value}),
        "HeadObject": lambda: send(one_object, "HEAD", KEY, **{condition: value}),
        "CopyObject": lambda: copy(one_object, "copy", **{copied: value}),
        "UploadPartCopy": lambda: send(
            one_object,
            "PUT",
            "big",
            {"uploadId": initiate(one_object), "partNumber": "1"},
            **{"x_oss_copy_source": f"/{BUCKET}/{KEY}", copied: value},
        ),
    }[action]()

    assert status == answer.status
    assert ("copy" in one_object.objects()) == (action == "CopyObject" and status == 200)


@pytest.mark.parametrize(
    ("source", "status", "code"),
    [
        pytest.param(f"/{BUCKET}/none", 404, "NoSuchKey", id="no such object"),
        pytest.param("/none/key", 404, "NoSuchBucket", id="no such bucket"),
        pytest.param(KEY, 400, "InvalidArgument", id="a key alone"),
        pytest.param(f"/{BUCKET}/", 400, "InvalidArgument", id="a bucket alone"),
        pytest.param(f"/{BUCKET}/%ff", 400, "InvalidObjectName", id="no text"),
        pytest.param(f"/{BUCKET}/{KEY}?versionId=x", 501, "NotImplemented", id="a version"),
    ],
)
def test_sources_that_cannot_be_copied(
    one_object: DevCloud, source: str, status: int, code: str
) -> None:
    """The source is /BUCKET/KEY, of an object that is there."""
    answer = copy(one_object, "copy", x_oss_copy_source=source)

    assert (status, code) == (answer.status, error_of(answer)["Code"])


@pytest.mark.parametrize(
    ("given", "standard", "status", "part"),
    [
        pytest.param("bytes=0-2", "", 206, "0-2", id="from the start"),
        pytest.param("bytes=4-", "", 206, "4-11", id="to the end"),
        pytest.param("bytes=-3", "", 206, "9-11", id="the last"),
        pytest.param("bytes=0-0,5-6", "", 206, "0-0", id="the first of several"),
        pytest.param("bytes=5-99", "", 200, "", id="beyond the end"),
        pytest.param("bytes=5-99", "standard", 206, "5-11", id="beyond the end, standard"),
        pytest.param("bytes=12-", "", 200, "", id="after the end"),
        pytest.param("bytes=12-", "standard", 416, "", id="after the end, standard"),
        pytest.param("bytes=-99", "", 200, "", id="more than there is"),
        pytest.param("bytes=-99", "standard", 206, "0-11", id="more than there is, standard"),
        pytest.param("bytes=-0", "standard", 416, "", id="nothing"),
        pytest.param("bytes=5-4", "standard", 200, "", id="backwards"),
        pytest.param("bytes=-", "", 200, "", id="no number"),
        pytest.param("byte=0-2", "standard", 200, "", id="another unit"),
        pytest.param(f"bytes={'9' * 5000}-", "standard", 200, "", id="5,000 digits"),
    ],
)
def test_ranges(one_object: DevCloud, given: str, standard: str, status: int, part: str) -> None:
    """OSS gives the whole object where it does not like a range, unless the standard is asked."""
    behaviour = {"x_oss_range_behavior": standard} if standard else {}
    answer = send(one_object, "GET", KEY, range=given, **behaviour)
    first, _, last = part.partition("-")

    assert status == answer.status
    if status == 416:
        assert ("InvalidRange", "12") == (
            error_of(answer)["Code"],
            error_of(answer)["ActualObjectSize"],
        )
    else:
        assert (BODY[int(first) : int(last) + 1] if part else BODY) == answer.body
        assert (f"bytes {part}/12" if part else None) == answer.headers.get("content-range")


def test_an_owner_can_write_what_the_answer_says(one_object: DevCloud) -> None:
    """The response- parameters of GetObject replace headers of the answer."""
    query = {"response-content-type": "text/y", "response-cache-control": "no-store"}
    answer = send(one_object, "GET", KEY, query)

    assert ("text/y", "no-store") == (
        answer.headers["content-type"],
        answer.headers["cache-control"],
    )
