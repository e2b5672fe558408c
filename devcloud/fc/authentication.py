"""Who may pass an HTTP trigger: what its authType asks for."""

from collections.abc import Callable
from dataclasses import dataclass

from devcloud.fc.jwt import InvalidToken, JwtAuthenticator
from devcloud.fc.models import HttpTrigger
from devcloud.http_message import Request, ServiceError
from devcloud.ram.authentication import Authenticator
from devcloud.ram.policy import is_allowed
from devcloud.ram.signatures import read_acs3
from devcloud.rpc import authenticated

# What stands at an entrance; it raises ServiceError for who may not pass.
RequestCheck = Callable[[Request], None]


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
