"""HTTP as real servers take it, over raw sockets: at every service, before any authentication."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from devcloud import DevCloud, Fault
from devcloud.faults import FaultPlan
from devcloud.http_message import Request, Response, ServiceError
from devcloud.http_reader import MAX_FIELDS_BYTES, MAX_LINE_BYTES
from devcloud.journal import Journal
from devcloud.rpc import MAX_BODY_BYTES
from devcloud.server import Server
from devcloud.service import Surroundings
from tests.devcloud.clients import RawRequest
from tests.devcloud.raw_http import RawClient, chunked, connected, exchange

SERVICES: dict[str, Callable[[DevCloud], str]] = {
    "ens": lambda cloud: cloud.ens_endpoint,
    "sts": lambda cloud: cloud.sts_endpoint,
    "oss": lambda cloud: cloud.oss_endpoint,
    "http-trigger": lambda cloud: cloud.function_url,
    "api-gateway": lambda cloud: cloud.api_gateway_url,
    "fc": lambda cloud: cloud.fc_endpoint,
    "state": lambda cloud: cloud.state_url.partition("/_devcloud/")[0],
}
at_every_service = pytest.mark.parametrize("endpoint_of", SERVICES.values(), ids=SERVICES)
HOST = b"Host: ens.aliyuncs.com\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
MALFORMED = {
    "two lengths": (
        b"POST / HTTP/1.1\r\n%bContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        400,
    ),
    "a list of lengths": (b"POST / HTTP/1.1\r\n%bContent-Length: 3, 4\r\n\r\nabcd", 400),
    "a length with a sign": (b"POST / HTTP/1.1\r\n%bContent-Length: +5\r\n\r\nabcde", 400),
    "a negative length": (b"POST / HTTP/1.1\r\n%bContent-Length: -1\r\n\r\n", 400),
    "an empty length": (b"POST / HTTP/1.1\r\n%bContent-Length: \r\n\r\n", 400),
    "a length of 5,000 digits": (
        b"POST / HTTP/1.1\r\n%bContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        400,
    ),
    "a length in other digits": (b"POST / HTTP/1.1\r\n%bContent-Length: \xb2\r\n\r\n", 400),
    "a length that no service takes": (
        b"POST / HTTP/1.1\r\n%bContent-Length: 99999999999\r\n\r\n",
        413,
    ),
    "chunks and a length": (
        b"POST / HTTP/1.1\r\n%b" + CHUNKED + b"Content-Length: 3\r\n\r\n" + chunked(b"abc"),
        400,
    ),
    "chunks of HTTP/1.0": (b"POST / HTTP/1.0\r\n%b" + CHUNKED + b"\r\n" + chunked(b"abc"), 400),
    "another coding": (b"POST / HTTP/1.1\r\n%bTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    "a chunk size that is none": (b"POST / HTTP/1.1\r\n%b" + CHUNKED + b"\r\nzz\r\nabc\r\n", 400),
    "a chunk longer than it says": (
        b"POST / HTTP/1.1\r\n%b" + CHUNKED + b"\r\n2\r\nabc\r\n0\r\n\r\n",
        400,
    ),
    "a header without a colon": (b"GET / HTTP/1.1\r\n%bno colon\r\n\r\n", 400),
    "a space before the colon": (b"GET / HTTP/1.1\r\n%bName : value\r\n\r\n", 400),
    "a NUL in a header": (b"GET / HTTP/1.1\r\n%bName: a\x00b\r\n\r\n", 400),
    "no Host": (b"GET / HTTP/1.1\r\nName: %.0b\r\n\r\n", 400),
    "two Hosts": (b"GET / HTTP/1.1\r\n%bHost: another\r\n\r\n", 400),
    "no version": (b"GET /\r\n%b\r\n", 400),
    "a space in the target": (b"GET /a b HTTP/1.1\r\n%b\r\n", 400),
    "a target of no form": (b"GET ftp://host/ HTTP/1.1\r\n%b\r\n", 400),
    "a user in the target": (b"GET http://me@host/ HTTP/1.1\r\n%b\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 %b", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n%b", 505),
    "HTTP/3, in one digit": (b"GET / HTTP/3\r\n%b\r\n", 505),
    "a long target": (b"GET /" + b"a" * MAX_LINE_BYTES + b" HTTP/1.1\r\n%b\r\n", 414),
    "a long line without an end": (b"GET /" + b"a" * (2 * MAX_LINE_BYTES) + b"%b", 414),
    "a long header": (
        b"GET / HTTP/1.1\r\n%bName: " + b"a" * MAX_FIELDS_BYTES + b"\r\n\r\n",
        431,
    ),
    "many headers": (b"GET / HTTP/1.1\r\n%b" + b"Name: value\r\n" * 6000 + b"\r\n", 431),
    "CONNECT": (b"CONNECT ens.aliyuncs.com:443 HTTP/1.1\r\n%b\r\n", 405),
    "TRACE": (b"TRACE / HTTP/1.1\r\n%b\r\n", 405),
}
CODES = {
    400: "BadRequest",
    405: "MethodNotAllowed",
    413: "EntityTooLarge",
    414: "URITooLong",
    431: "RequestHeaderFieldsTooLarge",
    501: "NotImplemented",
    505: "HTTPVersionNotSupported",
}


@at_every_service
@pytest.mark.parametrize(("octets", "status"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_request_is_refused_in_the_services_own_shape(
    probe: DevCloud, endpoint_of: Callable[[DevCloud], str], octets: bytes, status: int
) -> None:
    """An error document with Code and RequestId, and then the end: what follows is not known."""
    with connected(endpoint_of(probe)) as client:
        client.send(octets % HOST)
        answer = client.answer()
        ended = client.is_closed()

    assert (status, CODES[status], True) == (answer.status, answer.code, ended)
    assert "close" == answer.headers["connection"]
    assert b"RequestId" in answer.body


@pytest.mark.parametrize(
    ("service", "status", "code"),
    [
        ("ens", 405, "UnsupportedHTTPMethod"),
        ("sts", 405, "UnsupportedHTTPMethod"),
        ("http-trigger", 403, "AccessDenied"),
        ("oss", 501, "NotImplemented"),
        ("fc", 501, "NotImplemented"),
    ],
)
def test_an_unknown_method_is_refused_by_the_service(
    probe: DevCloud, service: str, status: int, code: str
) -> None:
    """HTTP leaves methods open, so that each service answers for itself."""
    answer = exchange(SERVICES[service](probe), b"FROB / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert (status, code) == (answer.status, answer.code)


# Bodies


def echoed(client: RawClient) -> Any:
    """Read the event that the probe was given, which it answers."""
    return json.loads(client.answer().body)


def test_a_chunked_body_comes_whole(probe: DevCloud) -> None:
    """Chunks, their extensions and the trailer are HTTP's; the function gets the body."""
    head = b"POST /up HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n"
    body = chunked(b"one ", b"two ", b"three", trailer=b"X-Trailer: dropped\r\n")
    with connected(probe.function_url) as client:
        client.send(head + body)
        event = echoed(client)

    assert ("one two three", "/up") == (event["body"], event["rawPath"])
    assert not {"X-Trailer", "Content-Length"} & set(event["headers"])


