# ruff: noqa: INP001 - run by path: no package that the function could import
"""
The process of one function instance: FC's built-in Python runtime, over a socket from devcloud.

    python bootstrap.py LISTENING_FD LIFELINE_FD CODE_FOLDER

devcloud speaks to it as FC speaks to a custom runtime: ``POST /initialize`` and ``POST /invoke``,
the request's facts in ``x-fc-`` headers, ``x-fc-status: 404`` in the answer when the function
failed. The lifeline is a pipe that devcloud holds open; when devcloud dies, however it dies, the
instance ends.

It needs nothing but the standard library, so that a package runs on the Python of its runtime with
what is in the package alone. It is run by path, so that nothing of devcloud is importable.
"""

import importlib
import json
import logging
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any


class _Requests(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer one call of devcloud's."""
        body = self.rfile.read(int(self.headers["content-length"]))
        content, status = _answer(self.path, self.headers, body)
        self.send_response(200)
        self.send_header("x-fc-status", status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing: stdout and stderr are the function's own."""


def _answer(path: str, facts: Message, body: bytes) -> tuple[bytes, str]:
    """Run the initializer or the handler once; ``/started`` runs nothing."""
    if path == "/started":
        return b"", "200"
    is_initializer = path == "/initialize"
    _log_records.request_id = facts["x-fc-request-id"]
    name = facts["x-fc-function-initializer" if is_initializer else "x-fc-function-handler"]
    context = _context(facts)
    try:
        function = _load(name)
        result = function(context) if is_initializer else function(body, context)
        return b"" if is_initializer else _serialised(result), "200"
    except BaseException as error:  # noqa: BLE001 - sys.exit too is a failed invocation
        return _failure(error), "404"
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _load(name: str) -> Callable[..., Any]:
    module, _, function = name.rpartition(".")
    loaded: Callable[..., Any] = getattr(
        importlib.import_module(module.replace("/", ".")), function
    )
    return loaded


def _context(facts: Message) -> SimpleNamespace:
    """
    Make the context of the runtime that the cloud was made with.

    python3.10's has ``credentials`` and ``service``; python3.12 has neither.
    """
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


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)  # returns at the end of the pipe only
    os._exit(1)


def main() -> None:
    """Serve one request at a time until killed."""
    listener, lifeline, code = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    logging.getLogger().addHandler(_log_records)
    logging.getLogger().setLevel(logging.INFO)
    sys.path[0] = code  # in place of this script's folder
    server = HTTPServer(("127.0.0.1", 0), _Requests, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=listener)
    server.serve_forever()


main()
