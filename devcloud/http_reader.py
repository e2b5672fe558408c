"""
Requests off a socket, as real servers take them (RFC 9112), within limits.

h11 reads heads and bodies. What it leaves to its caller is here: how long a line, a head and a
body may be, absolute-form targets, HTTP versions, and octets that ought to be percent-encoded.
"""

import re
import socket

import h11

from devcloud.http_message import Headers, Request, ServiceError

MAX_LINE_BYTES = 64 << 10  # method, target, version
MAX_FIELDS_BYTES = 64 << 10  # all header fields together
_PIECE_BYTES = 256 << 10
_VERSION = re.compile(rb" HTTP/([0-9]+)(?:\.[0-9]+)?\r?\n\Z")
_ABSOLUTE_FORM = re.compile(r"https?://([^/?#@]+)((?:[/?][^#]*)?)(?:#.*)?", re.IGNORECASE)
_UNENCODED = re.compile(rb"[\x80-\xff]")


class RequestReader:
    """
    Read one connection's requests, one after the other.

    A refusal is a ServiceError; after one, where the next request begins is not known.
    ``protocol`` is h11's view of the exchange under way, and writes its answer.
    """

    def __init__(self, connection: socket.socket, source_ip: str) -> None:
        self._connection = connection
        self._source_ip = source_ip
        self._received = b""
        self.protocol = h11.Connection(h11.SERVER)

    def head(self) -> Request | None:
        """
        Read a request up to its body; None when the client has left.

        Raises:
            ServiceError: 400, 414, 431, 501, 505; 405 for CONNECT and TRACE.
            ConnectionAbortedError: the client left in the middle.
        """
        self.protocol = h11.Connection(h11.SERVER)
        line = self._request_line()
        if line is None:
            return None
        version = _VERSION.search(line)
        if version and version[1] != b"1":
            raise ServiceError(505, "HTTPVersionNotSupported", "devcloud speaks HTTP/1.1.")
        encoded = _UNENCODED.sub(lambda octet: b"%%%02X" % ord(octet[0]), line)
        self.protocol = h11.Connection(
            h11.SERVER, max_incomplete_event_size=len(encoded) + MAX_FIELDS_BYTES
        )
        self.protocol.receive_data(encoded + self._received)
        self._received = b""
        event = self._event()
        if not isinstance(event, h11.Request):  # h11 has no other first event
            raise ConnectionAbortedError
        return self._request(event)

    def body(self, head: Request, max_bytes: int) -> bytes:
        """
        Read the body, whole and without its chunks' borders and trailers.

        Raises:
            ServiceError: 413 as soon as it is known to be too long; 400.
            ConnectionAbortedError: the client left in the middle.
        """
        too_large = ServiceError(413, "EntityTooLarge", f"The body may be {max_bytes} bytes long.")
        if int(head.headers.get("content-length", "0").partition(",")[0]) > max_bytes:
            raise too_large
        if self.protocol.they_are_waiting_for_100_continue:
            proceed = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
            self._connection.sendall(self.protocol.send(proceed) or b"")
        pieces: list[bytes] = []
        size = 0
        while isinstance(event := self._event(), h11.Data):
            pieces.append(event.data)
            size += len(event.data)
            if size > max_bytes:
                raise too_large
        return b"".join(pieces)

    def next(self) -> bool:
        """Make ready for the next request; False when this exchange ends the connection."""
        if not self.protocol.our_state is self.protocol.their_state is h11.DONE:
            return False
        self._received = self.protocol.trailing_data[0]
        return True

    def _request_line(self) -> bytes | None:
        while True:
            self._received = self._received.lstrip(b"\r\n")  # RFC 9112, section 2.2
            if self._received and self._received[0] < 0x21:
                raise _refusal(400)  # no method: TLS, perhaps, which never ends its line
            line, end, rest = self._received.partition(b"\n")
            if len(line) > MAX_LINE_BYTES:
                message = f"The request line may be {MAX_LINE_BYTES} bytes long."
                raise ServiceError(414, "URITooLong", message)
            if end:
                self._received = rest
                return line + end
            piece = self._connection.recv(_PIECE_BYTES)
            if not piece:
                return None
            self._received += piece

    def _event(self) -> h11.Event:
        """Return h11's next event; its error texts hold parts of the request and go nowhere."""
        while True:
            try:
                event = self.protocol.next_event()
            except h11.RemoteProtocolError as error:
                raise _refusal(error.error_status_hint) from None
            if event is h11.NEED_DATA:
                piece = self._connection.recv(_PIECE_BYTES)
                if not piece:
                    raise ConnectionAbortedError  # there is no one to answer
                self.protocol.receive_data(piece)
            elif isinstance(event, h11.Event):
                return event
            else:  # paused: nothing more belongs to this request
                raise ConnectionAbortedError

    def _request(self, event: h11.Request) -> Request:
        fields = [
            (name.decode("ascii"), value.decode("latin-1"))
            for name, value in event.headers.raw_items()
        ]
        if sum(len(name) + len(value) + 4 for name, value in fields) > MAX_FIELDS_BYTES:
            raise _refusal(431)
        headers = Headers(fields)
        codings = "transfer-encoding" in headers
        if codings and ("content-length" in headers or event.http_version == b"1.0"):
            message = "Transfer-Encoding goes with HTTP/1.1, and without Content-Length."
            raise ServiceError(400, "BadRequest", message)
        method, target = event.method.decode("ascii"), event.target.decode("ascii")
        if method in {"CONNECT", "TRACE"}:
            message = "devcloud opens no tunnel, and repeats no request: it takes http:// only."
            raise ServiceError(405, "MethodNotAllowed", message)
        if not target.startswith("/") and target != "*":
            target, headers = _origin_form(target, fields)
        return Request(
            method=method,
            target=target,
            headers=headers,
            source_ip=self._source_ip,
            protocol=f"HTTP/{event.http_version.decode('ascii')}",
        )


def _origin_form(target: str, fields: list[tuple[str, str]]) -> tuple[str, Headers]:
    """
    Turn an absolute-form target into path and query, and its authority into the Host.

    Clients of a proxy send it; the Host that they send as well is ignored (RFC 9112, section
    3.2.2). The port is left out where it is http's own, as clients do in Host.
    """
    absolute = _ABSOLUTE_FORM.fullmatch(target)
    if not absolute:
        raise _refusal(400)
    authority, rest = absolute[1].removesuffix(":80"), absolute[2]
    others = [(name, value) for name, value in fields if name.lower() != "host"]
    headers = Headers([("Host", authority), *others])
    return rest if rest.startswith("/") else f"/{rest}", headers


def _refusal(status: int) -> ServiceError:
    """Say what h11 refused, by the status that it suggests."""
    if status == 431:
        message = f"The header fields may be {MAX_FIELDS_BYTES} bytes long, all together."
        return ServiceError(431, "RequestHeaderFieldsTooLarge", message)
    if status == 501:
        message = "The one transfer coding that devcloud reads is chunked."
        return ServiceError(501, "NotImplemented", message)
    message = (
        "This is no HTTP/1.1 request: its request line, Host, Content-Length or another header "
        "is not well formed."
    )
    return ServiceError(400, "BadRequest", message)