def test_a_request_may_come_octet_by_octet(probe: DevCloud) -> None:
    """Where the network cuts a request means nothing."""
    octets = b"POST /up HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n" + chunked(b"ab", b"c")
    with connected(probe.function_url) as client:
        for octet in octets:
            client.send(bytes([octet]))

        assert "abc" == echoed(client)["body"]


@pytest.mark.parametrize("service", ["ens", "sts"])
def test_a_chunked_form_is_read(probe: DevCloud, service: str) -> None:
    """The action in it is known: what is missing is the signature, and nothing before it."""
    version = {"ens": "2017-11-10", "sts": "2015-04-01"}[service]
    action = {"ens": "DescribeKeyPairs", "sts": "GetCallerIdentity"}[service]
    form = urlencode({"Action": action, "Version": version}).encode()
    head = b"POST / HTTP/1.1\r\n" + HOST + FORM + CHUNKED + b"\r\n"

    assert "MissingAccessKeyId" == exchange(SERVICES[service](probe), head + chunked(form)).code


def test_a_connection_is_kept_through_all_of_it(probe: DevCloud) -> None:
    """Chunked, with a length, without a body, refused: answers come in order, on one connection."""
    post = b"POST /%b HTTP/1.1\r\n" + HOST
    with connected(probe.function_url) as client:
        client.send(post % b"1" + CHUNKED + b"\r\n" + chunked(b"a", b"b"))
        client.send(post % b"2" + b"Content-Length: 2, 2\r\n\r\ncd")
        client.send(b"\r\nDELETE /3 HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n" + chunked(b"ef"))
        client.send(b"GET /4 HTTP/1.1\r\nhOST: any\r\nConnection: close\r\n\r\n")
        first, second = echoed(client), echoed(client)
        refused, last = client.answer(), echoed(client)

        assert client.is_closed()
    assert [("/1", "ab"), ("/2", "cd"), ("/4", "")] == [
        (event["rawPath"], event["body"]) for event in (first, second, last)
    ]
    assert 403 == refused.status


