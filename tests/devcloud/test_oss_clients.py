"""Every official OSS client for Python, and curl, doing what ordinary code does with each."""

import asyncio
import random
import subprocess
from pathlib import Path
from typing import Any

import alibabacloud_oss_v2 as oss
import pytest
import requests
from alibabacloud_oss_v2 import aio

from devcloud import Credentials, DevCloud
from tests.devcloud.oss_clients import BUCKET, REGION, new_client, old_bucket, oss2

KEY = "keys/team/a b+中.pub"
PART = 100 * 1024
BIG = random.Random(12).randbytes(3 * PART + 1)  # noqa: S311 - to be repeatable


@pytest.fixture
def storage(one_object: DevCloud) -> DevCloud:
    """A cloud whose upload bucket is empty."""
    bucket = one_object._oss.buckets.get(BUCKET)
    for stored in bucket:
        bucket.remove(stored.key)
    return one_object


@pytest.fixture(params=["user", "role"])
def credentials(storage: DevCloud, request: pytest.FixtureRequest) -> Credentials:
    """A permanent key, and a temporary one with its token."""
    return storage.user_credentials() if request.param == "user" else storage.role_credentials()


@pytest.fixture(params=["v1", "v4"])
def old(storage: DevCloud, credentials: Credentials, request: pytest.FixtureRequest) -> Any:
    """The bucket in oss2, which signs V1 unless it is told otherwise."""
    return old_bucket(storage.oss_endpoint, credentials, version=request.param)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "big"
    path.write_bytes(BIG)
    return path


def test_oss2_with_one_object(old: Any) -> None:
    """Put, get, head, exists, copy, new metadata, delete."""
    old.put_object(KEY, b"ssh-rsa", headers={"x-oss-meta-who": "a b"})
    old.copy_object(BUCKET, KEY, "copy")
    old.update_object_meta("copy", {"x-oss-meta-who": "me"})

    assert b"ssh-rsa" == old.get_object("copy").read()
    assert ("a b", "me") == tuple(
        old.head_object(key).headers["x-oss-meta-who"] for key in (KEY, "copy")
    )
    assert (True, False) == (old.object_exists(KEY), old.object_exists("none"))
    old.delete_object(KEY)
    assert not old.object_exists(KEY)


def test_oss2_with_many_objects(old: Any) -> None:
    """Both listings, with their pages and folders; deletion of several at once."""
    keys = ["a/&<\n", "a/中", "b", "c"]
    for key in keys:
        old.put_object(key, b"")

    assert keys == [each.key for each in oss2.ObjectIterator(old, max_keys=2)]
    assert keys == [each.key for each in oss2.ObjectIteratorV2(old, max_keys=2)]
    assert ["a/", "b", "c"] == [each.key for each in oss2.ObjectIterator(old, delimiter="/")]
    assert [*keys, "none"] == old.batch_delete_objects([*keys, "none"]).deleted_keys
    assert [] == list(oss2.ObjectIterator(old))


def test_oss2_with_a_big_object(old: Any, storage: DevCloud, file: Path, tmp_path: Path) -> None:
    """Resumable upload and download; both compare the checksum of the whole."""
    store = {"root": str(tmp_path)}
    sent = oss2.resumable_upload(
        old,
        "big",
        str(file),
        multipart_threshold=PART,
        part_size=PART,
        num_threads=2,
        store=oss2.ResumableStore(**store),
    )
    back = tmp_path / "back"
    oss2.resumable_download(
        old,
        "big",
        str(back),
        multiget_threshold=PART,
        part_size=PART,
        store=oss2.ResumableDownloadStore(**store),
    )

    assert BIG == back.read_bytes() == storage.objects()["big"].body
    assert storage.objects()["big"].crc64 == sent.crc
    assert BIG[5:10] == old.get_object("big", byte_range=(5, 9)).read()


def test_oss2_goes_on_with_an_upload_that_broke_off(
    old: Any, storage: DevCloud, file: Path, tmp_path: Path
) -> None:
    """It asks for the parts that arrived, and sends the missing ones only."""
    failing = oss2.ResumableStore(root=str(tmp_path))
    upload = {"multipart_threshold": PART, "part_size": PART, "num_threads": 1, "store": failing}
    sent_before = len(storage.calls_of("oss"))
    bodies = iter([False, False, True])
    part = old.upload_part

    def upload_part(*arguments: Any, **others: Any) -> Any:
        if next(bodies, False):
            raise ConnectionError("the third part")
        return part(*arguments, **others)

    old.upload_part = upload_part
    with pytest.raises(ConnectionError):
        oss2.resumable_upload(old, "big", str(file), **upload)
    oss2.resumable_upload(old, "big", str(file), **upload)
    actions = [call.action for call in storage.calls_of("oss")[sent_before:]]

    assert BIG == storage.objects()["big"].body
    assert (1, 4) == (actions.count("InitiateMultipartUpload"), actions.count("UploadPart"))
    assert "ListParts" in actions


