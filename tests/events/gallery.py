"""
The gallery of event files (tests/events), and events built on the spot in the same shapes.

All of the gallery's events import one key, alice.pub, whose private half was thrown away.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from triggers import recognise
from triggers.oss import OssInvocation

if TYPE_CHECKING:
    from core.errors import RequestRefused
    from core.importing.request import ImportRequest
    from triggers import Trigger

GALLERY = Path(__file__).parent
ALICE_PUB = (GALLERY / "alice.pub").read_text(encoding="utf-8")  # as ssh-keygen writes it
ALICE_KEY = ALICE_PUB.strip()
ALICE = {"KeyPairName": "alice", "PublicKeyBody": ALICE_KEY}
FORM = "application/x-www-form-urlencoded"


def event_file(name: str) -> bytes:
    """Return an event of the gallery."""
    return (GALLERY / f"{name}.json").read_bytes()


def http_event(
    body: object = "",
    *,
    method: object = "POST",
    path: object = "/",
    content_type: str | None = None,
    **members: object,
) -> bytes:
    """Build an HTTP trigger's event; members are the event's own, such as queryParameters."""
    event: dict[str, Any] = {
        "version": "v1",
        "rawPath": path,
        "headers": {} if content_type is None else {"Content-Type": content_type},
        "queryParameters": {},
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"http": {"method": method, "path": path}, "requestId": ""},
    }
    return json.dumps({**event, **members}).encode()


def api_gateway_event(body: object = "", *, method: object = "POST", **members: object) -> bytes:
    """Build an event of API Gateway."""
    event = {
        "path": "/keys",
        "httpMethod": method,
        "headers": {},
        "queryParameters": {},
        "pathParameters": {},
        "body": body,
        "isBase64Encoded": False,
    }
    return json.dumps({**event, **members}).encode()


def as_json(**parameters: object) -> str:
    """Write parameters as a JSON body."""
    return json.dumps(parameters)


def trigger_of(event: bytes | str) -> Trigger:
    """Recognise an event of a caller who waits."""
    trigger = recognise(event)
    assert not isinstance(trigger, OssInvocation)
    return trigger


def request_of(event: bytes | str) -> ImportRequest:
    """Return what an event asks for."""
    return trigger_of(event).request()


def refusal_of(event: bytes, kind: type[RequestRefused]) -> RequestRefused:
    """Return how an event is refused; by exactly this class."""
    with pytest.raises(kind) as refusal:
        request_of(event)
    assert kind is refusal.type
    return refusal.value
