"""InvokeFunction, synchronous and asynchronous."""

import base64
from dataclasses import replace

from devcloud.fc import exceptions
from devcloud.fc.exchange import Exchange
from devcloud.fc.functions import Functions
from devcloud.http_message import Response


def invoke_function(functions: Functions, exchange: Exchange) -> Response:
    """Run the function, and answer what it returned; or take the event into its queue."""
    headers = exchange.request.headers
    invocation_type = headers.get("x-fc-invocation-type", "Sync")
    log_type = headers.get("x-fc-log-type", "None")
    if invocation_type not in {"Sync", "Async"}:
        raise exceptions.invalid_argument("X-Fc-Invocation-Type is Sync or Async.")
    if log_type not in {"None", "Tail"}:
        raise exceptions.invalid_argument("X-Fc-Log-Type is None or Tail.")
    deployment = functions.get(exchange.function)
    if invocation_type == "Async":
        task_id = headers.get("x-fc-async-task-id", "")
        request_id = deployment.queue.accept(exchange.request.body, task_id=task_id)
        answered = {
            "X-Fc-Request-Id": request_id,
            "X-Fc-Async-Task-Id": task_id or request_id,
        }
        return Response(202, b"", answered, request_id=request_id)
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
