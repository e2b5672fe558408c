"""What all ways in to a function share."""

from devcloud.fc.function import MAX_PAYLOAD_BYTES, new_request_id
from devcloud.http_message import Response, ServiceError


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
