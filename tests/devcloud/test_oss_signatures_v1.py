"""V1 signatures, the default of oss2 and ali-oss: what they cover, when they are over."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from devcloud import Credentials, DevCloud
from tests.devcloud.clients import RawRequest
from tests.devcloud.conftest import OSS_POLICY, Clock
from tests.devcloud.oss_clients import BUCKET, error_of, oss2, signed
from tests.devcloud.oss_requests import BODY, KEY

OBJECT = f"/{BUCKET}/{KEY}"


@pytest.fixture
def storage(clock: Clock) -> Iterator[DevCloud]:
    with DevCloud(role_policy=OSS_POLICY, clock=clock) as cloud:
        cloud.put_upload(KEY, BODY)
        yield cloud


def signed_v1(
    request: RawRequest, credentials: Credentials, *, in_query: bool = False
) -> RawRequest:
    """Sign as oss2 does by default, by its own code."""
    auth = oss2.ProviderAuth(
        oss2.credentials.StaticCredentialsProvider(
            credentials.access_key_id, credentials.access_key_secret, credentials.security_token
        )
    )
    bucket, _, key = request.path.removeprefix("/").partition("/")
    url = request.endpoint + request.path
    unsigned = oss2.http.Request(
        request.method, url, params=dict(request.query), headers=dict(request.headers)
    )
    if in_query:
        auth._sign_url(unsigned, bucket, key, 60)
        return replace(request, query=unsigned.params)
    auth._sign_request(unsigned, bucket, key)
    headers = {name.lower(): value for name, value in unsigned.headers.items() if value}
    return replace(request, headers=headers)


def get(storage: DevCloud) -> RawRequest:
    return RawRequest(storage.oss_endpoint, "GET", OBJECT)


@pytest.mark.parametrize("in_query", [False, True], ids=["in the header", "in the URL"])
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda r: replace(r, method="DELETE"), id="the method"),
        pytest.param(lambda r: replace(r, path=f"/{BUCKET}/keys/other.pub"), id="the key"),
        pytest.param(lambda r: r.with_query(**{"response-expires": "0"}), id="a subresource"),
        pytest.param(lambda r: r.with_headers(x_oss_meta_who="b"), id="metadata"),
        pytest.param(lambda r: r.with_headers(x_oss_meta_more="b"), id="more metadata"),
        pytest.param(lambda r: r.without_header("x-oss-meta-who"), id="less metadata"),
        pytest.param(lambda r: r.with_headers(content_type="text/html"), id="the content type"),
        pytest.param(lambda r: r.with_headers(content_md5="x"), id="the content's MD5"),
    ],
)
def test_a_request_changed_after_signing_is_refused(
    storage: DevCloud,
    spoil: Callable[[RawRequest], RawRequest],
    in_query: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    """Method, resource, type, digest and the x-oss- headers are covered."""
    request = get(storage).with_headers(content_type="text/plain", x_oss_meta_who="a")
    request = signed_v1(request, storage.user_credentials(), in_query=in_query)

    assert BODY == request.send().body
    answer = spoil(request).send()
    assert (403, "SignatureDoesNotMatch") == (answer.status, error_of(answer)["Code"])


def test_a_date_is_covered(storage: DevCloud) -> None:
    """Date is signed; x-oss-date stands in its place where there is one, as ali-oss sends it."""
    request = signed_v1(get(storage), storage.user_credentials())
    earlier = "Wed, 01 Jan 2020 00:00:00 GMT"
    instead = get(storage).with_headers(x_oss_date=request.headers["date"])
    instead = signed_v1(instead, storage.user_credentials())

    assert 403 == request.with_headers(date=request.headers["date"][:-3] + "UTC").send().status
    assert BODY == instead.with_headers(date=earlier).send().body


def test_other_parameters_are_not_covered(storage: DevCloud) -> None:
    """Only subresources are: that is the weakness of V1."""
    listing = RawRequest(storage.oss_endpoint, "GET", f"/{BUCKET}/", {"prefix": "a"})
    request = signed_v1(listing, storage.user_credentials())

    assert KEY.encode() in request.with_query(prefix="keys/").send().body


@pytest.mark.parametrize("in_query", [False, True], ids=["in the header", "in the URL"])
@pytest.mark.parametrize(
    ("falsify", "code"),
    [
        pytest.param(
            lambda c: replace(c, access_key_secret="x" * 44), "SignatureDoesNotMatch", id="secret"
        ),
        pytest.param(
            lambda c: replace(c, access_key_id="STS.Nunknown"), "InvalidAccessKeyId", id="key"
        ),
        pytest.param(
            lambda c: replace(c, security_token="malformed"), "InvalidSecurityToken", id="token"
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
    """Key, secret and token belong together; a refusal shows no token."""
    credentials = falsify(storage.role_credentials())
    answer = signed_v1(get(storage), credentials, in_query=in_query).send()

    assert (403, code) == (answer.status, error_of(answer)["Code"])
    assert not credentials.security_token or credentials.security_token not in str(answer)
    if code == "SignatureDoesNotMatch":
        assert "***" in error_of(answer)["StringToSign"]


@pytest.mark.parametrize(
    ("ahead", "status"),
    [
        pytest.param(930, 403, id="too old"),
        pytest.param(870, 200, id="old"),
        pytest.param(-870, 200, id="ahead"),
        pytest.param(-930, 403, id="too far ahead"),
    ],
)
def test_clocks_may_differ_by_15_minutes(
    storage: DevCloud, clock: Clock, ahead: int, status: int
) -> None:
    """A signature passes for a quarter of an hour on either side of the server's time."""
    request = signed_v1(get(storage), storage.user_credentials())
    clock.ahead = ahead
    answer = request.send()

    assert status == answer.status
    if status == 403:
        assert "RequestTimeTooSkewed" == error_of(answer)["Code"]