def test_oss2_with_parts_of_its_own(old: Any, storage: DevCloud) -> None:
    """The calls of a multipart upload one by one, a copied part among them."""
    old.put_object("source", BIG)
    upload_id = old.init_multipart_upload("parts").upload_id
    first = old.upload_part("parts", upload_id, 1, BIG[:PART])
    second = old.upload_part_copy(BUCKET, "source", (PART, len(BIG) - 1), "parts", upload_id, 2)
    listed = [(each.part_number, each.size) for each in old.list_parts("parts", upload_id).parts]
    under_way = [(each.key, each.upload_id) for each in old.list_multipart_uploads().upload_list]
    parts = [oss2.models.PartInfo(1, first.etag), oss2.models.PartInfo(2, second.etag)]
    old.complete_multipart_upload("parts", upload_id, parts)
    given_up = old.init_multipart_upload("given up").upload_id
    old.abort_multipart_upload("given up", given_up)

    assert [(1, PART), (2, len(BIG) - PART)] == listed
    assert [("parts", upload_id)] == under_way
    assert BIG == storage.objects()["parts"].body
    assert [] == old.list_multipart_uploads().upload_list


def test_oss2_with_buckets(old: Any, storage: DevCloud) -> None:
    """What a bucket is, and which there are."""
    found = old.get_bucket_info()
    for name in ("another-1", "another-2"):
        storage.create_bucket(name)
    service = oss2.Service(old.auth, storage.oss_endpoint, region=REGION)

    assert (BUCKET, "private", f"oss-{REGION}") == (found.name, found.acl.grant, found.location)
    others = oss2.BucketIterator(service, prefix="another-", max_keys=1)
    assert ["another-1", "another-2"] == [each.name for each in others]


def test_signed_urls_of_oss2(old: Any, storage: DevCloud) -> None:
    """Whoever has the URL can read, or write, with headers of the owner's choice."""
    put = old.sign_url("PUT", KEY, 60, headers={"Content-Type": "text/x"}, slash_safe=True)
    answer = requests.put(put, b"ssh-rsa", headers={"Content-Type": "text/x"}, timeout=5)
    assert 200 == answer.status_code

    shown = {"response-content-disposition": "attachment; filename=a.pub"}
    read = requests.get(old.sign_url("GET", KEY, 60, params=shown), timeout=5)
    assert b"ssh-rsa" == read.content == storage.objects()[KEY].body
    assert "attachment; filename=a.pub" == read.headers["content-disposition"]


@pytest.fixture
def new(storage: DevCloud, credentials: Credentials) -> Any:
    return new_client(storage.oss_endpoint, credentials)


def test_oss_v2_with_one_object(new: Any) -> None:
    """Put, exists, copy, range, listing of the first version, deletion of several at once."""
    new.put_object(oss.PutObjectRequest(BUCKET, KEY, body=b"ssh-rsa"))
    new.copy_object(oss.CopyObjectRequest(BUCKET, "copy", source_bucket=BUCKET, source_key=KEY))
    part = new.get_object(oss.GetObjectRequest(BUCKET, "copy", range_header="bytes=4-"))
    listed = new.list_objects(oss.ListObjectsRequest(BUCKET)).contents
    info = new.get_bucket_info(oss.GetBucketInfoRequest(BUCKET)).bucket_info
    both = [oss.DeleteObject("copy"), oss.DeleteObject(KEY)]
    gone = new.delete_multiple_objects(oss.DeleteMultipleObjectsRequest(BUCKET, objects=both))

    assert (b"rsa", "bytes 4-6/7") == (part.body.content, part.content_range)
    assert ["copy", KEY] == [each.key for each in listed]
    assert (BUCKET, "private") == (info.name, info.acl)
    assert ["copy", KEY] == [each.key for each in gone.deleted_objects]
    assert not new.is_object_exist(BUCKET, KEY)


def test_oss_v2_with_a_big_object(new: Any, storage: DevCloud, file: Path, tmp_path: Path) -> None:
    """Its managers: uploader, copier, downloader."""
    back = tmp_path / "back"
    new.uploader(part_size=PART).upload_file(oss.PutObjectRequest(BUCKET, "big"), str(file))
    copier = new.copier(part_size=PART, multipart_copy_threshold=PART, disable_shallow_copy=True)
    copied = copier.copy(oss.CopyObjectRequest(BUCKET, "copy", source_key="big"))
    downloader = new.downloader(part_size=PART)
    got = downloader.download_file(oss.GetObjectRequest(BUCKET, "copy"), str(back))

    assert BIG == storage.objects()["big"].body == storage.objects()["copy"].body
    assert (len(BIG), BIG) == (got.written, back.read_bytes())
    assert copied.etag.endswith('-4"')


