"""A server that answers with prepared bytes, for all that a well-behaved one never sends."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from typing import TypeAlias

    from typing_extensions import Self

    Answer: TypeAlias = Callable[["RawServer", socket.socket], bool]

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER for no time: close sends RST


class RawServer:
    """
    Read requests on 127.0.0.1, and let one prepared answer after the other deal with each.

    Args:
        answers: each is given the connection and returns whether it stays open.
        tls: to speak TLS with.
    """

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.leaving = threading.Event()
        self.closed_by_client = threading.Semaphore(0)  # one more for each that the client closes
        self.closed_here = threading.Semaphore(0)  # as above
        self.prepare(*answers)

    def prepare(self, *answers: Answer) -> None:
        """Forget what was, and have these answers ready; connections stay."""
        self.requests: list[bytes] = []  # the head of each
        self.connections = 0  # new ones
        self._answers = list(answers)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._open: list[socket.socket] = []
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leaving.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=[connection], daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._open.append(connection)
            stays = True
            while stays and (head := _read_head(connection)):
                self.requests.append(head)
                stays = self._answers.pop(0)(self, connection)
            if stays:
                self.closed_by_client.release()
        connection.close()
        self.closed_here.release()


def _read_head(connection: socket.socket) -> bytes:
    """Read up to the empty line; the SDK's requests have no body. Nothing: the client left."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = connection.recv(65536)
        if not part:
            return b""
        head += part
    return head


def http(status: int, body: bytes, *headers: str) -> bytes:
    """Write an answer."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def in_json(status: int, content: object, *headers: str) -> bytes:
    """Write an answer in JSON."""
    return http(status, json.dumps(content).encode(), "Content-Type: application/json", *headers)


def send(data: bytes) -> Answer:
    """Send this, and keep the connection."""

    def answer(_server: RawServer, connection: socket.socket) -> bool:
        connection.sendall(data)
        return True

    return answer


def send_and_close(data: bytes) -> Answer:
    """Send this, and close the connection."""

    def answer(_server: RawServer, connection: socket.socket) -> bool:
        connection.sendall(data)
        return False

    return answer


def send_and_reset(data: bytes) -> Answer:
    """Send this, and reset the connection."""

    def answer(_server: RawServer, connection: socket.socket) -> bool:
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        return False

    return answer


def send_late(data: bytes, seconds: float) -> Answer:
    """Send this after some seconds, and keep the connection."""

    def answer(server: RawServer, connection: socket.socket) -> bool:
        if server.leaving.wait(seconds):
            return False
        connection.sendall(data)
        return True

    return answer


def hang(server: RawServer, _connection: socket.socket) -> bool:
    """Say nothing."""
    server.leaving.wait()
    return False
