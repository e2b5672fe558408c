"""HTTP requests as events, and the function's answers as HTTP: the two contracts FC has for it."""

import base64
import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from devcloud.http_message import Headers, Request, Response
from devcloud.ram.models import ACCOUNT_ID

# FC's gateway takes these off: they are about the connection, not about the request.
_CONNECTION_HEADERS = frozenset({"host", "content-length", "transfer-encoding"})


# These are FC's to set, whatever the function says.
_FC_HEADERS = frozenset(
    {"connection", "content-length", "date", "keep-alive", "server", "trailer", "transfer-encoding"}
)


class MalformedAnswer(ValueError):
    """The function's answer is no ``{"statusCode", "headers", "isBase64Encoded", "body"}``."""


def http_trigger_event(
    request: Request, *, trigger_id: str, region: str, request_id: str, now: float
) -> bytes:
    """
    Build the HTTP trigger's event, version v1 (FC manual, "Use HTTP triggers to invoke functions").

    ``rawPath`` is encoded, ``requestContext.http.path`` decoded; a header or parameter given more
    than once has its values joined by commas.
    """
    event = {
        "version": "v1",
        "rawPath": request.raw_path or "/",
        "headers": _canonical_headers(request.headers),
        "queryParameters": _joined(request.query),
        **_body(request.body),
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "domainName": f"{trigger_id}.{region}.fcapp.run",
            "domainPrefix": trigger_id,
            "requestId": request_id,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
            "timeEpoch": str(int(now * 1000)),
            "http": {
                "method": request.method,
                "path": unquote(request.raw_path) or "/",
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": request.headers.get("user-agent", ""),
            },
        },
    }
    return json.dumps(event, ensure_ascii=False).encode()


def api_gateway_event(request: Request) -> bytes:
    """Build the event of API Gateway (classic) with a Function Compute backend."""
    event = {
        "path": unquote(request.raw_path) or "/",
        "httpMethod": request.method,
        "headers": _canonical_headers(request.headers),
        "queryParameters": _joined(request.query),
        "pathParameters": {},
        **_body(request.body),
    }
    return json.dumps(event, ensure_ascii=False).encode()


def http_answer(body: bytes) -> Response:
    """
    Read a function's answer as an HTTP answer.

    Raises:
        MalformedAnswer: when it has no statusCode, or parts that HTTP cannot carry.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedAnswer from None
    status = answer.get("statusCode") if isinstance(answer, dict) else None
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise MalformedAnswer
    headers, content = answer.get("headers") or {}, answer.get("body") or ""
    if not isinstance(headers, dict) or not isinstance(content, str):
        raise MalformedAnswer
    if not all(_is_header(f"{name}: {value}") for name, value in headers.items()):
        raise MalformedAnswer
    if answer.get("isBase64Encoded"):
        try:
            decoded = base64.b64decode(content, validate=True)
        except ValueError:  # also of characters that are not ASCII
            raise MalformedAnswer from None
    else:
        decoded = content.encode()
    kept = {name: str(value) for name, value in headers.items() if name.lower() not in _FC_HEADERS}
    return Response(status, decoded, kept)


def _is_header(line: str) -> bool:
    return line.isprintable() and line.isascii()


def _canonical_headers(headers: Headers) -> dict[str, str]:
    """Spell names as Go's HTTP server does, on which FC's gateway runs: X-Acs-Action."""
    return {
        "-".join(part.capitalize() for part in name.split("-")): value
        for name, value in headers.items()
        if name.lower() not in _CONNECTION_HEADERS
    }


def _joined(parameters: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in parameters:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(body: bytes) -> dict[str, Any]:
    """Put text into the event as it is, and anything else as base64."""
    try:
        return {"body": body.decode("utf-8"), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
