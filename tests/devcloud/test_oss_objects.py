"""What OSS keeps and answers: objects, checksums, conditions, listings, errors, events."""

import base64
import hashlib
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import alibabacloud_oss_v2 as oss
import pytest

from devcloud import DevCloud
from devcloud.oss.crc64 import crc64
from devcloud.oss.multipart import MAX_OBJECT_BYTES
from devcloud.oss.notifications import NotificationRule
from devcloud.ram.models import ACCOUNT_ID
from tests.devcloud.clients import Answer, RawRequest
from tests.devcloud.oss_clients import BUCKET, error_of, new_client, old_bucket, old_listing, signed
from tests.devcloud.oss_requests import BODY, KEY


def client_of(one_object: DevCloud) -> Any:
    return new_client(one_object.oss_endpoint, one_object.role_credentials())


def send(one_object: DevCloud, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    request = RawRequest(one_object.oss_endpoint, method, path, body=body).with_headers(**headers)
    return signed(request, one_object.user_credentials()).send()


def bit_by_bit(data: bytes) -> int:
    """Compute CRC-64/XZ by its definition."""
    register = 2**64 - 1
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xC96C5795D7870F42 if register & 1 else 0)
    return register ^ 2**64 - 1


@pytest.mark.parametrize("data", [b"", b"123456789", bytes(range(256)) * 5], ids=len)
def test_the_checksum_is_the_definitions(data: bytes) -> None:
    """CRC-64 with the polynomial of ECMA-182, reflected."""
    assert bit_by_bit(data) == crc64(data)


def test_the_checksum_of_the_catalogue() -> None:
    """CRC-64/XZ's check value."""
    assert 0x995DC9BBDF1939FA == crc64(b"123456789")


def test_an_object_comes_back_as_it_was_put(one_object: DevCloud) -> None:
    """Body, type, metadata and the headers kept with it; checksums that both SDKs compare."""
    client = client_of(one_object)
    put = client.put_object(
        oss.PutObjectRequest(
            BUCKET,
            "o",
            body=b"new",
            content_type="text/x",
            cache_control="no-store",
            metadata={"who": "alice"},
        )
    )
    read = client.get_object(oss.GetObjectRequest(BUCKET, "o"))

    assert f'"{hashlib.md5(b"new").hexdigest().upper()}"' == put.etag == read.etag  # noqa: S324
    assert str(crc64(b"new")) == put.hash_crc64 == read.hash_crc64
    assert ("text/x", "no-store", {"who": "alice"}) == (
        read.content_type,
        read.cache_control,
        read.metadata,
    )
    assert (b"new", 3, "Normal") == (read.body.content, read.content_length, read.object_type)
    assert base64.b64encode(hashlib.md5(b"new").digest()).decode() == read.content_md5  # noqa: S324
    assert 24 == len(read.request_id)


def test_a_head_has_no_body(one_object: DevCloud) -> None:
    """HeadObject tells what GetObject would, the length among it."""
    seen = client_of(one_object).head_object(oss.HeadObjectRequest(BUCKET, KEY))

    assert (len(BODY), str(crc64(BODY))) == (seen.content_length, seen.hash_crc64)
    assert b"" == send(one_object, "HEAD", f"/{BUCKET}/{KEY}").body


def test_the_old_sdk_compares_the_checksum(one_object: DevCloud) -> None:
    """oss2 raises InconsistentError if it is another."""
    bucket = old_bucket(one_object.oss_endpoint, one_object.role_credentials())
    bucket.put_object("o", b"new")
    result = bucket.get_object("o")
    result.read()

    assert result.server_crc == result.client_crc


def test_a_put_replaces_and_a_delete_forgets(one_object: DevCloud) -> None:
    """There is one version of an object; deleting what is not there is no error."""
    client = client_of(one_object)
    client.put_object(oss.PutObjectRequest(BUCKET, KEY, body=b"new"))
    assert b"new" == one_object.objects()[KEY].body

    for _ in range(2):
        assert 204 == client.delete_object(oss.DeleteObjectRequest(BUCKET, KEY)).status_code
    assert {} == one_object.objects()


