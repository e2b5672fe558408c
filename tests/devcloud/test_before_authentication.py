"""
What comes before a caller is known, octet by octet: each service refuses in its own shape.

None of it is HTTP's to refuse (``test_http``), and none of it is a bug: 500 comes nowhere.
"""

import base64
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

import pytest

from devcloud import DevCloud
from tests.devcloud.raw_http import RawAnswer, exchange
from tests.devcloud.test_trigger_auth import jwt_spec
from tests.fakes.provider import ProviderKey

KEY_ID = "key-1"
DIGITS = "9" * 5000
NESTED = "[" * 20_000 + "]" * 20_000
V4_SCOPE = "x/20261125/cn-hangzhou/oss/aliyun_v4_request"
HEX = "0" * 64


def request(target: str, headers: Mapping[str, str | bytes], method: str = "GET") -> bytes:
    fields: dict[str, str | bytes] = {"Host": "localhost", **headers}
    lines = [
        name.encode() + b": " + (value if isinstance(value, bytes) else value.encode())
        for name, value in fields.items()
    ]
    return b"\r\n".join([f"{method} {target} HTTP/1.1".encode(), *lines, b"", b""])


# JSON web tokens


@pytest.fixture(scope="module")
def provider() -> ProviderKey:
    return ProviderKey(KEY_ID)


@pytest.fixture(scope="module")
def jwt_cloud(provider: ProviderKey) -> Iterator[DevCloud]:
    """The probe behind authType jwt."""
    config = {"jwks": {"keys": [provider.jwk]}, "tokenLookup": "header:Authorization:Bearer"}
    with DevCloud(function=jwt_spec(config), enforce_auth=True) as running:
        yield running


HEAD = '{"alg": "RS256", "kid": "%s"}' % KEY_ID  # noqa: UP031 - the braces are JSON's
TOKENS = {
    "a kid that is a list": ('{"alg": "RS256", "kid": ["a"]}', '{"exp": 9e9}'),
    "a kid that is an object": ('{"alg": "RS256", "kid": {"a": 1}}', '{"exp": 9e9}'),
    "a kid that is null": ('{"alg": "RS256", "kid": null}', '{"exp": 9e9}'),
    "a kid that is a number": ('{"alg": "RS256", "kid": 1}', '{"exp": 9e9}'),
    "an alg that is a list": ('{"alg": ["RS256"], "kid": "%s"}' % KEY_ID, '{"exp": 9e9}'),  # noqa: UP031
    "a head that is a list": ("[]", '{"exp": 9e9}'),
    "a head that nests 20,000 deep": (NESTED, '{"exp": 9e9}'),
    "a head that never closes": ("[" * 20_000, '{"exp": 9e9}'),
    "claims that nest 20,000 deep": (HEAD, '{"exp": 9e9, "a": ' + "[" * 20_000),
    "a head that is no UTF-8": ("\udcff", '{"exp": 9e9}'),
    "exp: Infinity": (HEAD, '{"exp": Infinity}'),
    "exp: 1e999": (HEAD, '{"exp": 1e999}'),
    "exp: NaN": (HEAD, '{"exp": NaN}'),
    "exp: true": (HEAD, '{"exp": true, "nbf": 0}'),
    "exp of 5,000 digits": (HEAD, f'{{"exp": {DIGITS}}}'),
    "exp of 400 digits": (HEAD, f'{{"exp": {DIGITS[:400]}}}'),
    "nbf: -Infinity": (HEAD, '{"exp": 9e9, "nbf": -Infinity}'),
    "nbf: null": (HEAD, '{"exp": 9e9, "nbf": null}'),
    "nbf: false": (HEAD, '{"exp": 9e9, "nbf": false}'),
}


@pytest.mark.parametrize(("head", "claims"), TOKENS.values(), ids=TOKENS)
def test_a_token_of_a_strange_shape_is_refused(
    jwt_cloud: DevCloud, provider: ProviderKey, head: str, claims: str
) -> None:
    """By the trigger, with 403, although it is signed by the right key."""
    bearer = {"Authorization": f"Bearer {provider.signed(head, claims)}"}

    answer = exchange(jwt_cloud.function_url, request("/", bearer))

    assert (403, "AccessDenied") == (answer.status, answer.code)


@pytest.mark.parametrize("text", [b"\xff.\xff.\xff", b"a.b.c.d", b"....", b"a" * 60_000, b"\xe5.."])
def test_octets_instead_of_a_token_are_refused(jwt_cloud: DevCloud, text: bytes) -> None:
    """Whatever a header field can hold."""
    answer = exchange(jwt_cloud.function_url, request("/", {"Authorization": b"Bearer " + text}))

    assert (403, "AccessDenied") == (answer.status, answer.code)