def test_http_1_0_gets_one_answer(probe: DevCloud) -> None:
    """It needs no Host, and its connection ends with the answer."""
    with connected(probe.function_url) as client:
        client.send(b"GET /old HTTP/1.0\r\n\r\n")

        assert "HTTP/1.0" == echoed(client)["requestContext"]["http"]["protocol"]
        assert client.is_closed()


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(probe: DevCloud) -> None:
    """Expect: 100-continue, as curl sends it in front of a large body."""
    head = b"POST / HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    with connected(probe.function_url) as client:
        client.send(head)
        went_on = client.answer().status
        client.send(b"abc")

        assert (100, "abc") == (went_on, echoed(client)["body"])


def test_a_client_that_asks_is_refused_before_it_sends(probe: DevCloud) -> None:
    """A body that is too large is never sent."""
    head = (
        b"POST / HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 9999999\r\n\r\n"
    )

    assert 413 == exchange(probe.ens_endpoint, head).status


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY_BYTES, 400), (MAX_BODY_BYTES + 1, 413)])
def test_a_chunked_body_is_measured_while_it_is_read(
    probe: DevCloud, size: int, status: int
) -> None:
    """The limit is the service's, to the octet."""
    head = b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n"
    body = chunked(bytes(size // 2), bytes(size - size // 2))

    assert status == exchange(probe.ens_endpoint, head + body).status


def test_an_answer_to_head_has_no_body(probe: DevCloud) -> None:
    """Its length is told all the same, and the connection can be used again."""
    head = b"HEAD /none/such HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connected(probe.oss_endpoint) as client:
        client.send(head + head)
        first, second = (client.answer(has_body=False) for _ in range(2))

    assert first.status == second.status == 403
    assert int(first.headers["content-length"]) > 0


# Targets


def test_an_absolute_target_is_taken_apart(probe: DevCloud) -> None:
    """As RFC 9112, section 3.2.2: the authority is the host, whatever Host says."""
    with connected(probe.function_url) as client:
        client.send(b"GET http://fc.example:80?a=b HTTP/1.1\r\nHost: another\r\n\r\n")
        event = echoed(client)

    assert ("/", {"a": "b"}) == (event["rawPath"], event["queryParameters"])


@at_every_service
def test_an_absolute_target_is_what_its_path_is(
    probe: DevCloud, endpoint_of: Callable[[DevCloud], str]
) -> None:
    """Every service gives the same answer to both forms."""
    endpoint = endpoint_of(probe)
    rest = b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
    origin = exchange(endpoint, b"PUT /a/b?c=d" + rest)
    absolute = exchange(endpoint, b"PUT http://localhost/a/b?c=d" + rest)

    assert origin.status == absolute.status
    assert origin.headers["content-type"] == absolute.headers["content-type"]


def test_a_signature_holds_through_a_proxy(probe: DevCloud) -> None:
    """A client that is told of a proxy signs the real host, and names it in the target."""
    headers = {"host": "ens.aliyuncs.com", "x-acs-action": "DescribeKeyPairs"}
    request = RawRequest(probe.ens_endpoint, headers=headers).signed(probe.role_credentials())
    proxies = {"http": probe.ens_endpoint}
    answer = requests.post(
        "http://ens.aliyuncs.com/", headers=request.headers, proxies=proxies, timeout=10
    )

    assert (403, "Forbidden.RAM") == (answer.status_code, answer.json()["Code"])


def test_octets_that_ought_to_be_encoded_are(probe: DevCloud) -> None:
    """A target in raw UTF-8, as curl sends what is typed, means what it says."""
    target = "/小明?name=小红".encode()
    with connected(probe.function_url) as client:
        client.send(b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        event = echoed(client)

    assert {"name": "小红"} == event["queryParameters"]
    assert ("/%E5%B0%8F%E6%98%8E", "/小明") == (
        event["rawPath"],
        event["requestContext"]["http"]["path"],
    )


# Witnesses


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not there")
@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["-X", "POST", "-T", "-"], id="-T -"),
        pytest.param(["--http1.0", "-d", "a key"], id="--http1.0"),
        pytest.param(["--http1.1", "-H", "Expect: 100-continue", "-d", "a key"], id="Expect"),
        pytest.param(["-H", "Transfer-Encoding: chunked", "-d", "a key"], id="chunked form"),
    ],
)
def test_curl(probe: DevCloud, options: list[str]) -> None:
    """What curl sends arrives."""
    run = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", *options, probe.function_url],
        input="a key",
        capture_output=True,
        text=True,
        check=True,
    )

    assert "a key" == json.loads(run.stdout)["body"]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not there")