def test_oss_v2_signs_v1_when_it_is_told_to(storage: DevCloud) -> None:
    """Version 1 of the signature, in the header and in the URL."""
    storage.put_upload(KEY, b"ssh-rsa")
    client = new_client(storage.oss_endpoint, storage.user_credentials(), signature_version="v1")
    url = client.presign(oss.GetObjectRequest(BUCKET, KEY)).url

    assert b"ssh-rsa" == client.get_object(oss.GetObjectRequest(BUCKET, KEY)).body.content
    assert b"ssh-rsa" == requests.get(url, timeout=5).content


def test_oss_v2_without_threads(storage: DevCloud, credentials: Credentials) -> None:
    """The asynchronous client, which sends every body in chunks."""

    async def talk() -> tuple[bytes, list[str]]:
        config = oss.Config(
            region=REGION,
            endpoint=storage.oss_endpoint,
            credentials_provider=oss.credentials.StaticCredentialsProvider(
                credentials.access_key_id,
                credentials.access_key_secret,
                credentials.security_token,
            ),
            retry_max_attempts=1,
        )
        async with aio.AsyncClient(config) as client:
            await client.put_object(oss.PutObjectRequest(BUCKET, KEY, body=b"ssh-rsa"))
            read = await client.get_object(oss.GetObjectRequest(BUCKET, KEY))
            listed = await client.list_objects_v2(oss.ListObjectsV2Request(BUCKET))
            return await read.body.read(), [each.key for each in listed.contents]

    assert (b"ssh-rsa", [KEY]) == asyncio.run(talk())


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["-T", "-"], id="in chunks, from stdin"),
        pytest.param(["--http1.0", "--data-binary", "@-", "-X", "PUT"], id="HTTP/1.0"),
        pytest.param(["--data-binary", "@-", "-X", "PUT"], id="HTTP/1.1"),
    ],
)
def test_curl_with_a_signed_url(storage: DevCloud, options: list[str]) -> None:
    """`curl -T -` with a URL that somebody signed."""
    bucket = old_bucket(storage.oss_endpoint, storage.user_credentials(), version="v1")
    headers = {"Content-Type": "text/x"}
    url = bucket.sign_url("PUT", KEY, 60, headers=headers, slash_safe=True)
    command = ["curl", "--silent", "--show-error", "--fail", "--noproxy", "*"]
    subprocess.run(
        [*command, "-H", "Content-Type: text/x", *options, url],
        input=BIG,
        check=True,
        timeout=20,
    )

    assert BIG == storage.objects()[KEY].body


def test_curl_through_a_proxy(storage: DevCloud) -> None:
    """`curl -x` sends the whole URL, and the real endpoint's name in it and in Host."""
    storage.put_upload(KEY, b"ssh-rsa")
    bucket = old_bucket(f"http://oss-{REGION}.aliyuncs.com", storage.user_credentials())
    url = bucket.sign_url("GET", KEY, 60, slash_safe=True)
    command = ["curl", "--silent", "--show-error", "--fail", "-x", storage.oss_endpoint, url]
    finished = subprocess.run(command, capture_output=True, check=True, timeout=20)

    assert b"ssh-rsa" == finished.stdout


def test_the_code_of_a_function_is_uploaded_as_serverless_devs_does(storage: DevCloud) -> None:
    """The bucket in Host, `ACCOUNT/OBJECT` in the path, a V1 signature with a token."""
    storage.create_bucket("temp-bucket")
    credentials = storage.role_credentials()
    endpoint = f"http://oss-{REGION}.aliyuncs.com"
    auth = oss2.StsAuth(
        credentials.access_key_id, credentials.access_key_secret, credentials.security_token
    )
    request = oss2.http.Request(
        "PUT",
        f"{endpoint}/1234567890123456/obj-1",
        data=BIG,
        headers={"content-type": "application/zip"},
    )
    auth._sign_request(request, "temp-bucket", "1234567890123456/obj-1")
    answer = requests.put(
        f"{storage.oss_endpoint}/1234567890123456/obj-1",
        BIG,
        headers={**request.headers, "Host": f"temp-bucket.oss-{REGION}.aliyuncs.com"},
        timeout=10,
    )

    assert 200 == answer.status_code
    assert BIG == storage.objects("temp-bucket")["1234567890123456/obj-1"].body
