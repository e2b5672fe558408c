"""Who may use OSS: V4 signatures of both SDKs, tokens, clocks, regions, policies."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import alibabacloud_oss_v2 as oss
import pytest

from devcloud import Credentials, DevCloud
from tests.devcloud.clients import RawRequest
from tests.devcloud.conftest import Clock
from tests.devcloud.oss_clients import BUCKET, error_of, new_client, old_bucket, old_listing, signed

KEY = "keys/team/a b+c~(1)!*'中.pub"
OBJECT = f"/{BUCKET}/{KEY}"
POLICY: dict[str, Any] = {
    "Version": "1",
    "Statement": [
        {"Effect": "Allow", "Action": "oss:GetObject", "Resource": "acs:oss:*:*:uploads/keys/*"},
        {
            "Effect": "Allow",
            "Action": ["oss:GetObject", "oss:PutObject"],
            "Resource": "acs:oss:*:*:uploads/receipts/*",
        },
    ],
}


@pytest.fixture
def storage(clock: Clock) -> Iterator[DevCloud]:
    """A cloud that holds one object, and whose role may read keys and write receipts."""
    with DevCloud(role_policy=POLICY, clock=clock) as cloud:
        cloud.put_upload(KEY, b"ssh-rsa")
        yield cloud


def get(storage: DevCloud) -> RawRequest:
    return RawRequest(storage.oss_endpoint, "GET", OBJECT)


def test_the_new_sdk_is_understood(storage: DevCloud) -> None:
    """Every request of alibabacloud_oss_v2 verifies, whatever its key and parameters hold."""
    client = new_client(storage.oss_endpoint, storage.user_credentials())
    client.put_object(oss.PutObjectRequest(BUCKET, KEY, metadata={"who": "a b"}, body=b"new"))
    read = client.get_object(oss.GetObjectRequest(BUCKET, KEY))
    client.head_object(oss.HeadObjectRequest(BUCKET, KEY))
    listed = client.list_objects_v2(oss.ListObjectsV2Request(BUCKET, prefix="keys/team/a b+"))
    client.delete_object(oss.DeleteObjectRequest(BUCKET, KEY))
    client.put_bucket(oss.PutBucketRequest("another"))
    buckets = client.list_buckets(oss.ListBucketsRequest())

    assert b"new" == read.body.content
    assert [KEY] == [each.key for each in listed.contents]
    assert ["another", BUCKET] == [each.name for each in buckets.buckets]
    assert [200] * 4 + [204] + [200] * 2 == [c.status for c in storage.calls_of("oss")]


def test_the_old_sdk_is_understood(storage: DevCloud) -> None:
    """Every request of oss2 verifies; it encodes slashes and blanks in another way."""
    bucket = old_bucket(storage.oss_endpoint, storage.user_credentials())
    bucket.put_object(KEY, b"new", headers={"x-oss-meta-who": "a b"})
    read = bucket.get_object(KEY)
    bucket.head_object(KEY)
    listed = [each.key for each in old_listing(bucket, prefix="keys/team/a b+")]
    bucket.delete_object(KEY)

    assert b"new" == read.read()
    assert [KEY] == listed
    assert [200] * 4 + [204] == [call.status for call in storage.calls_of("oss")]


def test_the_role_with_its_token_is_understood(storage: DevCloud) -> None:
    """Temporary credentials work in both SDKs."""
    credentials = storage.role_credentials()
    client = new_client(storage.oss_endpoint, credentials)

    assert b"ssh-rsa" == client.get_object(oss.GetObjectRequest(BUCKET, KEY)).body.content
    assert b"ssh-rsa" == old_bucket(storage.oss_endpoint, credentials).get_object(KEY).read()


def test_a_bucket_in_the_host_is_understood(storage: DevCloud) -> None:
    """Virtual-host style is OSS's own: the bucket is signed though the path does not show it."""
    request = replace(get(storage), path=f"/{KEY}")
    request = signed(request, storage.user_credentials(), bucket=BUCKET)

    for host in (f"{BUCKET}.oss-cn-hangzhou-internal.aliyuncs.com", f"{BUCKET}.localhost:80"):
        assert b"ssh-rsa" == request.with_headers(host=host).send().body


