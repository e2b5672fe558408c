"""What stands in front of a function for callers without an SDK: HTTP trigger and API Gateway."""

import time
from dataclasses import replace

from devcloud.fc import exceptions
from devcloud.fc.authentication import RequestCheck
from devcloud.fc.entrance import TASK_ID, Entrance, accepted, asks_not_to_wait
from devcloud.fc.events import MalformedAnswer, api_gateway_event, http_answer, http_trigger_event
from devcloud.fc.function import UNHANDLED, Function, new_request_id
from devcloud.fc.models import HttpTrigger
from devcloud.fc.queue import MAX_EVENT_BYTES, AsyncQueue
from devcloud.http_message import Request, Response, ServiceError


class HttpTriggerService(Entrance):
    """The function's own URL."""

    name = "http-trigger"

    def __init__(
        self, function: Function, queue: AsyncQueue, trigger: HttpTrigger, check: RequestCheck
    ) -> None:
        self._function = function
        self._queue = queue
        self._trigger = trigger
        self._check = check

    def configure(self, trigger: HttpTrigger, check: RequestCheck) -> None:
        """Go by this from now on."""
        self._trigger, self._check = trigger, check

    def action_of(self, _head: Request) -> str:
        """A trigger knows one action."""
        return "HttpTrigger"

    def answer(self, request: Request) -> Response:
        """Check method and caller, run the function, and answer what it says, or 202 before."""
        if request.method not in self._trigger.methods:
            raise ServiceError(403, "AccessDenied", "The trigger does not allow this method.")
        self._check(request)
        is_asynchronous = asks_not_to_wait(request.headers)
        if is_asynchronous and len(request.body) > MAX_EVENT_BYTES:
            raise exceptions.invalid_argument(f"The body has over {MAX_EVENT_BYTES} bytes.")
        request_id = new_request_id()
        event = http_trigger_event(
            request,
            trigger_id=f"{self._function.spec.name}-{self._trigger.name}",
            region=self._function.spec.region,
            request_id=request_id,
            now=time.time(),
        )
        if is_asynchronous:
            task_id = request.headers.get(TASK_ID, "")
            self._queue.accept_request(event, request_id, task_id=task_id)
            return accepted(request_id, task_id)
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


class ApiGatewayService(Entrance):
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
