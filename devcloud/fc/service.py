"""FC's own API behind its gateway: InvokeFunction, signed; and how FC itself refuses."""

import re

from devcloud.fc.function import MAX_PAYLOAD_BYTES, Function, new_request_id
from devcloud.fc.queue import AsyncQueue
from devcloud.http_message import Request, Response, ServiceError
from devcloud.ram.authentication import Authenticator
from devcloud.ram.policy import is_allowed
from devcloud.ram.signatures import read_acs3
from devcloud.rpc import authenticated

INVOKE = re.compile(r"/2023-03-30/functions/([A-Za-z0-9_-]+)/invocations")


class FcService:
    """What all ways in to a function share: sizes, and the shape in which FC itself refuses."""

    max_body_bytes = MAX_PAYLOAD_BYTES

    def refusal(self, error: ServiceError) -> Response:
        """Write the error document that the SDKs read Code and Message from."""
        request_id = new_request_id()
        content = {"RequestId": request_id, "Code": error.code, "Message": error.message}
        headers = {
            "X-Fc-Request-Id": request_id,
            "X-Fc-Error-Type": "FcCommonError",
            **error.headers,
        }
        return Response.of_json(
            error.status, content, headers, code=error.code, request_id=request_id
        )


class InvocationService(FcService):
    """The InvokeFunction API, version 2023-03-30; an asynchronous call goes into ``queue``."""

    name = "fc"

    def __init__(self, function: Function, authenticator: Authenticator, queue: AsyncQueue) -> None:
        self._function = function
        self._authenticator = authenticator
        self._queue = queue

    def action_of(self, head: Request) -> str:
        """Name the one action there is."""
        return "InvokeFunction" if INVOKE.fullmatch(head.raw_path) else ""

    def answer(self, request: Request) -> Response:
        """Check signature and permission, run the function, and answer what it returned."""
        called = INVOKE.fullmatch(request.raw_path)
        if not called or request.method != "POST":
            raise ServiceError(501, "NotImplemented", "devcloud emulates InvokeFunction only.")
        if called[1] != self._function.spec.name:
            raise ServiceError(404, "FunctionNotFound", f"function '{called[1]}' does not exist")
        invocation_type = request.headers.get("x-fc-invocation-type", "Sync")
        if invocation_type not in {"Sync", "Async"}:
            raise ServiceError(400, "InvalidArgument", "X-Fc-Invocation-Type is Sync or Async.")
        caller = authenticated(self._authenticator, read_acs3(request))
        if not is_allowed(caller.policies, "fc:InvokeFunction", self._function.resource):
            raise ServiceError(403, "AccessDenied", "fc:InvokeFunction is not allowed.")
        if invocation_type == "Async":
            request_id = self._queue.accept(request.body)
            return Response(202, b"", {"X-Fc-Request-Id": request_id}, request_id=request_id)
        result = self._function.invoke(request.body)
        return Response(
            result.status,
            result.body,
            result.headers,
            code=result.error_type,
            request_id=result.request_id,
        )
