"""One invocation: the context in; what core asks for, with the cloud's means, out."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from adapters.credentials import role_credentials
from adapters.ens import EnsKeyPairs
from core.errors import InternalError
from core.importing.exactly_once import Delivery

if TYPE_CHECKING:
    from adapters.ens import EnsCall
    from instance import Instance
    from logs import InvocationLog

DEFAULT_TIMEOUT = 30.0  # seconds; for a context that names none
TIME_TO_ANSWER = 1.0  # seconds of the function's time-out that are kept for log and answer


class SystemClock:
    """The time of this machine."""

    now = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


CLOCK = SystemClock()


def deadline_of(context: object, started: float) -> float:
    """Return the reading of the clock by which every call must have ended."""
    function = getattr(context, "function", None)
    timeout = float(getattr(function, "timeout", None) or DEFAULT_TIMEOUT)
    return started + timeout - TIME_TO_ANSWER


def delivery(instance: Instance, context: object, log: InvocationLog, started: float) -> Delivery:
    """Wire a delivery to ENS, as the function's role, within the time that the function has."""

    def observe(call: EnsCall) -> None:
        log.count("attempts" if call.action == "ImportKeyPair" else "look_ups")
        if log.is_verbose:
            log.write(
                "debug",
                "ENS was called",
                action=call.action,
                result=call.result,
                ens_request_id=call.request_id,
                duration_ms=round(call.duration_ms, 3),
            )

    return Delivery(
        key_pairs=EnsKeyPairs(role_credentials(context, os.environ), instance.ens, observe),
        clock=CLOCK,
        deadline=deadline_of(context, started),
        max_attempts=instance.settings.ens_max_attempts,
    )


def internal_error() -> InternalError:
    """Return what a caller is told of a bug of ours."""
    return InternalError(
        "An error inside the function. Its log has the details, under this RequestId.",
        reason="internal_error",
    )