def test_a_signed_url_works_until_it_is_over(storage: DevCloud, clock: Clock) -> None:
    """Expires is the time at which it ends."""
    request = signed_v1(get(storage), storage.role_credentials(), in_query=True)
    clock.ahead = 50
    assert BODY == request.send().body

    clock.ahead = 61
    answer = request.send()
    assert (403, "Request has expired.") == (answer.status, error_of(answer)["Message"])


def test_an_expired_session_is_refused(storage: DevCloud, clock: Clock) -> None:
    """Temporary credentials end before the signature does."""
    credentials = storage.role_credentials(10)
    request = signed_v1(get(storage), credentials)
    clock.ahead = 11
    answer = request.send()

    assert (403, "SecurityTokenExpired") == (answer.status, error_of(answer)["Code"])


@pytest.mark.parametrize(
    ("headers", "query", "status", "code"),
    [
        pytest.param({"authorization": "OSS key"}, {}, 400, "InvalidArgument", id="no signature"),
        pytest.param({"authorization": "OSS :c2ln"}, {}, 400, "InvalidArgument", id="no key"),
        pytest.param({"authorization": "OSS"}, {}, 400, "InvalidArgument", id="nothing"),
        pytest.param({"authorization": "OSS a:c2ln"}, {}, 403, "AccessDenied", id="no date"),
        pytest.param(
            {"authorization": "OSS a:c2ln", "date": "now"}, {}, 403, "AccessDenied", id="a bad date"
        ),
        pytest.param(
            {}, {"Signature": "s", "Expires": "soon"}, 400, "InvalidArgument", id="no time"
        ),
        pytest.param(
            {}, {"Signature": "s", "Expires": "9" * 5000}, 400, "InvalidArgument", id="digits"
        ),
        pytest.param({}, {"Signature": "s"}, 400, "InvalidArgument", id="no Expires"),
        pytest.param(
            {}, {"OSSAccessKeyId": "a", "Expires": "9"}, 403, "AccessDenied", id="no Signature"
        ),
        pytest.param(
            {"authorization": "OSS a:c2ln"},
            {"Signature": "s"},
            400,
            "InvalidArgument",
            id="in both places",
        ),
        pytest.param({"authorization": "Bearer a"}, {}, 501, "NotImplemented", id="a token"),
    ],
)
def test_an_unreadable_claim_is_refused(
    storage: DevCloud, headers: dict[str, str], query: dict[str, str], status: int, code: str
) -> None:
    """What is no signature is told apart from a wrong one."""
    request = replace(get(storage), headers=headers, query=query)
    answer = request.send()

    assert (status, code) == (answer.status, error_of(answer)["Code"])


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param(f"{BUCKET}.oss-cn-hangzhou.aliyuncs.com", 200, id="a bucket"),
        pytest.param(f"{BUCKET}.oss-cn-hangzhou-internal.aliyuncs.com", 200, id="internal"),
        pytest.param(f"{BUCKET}.cn-hangzhou.aliyuncs.com", 400, id="a bucket, without oss-"),
        pytest.param("cn-hangzhou.aliyuncs.com", 400, id="without oss-"),
        pytest.param("ens.aliyuncs.com:80", 400, id="another service"),
    ],
)
def test_a_host_without_oss_is_told_so(storage: DevCloud, host: str, status: int) -> None:
    """Of the real names only those with oss- lead here; the answer names the one that was meant."""
    in_path = RawRequest(storage.oss_endpoint, "GET", f"/{KEY}").with_headers(host=host)
    answer = signed(in_path, storage.user_credentials(), bucket=BUCKET).send()

    assert status == answer.status
    if status == 400:
        error = error_of(answer)
        assert ("InvalidArgument", "Host") == (error["Code"], error["ArgumentName"])
        assert ".aliyuncs.com: oss- comes before the region." in error["Message"]
