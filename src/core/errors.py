"""
Every way an import can fail, as one exception class a code.

    ImportFailure
    ├── RequestRefused            before ENS was asked; the caller's to mend
    │   ├── MissingParameter
    │   ├── InvalidRequest            InvalidParameter
    │   │   └── RequestTooLarge       InvalidParameter, 413
    │   ├── InvalidKeyPairName        InvalidParameter.KeyPairName
    │   ├── MalformedPublicKey        InvalidPublicKeyBody.Malformed
    │   ├── UntrustedPublicKey        InvalidParameter.PublicKeyBody
    │   ├── UnknownAction             InvalidAction.NotFound
    │   ├── UnsupportedVersion        InvalidVersion
    │   └── UnsupportedMethod         UnsupportedHTTPMethod
    ├── EnsError                  ENS answered with an error: any code of its own
    │   ├── PermissionDenied          NoPermission, Forbidden.RAM, NotAuthorized, any 403
    │   ├── EnsInterfaceError         ens.interface.error
    │   ├── CallInterfaceError        CallInterface
    │   ├── SecurityGroupNotFound     InvalidSecurityGroupId.NotFound
    │   ├── SecurityGroupRuleExists   SecurityGroupRuleConflict.Duplicated
    │   ├── AuthorizationLimitReached AuthorizationLimitExceed
    │   └── Throttled                 Throttling, Throttling.*
    ├── OssError                  OSS does not hand out an upload: any code of its own
    ├── ServiceUnavailable        no usable answer from ENS, or from OSS
    │   └── RoleCredentialsUnusable   the role's credentials are missing, malformed or expired
    └── InternalError             a bug of ours

The first line of each class's docstring is the sentence that Alibaba Cloud documents for the
code: it is what the caller reads as ``Message``. ``Description`` is ours and says what is wrong,
where, and how to mend it.

Nothing here may hold anything of a private key. A corrected public key travels in
``corrected_line`` alone, so that an answer can carry it and a log line or a receipt cannot.
"""

from __future__ import annotations

import inspect
from typing import ClassVar


class ImportFailure(Exception):
    """
    The request has failed.

    Args:
        description: for people: what is wrong, where, and how to mend it.
        reason: a stable snake_case word, for programs.
        column: where, counted in characters from 1, when a place is known.
        corrected_line: an ``ssh-rsa`` line that would be accepted instead.
        request_id: the service's RequestId, when the service has answered.
    """

    code: str
    status: int = 400
    retryable: bool = False
    retry_after: float | None = None  # seconds to wait before trying again, where that is known
    sentence: ClassVar[str]
    fills: ClassVar[str | None] = None  # what stands for %s in the sentence

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # Fails at import under `python -OO`, which would leave callers without messages.
        cls.sentence = inspect.cleandoc(cls.__doc__ or "").splitlines()[0]

    def __init__(
        self,
        description: str,
        *,
        reason: str,
        column: int | None = None,
        corrected_line: str | None = None,
        request_id: str | None = None,
    ) -> None:
        # The arguments of an exception end in tracebacks: code and reason are all they may show.
        super().__init__(f"{self.code} ({reason})")
        self.description = description
        self.reason = reason
        self.column = column
        self.corrected_line = corrected_line
        self.request_id = request_id

    @property
    def message(self) -> str:
        """The documented sentence, with its %s filled in."""
        if "%s" not in self.sentence:
            return self.sentence
        return self.sentence % (self.fills or self.reason.replace("_", " "))


class RequestRefused(ImportFailure):
    """The request was refused before ENS was asked."""


class MissingParameter(RequestRefused):
    """The input parameter that is mandatory for processing this request is not supplied."""

    code = "MissingParameter"


class InvalidRequest(RequestRefused):
    """The errorMessage is %s. Please check it again."""

    code = "InvalidParameter"


class RequestTooLarge(InvalidRequest):
    """The errorMessage is %s. Please check it again."""

    status = 413


class InvalidKeyPairName(RequestRefused):
    """The specified field %s invalid. Please check it again."""

    code = "InvalidParameter.KeyPairName"
    fills = "KeyPairName"


class MalformedPublicKey(RequestRefused):
    """The PublicKeyBody format is not supported."""

    code = "InvalidPublicKeyBody.Malformed"


