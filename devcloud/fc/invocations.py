"""InvokeFunction, synchronous and asynchronous."""

import base64
from dataclasses import replace

from devcloud.fc import exceptions
from devcloud.fc.entrance import TASK_ID, accepted, asks_not_to_wait
from devcloud.fc.exchange import Exchange
from devcloud.fc.functions import Functions
from devcloud.http_message import Response


def invoke_function(functions: Functions, exchange: Exchange) -> Response:
    """Run the function, and answer what it returned; or take the event into its queue."""
    headers = exchange.request.headers
    is_asynchronous = asks_not_to_wait(headers)
    log_type = headers.get("x-fc-log-type", "None")
    if log_type not in {"None", "Tail"}:
        raise exceptions.invalid_argument("X-Fc-Log-Type is None or Tail.")
    deployment = functions.get(exchange.function)
    if is_asynchronous:
        task_id = headers.get(TASK_ID, "")
        request_id = deployment.queue.accept(exchange.request.body, task_id=task_id)
        return accepted(request_id, task_id)
    result = deployment.function.invoke(exchange.request.body)
    response = Response(
        result.status,
        result.body,
        result.headers,
        code=result.error_type,
        request_id=result.request_id,
    )
    if log_type == "Tail":
        tail = {"X-Fc-Log-Result": base64.b64encode(result.log).decode()}
        return replace(response, headers={**response.headers, **tail})
    return response
