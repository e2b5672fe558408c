"""
The state's gateway: who may read and change what this cloud holds.

It has a port of its own, that of no emulated service, and only whoever was given the token gets
through. A web page that is open in the same person's browser can send requests here too; it knows
no token, is told from others by Host and Origin, and cannot send JSON unasked.
"""

import hmac
import secrets
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

from devcloud.http_message import Request, Response, ServiceError
from devcloud.state.models import State
from devcloud.state.responses import ANSWERS

PREFIX = "_devcloud"
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the token is in the path
    "X-Content-Type-Options": "nosniff",
}


class StateService:
    """A Service for what is no part of the emulated cloud."""

    name = "state"
    max_body_bytes = 64 << 10

    def __init__(self, state: State, endpoint: Callable[[], str]) -> None:
        """Make it, with a new token; ``endpoint`` is asked for where it listens."""
        self._state = state
        self._endpoint = endpoint
        self._token = secrets.token_urlsafe(32)

    @property
    def url(self) -> str:
        """What comes before the members' paths; it holds the token."""
        return f"{self._endpoint()}/{PREFIX}/{self._token}"

    def action_of(self, _head: Request) -> str:
        """No fault strikes here."""
        return ""

    def answer(self, request: Request) -> Response:
        """Check where the request comes from, and give what it asks for."""
        self._check_origin(request)
        member = self._member(request)
        methods = [method for method, name in ANSWERS if name == member]
        if not methods:
            raise ServiceError(404, "NotFound", "The state has no such member.")
        answer = ANSWERS.get((request.method, member))
        if answer is None:
            allowed = ", ".join(methods)
            raise ServiceError(
                405, "MethodNotAllowed", f"Use {allowed}.", headers={"Allow": allowed}
            )
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.method == "POST" and content_type != "application/json":
            raise ServiceError(415, "UnsupportedMediaType", "Send application/json.")
        return Response.of_json(200, answer(self._state, request), _HEADERS)

    def refusal(self, error: ServiceError) -> Response:
        """Write an error document like those of the RPC services."""
        content = {
            "RequestId": str(uuid.uuid4()).upper(),
            "Code": error.code,
            "Message": error.message or error.code,
        }
        headers = {**_HEADERS, **error.headers}
        return Response.of_json(error.status, content, headers, code=error.code)

    def _check_origin(self, request: Request) -> None:
        own = urlsplit(self._endpoint())
        hosts = {own.netloc, f"localhost:{own.port}"}
        if request.headers.get("host", "") not in hosts:
            raise ServiceError(403, "AccessDenied", "This Host is not devcloud's.")
        origin = request.headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in hosts}:
            raise ServiceError(403, "AccessDenied", "Pages of another origin get nothing.")

    def _member(self, request: Request) -> str:
        """Return what is after the token, which has to be right."""
        prefix, _, rest = request.raw_path.removeprefix("/").partition("/")
        token, _, member = rest.partition("/")
        is_right = hmac.compare_digest(token.encode(), self._token.encode())
        if prefix != PREFIX or not is_right:
            raise ServiceError(403, "AccessDenied", "The token is wrong, or is missing.")
        return member
