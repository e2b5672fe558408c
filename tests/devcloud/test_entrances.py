"""FC's entrances: the events they make, the answers they give, and whom they let in."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from alibabacloud_tea_openapi.client import Client as OpenApiClient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

from devcloud import DevCloud
from devcloud.fc.events import MalformedAnswer, http_answer
from tests.devcloud.clients import RawRequest, sdk_config
from tests.devcloud.conftest import order

# The event


def test_the_http_trigger_event_has_the_manuals_shape(probe: DevCloud) -> None:
    """Member by member: rawPath encoded, path decoded, repeated names joined by commas."""
    response = requests.post(
        f"{probe.function_url}/a%2Fb/%C3%BC?x=1&x=2&empty=&plus=a%2Bb",
        data="Hello",
        headers={"x-one": "1", "User-Agent": "test", "Accept": "*/*", "Accept-Encoding": "gzip"},
        timeout=10,
    )

    event = response.json()
    context = event.pop("requestContext")
    assert {
        "version": "v1",
        "rawPath": "/a%2Fb/%C3%BC",
        "headers": {
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            "Connection": "keep-alive",
            "User-Agent": "test",
            "X-One": "1",
        },
        "queryParameters": {"x": "1,2", "empty": "", "plus": "a+b"},
        "body": "Hello",
        "isBase64Encoded": False,
    } == event
    assert {
        "method": "POST",
        "path": "/a/b/ü",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "test",
    } == context["http"]
    assert context["domainName"] == f"{context['domainPrefix']}.cn-shanghai.fcapp.run"
    assert "1234567890123456" == context["accountId"]
    assert response.headers["X-Fc-Request-Id"] == context["requestId"]
    assert context["timeEpoch"].isdigit()
    assert context["time"].endswith("Z")


def test_a_body_that_is_no_text_comes_as_base64(probe: DevCloud) -> None:
    """The event is JSON; what is not UTF-8 cannot stand in it as it is."""
    event = requests.post(probe.function_url, data=b"\xff\x00", timeout=10).json()

    assert ("/wA=", True) == (event["body"], event["isBase64Encoded"])


def test_repeated_headers_are_joined(probe: DevCloud) -> None:
    """Two fields of one name become one value."""
    connection = http.client.HTTPConnection(urlsplit(probe.function_url).netloc, timeout=10)
    connection.putrequest("GET", "/")
    connection.putheader("X-Twice", "1")
    connection.putheader("x-twice", "2")
    connection.endheaders()
    event = json.load(connection.getresponse())
    connection.close()

    assert "1,2" == event["headers"]["X-Twice"]


def test_the_api_gateway_event_has_the_manuals_shape(probe: DevCloud) -> None:
    """API Gateway (classic): path, httpMethod, and no requestContext."""
    response = requests.put(
        f"{probe.api_gateway_url}/keys?KeyPairName=alice",
        data="k",
        headers={"User-Agent": "test", "Accept": "*/*", "Accept-Encoding": "gzip"},
        timeout=10,
    )

    assert {
        "path": "/keys",
        "httpMethod": "PUT",
        "headers": {
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            "Connection": "keep-alive",
            "User-Agent": "test",
        },
        "queryParameters": {"KeyPairName": "alice"},
        "pathParameters": {},
        "body": "k",
        "isBase64Encoded": False,
    } == response.json()


# Answers


@pytest.mark.parametrize(
    ("asked", "status", "content_type", "body"),
    [
        pytest.param("bytes", 201, None, bytes(range(256)), id="base64"),
        pytest.param("bare", 200, "application/json", b'{"no": "statusCode"}', id="no statusCode"),
    ],
)
def test_http_answers(
    probe: DevCloud, asked: str, status: int, content_type: str | None, body: bytes
) -> None:
    """A whole answer is decoded; anything else is the body of a 200."""
    response = requests.get(probe.function_url, headers={"X-Answer": asked}, timeout=10)

    assert (status, body) == (response.status_code, response.content)
    assert content_type == response.headers.get("Content-Type")


def test_an_http_answers_headers_are_the_functions(probe: DevCloud) -> None:
    """And FC adds its request id, and on default domains the attachment."""
    headers = requests.get(probe.function_url, timeout=10).headers

    assert ("yes", "application/json") == (headers["X-Answer"], headers["Content-Type"])
    assert "attachment" == headers["Content-Disposition"]


@pytest.mark.parametrize(("asked", "status"), [("bytes", 201), ("bare", 503), ("raise", 503)])
def test_api_gateway_answers(probe: DevCloud, asked: str, status: int) -> None:
    """API Gateway insists on the shape, and calls everything else unavailable."""
    response = requests.get(probe.api_gateway_url, headers={"X-Answer": asked}, timeout=10)

    assert status == response.status_code


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"statusCode": "200"}, id="a status as text"),
        pytest.param({"statusCode": 99}, id="no HTTP status"),
        pytest.param({"statusCode": 200, "headers": ["a"]}, id="headers as a list"),
        pytest.param({"statusCode": 200, "body": {"a": 1}}, id="a body as an object"),
        pytest.param({"statusCode": 200, "headers": {"a": "b\r\nc: d"}}, id="a split header"),
        pytest.param({"statusCode": 200, "headers": {"a": "é"}}, id="a header beyond ASCII"),
        pytest.param({"statusCode": 200, "isBase64Encoded": True, "body": "é"}, id="no base64"),
        pytest.param([200], id="a list"),
    ],
)
def test_an_answer_that_http_cannot_carry_is_malformed(answer: object) -> None:
    """Nothing of it is sent as HTTP."""
    with pytest.raises(MalformedAnswer):
        http_answer(json.dumps(answer).encode())


@pytest.mark.parametrize("body", [b"", b"\xff", b"text", b"[" * 20_000, b"NaN", b"[1]"])
def test_what_is_no_http_answer_at_all(body: bytes) -> None:
    """No JSON, too deep, or no object: the trigger then sends it as it is."""
    with pytest.raises(MalformedAnswer):
        http_answer(body)


def test_headers_of_the_connection_are_fcs() -> None:
    """A function cannot promise another length than its body has."""
    answer = {"statusCode": 200, "headers": {"Content-Length": "9", "A": 1}, "body": "b"}

    assert {"A": "1"} == http_answer(json.dumps(answer).encode()).headers


# Entrances


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_the_triggers_methods_are_a_hard_list(probe: DevCloud, method: str) -> None:
    """s.yaml allows GET and POST; others never reach the function."""
    response = requests.request(method, probe.function_url, timeout=10)

    assert (403, "FcCommonError") == (response.status_code, response.headers["X-Fc-Error-Type"])


def test_an_event_that_is_too_large_is_refused(probe: DevCloud) -> None:
    """A synchronous invocation takes 32 MB."""
    request = RawRequest(probe.function_url, headers={"Content-Length": str((32 << 20) + 1)})

    assert 413 == request.send().status


def invoke_over_http(cloud: DevCloud, event: bytes, name: str = "probe-test") -> Any:
    """Call InvokeFunction with the official SDK's core, as its FC client does."""
    client = OpenApiClient(sdk_config(cloud.fc_endpoint, cloud.user_credentials()))
    params = Params(
        action="InvokeFunction",
        version="2023-03-30",
        protocol="HTTP",
        pathname=f"/2023-03-30/functions/{name}/invocations",
        method="POST",
        auth_type="AK",
        style="ROA",
        req_body_type="json",
        body_type="string",
    )
    request = OpenApiRequest(body=event, stream=event)
    return client.call_api(params, request, RuntimeOptions())