def test_an_object_can_be_kept_from_being_replaced(one_object: DevCloud) -> None:
    """x-oss-forbid-overwrite lets the first one win."""
    claim = oss.PutObjectRequest(BUCKET, "claim", body=b"1", forbid_overwrite=True)
    client_of(one_object).put_object(claim)
    with pytest.raises(oss.exceptions.OperationError) as refusal:
        client_of(one_object).put_object(claim)
    error = refusal.value.unwrap()

    assert (409, "FileAlreadyExists") == (error.status_code, error.code)
    assert 400 == send(one_object, "PUT", f"/{BUCKET}/o", x_oss_forbid_overwrite="maybe").status


@pytest.mark.parametrize(
    ("condition", "same", "status"),
    [
        pytest.param("if-match", True, 200, id="the one wanted"),
        pytest.param("if-match", False, 412, id="another one"),
        pytest.param("if-none-match", True, 304, id="known already"),
        pytest.param("if-none-match", False, 200, id="a newer one"),
    ],
)
@pytest.mark.parametrize("quote", ["", '"'], ids=["bare", "quoted"])
def test_an_etag_may_be_quoted(
    one_object: DevCloud,
    condition: str,
    same: bool,  # noqa: FBT001 - a parameter of the table
    status: int,
    quote: str,
) -> None:
    """If-Match and If-None-Match compare ETags."""
    etag = one_object.objects()[KEY].etag if same else "0" * 32
    value = f"{quote}{etag}{quote}"
    request = RawRequest(
        one_object.oss_endpoint, "GET", f"/{BUCKET}/{KEY}", headers={condition: value}
    )

    assert status == signed(request, one_object.user_credentials()).send().status


@pytest.mark.parametrize(
    ("content_md5", "code"),
    [
        pytest.param("AAAA", "InvalidDigest", id="no MD5"),
        pytest.param(base64.b64encode(b"0" * 16).decode(), "BadDigest", id="of another body"),
    ],
)
def test_a_body_damaged_on_the_way_is_refused(
    one_object: DevCloud, content_md5: str, code: str
) -> None:
    """Content-MD5 is compared, and nothing kept that differs."""
    answer = send(one_object, "PUT", f"/{BUCKET}/o", b"new", content_md5=content_md5)

    assert (400, code) == (answer.status, error_of(answer)["Code"])
    assert "o" not in one_object.objects()


def keys_of(one_object: DevCloud, **parameters: Any) -> list[list[str]]:
    """List page by page with the new SDK: keys, and common prefixes behind them."""
    pages = client_of(one_object).list_objects_v2_paginator()
    return [
        [each.key for each in page.contents or []]
        + [each.prefix for each in page.common_prefixes or []]
        for page in pages.iter_page(oss.ListObjectsV2Request(BUCKET, **parameters))
    ]


@pytest.mark.parametrize(
    ("parameters", "pages"),
    [
        pytest.param({}, [["a", "b/1", "b/2", "c/1/x", "ü &<\n"]], id="all"),
        pytest.param({"max_keys": 2}, [["a", "b/1"], ["b/2", "c/1/x"], ["ü &<\n"]], id="pages"),
        pytest.param({"max_keys": 5}, [["a", "b/1", "b/2", "c/1/x", "ü &<\n"]], id="one full page"),
        pytest.param({"prefix": "b/"}, [["b/1", "b/2"]], id="below a prefix"),
        pytest.param({"delimiter": "/"}, [["a", "ü &<\n", "b/", "c/"]], id="folders"),
        pytest.param(
            {"delimiter": "/", "max_keys": 2}, [["a", "b/"], ["ü &<\n", "c/"]], id="folder pages"
        ),
        pytest.param({"prefix": "c/", "delimiter": "/"}, [["c/1/"]], id="a folder's folders"),
        pytest.param({"start_after": "b/1"}, [["b/2", "c/1/x", "ü &<\n"]], id="behind a key"),
        pytest.param({"prefix": "z"}, [[]], id="nothing"),
    ],
)
def test_listings(one_object: DevCloud, parameters: dict[str, Any], pages: list[list[str]]) -> None:
    """ListObjectsV2 pages through what is below a prefix, folders as one entry."""
    client_of(one_object).delete_object(oss.DeleteObjectRequest(BUCKET, KEY))
    for key in ("ü &<\n", "c/1/x", "b/2", "b/1", "a"):
        one_object.put_upload(key, b"")

    assert pages == keys_of(one_object, **parameters)


