"""
One connection: requests read, the fault plan asked, the call recorded, the answer delivered, or
not delivered in the way that the fault says.
"""

import contextlib
import json
import socket
import struct
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from devcloud.faults import Delivery, Fault
from devcloud.http_message import Headers, Request, Response, ServiceError
from devcloud.journal import Call
from devcloud.service import Service, Surroundings

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER for no time: close sends RST, not FIN


class Owner(Protocol):
    """The server whose connections these are."""

    service: Service
    surroundings: Surroundings
    closing: threading.Event

    def opened(self, connection: socket.socket, thread: threading.Thread) -> None:
        """Remember a connection."""

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""

    def is_dead(self, connection: socket.socket) -> bool:
        """Tell whether a connection was left to die."""


class HttpServer(ThreadingHTTPServer):
    """The standard library's threading server over a socket that is bound already."""

    daemon_threads = True

    def __init__(self, owner: Owner, listener: socket.socket) -> None:
        super().__init__(listener.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.owner = owner

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start the connection's thread, known to the owner before it runs."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self.owner.opened(request, thread)
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection to its end, and have the owner forget it."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.owner.closed(request)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection: politely, or by the reset that the handler has asked for."""
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == _RESET_ON_CLOSE:
            request.close()  # without the FIN that the polite way sends first
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that broke: clients may; anything else is our bug."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every answer waits 40 ms for an acknowledgement
    server: HttpServer

    def serve(self) -> None:
        service = self.server.owner.service
        faults = self.server.owner.surroundings.faults
        if self.server.owner.is_dead(self.connection):
            self._reset()
            return
        head = self._head()
        action = service.action_of(head)
        fault = faults.take(action)
        if fault and fault.delivery is Delivery.RESET_BEFORE_READING:
            self._record(action, head, Response(0), fault)
            self._reset()
            return
        try:
            request = replace(head, body=self._read_body())
            response = _outcome(service, request, fault)
        except ServiceError as error:
            request, response = head, service.refusal(error)
        self._record(action, request, response, fault)
        self._deliver(response, fault)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = serve  # noqa: N815 - http.server's names

    def version_string(self) -> str:
        return "devcloud"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Log nothing: a request line holds keys."""

    def _head(self) -> Request:
        return Request(
            method=self.command,
            target=self.path,
            headers=Headers(self.headers.items()),
            source_ip=self.client_address[0],
            protocol=self.request_version,
        )

    def _read_body(self) -> bytes:
        if "transfer-encoding" in self.headers:
            self.close_connection = True  # where its body ends is not known
            raise ServiceError(501, "NotImplemented", "devcloud reads no Transfer-Encoding.")
        length = self.headers.get("content-length", "0")
        limit = self.server.owner.service.max_body_bytes
        if not length.isascii() or not length.isdigit() or int(length) > limit:
            self.close_connection = True
            raise ServiceError(413, "EntityTooLarge", f"The body may be {limit} bytes long.")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError  # the client left; there is nobody to answer
        return body

    def _record(
        self, action: str, request: Request, response: Response, fault: Fault | None
    ) -> None:
        owner = self.server.owner
        names = tuple(name for name, _ in (*request.query, *request.form))
        call = Call(
            service=owner.service.name,
            action=action,
            parameters=names,
            status=response.status,
            code=response.code,
            request_id=response.request_id,
            fault=fault.name if fault else "",
            performed=not fault or fault.performs,
        )
        owner.surroundings.journal.add(call)

    def _deliver(self, response: Response, fault: Fault | None) -> None:
        delivery = fault.delivery if fault else Delivery.WHOLE
        if fault and fault.delay_seconds:
            self.server.owner.closing.wait(fault.delay_seconds)
        if delivery is Delivery.KILL:
            self.server.owner.surroundings.kill_caller(self.headers.get("authorization", ""))
        if delivery in {Delivery.RESET_BEFORE_ANSWER, Delivery.KILL}:
            self._reset()
        elif delivery is Delivery.SILENCE:
            self._wait_for_the_client_to_leave()
        elif delivery is Delivery.WHOLE:
            self._send(response, len(response.body))
        else:
            self._send(response, len(response.body) // 2)
            self.close_connection = True
            if delivery is Delivery.RESET_DURING_ANSWER:
                self._reset()

    def _send(self, response: Response, first_bytes: int) -> None:
        """Send the head, which promises the whole body, and this much of the body."""
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if "content-length" not in Headers(response.headers.items()):
            self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[:first_bytes])

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.close_connection = True

    def _wait_for_the_client_to_leave(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            while self.connection.recv(4096):  # also ended by Server.close
                pass


def _outcome(service: Service, request: Request, fault: Fault | None) -> Response:
    """Carry a request out as far as the fault lets it, and make the answer that it leaves."""
    response = service.answer(request) if not fault or fault.performs else Response(0)
    if not fault:
        return response
    if fault.error_code:
        headers = dict(fault.headers)
        error = ServiceError(fault.status, fault.error_code, fault.message, headers=headers)
        return service.refusal(error)
    if fault.body is not None:
        return Response(fault.status, fault.body, {"Content-Type": fault.content_type})
    if fault.altered and response.status < 300:
        content = {**json.loads(response.body), **dict(fault.altered)}
        return replace(response, body=json.dumps(content).encode())
    if fault.altered_headers:
        return replace(response, headers={**response.headers, **dict(fault.altered_headers)})
    return response
