"""The ways in which a call of the fake ENS may end otherwise than it should."""

from __future__ import annotations

from core.errors import (
    EnsError,
    PermissionDenied,
    RoleCredentialsUnusable,
    ServiceUnavailable,
    Throttled,
)
from tests.fakes.key_pairs import Fault, refused


def unreachable() -> Fault:
    """Nothing was sent."""
    return Fault(lambda: ServiceUnavailable("Not reached.", reason="ens_unreachable"))


def lost_request(seconds: float = 0.05) -> Fault:
    """The connection broke, or the time ran out, and ENS did nothing."""
    return Fault(_no_answer, seconds=seconds)


def lost_answer(seconds: float = 0.05) -> Fault:
    """The same to the caller, but ENS had done its work."""
    return Fault(_no_answer, performed=True, seconds=seconds)


def late(seconds: float) -> Fault:
    """The caller gave up at once; ENS does its work when these seconds have passed."""
    return Fault(_no_answer, done_later=seconds)


def throttled(retry_after: float | None = None) -> Fault:
    """ENS did nothing, and may have said how long to wait."""

    def raised() -> EnsError:
        failure = Throttled("Later.", code="Throttling.User", message="", status=400)
        failure.retry_after = retry_after
        return failure

    return Fault(raised)


def server_error(status: int = 500, *, performed: bool = False) -> Fault:
    """ENS says that it failed; who knows at what."""
    return Fault(lambda: refused("InternalError", status=status), performed=performed)


def interface_error() -> Fault:
    """ENS says so with status 400; the manual says that trying again helps."""
    return Fault(lambda: EnsError("", code="ens.interface.error", message="", status=400))


def call_interface_error() -> Fault:
    """The same, by another of its codes."""
    return Fault(lambda: EnsError("", code="CallInterface", message="", status=400))


def no_permission() -> Fault:
    """The role may not."""
    return Fault(
        lambda: PermissionDenied(
            "", code="Forbidden.RAM", message="", status=403, reason="role_permission"
        )
    )


def bad_credentials() -> Fault:
    """The role's credentials are over."""
    return Fault(lambda: RoleCredentialsUnusable("Expired.", reason="role_credentials"))


def refusal(code: str = "QuotaExceeded.KeyPair") -> Fault:
    """ENS refuses, and has done nothing."""
    return Fault(lambda: refused(code))


def _no_answer() -> ServiceUnavailable:
    return ServiceUnavailable("No answer.", reason="no_answer", outcome_unknown=True)
