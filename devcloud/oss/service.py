"""OSS behind its gateway: which action a request is, who may ask for it, and how errors look."""

import base64
from collections.abc import Mapping
from dataclasses import replace

from devcloud.http_message import Request, Response, ServiceError
from devcloud.oss import conditions, exceptions, signature_v1, signature_v4
from devcloud.oss.addressing import Location, locate
from devcloud.oss.authentication import Authenticator, read_claim
from devcloud.oss.documents import Content, document
from devcloud.oss.exchange import Exchange, Operation
from devcloud.oss.multipart import MAX_OBJECT_BYTES
from devcloud.oss.responses import action_of, check_content_md5, new_request_id
from devcloud.ram.policy import is_allowed

_SIGNATURE_HEADERS = frozenset({"x-oss-date", "x-oss-security-token", "x-oss-content-sha256"})
_SIGNATURE_PARAMETERS = signature_v1.URL_PARAMETERS | signature_v4.URL_PARAMETERS
_MUST_BE_UNDERSTOOD = conditions.NAMES | {"range"}


class OssService:
    """A Service for the account's buckets in one region."""

    name = "oss"
    max_body_bytes = MAX_OBJECT_BYTES

    def __init__(
        self,
        operations: Mapping[str, Operation],
        authenticator: Authenticator,
        region: str,
    ) -> None:
        self._authenticator = authenticator
        self._region = region
        self._operations = operations

    def action_of(self, head: Request) -> str:
        """Name the action by method and path; empty for one that is not emulated."""
        try:
            location = locate(head)
        except ServiceError:
            return ""
        return action_of(head, location)

    def answer(self, request: Request) -> Response:
        """Check everything that OSS's gateway checks, then perform."""
        location = locate(request)
        operation = self._operation(request, location)
        caller = self._authenticator.authenticate(read_claim(request, location))
        check_content_md5(request)
        exchange = Exchange(request, location, new_request_id())
        for ram_action, resource in operation.needs(exchange):
            if not is_allowed(caller.policies, ram_action, resource.arn(self._region)):
                raise exceptions.not_allowed(caller, ram_action)
        response = operation.perform(exchange)
        headers = {"x-oss-request-id": exchange.request_id, **response.headers}
        return replace(response, headers=headers, request_id=exchange.request_id)

    def refusal(self, error: ServiceError) -> Response:
        """
        Write the error document that the SDKs read Code and Message from.

        It is also in x-oss-err, in base64: an answer to HEAD has no body.
        """
        request_id = new_request_id()
        content: Content = {
            "Code": error.code,
            "Message": error.message or exceptions.MESSAGES.get(error.code, error.code),
            "RequestId": request_id,
            "HostId": f"oss-{self._region}.aliyuncs.com",
            **error.details,
        }
        body = document("Error", content)
        headers = {
            "Content-Type": "application/xml",
            "x-oss-request-id": request_id,
            "x-oss-err": base64.b64encode(body).decode(),
            **error.headers,
        }
        return Response(error.status, body, headers, code=error.code, request_id=request_id)

    def _operation(self, request: Request, location: Location) -> Operation:
        """Find the operation; what of the request it would not understand is refused with 501."""
        operation = self._operations.get(action_of(request, location))
        if operation is None:
            raise exceptions.not_implemented(f"this {request.method}")
        parameters = {name for name, _ in request.query}
        for name in sorted(parameters - _SIGNATURE_PARAMETERS - operation.parameters):
            raise exceptions.not_implemented(f"the parameter {name}")
        understood = _SIGNATURE_HEADERS | operation.headers
        for name in (name.lower() for name in request.headers):
            strange = name.startswith("x-oss-") and not name.startswith("x-oss-meta-")
            if (strange or name in _MUST_BE_UNDERSTOOD) and name not in understood:
                raise exceptions.not_implemented(f"the header {name}")
        return operation
