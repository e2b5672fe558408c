# ruff: noqa: INP001 - loaded by path, in the function's process
"""
The built-in Python runtime of FC, behind a functions-framework HTTP target.

devcloud speaks to it as FC speaks to a custom runtime: ``POST /initialize`` and ``POST /invoke``,
the request's facts in ``x-fc-`` headers, ``x-fc-status: 404`` in the answer when the function
failed. It is loaded in the function's process and must import nothing that a function might name.
"""

import importlib
import json
import logging
import sys
import time
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import flask

Answer = tuple[bytes, int, dict[str, str]]


def take(request: flask.Request) -> Answer:
    """Run the initializer or the handler once; ``/started`` runs nothing."""
    if request.path == "/started":
        return b"", 200, {"x-fc-status": "200"}
    is_initializer = request.path == "/initialize"
    _log_records.request_id = request.headers["x-fc-request-id"]
    role = "initializer" if is_initializer else "handler"
    name = request.headers[f"x-fc-function-{role}"]
    context = _context(request)
    try:
        function = _load(name)
        result = function(context) if is_initializer else function(request.get_data(), context)
        body = b"" if is_initializer else _serialised(result)
    except BaseException as error:  # noqa: BLE001 - sys.exit too is a failed invocation
        return _failure(error), 200, {"x-fc-status": "404", "content-type": "application/json"}
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return body, 200, {"x-fc-status": "200", "content-type": "application/octet-stream"}


def _load(name: str) -> Callable[..., Any]:
    module, _, function = name.rpartition(".")
    loaded: Callable[..., Any] = getattr(
        importlib.import_module(module.replace("/", ".")), function
    )
    return loaded


def _context(request: flask.Request) -> SimpleNamespace:
    """
    Make the context of the runtime that the cloud was made with.

    python3.10's has ``credentials`` and ``service``; python3.12 has neither.
    """
    facts = request.headers
    context = SimpleNamespace(
        request_id=facts["x-fc-request-id"],
        function=SimpleNamespace(
            name=facts["x-fc-function-name"],
            handler=facts["x-fc-function-handler"],
            memory=int(facts["x-fc-function-memory"]),
            timeout=int(facts["x-fc-function-timeout"]),
        ),
        region=facts["x-fc-region"],
        account_id=facts["x-fc-account-id"],
        retry_count=int(facts["x-fc-retry-count"]),
    )
    if "x-fc-access-key-id" in facts:
        context.credentials = SimpleNamespace(
            access_key_id=facts["x-fc-access-key-id"],
            access_key_secret=facts["x-fc-access-key-secret"],
            security_token=facts["x-fc-security-token"],
        )
        context.service = SimpleNamespace(
            name="", log_project="", log_store="", qualifier="LATEST", version_id=""
        )
    return context


def _serialised(result: Any) -> bytes:
    if isinstance(result, bytes):
        return result
    if isinstance(result, str):
        return result.encode()
    return json.dumps(result).encode()


def _failure(error: BaseException) -> bytes:
    frames = error.__traceback__.tb_next if error.__traceback__ else None  # without this file's
    stack = traceback.format_exception(type(error), error, frames)
    print("".join(stack), end="")  # noqa: T201 - FC puts the stack into the function's log
    description = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": [
            [f'File "{f.filename}"', f"line {f.lineno}", f"in {f.name}", f.line]
            for f in traceback.extract_tb(frames)
        ],
    }
    return json.dumps(description).encode()


class _LogRecords(logging.Handler):
    """What FC does with records of the logging module: time, request id and level in front."""

    request_id = ""

    def emit(self, record: logging.LogRecord) -> None:
        instant = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        head = f"{instant}.{int(record.msecs):03d}Z {self.request_id} [{record.levelname}]"
        print(head, self.format(record))  # noqa: T201 - stdout is the log


_log_records = _LogRecords()
logging.getLogger().addHandler(_log_records)
logging.getLogger().setLevel(logging.INFO)
