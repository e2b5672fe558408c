"""HTTP by hand: octets to a socket, and the answers that come back on it."""

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class RawAnswer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def code(self) -> str:
        """The Code of an error document, in JSON or XML as its Content-Type says."""
        if "xml" in self.headers["content-type"]:
            return str(re.findall(r"<Code>(.*?)</Code>", self.body.decode())[0])
        return str(json.loads(self.body)["Code"])


class RawClient:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._answers: IO[bytes] = connection.makefile("rb")

    def send(self, octets: bytes) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused and closed
            self._connection.sendall(octets)

    def answer(self, *, has_body: bool = True) -> RawAnswer:
        status_line = self._answers.readline()
        status = int(status_line.split()[1])
        fields = [line.decode("latin-1").partition(":") for line in self._head()]
        headers = {name.lower(): value.strip() for name, _, value in fields}
        length = int(headers.get("content-length", "0")) if has_body else 0
        return RawAnswer(status, headers, self._answers.read(length))

    def is_closed(self) -> bool:
        """Wait for the server to close; False when it sends something instead."""
        return not self._answers.read(1)

    def _head(self) -> Iterator[bytes]:
        while line := self._answers.readline().strip():
            yield line

    def close(self) -> None:
        self._answers.close()


@contextlib.contextmanager
def connected(endpoint: str) -> Iterator[RawClient]:
    """Connect to an endpoint, ``http://127.0.0.1:PORT``."""
    address = urlsplit(endpoint)
    with socket.create_connection(
        (address.hostname or "", address.port or 0), timeout=TIMEOUT_SECONDS
    ) as connection:
        client = RawClient(connection)
        try:
            yield client
        finally:
            client.close()


def exchange(endpoint: str, octets: bytes, **options: bool) -> RawAnswer:
    """Send octets on a connection of their own, and return the one answer."""
    with connected(endpoint) as client:
        client.send(octets)
        return client.answer(**options)


def chunked(*pieces: bytes, trailer: bytes = b"") -> bytes:
    """Encode a body in chunks, as RFC 9112, section 7.1."""
    chunks = b"".join(b"%x;of=it\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return chunks + b"0\r\n" + trailer + b"\r\n"
