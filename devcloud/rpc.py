"""
The RPC style that ENS and STS share: one path, the action in ``x-acs-action`` or ``Action``,
parameters in the query or a form, JSON out, errors as a JSON document with a Code.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devcloud.http_message import Request, Response, ServiceError
from devcloud.ram.authentication import Authenticator
from devcloud.ram.exceptions import NotAuthentic, Rejection
from devcloud.ram.models import ACCOUNT_ID, Principal
from devcloud.ram.policy import is_allowed
from devcloud.ram.signatures import SignatureClaim, read_acs3, read_rpc_v1

MAX_BODY_BYTES = 1 << 20
_GENERAL_MESSAGES = {
    "InternalError": "The request processing has failed due to some unknown error.",
    "ServiceUnavailable": "The request has failed due to a temporary failure of the server.",
    "Throttling": "Request was denied due to request throttling.",
    "Throttling.User": "Request was denied due to user flow control.",
}

_REJECTIONS = {
    Rejection.UNKNOWN_ACCESS_KEY: (
        404,
        "InvalidAccessKeyId.NotFound",
        "Specified access key is not found.",
    ),
    Rejection.UNKNOWN_SECURITY_TOKEN: (
        400,
        "InvalidSecurityToken.Malformed",
        "Specified SecurityToken is malformed.",
    ),
    Rejection.FOREIGN_SECURITY_TOKEN: (
        400,
        "InvalidSecurityToken.MismatchWithAccessKey",
        "Specified SecurityToken mismatch with the AccessKey.",
    ),
    Rejection.EXPIRED_SECURITY_TOKEN: (
        400,
        "InvalidSecurityToken.Expired",
        "Specified SecurityToken is expired.",
    ),
    Rejection.SKEWED_CLOCK: (
        400,
        "InvalidTimeStamp.Expired",
        "Specified time stamp or date value is expired.",
    ),
    Rejection.WRONG_SIGNATURE: (
        400,
        "SignatureDoesNotMatch",
        # The real one ends with its string to sign, and aliyun-python-sdk-core insists on the
        # colon; but under RPC V1 that string holds every parameter, the security token too.
        (
            "Specified signature is not matched with our calculation. "
            "server string to sign is:(devcloud does not show it)"
        ),
    ),
    Rejection.USED_NONCE: (
        400,
        "SignatureNonceUsed",
        "Specified signature nonce was used already.",
    ),
}

Parameters = Mapping[str, str]


def authenticated(authenticator: Authenticator, claim: SignatureClaim) -> Principal:
    """Return the caller; raise what an RPC API answers when the claim does not hold."""
    try:
        return authenticator.authenticate(claim)
    except NotAuthentic as error:
        status, code, message = _REJECTIONS[error.rejection]
        raise ServiceError(status, code, message) from None


@dataclass(frozen=True, slots=True)
class Operation:
    """One action: what it does, and on which resource RAM has to allow it."""

    perform: Callable[[Parameters, Principal], dict[str, Any]]
    resource: Callable[[Parameters], str] = lambda _: "*"


@dataclass(frozen=True, slots=True)
class Product:
    """An API as its clients address it."""

    name: str  # "ens": the prefix of its RAM actions
    version: str
    host_id: str
    operations: Mapping[str, Operation]
    messages: Mapping[str, str]  # documented error code -> documented message


class RpcService:
    """A Service for one product, in front of its operations."""

    max_body_bytes = MAX_BODY_BYTES

    def __init__(
        self,
        product: Product,
        authenticator: Authenticator,
        admit: Callable[[], None] = lambda: None,
    ) -> None:
        """Make it; ``admit`` is asked before each action and may raise, to throttle."""
        self.name = product.name
        self._product = product
        self._authenticator = authenticator
        self._admit = admit

    def action_of(self, head: Request) -> str:
        """Name the action by header or query; that of a form body is not seen here."""
        return head.headers.get("x-acs-action") or dict(head.query).get("Action", "")

    def answer(self, request: Request) -> Response:
        """Check everything that the gateway checks, then perform."""
        if request.raw_path not in {"", "/"}:
            raise ServiceError(404, "InvalidAction.NotFound", "An RPC API has the path / only.")
        if request.method not in {"GET", "POST"}:
            raise ServiceError(405, "UnsupportedHTTPMethod", "Use GET or POST.")
        parameters = dict([*request.query, *request.form])
        action = request.headers.get("x-acs-action") or parameters.get("Action", "")
        operation = self._operation(action, request, parameters)
        signed_in_header = "authorization" in request.headers
        claim = read_acs3(request) if signed_in_header else read_rpc_v1(request)
        caller = authenticated(self._authenticator, claim)
        self._authorize(caller, action, operation.resource(parameters))
        self._admit()
        request_id = _new_request_id()
        content = {"RequestId": request_id, **operation.perform(parameters, caller)}
        headers = {"x-acs-request-id": request_id}
        return Response.of_json(200, content, headers, request_id=request_id)

    def refusal(self, error: ServiceError) -> Response:
        """Write the error document that the SDKs read Code and Message from."""
        request_id = _new_request_id()
        message = (
            error.message
            or self._product.messages.get(error.code)
            or _GENERAL_MESSAGES.get(error.code, error.code)
        )
        content = {
            "RequestId": request_id,
            "HostId": self._product.host_id,
            "Code": error.code,
            "Message": message,
            "Recommend": f"https://api.alibabacloud.com/troubleshoot?q={error.code}",
            **error.details,
        }
        headers = {"x-acs-request-id": request_id, **error.headers}
        return Response.of_json(
            error.status, content, headers, code=error.code, request_id=request_id
        )

    def _operation(self, action: str, request: Request, parameters: Parameters) -> Operation:
        version = request.headers.get("x-acs-version") or parameters.get("Version", "")
        if version != self._product.version:
            raise ServiceError(
                400, "InvalidVersion", f"devcloud offers version {self._product.version}."
            )
        if not action:
            raise ServiceError(400, "MissingAction", "Action is mandatory for this action.")
        operation = self._product.operations.get(action)
        if operation is None:
            raise ServiceError(
                501, "NotImplemented", f"devcloud does not emulate {self._product.name} {action}."
            )
        return operation

    def _authorize(self, caller: Principal, action: str, resource: str) -> None:
        ram_action = f"{self._product.name}:{action}"
        if is_allowed(caller.policies, ram_action, resource):
            return
        raise ServiceError(
            403,
            "Forbidden.RAM",
            "User not authorized to operate on the specified resource, or this API doesn't "
            "support RAM.",
            details={
                "AccessDeniedDetail": {
                    "AuthAction": ram_action,
                    "AuthPrincipalDisplayName": caller.name,
                    "AuthPrincipalOwnerId": ACCOUNT_ID,
                    "AuthPrincipalType": caller.kind,
                    "NoPermissionType": "ImplicitDeny",
                    "PolicyType": "AccountLevelIdentityBasedPolicy",
                }
            },
        )


def _new_request_id() -> str:
    return str(uuid.uuid4()).upper()
