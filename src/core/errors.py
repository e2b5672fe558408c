"""
Every way in which an import can fail.

    ImportFailure
    ├── RequestRefused            before ENS is asked; the caller has to fix it
    │   ├── InvalidRequest            InvalidParameter
    │   ├── InvalidKeyPairName        InvalidParameter.KeyPairName
    │   ├── MalformedPublicKey        InvalidPublicKeyBody.Malformed
    │   ├── UntrustedPublicKey        InvalidParameter.PublicKeyBody
    │   └── UnsupportedMethod         UnsupportedHTTPMethod
    ├── EnsError                  ENS answers with an error: any code of its own
    │   ├── PermissionDenied          NoPermission, Forbidden*, NotAuthorized*, and the like
    │   └── Throttled                 Throttling, Throttling.*, any 429
    ├── OssError                  OSS answers with an error: any code of its own
    ├── ServiceUnavailable        no usable answer from ENS, or from OSS
    │   └── RoleCredentialsUnusable   the role's credentials are missing, malformed or expired
    └── InternalError             a bug of ours

A failure has a class of its own where some code catches it. Any other code is a row of CODES.

``sentence`` is what Alibaba Cloud documents for the code, and what the caller reads as ``Message``.
``Description`` is ours: it says what is wrong, where, and how to fix it.

Nothing here may hold anything of a private key. A corrected public key is in ``corrected_line``
alone, so that an answer can carry it and a log line or a receipt cannot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from core.reasons import Reason


class Code(NamedTuple):
    """What is documented for a code without a class of its own. ENS's own status is passed on."""

    sentence: str
    status: int = 400
    retryable: bool = False


CODES = {
    # Raised as RequestRefused: a parameter is absent or empty; another action or version is named.
    "MissingParameter": Code(
        "The input parameter that is mandatory for processing this request is not supplied."
    ),
    "InvalidAction.NotFound": Code(
        "The specified API is not found, please check your url and method.", status=404
    ),
    "InvalidVersion": Code("Specified parameter Version is not valid."),
    # Also: a token is not for this function. ENS answers with it too, as PermissionDenied.
    "NoPermission": Code("Permission denied.", status=403),
    # Raised as EnsError: ENS answers with them.
    "ens.interface.error": Code("An error occurred while calling the API.", retryable=True),
    "CallInterface": Code("Call Interface Happen Error.", retryable=True),
    "InvalidSecurityGroupId.NotFound": Code("The specified SecurityGroupId does not exist."),
    "SecurityGroupRuleConflict.Duplicated": Code("The SecurityGroup rule already exists."),
    "AuthorizationLimitExceed": Code(
        "The limit of authorization records in the security group reaches."
    ),
}


class ImportFailure(Exception):
    """
    Raised as one of the classes below, whenever a request or an upload cannot be imported.

    Args:
        description: for people: what is wrong, where, and how to fix it.
        reason: for programs: a stable identifier.
        parameter: whose value is at fault, as it is spelt in requests.
        place: line and column in that value as it was sent, each from 1, where one is known.
        corrected_line: an ``ssh-rsa`` line that would be accepted instead.
        service_request_id: the RequestId of the service that has answered.
    """

    code: str
    sentence: str
    status: int = 400
    retryable: bool = False
    retry_after: float | None = None  # seconds to wait before trying again, where that is known
    outcome_unknown: bool = False  # whether the import may have been carried out all the same
    fills: str | None = None  # what replaces %s in the sentence; by default the reason does

    def __init__(
        self,
        description: str,
        *,
        reason: Reason,
        parameter: str | None = None,
        place: tuple[int, int] | None = None,
        corrected_line: str | None = None,
        service_request_id: str | None = None,
    ) -> None:
        # The arguments of an exception end in tracebacks: code and reason are all they may show.
        super().__init__(f"{self.code} ({reason})")
        self.description = description
        self.reason: Reason = reason
        self.parameter = parameter or self.fills
        self.place = place
        self.corrected_line = corrected_line
        self.service_request_id = service_request_id

    @property
    def line(self) -> int | None:
        """The line of the place, where one is known."""
        return self.place[0] if self.place else None

    @property
    def column(self) -> int | None:
        """The column of the place, where one is known."""
        return self.place[1] if self.place else None

    @property
    def message(self) -> str:
        """The documented sentence, with its %s filled in."""
        return self.sentence.replace("%s", self.fills or self.reason.replace("_", " "))


class RequestRefused(ImportFailure):
    """
    Raised before ENS is asked, for what the caller has to fix.

    Args:
        code: where it has no class of its own, a row of CODES.
    """

    def __init__(
        self,
        description: str,
        *,
        reason: Reason,
        code: str | None = None,
        parameter: str | None = None,
        place: tuple[int, int] | None = None,
        corrected_line: str | None = None,
    ) -> None:
        if code is not None:
            self.code = code
            self.sentence, self.status, self.retryable = CODES[code]
        super().__init__(
            description,
            reason=reason,
            parameter=parameter,
            place=place,
            corrected_line=corrected_line,
        )


