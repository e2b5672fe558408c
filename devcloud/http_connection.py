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
import time
from dataclasses import replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol

import h11

from devcloud.faults import Fault, Transmission
from devcloud.http_message import Headers, Request, Response, ServiceError
from devcloud.http_reader import RequestReader
from devcloud.journal import Call
from devcloud.service import Service, Surroundings

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER for no time: close sends RST, not FIN
_LINGER_SECONDS = 2.0
_REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}
_WITHOUT_BODY = frozenset({204, 304})
_NO_REQUEST = Request("", "")


class Owner(Protocol):
    """The server whose connections these are."""

    service: Service
    surroundings: Surroundings
    closing: threading.Event

    def is_dead(self, connection: socket.socket) -> bool:
        """Tell whether a connection was left to die."""


class Connection:
    """Serve a client until it leaves, or a request or a fault ends it."""

    def __init__(self, owner: Owner, connection: socket.socket, source_ip: str) -> None:
        self._owner = owner
        self._connection = connection
        self._reader = RequestReader(connection, source_ip)
        # Else every answer waits 40 ms for an acknowledgement.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def serve(self) -> None:
        """Answer request after request; return when the connection is closed."""
        try:
            while self._exchange():
                pass
        except OSError:
            pass  # the client broke it off: clients may
        finally:
            self._connection.close()

    def _exchange(self) -> bool:
        """Take one request; tell whether another one may follow."""
        service, faults = self._owner.service, self._owner.surroundings.faults
        try:
            head = self._reader.head()
        except ServiceError as error:
            return self._turn_away("", _NO_REQUEST, error)
        if head is None:
            return False
        if self._owner.is_dead(self._connection):
            return self._reset()
        action = service.action_of(head)
        fault = faults.take(action)
        if fault and fault.transmission is Transmission.RESET_BEFORE_READING:
            self._record(action, head, Response(0), fault)
            return self._reset()
        try:
            request = replace(head, body=self._reader.body(head, service.max_body_bytes))
        except ServiceError as error:
            return self._turn_away(action, head, error)
        response = _outcome(service, request, fault)
        self._record(action, request, response, fault)
        return self._deliver(request, response, fault)

    def _record(
        self, action: str, request: Request, response: Response, fault: Fault | None
    ) -> None:
        names = tuple(name for name, _ in (*request.query, *request.form))
        call = Call(
            service=self._owner.service.name,
            action=action,
            parameters=names,
            status=response.status,
            code=response.code,
            request_id=response.request_id,
            fault=fault.name if fault else "",
            performed=not fault or fault.performs,
        )
        self._owner.surroundings.journal.add(call)

    def _deliver(self, request: Request, response: Response, fault: Fault | None) -> bool:
        transmission = fault.transmission if fault else Transmission.WHOLE
        if fault and fault.delay_seconds:
            self._owner.closing.wait(fault.delay_seconds)
        if transmission is Transmission.KILL:
            self._owner.surroundings.kill_caller(request.headers.get("authorization", ""))
        if transmission in {Transmission.RESET_BEFORE_ANSWER, Transmission.KILL}:
            return self._reset()
        if transmission is Transmission.SILENCE:
            return self._wait_for_the_client_to_leave()
        if transmission is Transmission.WHOLE:
            self._send(request, response)
            return self._reader.next()
        self._send_half(request, response)
        return self._reset() if transmission is Transmission.RESET_DURING_ANSWER else False

    def _turn_away(self, action: str, head: Request, error: ServiceError) -> bool:
        """
        Refuse a request that was not read to its end, and close.

        What the client still sends is read and dropped for a while: data that comes to a closed
        socket is answered with RST, which may overtake the refusal (RFC 9112, section 9.6).
        """
        response = self._owner.service.refusal(error)
        self._record(action, head, response, None)
        closing = {**response.headers, "Connection": "close"}
        self._send(head, replace(response, headers=closing))
        self._connection.shutdown(socket.SHUT_WR)
        self._connection.settimeout(_LINGER_SECONDS)
        ends = time.monotonic() + _LINGER_SECONDS
        while self._connection.recv(1 << 16) and time.monotonic() < ends:
            pass
        return False

    def _send(self, request: Request, response: Response) -> None:
        """Send an answer, whole."""
        protocol = self._reader.protocol
        head = protocol.send(_response_head(response)) or b""
        body = (
            b"" if request.method == "HEAD" or response.status in _WITHOUT_BODY else response.body
        )
        if body:
            protocol.send_with_data_passthrough(h11.Data(data=body))
        protocol.send(h11.EndOfMessage())
        if len(body) < 1 << 16:
            self._connection.sendall(head + body)
        else:
            self._connection.sendall(head)
            self._connection.sendall(body)

    def _send_half(self, request: Request, response: Response) -> None:
        """Send a head that promises the whole body, and half of the body."""
        closing = replace(response, headers={**response.headers, "Connection": "close"})
        head = self._reader.protocol.send(_response_head(closing)) or b""
        half = b"" if request.method == "HEAD" else response.body[: len(response.body) // 2]
        self._connection.sendall(head + half)

    def _reset(self) -> bool:
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        return False

    def _wait_for_the_client_to_leave(self) -> bool:
        with contextlib.suppress(OSError):
            while self._connection.recv(4096):  # also ended by Server.close
                pass
        return False


def _response_head(response: Response) -> h11.Response:
    fields = [("Server", "devcloud"), ("Date", formatdate(usegmt=True)), *response.headers.items()]
    has_length = "content-length" in Headers(response.headers.items())
    if not has_length and response.status not in _WITHOUT_BODY:
        fields.append(("Content-Length", str(len(response.body))))
    return h11.Response(
        status_code=response.status,
        headers=[(name.encode("ascii"), _field_value(value)) for name, value in fields],
        reason=_REASONS.get(response.status, b""),
    )


def _field_value(value: str) -> bytes:
    """Write a value back as it came: header fields are read as Latin-1."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


def _outcome(service: Service, request: Request, fault: Fault | None) -> Response:
    """Carry a request out as far as the fault lets it, and make the answer that it leaves."""
    response = _answer(service, request) if not fault or fault.performs else Response(0)
    if not fault:
        return response
    if fault.error_code:
        headers = dict(fault.headers)
        error = ServiceError(fault.status, fault.error_code, fault.message, headers=headers)
        return service.refusal(error)
    if fault.body is not None:
        return Response(fault.status, fault.body, {"Content-Type": fault.content_type})
    if fault.altered and response.status < 300:
        return _altered(response, dict(fault.altered))
    if fault.altered_headers:
        return replace(response, headers={**response.headers, **dict(fault.altered_headers)})
    return response


def _altered(response: Response, members: dict[str, str]) -> Response:
    """Give members of a JSON object another value; an answer that is none stays as it is."""
    try:
        content = json.loads(response.body)
    except ValueError:
        return response
    if not isinstance(content, dict):
        return response
    return replace(response, body=json.dumps({**content, **members}).encode())


def _answer(service: Service, request: Request) -> Response:
    try:
        return service.answer(request)
    except ServiceError as error:
        return service.refusal(error)
    except Exception as error:  # noqa: BLE001 - a bug of devcloud is an answer too, as any server's
        _report(error)
        return service.refusal(ServiceError(500, "InternalError"))


def _report(error: Exception) -> None:
    """Show where a bug of devcloud is; its text may hold a key, and is left out."""
    import traceback  # noqa: PLC0415 - seldom needed, and not light

    frames = "".join(traceback.format_tb(error.__traceback__))
    sys.stderr.write(f"devcloud failed, {type(error).__name__}:\n{frames}")
