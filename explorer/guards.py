"""
Who may ask: only the page itself, and only with the token of the printed address.

The server signs for whoever asks. A web page of another origin that is open in the same browser can
send requests to 127.0.0.1 too, and so can every other user of the machine. The first is told from
the page by Host, Origin and Sec-Fetch-Site; the second does not have the token.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 64 << 10
API = "/api/"
TOKEN_HEADER = "X-Explorer-Token"  # noqa: S105 - its header's name
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Refused(Exception):
    """A request is not answered; the text is a sentence for the person at the page."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self._status = status

    @property
    def answer(self) -> JSONResponse:
        """What the page is told."""
        return JSONResponse({"error": str(self)}, self._status)


class Guards:
    """
    Stand before the application: check each request, and let no answer be kept.

    Args:
        app: what is guarded.
        port: where it listens, on 127.0.0.1.
        token: what requests to the API have to show.
    """

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self._app = app
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it before any of its body is read."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            self._check(scope["method"], scope["path"], Headers(scope=scope))
            body = await _body(receive) if scope["method"] == "POST" else b""
        except Refused as refused:
            await refused.answer(scope, receive, send_with_headers)
            return

        messages = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive_again() -> Message:
            return next(messages, None) or await receive()

        await self._app(scope, receive_again, send_with_headers)

    def _check(self, method: str, path: str, headers: Headers) -> None:
        host = headers.get("host", "")
        if host not in self._hosts or len(headers.getlist("host")) != 1:
            raise Refused(403, "This Host is not the page's.")
        if headers.get("origin", f"http://{host}") != f"http://{host}":
            raise Refused(403, "Pages of another origin get nothing.")
        is_api = path.startswith(API)
        own = {"same-origin"} if is_api else {"same-origin", "none"}  # none: the address was typed
        if headers.get("sec-fetch-site", "same-origin") not in own:
            raise Refused(403, "Pages of another site get nothing. Paste the printed address.")
        if not is_api:
            return
        if not hmac.compare_digest(headers.get(TOKEN_HEADER, "").encode(), self._token):
            raise Refused(403, "The token is wrong, or is missing. Open the printed address.")
        if method == "POST":
            content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
            if content_type != "application/json":
                raise Refused(415, "Send application/json.")
            length = headers.get("content-length", "0")
            if not length.isascii() or not length.isdigit() or int(length[:9]) > MAX_BODY_BYTES:
                raise Refused(413, "This is more than 64 KiB, and no key.")


async def _body(receive: Receive) -> bytes:
    """Read the body of a request that may not have said how long it is."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY_BYTES:
            raise Refused(413, "This is more than 64 KiB, and no key.")
        if not message.get("more_body", False):
            return body
