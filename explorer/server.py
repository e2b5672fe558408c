"""The server of the page: on 127.0.0.1, for as long as the ``with`` block."""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from explorer.application import application
from explorer.guards import Guards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.local_cloud import LocalCloud
    from explorer.target import Target

LOOPBACK = "127.0.0.1"
GRACE_SECONDS = 1


@contextlib.contextmanager
def serving(target: Target, cloud: LocalCloud | None = None, port: int = 0) -> Iterator[str]:
    """
    Serve the page; yield its address, with a token that is new each time.

    The token is behind ``#``: browsers do not send that, so it gets into no log and no Referer.

    Args:
        target: the function that is called.
        cloud: the local cloud that it runs in, if it does.
        port: where to listen; 0 for a free one.

    Raises:
        OSError: the port cannot be had.
    """
    token = secrets.token_urlsafe(32)
    with socket.create_server((LOOPBACK, port)) as listener:
        port = listener.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(
                Guards(application(target, cloud), port, token),
                http="h11",
                loop="asyncio",
                ws="none",
                lifespan="off",
                interface="asgi3",
                access_log=False,
                log_config=None,  # nothing of a request is written anywhere
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{port}/#{token}"
        finally:
            server.should_exit = True
            thread.join()