def test_the_old_sdk_reads_a_listing(one_object: DevCloud) -> None:
    """What an entry tells: size, ETag, time."""
    bucket = old_bucket(one_object.oss_endpoint, one_object.role_credentials())
    (entry,) = old_listing(bucket, max_keys=1)
    stored = one_object.objects()[KEY]

    assert (KEY, len(BODY), stored.etag, int(stored.last_modified)) == (
        entry.key,
        entry.size,
        entry.etag,
        entry.last_modified,
    )


def test_a_listing_shows_owners_when_asked_to(one_object: DevCloud) -> None:
    """The second version with fetch-owner; the first one always does."""
    client = client_of(one_object)
    without = client.list_objects_v2(oss.ListObjectsV2Request(BUCKET)).contents[0]
    with_owner = client.list_objects_v2(oss.ListObjectsV2Request(BUCKET, fetch_owner=True))
    first = client.list_objects(oss.ListObjectsRequest(BUCKET))

    assert without.owner is None
    assert [ACCOUNT_ID] * 2 == [page.contents[0].owner.id for page in (with_owner, first)]


@pytest.mark.parametrize(
    ("method", "target", "status", "code"),
    [
        pytest.param("GET", f"/{BUCKET}/none", 404, "NoSuchKey", id="no such object"),
        pytest.param("GET", "/none/key", 404, "NoSuchBucket", id="no such bucket"),
        pytest.param("PUT", "/none/key", 404, "NoSuchBucket", id="put into no bucket"),
        pytest.param("PUT", "/Bad_Name/", 400, "InvalidBucketName", id="bucket name"),
        pytest.param("PUT", f"/{BUCKET}//slash", 400, "InvalidObjectName", id="leading slash"),
        pytest.param("PUT", f"/{BUCKET}/{'k' * 1024}", 400, "InvalidObjectName", id="long key"),
        pytest.param("POST", f"/{BUCKET}/key", 501, "NotImplemented", id="a form"),
        pytest.param("DELETE", f"/{BUCKET}/", 501, "NotImplemented", id="delete a bucket"),
    ],
)
def test_refusals(one_object: DevCloud, method: str, target: str, status: int, code: str) -> None:
    """What is not there, not allowed as a name, or not emulated; in OSS's XML."""
    answer = send(one_object, method, target)
    error = error_of(answer)

    assert (status, code) == (answer.status, error["Code"])
    assert answer.headers["x-oss-request-id"] == error["RequestId"]
    assert "oss-cn-hangzhou.aliyuncs.com" == error["HostId"]
    assert "" != error["Message"]
    assert answer.body == base64.b64decode(answer.headers["x-oss-err"])


def test_a_path_that_is_no_text_is_refused(one_object: DevCloud) -> None:
    """Keys are UTF-8; nobody can sign another path with an SDK, so nobody is asked who it is."""
    answer = RawRequest(one_object.oss_endpoint, "GET", f"/{BUCKET}/%ff").send()

    assert (400, "InvalidObjectName") == (answer.status, error_of(answer)["Code"])