def test_invoke_function_over_http(probe: DevCloud) -> None:
    """Signed by the official SDK; the body is what the function returned."""
    answer = invoke_over_http(probe, order("object"))

    assert '{"answer": 42}' == answer["body"]
    assert answer["headers"]["x-fc-request-id"].startswith("1-")


def test_invoke_function_knows_one_function(probe: DevCloud) -> None:
    """Another name is not found."""
    with pytest.raises(AlibabaCloudException) as refusal:
        invoke_over_http(probe, b"", name="another")

    assert (404, "FunctionNotFound") == (refusal.value.status_code, refusal.value.code)


def signed_invocation(cloud: DevCloud, **headers: str) -> RawRequest:
    return RawRequest(
        cloud.fc_endpoint,
        path="/2023-03-30/functions/probe-test/invocations",
        headers={"x-acs-action": "InvokeFunction", "x-acs-version": "2023-03-30", **headers},
        body=order("text"),
    )


def test_invoke_function_needs_a_signature_and_permission(probe: DevCloud) -> None:
    """The function's own role may not invoke it; an unsigned request may not either."""
    request = signed_invocation(probe)

    assert 200 == request.signed(probe.user_credentials()).send().status
    assert (403, "AccessDenied") == (
        (answer := request.signed(probe.role_credentials()).send()).status,
        answer.code,
    )
    assert "IncompleteSignature" == request.send().code
