"""
The HTTP server under every service: one service, one loopback port, one thread a connection.

What happens on a connection is in ``http_connection``; what an action means, the service knows.
"""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator

from devcloud.http_connection import Connection
from devcloud.service import Service, Surroundings

LOOPBACK = "127.0.0.1"
BACKLOG = 128


class Server:
    """
    Serve one service on 127.0.0.1 from construction to ``close()``.

    The port is bound once and kept: while the server refuses or ignores connections, another
    process cannot take it.
    """

    def __init__(self, service: Service, surroundings: Surroundings, port: int = 0) -> None:
        self.service = service
        self.surroundings = surroundings
        self.closing = threading.Event()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._dead: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = _bound(port)
        self.port: int = self._listener.getsockname()[1]
        self._listen(self._listener)

    @property
    def endpoint(self) -> str:
        """The address to give to a client."""
        return f"http://{LOOPBACK}:{self.port}"

    def close(self) -> None:
        """Stop listening, end every connection, and wait for their threads."""
        self.closing.set()
        self._stop()
        self._listener.close()

    @contextlib.contextmanager
    def refusing_connections(self) -> Iterator[None]:
        """Refuse connections, as a host does on which nothing listens. Ends those there are."""
        with self._replaced_listener():
            yield

    @contextlib.contextmanager
    def ignoring_connections(self) -> Iterator[None]:
        """
        Leave connections unanswered, so that connecting times out. Ends those there are.

        The backlog is one connection long and filled; Linux then drops further SYNs. Other
        systems may refuse them instead.
        """
        with self._replaced_listener() as listener, contextlib.ExitStack() as fillers:
            listener.listen(0)
            _fill_backlog(self.port, fillers)
            yield

    @contextlib.contextmanager
    def _replaced_listener(self) -> Iterator[socket.socket]:
        self._stop()
        self._listener.close()
        self._listener = _bound(self.port)
        try:
            yield self._listener
        finally:
            self._listen(self._listener)

    def _listen(self, listener: socket.socket) -> None:
        listener.listen(BACKLOG)
        listener.setblocking(False)  # a client may leave between the select and the accept
        self._waker, woken = socket.socketpair()
        self._accepting = threading.Thread(
            target=self._accept,
            args=(listener, woken),
            name=f"devcloud-{self.service.name}",
            daemon=True,
        )
        self._accepting.start()

    def _accept(self, listener: socket.socket, woken: socket.socket) -> None:
        """Start a thread for each connection, until the waker's other end is closed."""
        with woken, selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while all(key.fileobj is not woken for key, _ in selector.select()):
                with contextlib.suppress(OSError):
                    connection, (source_ip, _) = listener.accept()
                    self._start_thread(connection, source_ip)

    def _start_thread(self, connection: socket.socket, source_ip: str) -> None:
        connection.setblocking(True)
        thread = threading.Thread(target=self._serve, args=(connection, source_ip), daemon=True)
        with self._lock:
            self._connections[connection] = thread  # known before it runs
        thread.start()

    def _serve(self, connection: socket.socket, source_ip: str) -> None:
        try:
            Connection(self, connection, source_ip).serve()
        finally:
            with self._lock:
                self._connections.pop(connection, None)
                self._dead.discard(connection)

    def _stop(self) -> None:
        self._waker.close()
        self._accepting.join()
        with self._lock:
            open_connections = dict(self._connections)
        for connection in open_connections:
            with contextlib.suppress(OSError):  # the client was faster
                connection.shutdown(socket.SHUT_RDWR)
        for thread in open_connections.values():
            thread.join(timeout=10)

    def let_connections_die(self) -> None:
        """
        Reset each connection that is open now as soon as it is used again.

        So ends a pooled connection that a gateway on the way forgot while the client slept:
        neither side is told before it sends.
        """
        with self._lock:
            self._dead |= set(self._connections)

    def is_dead(self, connection: socket.socket) -> bool:
        """Tell whether a connection was left to die."""
        with self._lock:
            return connection in self._dead


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.close()
        raise
    return listener


def _fill_backlog(port: int, fillers: contextlib.ExitStack) -> None:
    """Connect until a connection no longer completes; none of them is ever accepted."""
    while True:
        filler = fillers.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        filler.settimeout(0.05)
        try:
            filler.connect((LOOPBACK, port))
        except TimeoutError:
            return
