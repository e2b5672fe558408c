"""Who called: told for the log, whatever the event looks like, and never a secret."""

from __future__ import annotations

import base64
import json

import pytest

from triggers import recognise
from triggers.oss import OssInvocation

HTTP = {"http": {"method": "POST", "path": "/", "sourceIp": "192.0.2.7"}}


def token(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{payload}.c2lnbmF0dXJl"


def called(event: object) -> tuple[str, str]:
    trigger = recognise(json.dumps(event))
    return trigger.caller, trigger.source_ip


@pytest.mark.parametrize(
    ("authorization", "caller"),
    [
        pytest.param(
            "ACS3-HMAC-SHA256 Credential=EXAMPLE7,SignedHeaders=host,Signature=ab",
            "EXAMPLE7",
            id="a signature",
        ),
        pytest.param("FC EXAMPLE7:c2ln", "EXAMPLE7", id="FC's own signature"),
        pytest.param(f"Bearer {token({'sub': 'alice'})}", "alice", id="a token"),
        pytest.param(f"bearer {token({'sub': 'alice'})}", "alice", id="in lower case"),
        pytest.param(f"Bearer {token({'sub': 'a b' * 99})}", ("a b" * 99)[:128], id="long"),
        pytest.param(f"Bearer {token({'sub': 'A' * 99})}", "***", id="as long as a key"),
        pytest.param(f"Bearer {token({'sub': 7})}", "", id="a number"),
        pytest.param(f"Bearer {token({'sub': 'a' + chr(10) + 'b'})}", "", id="two lines"),
        pytest.param(f"Bearer {token({})}", "", id="no sub"),
        pytest.param(f"Bearer {token([])}", "", id="no claims"),
        pytest.param("Bearer a.b.c", "", id="no token"),
        pytest.param("Basic YWxpY2U6cGFzc3dvcmQ=", "", id="a password"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_who_signed(authorization: str, caller: str) -> None:
    """The access key id or the token's subject; nothing else of the header."""
    event = {"requestContext": HTTP, "headers": {"authorization": authorization}}

    assert (caller, "192.0.2.7") == called(event)


@pytest.mark.parametrize("headers", [None, [], {"Authorization": 7}, {"Authorization": None}])
def test_headers_of_any_shape(headers: object) -> None:
    """Who called is then not known; the request is answered all the same."""
    assert ("", "192.0.2.7") == called({"requestContext": HTTP, "headers": headers})


def test_an_rpc_client() -> None:
    """RPC signatures name their access key id in the query."""
    event = {"requestContext": HTTP, "queryParameters": {"AccessKeyId": "EXAMPLE7"}}

    assert ("EXAMPLE7", "192.0.2.7") == called(event)


def test_forwarded_addresses_are_not_believed() -> None:
    """Any caller can write that header."""
    event = {
        "requestContext": {"http": {"method": "POST"}},
        "headers": {"X-Forwarded-For": "203.0.113.9"},
    }

    assert ("", "") == called(event)


@pytest.mark.parametrize(
    ("principal", "address", "told"),
    [
        pytest.param("27042814", "192.0.2.7", ("27042814", "192.0.2.7"), id="as OSS writes them"),
        pytest.param("3:alice@corp", "2001:db8::7", ("3:alice@corp", "2001:db8::7"), id="IPv6"),
        pytest.param({"a": 1}, 7, ("", ""), id="of another type"),
        pytest.param("a\nb", "localhost", ("", ""), id="no such things"),
    ],
)
def test_who_uploaded(principal: object, address: object, told: tuple[str, str]) -> None:
    """OSS's principalId, and the address that OSS saw."""
    record = {
        "eventName": "ObjectCreated:PutObject",
        "region": "cn-hangzhou",
        "oss": {"bucket": {"name": "uploads"}, "object": {"key": "keys/a.pub", "eTag": "A"}},
        "userIdentity": {"principalId": principal},
        "requestParameters": {"sourceIPAddress": address},
    }
    trigger = recognise(json.dumps({"events": [record]}))

    assert isinstance(trigger, OssInvocation)
    assert told == (trigger.uploads[0].uploader, trigger.uploads[0].source_ip)


@pytest.mark.parametrize(
    ("event", "waits"),
    [
        pytest.param({"requestContext": HTTP, "headers": {}}, True, id="HTTP"),
        pytest.param(
            {"requestContext": HTTP, "headers": {"x-fc-invocation-type": "Sync"}}, True, id="Sync"
        ),
        pytest.param(
            {"requestContext": HTTP, "headers": {"X-Fc-Invocation-Type": "Async"}},
            False,
            id="Async",
        ),
        pytest.param(
            {"httpMethod": "POST", "headers": {"X-Fc-Invocation-Type": "Async"}},
            True,
            id="classic API Gateway, where any caller can write it",
        ),
        pytest.param({"KeyPairName": "alice"}, True, id="direct: the event does not tell"),
    ],
)
def test_who_waits(event: object, *, waits: bool) -> None:
    """FC answers 202 to an asynchronous request; nothing that fails then is raised."""
    trigger = recognise(json.dumps(event))

    assert (waits, False) == (trigger.waits, trigger.retries)