@pytest.mark.parametrize(
    "query",
    [
        {"fetch-owner": "maybe"},
        {"list-type": "3"},
        {"max-keys": "0"},
        {"max-keys": "1001"},
        {"max-keys": "x"},
        {"max-keys": "9" * 5000},
        {"encoding-type": "base64"},
        {"continuation-token": "?"},
    ],
    ids=str,
)
def test_a_listing_that_cannot_be_made_is_refused(
    one_object: DevCloud, query: dict[str, str]
) -> None:
    """Parameters outside of what the manual allows."""
    request = RawRequest(
        one_object.oss_endpoint, "GET", f"/{BUCKET}/", query={"list-type": "2", **query}
    )
    answer = signed(request, one_object.user_credentials()).send()

    assert (400, "InvalidArgument") == (answer.status, error_of(answer)["Code"])


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        pytest.param({"acl": ""}, {}, id="a subresource"),
        pytest.param({"versionId": "x"}, {}, id="a version"),
        pytest.param({}, {"x-oss-traffic-limit": "1"}, id="a header of another feature"),
    ],
)
def test_what_is_not_emulated_is_said_so(
    one_object: DevCloud, query: dict[str, str], headers: dict[str, str]
) -> None:
    """A request of which a part would be ignored gets 501 instead of half an answer."""
    request = RawRequest(
        one_object.oss_endpoint, "GET", f"/{BUCKET}/{KEY}", query=query, headers=headers
    )
    answer = signed(request, one_object.user_credentials()).send()

    assert (501, "NotImplemented") == (answer.status, error_of(answer)["Code"])


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        pytest.param({"acl": ""}, {"x_oss_object_acl": "private"}, id="an ACL"),
        pytest.param({"append": "", "position": "0"}, {}, id="an append"),
        pytest.param({"tagging": ""}, {}, id="tags"),
        pytest.param({"symlink": ""}, {"x_oss_symlink_target": KEY}, id="a symlink"),
        pytest.param({"partNumber": "1"}, {}, id="a part of no upload"),
        pytest.param({}, {"x_oss_callback": "e30="}, id="a callback"),
        pytest.param({}, {"x_oss_storage_class": "Archive"}, id="another storage class"),
        pytest.param({}, {"if_none_match": "*"}, id="a condition"),
        pytest.param({}, {"range": "bytes=0-1"}, id="a range"),
    ],
)
def test_a_put_of_something_else_keeps_nothing(
    one_object: DevCloud, query: dict[str, str], headers: dict[str, str]
) -> None:
    """No action that devcloud does not know is answered with success."""
    request = RawRequest(one_object.oss_endpoint, "PUT", f"/{BUCKET}/new", query=query, body=b"x")
    answer = signed(request.with_headers(**headers), one_object.user_credentials()).send()

    assert (501, "NotImplemented") == (answer.status, error_of(answer)["Code"])
    assert "new" not in one_object.objects()


def test_the_largest_object(one_object: DevCloud) -> None:
    """64 MB go in and come out, and oss2 compares the checksum both ways."""
    bucket = old_bucket(one_object.oss_endpoint, one_object.user_credentials())
    largest = bytes(MAX_OBJECT_BYTES)
    bucket.put_object("largest", largest)

    assert 64 * 1024 * 1024 == MAX_OBJECT_BYTES
    assert largest == bucket.get_object("largest").read()


def test_an_object_that_is_too_large_is_refused_before_it_is_read(one_object: DevCloud) -> None:
    """The length that the head tells is enough."""
    connection = http.client.HTTPConnection(urlsplit(one_object.oss_endpoint).netloc, timeout=10)
    connection.putrequest("PUT", f"/{BUCKET}/o")
    connection.putheader("Content-Length", str(MAX_OBJECT_BYTES + 1))
    connection.endheaders()
    response = connection.getresponse()

    assert 413 == response.status
    assert b"EntityTooLarge" in response.read()
    connection.close()


