"""FC's three entrances: the HTTP trigger, API Gateway in front, the InvokeFunction API."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from devcloud.fc.events import MalformedAnswer, api_gateway_event, http_answer, http_trigger_event
from devcloud.fc.function import MAX_PAYLOAD_BYTES, UNHANDLED, Function, new_request_id
from devcloud.fc.jwt import InvalidToken, JwtAuthenticator
from devcloud.fc.queue import AsyncQueue
from devcloud.fc.spec import HttpTrigger
from devcloud.http_message import Request, Response, ServiceError
from devcloud.ram.authentication import Authenticator
from devcloud.ram.policy import is_allowed
from devcloud.ram.signatures import read_acs3
from devcloud.rpc import authenticated

INVOKE = re.compile(r"/2023-03-30/functions/([A-Za-z0-9_-]+)/invocations")


# What stands at an entrance; it raises ServiceError for who may not pass.
RequestCheck = Callable[[Request], None]


class _FcService:
    """What the entrances share: sizes, and the shape in which FC itself refuses."""

    max_body_bytes = MAX_PAYLOAD_BYTES

    def refusal(self, error: ServiceError) -> Response:
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


class HttpTriggerService(_FcService):
    """The function's own URL."""

    name = "http-trigger"

    def __init__(self, function: Function, trigger: HttpTrigger, check: RequestCheck) -> None:
        self._function = function
        self._trigger = trigger
        self._check = check

    def action_of(self, _head: Request) -> str:
        """A trigger knows one action."""
        return "HttpTrigger"

    def answer(self, request: Request) -> Response:
        """Check method and caller, run the function, and answer what it says."""
        if request.method not in self._trigger.methods:
            raise ServiceError(403, "AccessDenied", "The trigger does not allow this method.")
        if request.headers.get("x-fc-invocation-type", "Sync") != "Sync":
            raise ServiceError(501, "NotImplemented", "devcloud's HTTP trigger is synchronous.")
        self._check(request)
        request_id = new_request_id()
        event = http_trigger_event(
            request,
            trigger_id=f"{self._function.spec.name}-{self._trigger.name}",
            region=self._function.spec.region,
            request_id=request_id,
            now=time.time(),
        )
        result = self._function.invoke(event, request_id=request_id)
        if result.error_type:
            return Response(502, result.body, result.headers, code=UNHANDLED)
        try:
            response = http_answer(result.body)
        except MalformedAnswer:  # then the answer itself is the body
            response = Response(200, result.body, {"Content-Type": "application/json"})
        headers = {
            # FC's default domains force this; a custom domain does not.
            "Content-Disposition": "attachment",
            "X-Fc-Request-Id": result.request_id,
            **response.headers,
        }
        return replace(response, headers=headers, request_id=result.request_id)


class ApiGatewayService(_FcService):
    """API Gateway (classic) with the function behind it."""

    name = "api-gateway"

    def __init__(self, function: Function) -> None:
        self._function = function

    def action_of(self, _head: Request) -> str:
        """An API knows one action."""
        return "ApiGateway"

    def answer(self, request: Request) -> Response:
        """Run the function, and answer what it says; anything else is a 503."""
        result = self._function.invoke(api_gateway_event(request))
        try:
            return http_answer(result.body)  # an error document is no HTTP answer either
        except MalformedAnswer:
            headers = {"X-Ca-Error-Message": "Backend Service Response Invalid"}
            return Response(503, b"", headers, code="ServiceUnavailable")


class InvocationService(_FcService):
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


@dataclass(frozen=True, slots=True)
class TriggerChecks:
    """The check that a trigger's authType asks for."""

    authenticator: Authenticator
    clock: Callable[[], float]

    def of(self, trigger: HttpTrigger, resource: str) -> RequestCheck:
        """Choose the check; ``resource`` is the function's, for RAM."""
        if trigger.auth_type == "function":
            return lambda request: self._check_signature(request, resource)
        if trigger.auth_type == "jwt":
            tokens = JwtAuthenticator(trigger.auth_config, self.clock)
            return lambda request: _check_token(tokens, request)
        return let_everyone_pass

    def _check_signature(self, request: Request, resource: str) -> None:
        # Of the headers only x-acs-date is mandatory here (manual: "Configure signature
        # authentication for HTTP triggers").
        if "authorization" not in request.headers or "x-acs-date" not in request.headers:
            raise ServiceError(
                400, "MissingRequiredHeader", "Authorization and x-acs-date are required."
            )
        try:
            claim = read_acs3(request, frozenset({"x-acs-date"}))
            caller = authenticated(self.authenticator, claim)
        except ServiceError as error:
            raise ServiceError(403, error.code, error.message) from error
        if not is_allowed(caller.policies, "fc:InvokeFunction", resource):
            raise ServiceError(403, "AccessDenied", "fc:InvokeFunction is not allowed.")


def let_everyone_pass(_request: Request) -> None:
    """Check nothing: authType anonymous, or devcloud not told to enforce."""


def _check_token(tokens: JwtAuthenticator, request: Request) -> None:
    try:
        tokens.check(request)
    except InvalidToken:
        raise ServiceError(403, "AccessDenied", "The JSON web token is not valid.") from None