# OSS


def v4(**fields: str) -> dict[str, str | bytes]:
    names = {"Credential": V4_SCOPE, "Signature": HEX, **fields}
    listed = ",".join(f"{name}={value}" for name, value in names.items())
    return {"Authorization": f"OSS4-HMAC-SHA256 {listed}", "x-oss-date": "20261125T000000Z"}


def v4_url(**parameters: str) -> str:
    named = {
        "x-oss-signature-version": "OSS4-HMAC-SHA256",
        "x-oss-credential": V4_SCOPE,
        "x-oss-signature": HEX,
        "x-oss-date": "20261125T000000Z",
        "x-oss-expires": "60",
        **{name.replace("_", "-"): value for name, value in parameters.items()},
    }
    query = "&".join(f"{name}={quote(value)}" for name, value in named.items())
    return f"/uploads/a?{query}"


OSS = {
    "x-oss-expires of 5,000 digits": request(v4_url(x_oss_expires=DIGITS), {}),
    "x-oss-expires in other digits": request(v4_url(x_oss_expires="²"), {}),
    "x-oss-expires with a NUL": request(v4_url(x_oss_expires="\x00\x0b\x1f"), {}),
    "x-oss-expires beyond the BMP": request(v4_url(x_oss_expires="\U0001f511\ufffe"), {}),
    "additional headers beyond Latin-1, in the URL": request(
        v4_url(x_oss_additional_headers="小明"), {}
    ),
    "additional headers beyond Latin-1, in the header": request(
        "/uploads/a", v4(AdditionalHeaders="小明")
    ),
    "a NUL in the credential": request(v4_url(x_oss_credential="a\x00b"), {}),
    "a date of 5,000 digits": request(v4_url(x_oss_date=DIGITS), {}),
    "an Expires of 5,000 digits": request(
        f"/uploads/a?OSSAccessKeyId=x&Signature=s&Expires={DIGITS}", {}
    ),
    "a Date of a far year": request(
        "/uploads/a",
        {"Authorization": "OSS x:s", "Date": f"Wed, 25 Nov {DIGITS[:30]} 00:00:00 GMT"},
    ),
    "a Date with a far hour": request(
        "/uploads/a",
        {"Authorization": "OSS x:s", "Date": f"Wed, 25 Nov 2026 {DIGITS[:30]}:00:00 GMT"},
    ),
    "a Date of the year 0": request(
        "/uploads/a", {"Authorization": "OSS x:s", "Date": "Wed, 25 Nov 0000 00:00:00 GMT"}
    ),
    "a Date with a far zone": request(
        "/uploads/a", {"Authorization": "OSS x:s", "Date": "Mon, 01 Jan 0001 00:00:00 +2359"}
    ),
    "a signature beyond ASCII": request(
        "/uploads/a",
        {"Authorization": "OSS x:é", "Date": "Wed, 25 Nov 2026 00:00:00 GMT"},
    ),
    "a NUL in the path": request("/uploads/a%00b", {}),
    "a path that is no UTF-8": request("/uploads/%ff", {}),
    "a NUL in a parameter's name": request("/uploads/?%00=", {}),
    "a method of its own": request("/uploads/a", {}, "FROB"),
}


@pytest.mark.parametrize("octets", OSS.values(), ids=OSS)
def test_oss_refuses_in_xml(probe: DevCloud, octets: bytes) -> None:
    """A document that an XML reader reads, with the four elements, and x-oss-err beside it."""
    answer = exchange(probe.oss_endpoint, octets)

    assert answer.status in {400, 403, 501}
    document = ET.fromstring(answer.body)  # noqa: S314 - devcloud's own answer
    assert ["Code", "Message", "RequestId", "HostId"] == [each.tag for each in document][:4]
    assert base64.b64decode(answer.headers["x-oss-err"]) == answer.body


# ENS, STS, FC


ACS3 = "ACS3-HMAC-SHA256 Credential={},SignedHeaders={},Signature=" + HEX
SIGNED = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"


def acs3(credential: str = "x", **changed: str) -> dict[str, str | bytes]:
    return {
        "x-acs-action": "DescribeKeyPairs",
        "x-acs-version": "2017-11-10",
        "x-acs-date": "2026-11-25T00:00:00Z",
        "x-acs-signature-nonce": "n",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "Authorization": ACS3.format(credential, SIGNED),
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }


def v1(**changed: str) -> str:
    parameters = {
        "Action": "DescribeKeyPairs",
        "Version": "2017-11-10",
        "AccessKeyId": "x",
        "Signature": "s",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "n",
        "Timestamp": "2026-11-25T00:00:00Z",
        **changed,
    }
    return "/?" + "&".join(f"{name}={quote(value)}" for name, value in parameters.items())