class UntrustedPublicKey(RequestRefused):
    """The specified field %s invalid. Please check it again."""

    code = "InvalidParameter.PublicKeyBody"
    fills = "PublicKeyBody"


class UnknownAction(RequestRefused):
    """The specified API is not found, please check your url and method."""

    code = "InvalidAction.NotFound"
    status = 404


class UnsupportedVersion(RequestRefused):
    """Specified parameter Version is not valid."""

    code = "InvalidVersion"


class UnsupportedMethod(RequestRefused):
    """
    This http method is not supported.

    Args:
        allowed: the methods that the resource takes, for the ``Allow`` header.
    """

    code = "UnsupportedHTTPMethod"
    status = 405

    def __init__(self, description: str, *, reason: str, allowed: tuple[str, ...]) -> None:
        super().__init__(description, reason=reason)
        self.allowed = allowed


class EnsError(ImportFailure):
    """
    ENS answered with an error.

    It is passed on as ENS sent it: code, message, status and RequestId are its own.

    Args:
        description: for people; says that ENS refused, and what can be done.
        reason: a stable snake_case word.
        code: ENS's code.
        message: ENS's sentence.
        status: ENS's HTTP status.
        request_id: ENS's RequestId.
    """

    def __init__(
        self,
        description: str,
        *,
        code: str,
        message: str,
        status: int,
        reason: str = "ens_error",
        request_id: str | None = None,
    ) -> None:
        self.code = code
        self.status = status
        self.retryable = self.retryable or status >= 500
        self._message = message
        super().__init__(description, reason=reason, request_id=request_id)

    @property
    def message(self) -> str:
        """ENS's own sentence; the documented one where ENS sent none."""
        return self._message or super().message

    def explained(self, description: str, *, reason: str) -> EnsError:
        """Return the same error with a better description, once more is known than ENS said."""
        return type(self)(
            description,
            code=self.code,
            message=self._message,
            status=self.status,
            reason=reason,
            request_id=self.request_id,
        )


class PermissionDenied(EnsError):
    """Permission denied."""


class EnsInterfaceError(EnsError):
    """An error occurred while calling the API."""

    retryable = True


class CallInterfaceError(EnsError):
    """Call Interface Happen Error."""

    retryable = True


class SecurityGroupNotFound(EnsError):
    """The specified SecurityGroupId does not exist."""


class SecurityGroupRuleExists(EnsError):
    """The SecurityGroup rule already exists."""


class AuthorizationLimitReached(EnsError):
    """The limit of authorization records in the security group reaches."""


class Throttled(EnsError):
    """
    Request was denied due to request throttling.

    ``retry_after`` is how long ENS asks to wait.
    """

    retryable = True


class OssError(ImportFailure):
    """
    The object could not be read from, or written to, OSS.

    Args:
        description: for people; says what OSS refused, and what can be done.
        reason: a stable snake_case word.
        code: OSS's code.
        status: OSS's HTTP status.
        request_id: OSS's RequestId.
    """

    def __init__(
        self, description: str, *, reason: str, code: str, status: int, request_id: str | None
    ) -> None:
        self.code = code
        self.status = status
        super().__init__(description, reason=reason, request_id=request_id)


class ServiceUnavailable(ImportFailure):
    """
    The request has failed due to a temporary failure of the server.

    Args:
        description: for people.
        reason: a stable snake_case word.
        may_have_happened: whether the call may have reached ENS and been carried out although no
            usable answer came back.
        request_id: ENS's RequestId, when it sent one.
    """

    code = "ServiceUnavailable"
    status = 503
    retryable = True
    retry_after = 5.0

    def __init__(
        self,
        description: str,
        *,
        reason: str,
        may_have_happened: bool = False,
        request_id: str | None = None,
    ) -> None:
        super().__init__(description, reason=reason, request_id=request_id)
        self.may_have_happened = may_have_happened


class RoleCredentialsUnusable(ServiceUnavailable):
    """The request has failed due to a temporary failure of the server."""


class InternalError(ImportFailure):
    """The request processing has failed due to some unknown error, exception or failure."""

    code = "InternalError"
    status = 500