def test_curl_with_a_proxy(probe: DevCloud) -> None:
    """``curl -x`` leads any address here."""
    run = subprocess.run(
        ["curl", "-sS", "--noproxy", "", "-x", probe.function_url, "http://fc.example/a?b=c"],
        capture_output=True,
        text=True,
        check=True,
    )
    event = json.loads(run.stdout)

    assert ("/a", {"b": "c"}) == (event["rawPath"], event["queryParameters"])


def test_a_generator_is_sent_in_chunks(probe: DevCloud) -> None:
    """As requests sends what it cannot measure."""
    answer = requests.post(probe.function_url, data=iter([b"a ", b"key"]), timeout=10)

    assert "a key" == answer.json()["body"]


# Faults, and devcloud's own


@pytest.mark.parametrize("fault", [Fault.reset_before_reading(), Fault.reset_before_answer()])
def test_faults_strike_chunked_requests_too(probe: DevCloud, fault: Fault) -> None:
    """Faults stay where they were, on the socket: not a byte of an answer comes."""
    probe.fail_next("HttpTrigger", fault)
    with connected(probe.function_url) as client:
        client.send(b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n" + chunked(b"a"))

        with pytest.raises(ConnectionResetError):
            client.is_closed()


class _Broken:
    """A service with a bug."""

    name = "broken"
    max_body_bytes = 10

    def action_of(self, _head: Request) -> str:
        return ""

    def answer(self, request: Request) -> Response:
        raise ValueError(request.body.decode())

    def refusal(self, error: ServiceError) -> Response:
        return Response.of_json(error.status, {"Code": error.code})


@pytest.fixture
def broken() -> Iterator[str]:
    server = Server(_Broken(), Surroundings(FaultPlan(), Journal(), lambda _: None))
    yield server.endpoint
    server.close()


def test_a_bug_is_answered_and_shown_without_its_text(
    broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """500 in the service's shape, on a connection that goes on; where it is stands on stderr."""
    octets = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 6\r\n\r\nsecret"
    with connected(broken) as client:
        client.send(octets + octets)
        answers = [client.answer(), client.answer()]

    assert [(500, "InternalError")] * 2 == [(answer.status, answer.code) for answer in answers]
    shown = capsys.readouterr().err
    assert "ValueError" in shown
    assert "secret" not in shown
