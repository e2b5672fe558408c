"""A function that does what its event says: JSON ``{"do": ACTION}``, or an HTTP event."""

import base64
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

seen = {"initializations": 0, "invocations": 0}


def initialize(_context: Any) -> None:
    seen["initializations"] += 1
    print("initializing")  # noqa: T201 - what the log is tested with


def handler(event: bytes, context: Any) -> object:
    seen["invocations"] += 1
    if not event:
        return "no event"
    order = json.loads(event)
    if "requestContext" in order or "httpMethod" in order:
        return _http_answer(event, order)
    return ACTIONS[order["do"]](context)


def _http_answer(event: bytes, order: dict[str, Any]) -> object:
    """Answer as the header X-Answer asks; without it, with the event itself."""
    headers = {name.lower(): value for name, value in order["headers"].items()}
    asked = headers.get("x-answer", "event")
    if asked == "raise":
        raise ValueError("as asked")
    every_byte = base64.b64encode(bytes(range(256))).decode()
    answers: dict[str, object] = {
        "bare": {"no": "statusCode"},
        "bytes": {"statusCode": 201, "headers": {}, "isBase64Encoded": True, "body": every_byte},
        "event": {
            "statusCode": 200,
            "headers": {"X-Answer": "yes", "Content-Type": "application/json"},
            "isBase64Encoded": False,
            "body": event.decode(),
        },
    }
    return answers[asked]


def _context(context: Any) -> object:
    return {
        "request_id": context.request_id,
        "function": vars(context.function),
        "region": context.region,
        "account_id": context.account_id,
        "has_service": hasattr(context, "service"),
        "credentials": vars(context.credentials) if hasattr(context, "credentials") else None,
    }


def _log(_context: Any) -> object:
    print("printed")  # noqa: T201 - what the log is tested with
    logging.getLogger("probe").warning("recorded")
    return "logged"


def _hang(_context: Any) -> object:
    print("hanging in", os.getpid())  # noqa: T201 - so that a test can tell when
    threading.Event().wait()
    return "never"


def _raise(_context: Any) -> object:
    raise RuntimeError("broken as asked")


def _state(_context: Any) -> object:
    return {
        **seen,
        "pid": os.getpid(),
        "cwd": str(Path.cwd()),
        "path": sys.path,
        "environment": dict(os.environ),
        "modules": sorted(sys.modules),
    }


ACTIONS: dict[str, Callable[[Any], object]] = {
    "context": _context,
    "log": _log,
    "raise": _raise,
    "state": _state,
    "text": lambda _context: "text, not JSON",
    "bytes": lambda _context: b"\x00\xff",
    "object": lambda _context: {"answer": 42},
    "hang": _hang,
    "die": lambda _context: os._exit(3),
    "exit": lambda _context: sys.exit("bye"),
    "set": lambda _context: {1, 2},  # no JSON value
}
