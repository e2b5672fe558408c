"""FC's own signature, and who may pass an HTTP trigger: what its authType asks for."""

import base64
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from devcloud.fc.exceptions import InvalidToken
from devcloud.fc.models import HttpTrigger
from devcloud.http_message import Request, ServiceError
from devcloud.ram.authentication import Authenticator
from devcloud.ram.policy import is_allowed
from devcloud.ram.signatures import SignatureClaim, read_acs3
from devcloud.rpc import authenticated

_FC = re.compile(r"FC ([^:\s]+):([A-Za-z0-9+/=]+)")

# What stands at an entrance; it raises ServiceError for who may not pass.
RequestCheck = Callable[[Request], None]


def read_fc(request: Request) -> SignatureClaim:
    """
    Read the signature of FC 2.0's API (manual: "Signature authentication").

    HMAC-SHA256 over method, Content-MD5, Content-Type, Date, every x-fc- header, and the path.

    Raises:
        ServiceError: with 403, as the manual has it for whatever cannot be read.
    """
    headers = request.headers
    claimed = _FC.fullmatch(headers.get("authorization", ""))
    if not claimed:
        raise ServiceError(403, "AccessDenied", "The Authorization header is incomplete.")
    try:
        signed_at = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (TypeError, ValueError, OverflowError):
        raise ServiceError(403, "AccessDenied", "The Date header cannot be read.") from None
    named = {name.lower(): value for name, value in headers.items()}
    string_to_sign = "\n".join(
        [
            request.method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            headers.get("date", ""),
            *(f"{name}:{named[name]}" for name in sorted(named) if name.startswith("x-fc-")),
            unquote(request.raw_path),
        ]
    )
    return SignatureClaim(
        access_key_id=claimed[1],
        security_token=headers.get("x-fc-security-token", ""),
        signed_at=signed_at,
        nonce="",
        signature=claimed[2],
        sign=lambda secret: base64.b64encode(
            hmac.digest(secret.encode(), string_to_sign.encode(), "sha256")
        ).decode(),
    )


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
            from devcloud.fc.jwt import JwtAuthenticator  # noqa: PLC0415 - it needs cryptography

            tokens = JwtAuthenticator(trigger.auth_config, self.clock)
            return lambda request: _check_token(tokens.check, request)
        return let_everyone_pass

    def _check_signature(self, request: Request, resource: str) -> None:
        # Of the headers only x-acs-date is mandatory here (manual: "Configure signature
        # authentication for HTTP triggers").
        if "authorization" not in request.headers or "x-acs-date" not in request.headers:
            raise ServiceError(
                400, "MissingRequiredHeader", "Authorization and x-acs-date are required."
            )
        try:
            claim = read_acs3(_as_signed(request), frozenset({"x-acs-date"}))
            caller = authenticated(self.authenticator, claim)
        except ServiceError as error:
            raise ServiceError(403, error.code, error.message) from error
        if not is_allowed(caller.policies, "fc:InvokeFunction", resource):
            raise ServiceError(403, "AccessDenied", "fc:InvokeFunction is not allowed.")


def _as_signed(request: Request) -> Request:
    """Return the request whose path has its dollar signs encoded, as the manual's samples do."""
    path, question_mark, query = request.target.partition("?")
    return replace(request, target=f"{path.replace('$', '%24')}{question_mark}{query}")


def let_everyone_pass(_request: Request) -> None:
    """Check nothing: authType anonymous, or devcloud not told to enforce."""


def _check_token(check: RequestCheck, request: Request) -> None:
    try:
        check(request)
    except InvalidToken:
        raise ServiceError(403, "AccessDenied", "The JSON web token is not valid.") from None