def test_additional_headers_are_signed(storage: DevCloud) -> None:
    """What a client signs of its own accord counts as well."""
    request = get(storage).with_headers(range_like="1", user_agent="me")
    request = signed(
        request, storage.user_credentials(), additional_headers=("user-agent", "range-like")
    )

    assert 200 == request.send().status
    assert 403 == request.with_headers(user_agent="you").send().status


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda r: replace(r, method="DELETE"), id="the method"),
        pytest.param(lambda r: replace(r, path=f"/{BUCKET}/keys/other.pub"), id="the key"),
        pytest.param(lambda r: r.with_query(prefix="b"), id="a parameter"),
        pytest.param(lambda r: r.with_headers(x_oss_meta_who="b"), id="metadata"),
        pytest.param(lambda r: r.with_headers(x_oss_meta_more="b"), id="more metadata"),
        pytest.param(lambda r: r.without_header("x-oss-meta-who"), id="less metadata"),
        pytest.param(lambda r: r.with_headers(content_type="text/html"), id="the content type"),
        pytest.param(lambda r: r.with_headers(content_md5="x"), id="the content's MD5"),
    ],
)
def test_a_request_changed_after_signing_is_refused(
    storage: DevCloud, spoil: Callable[[RawRequest], RawRequest]
) -> None:
    """Every part of a request but its body is covered by the signature."""
    request = get(storage).with_headers(content_type="text/plain", x_oss_meta_who="a")
    listing = "prefix" in spoil(request).query
    if listing:
        request = replace(request, path=f"/{BUCKET}/", query={"list-type": "2", "prefix": "a"})
    answer = spoil(signed(request, storage.user_credentials())).send()

    assert (403, "SignatureDoesNotMatch") == (answer.status, error_of(answer)["Code"])


def test_the_refusal_shows_no_token(storage: DevCloud) -> None:
    """As in OSS it shows the string to sign; not the canonical request, which holds the token."""
    credentials = storage.role_credentials()
    request = signed(get(storage), credentials).with_headers(x_oss_meta_who="b")
    answer = request.send()

    assert "StringToSign" in error_of(answer)
    assert (credentials.security_token or "?").encode() not in answer.body