class InvalidRequest(RequestRefused):
    """Raised when an event, a body or a value cannot be read, or values contradict each other."""

    code = "InvalidParameter"
    sentence = "The errorMessage is %s. Please check it again."


class InvalidKeyPairName(RequestRefused):
    """Raised when a name breaks ENS's naming rule, or an object's path cannot be a name."""

    code = "InvalidParameter.KeyPairName"
    sentence = "The specified field %s invalid. Please check it again."
    fills = "KeyPairName"


class MalformedPublicKey(RequestRefused):
    """Raised when what was sent is not exactly one well-formed RSA public key."""

    code = "InvalidPublicKeyBody.Malformed"
    sentence = "The PublicKeyBody format is not supported."
    fills = "PublicKeyBody"


class UntrustedPublicKey(RequestRefused):
    """Raised for a well-formed key whose size, exponent or factors the policy does not accept."""

    code = "InvalidParameter.PublicKeyBody"
    sentence = "The specified field %s invalid. Please check it again."
    fills = "PublicKeyBody"


class UnsupportedMethod(RequestRefused):
    """
    Raised for a request by a method that is not accepted there.

    Args:
        allowed: the methods that are, for the ``Allow`` header.
    """

    code = "UnsupportedHTTPMethod"
    sentence = "This http method is not supported."
    status = 405

    def __init__(self, description: str, *, reason: Reason, allowed: tuple[str, ...]) -> None:
        super().__init__(description, reason=reason)
        self.allowed = allowed


class EnsError(ImportFailure):
    """
    Raised when ENS answers with an error.

    It is passed on as ENS sent it: code, message, status and RequestId are its own.

    Args:
        description: for people; says that ENS refuses, and what can be done.
        reason: for programs: a stable identifier.
        code: ENS's code.
        message: ENS's sentence; where it is empty, the documented one is used.
        status: ENS's HTTP status.
        service_request_id: ENS's RequestId.
    """

    sentence = "ENS answered with an error."

    def __init__(
        self,
        description: str,
        *,
        code: str,
        message: str,
        status: int,
        reason: Reason = "ens_error",
        service_request_id: str | None = None,
    ) -> None:
        documented = CODES.get(code, Code(self.sentence, retryable=self.retryable))
        self.code = code
        self.status = status
        self.sentence = documented.sentence
        self.retryable = documented.retryable or status >= 500
        self._message = message
        super().__init__(description, reason=reason, service_request_id=service_request_id)

    @property
    def message(self) -> str:
        """ENS's own sentence; the documented one where ENS sent none."""
        return self._message or super().message

    def explained(self, description: str, *, reason: Reason) -> EnsError:
        """Return the same error with a better description, once more is known than ENS said."""
        return type(self)(
            description,
            code=self.code,
            message=self._message,
            status=self.status,
            reason=reason,
            service_request_id=self.service_request_id,
        )


class PermissionDenied(EnsError):
    """Raised when ENS does not let the function's role make the call."""

    sentence = "Permission denied."


class Throttled(EnsError):
    """Raised when ENS refuses a call for the time being; ``retry_after`` if it says how long."""

    sentence = "Request was denied due to request throttling."
    retryable = True


class OssError(ImportFailure):
    """
    Raised when OSS does not let an object be read or written.

    Args:
        description: for people; says what OSS refuses, and what can be done.
        reason: for programs: a stable identifier.
        code: OSS's code.
        status: OSS's HTTP status.
        service_request_id: OSS's RequestId.
    """

    sentence = "The object could not be read from, or written to, OSS."

    def __init__(
        self,
        description: str,
        *,
        reason: Reason,
        code: str,
        status: int,
        service_request_id: str | None,
    ) -> None:
        self.code = code
        self.status = status
        super().__init__(description, reason=reason, service_request_id=service_request_id)


class ServiceUnavailable(ImportFailure):
    """
    Raised when ENS or OSS gives no usable answer within the attempts and the time.

    Args:
        description: for people.
        reason: for programs: a stable identifier.
        outcome_unknown: whether the call may have been carried out although no usable answer came
            back.
        service_request_id: the service's RequestId, when it sent one.
    """

    code = "ServiceUnavailable"
    sentence = "The request has failed due to a temporary failure of the server."
    status = 503
    retryable = True
    retry_after = 5.0

    def __init__(
        self,
        description: str,
        *,
        reason: Reason,
        outcome_unknown: bool = False,
        service_request_id: str | None = None,
    ) -> None:
        super().__init__(description, reason=reason, service_request_id=service_request_id)
        self.outcome_unknown = outcome_unknown


class RoleCredentialsUnusable(ServiceUnavailable):
    """Raised when the credentials of the function's role are missing, malformed or expired."""


class InternalError(ImportFailure):
    """Raised, or made, when the function itself is at fault; the details are in its log."""

    code = "InternalError"
    sentence = "The request processing has failed due to some unknown error, exception or failure."
    status = 500


def too_large(description: str, *, reason: Reason) -> InvalidRequest:
    """Return the refusal of what is larger than it is ever read: InvalidParameter, 413."""
    failure = InvalidRequest(description, reason=reason)
    failure.status = 413
    return failure