RPC = {
    "a credential beyond ASCII": request("/", acs3("小明")),
    "a version of 5,000 digits": request("/", acs3(x_acs_version=DIGITS)),
    "a date of 5,000 digits": request("/", acs3(x_acs_date=DIGITS)),
    "a date of the year 1": request("/", acs3(x_acs_date="0001-01-01T00:00:00+23:59")),
    "a date of the year 9999": request("/", acs3(x_acs_date="9999-12-31T23:59:59-23:59")),
    "an action beyond ASCII": request("/", acs3(x_acs_action="小明")),
    "a body that is no digest's": request("/", acs3(x_acs_content_sha256="é")),
    "an Authorization that is none": request("/", {**acs3(), "Authorization": b"\xff\xfe"}),
    "a token beyond ASCII": request("/", acs3(x_acs_security_token="小明")),
    "RPC V1, a key beyond ASCII": request(v1(AccessKeyId="小明\x00"), {}),
    "RPC V1, a signature beyond ASCII": request(v1(Signature="小明\ud83d"[:2]), {}),
    "RPC V1, a far time": request(v1(Timestamp=DIGITS), {}),
    "RPC V1, a method that is none": request(v1(SignatureMethod="小明"), {}),
    "RPC V1, an action with a NUL": request(v1(Action="\x00"), {}),
    "octets that are no UTF-8": request("/?Action=%ff&Version=%fe&AccessKeyId=%00", {}),
    "a method of its own": request("/", acs3(), "FROB"),
    "another path": request("/%00/%ff", acs3()),
}


@pytest.mark.parametrize("octets", RPC.values(), ids=RPC)
@pytest.mark.parametrize(
    "endpoint_of",
    [
        pytest.param(lambda cloud: cloud.ens_endpoint, id="ens"),
        pytest.param(lambda cloud: cloud.sts_endpoint, id="sts"),
    ],
)
def test_ens_and_sts_refuse_in_json(
    probe: DevCloud, endpoint_of: Callable[[DevCloud], str], octets: bytes
) -> None:
    """With RequestId, HostId, Code, Message and Recommend, as the SDKs read it."""
    answer = exchange(endpoint_of(probe), octets)

    assert_refused(answer, {"RequestId", "HostId", "Code", "Message", "Recommend"})


FUNCTION = "/2023-03-30/functions/a"
TEMP_BUCKET = "/2016-08-15/tempBucketToken"
FC = {
    **{f"ACS3, {name}": octets.replace(b" / ", f" {FUNCTION} ".encode(), 1) for name, octets in
       RPC.items() if octets.startswith(b"GET / ")},
    "a signature that is none": request(TEMP_BUCKET, {"Authorization": "FC x"}),
    "a Date of a far year": request(
        TEMP_BUCKET,
        {"Authorization": "FC x:s", "Date": f"Wed, 25 Nov {DIGITS[:30]} 00:00:00 GMT"},
    ),
    "a Date of the year 1": request(
        TEMP_BUCKET, {"Authorization": "FC x:s", "Date": "Mon, 01 Jan 0001 00:00:00 +2359"}
    ),
    "a Date of 5,000 digits": request(TEMP_BUCKET, {"Authorization": "FC x:s", "Date": DIGITS}),
    "headers beyond ASCII": request(
        TEMP_BUCKET,
        {
            "Authorization": "FC é:s",
            "Date": "Wed, 25 Nov 2026 00:00:00 GMT",
            "x-fc-a": b"\xff",
            "Content-MD5": b"\xff",
        },
    ),
    "a method of its own": request(FUNCTION, {}, "FROB"),
    "a name that is none": request("/2023-03-30/functions/%00%ff", acs3()),
}  # fmt: skip


@pytest.mark.parametrize("octets", FC.values(), ids=FC)
def test_fc_refuses_in_json(probe: DevCloud, octets: bytes) -> None:
    """With RequestId, Code and Message; the older API has its own names for them as well."""
    assert_refused(exchange(probe.fc_endpoint, octets), {"RequestId", "Code", "Message"})


def assert_refused(answer: RawAnswer, members: set[str]) -> None:
    content = json.loads(answer.body)
    assert answer.status in {400, 403, 404, 405, 501}
    assert members <= set(content)
    assert all(isinstance(content[name], str) for name in members)


def test_api_gateway_gives_the_function_any_method(probe: DevCloud) -> None:
    """It has one API for all of them; what a method means is the function's to say."""
    answer = exchange(probe.api_gateway_url, request("/", {}, "FROB"))

    assert (200, "FROB") == (answer.status, json.loads(answer.body)["httpMethod"])
