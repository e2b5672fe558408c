"""What all ways in to a function share."""

from devcloud.fc import exceptions
from devcloud.fc.function import MAX_PAYLOAD_BYTES, new_request_id
from devcloud.http_message import Headers, Response, ServiceError

TASK_ID = "x-fc-async-task-id"


class Entrance:
    """Sizes, and the shape in which FC itself refuses."""

    max_body_bytes = MAX_PAYLOAD_BYTES

    def refusal(self, error: ServiceError) -> Response:
        """Write the error document that the SDKs read Code and Message from."""
        request_id = new_request_id()
        content = {"RequestId": request_id, "Code": error.code, "Message": error.message}
        content |= error.details
        headers = {
            "X-Fc-Request-Id": request_id,
            "X-Fc-Error-Type": "FcCommonError",
            **error.headers,
        }
        return Response.of_json(
            error.status, content, headers, code=error.code, request_id=request_id
        )


def asks_not_to_wait(headers: Headers) -> bool:
    """
    Tell whether a caller wants 202 now, and the function to run later.

    Raises:
        ServiceError: InvalidArgument, for a word that FC does not know.
    """
    invocation_type = headers.get("x-fc-invocation-type", "Sync")
    if invocation_type not in {"Sync", "Async"}:
        raise exceptions.invalid_argument("X-Fc-Invocation-Type is Sync or Async.")
    return invocation_type == "Async"


def accepted(request_id: str, task_id: str) -> Response:
    """Answer what was taken into the queue."""
    headers = {"X-Fc-Request-Id": request_id, "X-Fc-Async-Task-Id": task_id or request_id}
    return Response(202, b"", headers, request_id=request_id)