def told(one_object: DevCloud, rule: dict[str, Any], key: str = KEY) -> list[dict[str, Any]]:
    """Subscribe, put an object twice and delete it; return what the subscriber was told."""
    events: list[bytes] = []
    defaults = {
        "name": "rule",
        "bucket": BUCKET,
        "events": ("oss:ObjectCreated:PutObject",),
        "prefix": "keys/",
        "suffix": ".pub",
        "send": events.append,
    }
    one_object._oss.subscribe(NotificationRule(**{**defaults, **rule}))
    client = client_of(one_object)
    client.put_object(oss.PutObjectRequest(BUCKET, key, body=b"four"))
    client.put_object(oss.PutObjectRequest(BUCKET, key, body=b"seven77"))
    client.delete_object(oss.DeleteObjectRequest(BUCKET, key))
    return [json.loads(event) for event in events]


def test_an_upload_is_told_of_in_the_native_shape(one_object: DevCloud) -> None:
    """The event of FC's OSS trigger, member by member."""
    first, second = told(one_object, {}, "keys/new ü.pub")
    record = first["events"][0]
    etag = hashlib.md5(b"four").hexdigest().upper()  # noqa: S324 - what an ETag is

    assert {"events"} == set(first)
    assert {
        "eventName": "ObjectCreated:PutObject",
        "eventSource": "acs:oss",
        "eventTime": record["eventTime"],
        "eventVersion": "1.0",
        "oss": {
            "bucket": {
                "arn": f"acs:oss:cn-hangzhou:{ACCOUNT_ID}:{BUCKET}",
                "name": BUCKET,
                "ownerIdentity": ACCOUNT_ID,
                "virtualBucket": "",
            },
            "object": {"deltaSize": 4, "eTag": etag, "key": "keys/new ü.pub", "size": 4},
            "ossSchemaVersion": "1.0",
            "ruleId": "rule",
        },
        "region": "cn-hangzhou",
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"requestId": one_object.calls_of("oss")[-3].request_id},
        "userIdentity": {"principalId": ACCOUNT_ID},
    } == record
    assert (3, 7) == (
        second["events"][0]["oss"]["object"]["deltaSize"],
        second["events"][0]["oss"]["object"]["size"],
    )


def test_an_upload_is_told_of_as_eventbridge_does(one_object: DevCloud) -> None:
    """A CloudEvent around the same record."""
    event = told(one_object, {"envelope": "eventbridge"})[0]
    record = event.pop("data")

    assert "ObjectCreated:PutObject" == record["eventName"]
    assert KEY == record["oss"]["object"]["key"]
    assert "mimeType" in record["oss"]["object"]["objectMeta"]
    assert {
        "id": record["responseElements"]["requestId"],
        "source": "acs.oss",
        "specversion": "1.0",
        "type": "oss:ObjectCreated:PutObject",
        "subject": f"acs:oss:cn-hangzhou:{ACCOUNT_ID}:{BUCKET}/{KEY}",
        "time": record["eventTime"],
        "datacontenttype": "application/json;charset=utf-8",
        "aliyunaccountid": ACCOUNT_ID,
        "aliyunoriginalaccountid": ACCOUNT_ID,
        "aliyuneventbusname": "default",
        "aliyunpublishtime": record["eventTime"],
        "aliyunregionid": "cn-hangzhou",
    } == event


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        pytest.param({"events": ("oss:ObjectCreated:*",)}, ["Put", "Put"], id="everything created"),
        pytest.param({"events": ("oss:ObjectRemoved:DeleteObject",)}, ["Delete"], id="removed"),
        pytest.param({"events": ("oss:ObjectCreated:CopyObject",)}, [], id="other events"),
        pytest.param({"prefix": "other/"}, [], id="another prefix"),
        pytest.param({"suffix": ".txt"}, [], id="another suffix"),
        pytest.param({"bucket": "another"}, [], id="another bucket"),
    ],
)
def test_a_rule_is_told_of_what_it_subscribes_to(
    one_object: DevCloud, rule: dict[str, Any], names: list[str]
) -> None:
    """By event, bucket, prefix and suffix."""
    events = told(one_object, rule)

    assert names == [
        event["events"][0]["eventName"].partition(":")[2].removesuffix("Object") for event in events
    ]