@pytest.mark.parametrize("in_query", [False, True], ids=["in the header", "in the URL"])
@pytest.mark.parametrize(
    ("falsify", "code"),
    [
        pytest.param(
            lambda c: replace(c, access_key_secret="x" * 44),
            "SignatureDoesNotMatch",
            id="another secret",
        ),
        pytest.param(
            lambda c: replace(c, access_key_id="STS.Nunknown"),
            "InvalidAccessKeyId",
            id="an unknown key",
        ),
        pytest.param(
            lambda c: replace(c, security_token="malformed"),
            "InvalidSecurityToken",
            id="an unknown token",
        ),
        pytest.param(
            lambda c: replace(c, security_token=None), "InvalidAccessKeyId", id="no token"
        ),
    ],
)
def test_false_credentials_are_refused(
    storage: DevCloud,
    falsify: Callable[[Credentials], Credentials],
    code: str,
    in_query: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    """Key, secret and token belong together."""
    credentials = falsify(storage.role_credentials())
    answer = signed(get(storage), credentials, in_query=in_query).send()

    assert (403, code) == (answer.status, error_of(answer)["Code"])


def test_a_users_key_takes_no_token(storage: DevCloud) -> None:
    """OSS looks for such a pair among the temporary ones, and does not find it."""
    credentials = replace(storage.user_credentials(), security_token="token")
    answer = signed(get(storage), credentials).send()

    assert (403, "InvalidAccessKeyId") == (answer.status, error_of(answer)["Code"])


def test_an_expired_session_is_refused(storage: DevCloud, clock: Clock) -> None:
    """Temporary credentials end; which only who holds the secret is told."""
    credentials = storage.role_credentials(900)
    clock.ahead = 901
    answer = signed(get(storage), credentials, moment=clock()).send()
    forged = replace(credentials, access_key_secret="x")
    guess = signed(get(storage), forged, moment=clock()).send()

    assert (403, "SecurityTokenExpired") == (answer.status, error_of(answer)["Code"])
    assert "SignatureDoesNotMatch" == error_of(guess)["Code"]


@pytest.mark.parametrize(
    ("seconds", "status"),
    [
        pytest.param(-930, 403, id="too old"),
        pytest.param(-870, 200, id="old"),
        pytest.param(870, 200, id="ahead"),
        pytest.param(930, 403, id="too far ahead"),
    ],
)
def test_clocks_may_differ_by_15_minutes(storage: DevCloud, seconds: int, status: int) -> None:
    """A signature passes for a quarter of an hour on either side of the server's time."""
    moment = time.time() + seconds
    answer = signed(get(storage), storage.user_credentials(), moment=moment).send()

    assert status == answer.status
    if status == 403:
        error = error_of(answer)
        assert ("RequestTimeTooSkewed", "900000") == (
            error["Code"],
            error["MaxAllowedSkewMilliseconds"],
        )


def test_a_signed_url_works_until_it_is_over(storage: DevCloud, clock: Clock) -> None:
    """Both SDKs' URLs open the object for whoever has them, for as long as they say."""
    client = new_client(storage.oss_endpoint, storage.role_credentials())
    by_new = client.presign(oss.GetObjectRequest(BUCKET, KEY)).url
    by_old = old_bucket(storage.oss_endpoint, storage.role_credentials()).sign_url("GET", KEY, 900)
    for url in (by_new, by_old):
        path, _, query = url.removeprefix(storage.oss_endpoint).partition("?")
        request = RawRequest(storage.oss_endpoint, "GET", f"{path}?{query}")
        assert b"ssh-rsa" == request.send().body

        clock.ahead = 905
        answer = request.send()
        clock.ahead = 0
        assert (403, "Request has expired.") == (answer.status, error_of(answer)["Message"])


@pytest.mark.parametrize(
    ("spoil", "status", "code"),
    [
        pytest.param(lambda r: r.without_header("authorization"), 403, "AccessDenied", id="nobody"),
        pytest.param(
            lambda r: r.with_headers(authorization="OSS2 AccessKeyId:key,Signature:signature"),
            501,
            "NotImplemented",
            id="V2",
        ),
        pytest.param(
            lambda r: r.with_query(**{"x-oss-signature": "s"}),
            400,
            "InvalidArgument",
            id="one in the header and one in the URL",
        ),
        pytest.param(
            lambda r: r.with_headers(authorization=r.headers["authorization"][:-1]),
            400,
            "InvalidArgument",
            id="a signature too short",
        ),
        pytest.param(
            lambda r: r.with_headers(
                authorization=r.headers["authorization"].replace("/oss/", "/s3/")
            ),
            400,
            "InvalidArgument",
            id="another product",
        ),
        pytest.param(
            lambda r: r.with_headers(
                authorization=r.headers["authorization"].replace("hangzhou", "beijing")
            ),
            400,
            "InvalidArgument",
            id="another region",
        ),
        pytest.param(
            lambda r: r.with_headers(x_oss_content_sha256="0" * 64),
            400,
            "InvalidArgument",
            id="a digest of the payload",
        ),
        pytest.param(
            lambda r: r.with_headers(x_oss_date="now"), 400, "InvalidArgument", id="no time"
        ),
        pytest.param(
            lambda r: r.with_headers(x_oss_date="20200101T000000Z"),
            400,
            "InvalidArgument",
            id="another day than the scope's",
        ),
    ],
)
def test_an_unreadable_claim_is_refused(
    storage: DevCloud, spoil: Callable[[RawRequest], RawRequest], status: int, code: str
) -> None:
    """What is no V4 signature of this region is told apart from a wrong one."""
    answer = spoil(signed(get(storage), storage.user_credentials())).send()

    assert (status, code) == (answer.status, error_of(answer)["Code"])


@pytest.mark.parametrize(
    "expires", ["soon", "0", "604801", pytest.param("9" * 5000, id="5,000 digits")]
)
def test_a_signed_url_lasts_a_week_at_most(storage: DevCloud, expires: str) -> None:
    """x-oss-expires is 1 to 604800 seconds."""
    request = signed(get(storage), storage.user_credentials(), in_query=True)
    answer = request.with_query(**{"x-oss-expires": expires}).send()

    assert (400, "InvalidArgument") == (answer.status, error_of(answer)["Code"])


@pytest.mark.parametrize("names", ["中", "a;", "a b", "Ünicode"])
def test_additional_headers_are_names_of_headers(storage: DevCloud, names: str) -> None:
    """What is none cannot have been signed."""
    request = signed(get(storage), storage.user_credentials(), in_query=True)
    answer = request.with_query(**{"x-oss-additional-headers": names}).send()

    assert (400, "InvalidArgument") == (answer.status, error_of(answer)["Code"])


def test_an_older_version_of_signed_urls_is_refused(storage: DevCloud) -> None:
    """Only V4 is verified."""
    request = signed(get(storage), storage.user_credentials(), in_query=True)
    answer = request.with_query(**{"x-oss-signature-version": "OSS2"}).send()

    assert (501, "NotImplemented") == (answer.status, error_of(answer)["Code"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", OBJECT, 200, id="reads a key"),
        pytest.param("HEAD", OBJECT, 200, id="sees a key"),
        pytest.param("PUT", OBJECT, 403, id="writes no key"),
        pytest.param("DELETE", OBJECT, 403, id="deletes no key"),
        pytest.param("PUT", f"/{BUCKET}/receipts/a.json", 200, id="writes a receipt"),
        pytest.param("GET", f"/{BUCKET}/secrets/a.json", 403, id="reads nothing else"),
        pytest.param("GET", "/other/keys/a.pub", 403, id="reads no other bucket"),
        pytest.param("GET", "/", 403, id="lists no buckets"),
        pytest.param("PUT", "/another/", 403, id="makes no bucket"),
    ],
)
def test_the_role_may_do_what_its_policy_allows(
    storage: DevCloud, method: str, path: str, status: int
) -> None:
    """RAM decides by action, bucket and key."""
    request = RawRequest(storage.oss_endpoint, method, path)
    answer = signed(request, storage.role_credentials()).send()

    assert status == answer.status


def test_a_denial_names_the_action(storage: DevCloud) -> None:
    """AccessDeniedDetail says what was not allowed to whom."""
    with pytest.raises(oss.exceptions.OperationError) as refusal:
        new_client(storage.oss_endpoint, storage.role_credentials()).put_object(
            oss.PutObjectRequest(BUCKET, KEY, body=b"")
        )
    error = refusal.value.unwrap()

    assert (403, "AccessDenied") == (error.status_code, error.code)
    assert b"<AuthAction>oss:PutObject</AuthAction>" in error.snapshot


def test_another_region_can_be_told() -> None:
    """Signatures are of the cloud's region, and no other."""
    with DevCloud(oss_region="cn-beijing") as cloud:
        cloud.put_upload(KEY, b"ssh-rsa")
        credentials = cloud.user_credentials()
        there = new_client(cloud.oss_endpoint, credentials, region="cn-beijing")
        here = new_client(cloud.oss_endpoint, credentials)

        assert b"ssh-rsa" == there.get_object(oss.GetObjectRequest(BUCKET, KEY)).body.content
        with pytest.raises(oss.exceptions.OperationError, match="Expect 'cn-beijing'"):
            here.get_object(oss.GetObjectRequest(BUCKET, KEY))
