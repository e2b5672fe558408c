"""One invocation: FC's context in; what core asks for, with the cloud's means, out."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.credentials import role_credentials
from adapters.ens import EnsKeyPairs
from core.errors import InternalError
from core.importing.exactly_once import ExactlyOnce
from log_fields import ens_call_fields, oss_call_fields

if TYPE_CHECKING:
    from adapters.ens import EnsCall
    from adapters.oss import Oss, OssCall
    from instance import Instance
    from logs import InvocationLog

DEFAULT_TIMEOUT = 30.0  # seconds; for a context that names none
TIME_TO_ANSWER = 1.0  # seconds of the function's time-out that are kept for log and answer
ATTEMPTS_UNAWAITED = 2  # times as many as for a caller who waits


class Unfinished(Exception):
    """Raised out of the handler when a retry can fix what was not imported: FC has to try again."""

    def __init__(self, unfinished: int, uploads: int) -> None:
        # FC writes this text into its log and into onFailure messages: numbers alone.
        super().__init__(f"{unfinished} of {uploads} uploads are to be tried again")


class SystemClock:
    """The time of this machine."""

    now = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Invocation:
    """
    One run of the handler.

    Args:
        instance: what this instance of the function remembers.
        context: FC's.
        log: of this invocation.
        deadline: the reading of CLOCK by which every call must have ended.
    """

    instance: Instance
    context: object
    log: InvocationLog
    deadline: float

    @property
    def request_id(self) -> str:
        """FC's id of this invocation."""
        return request_id_of(self.context)

    def exactly_once(self, *, waits: bool, time_kept: float = 0.0) -> ExactlyOnce:
        """
        Return ENS, as the function's role sees it, and how a key pair is put into it.

        Args:
            waits: whether the caller waits for the answer. If not, the name is looked up before
                the import, and attempts are doubled.
            time_kept: seconds before the deadline that are kept for what comes afterwards.
        """

        def observe(call: EnsCall) -> None:
            self.log.count("attempts" if call.action == "ImportKeyPair" else "look_ups")
            if self.log.is_verbose:
                self.log.write("debug", "ENS was called", **ens_call_fields(call))

        def tell_unfiltered() -> None:
            self.log.write("warning", "ENS lists other names: imported without a look-up before")

        credentials = role_credentials(self.context, os.environ)
        attempts = self.instance.settings.ens_max_attempts
        return ExactlyOnce(
            key_pairs=EnsKeyPairs(credentials, self.instance.ens, observe),
            clock=CLOCK,
            deadline=self.deadline - time_kept,
            max_attempts=attempts if waits else ATTEMPTS_UNAWAITED * attempts,
            look_up_first=not waits,
            on_unfiltered=tell_unfiltered,
        )

    def oss(self) -> Oss:
        """Return OSS, as the function's role sees it."""
        from adapters.oss import Oss  # noqa: PLC0415 - for uploads only

        def observe(call: OssCall) -> None:
            self.log.write("debug", "OSS was called", **oss_call_fields(call))

        endpoint = self.instance.settings.oss_endpoint
        url = f"{endpoint.protocol}://{endpoint.host}" if endpoint else None
        return Oss(role_credentials(self.context, os.environ), url, observe)


def request_id_of(context: object) -> str:
    """Return FC's id of the invocation; empty for a context that has none."""
    return str(getattr(context, "request_id", ""))


def deadline_of(context: object, started: float) -> float:
    """Return the reading of CLOCK by which every call must have ended."""
    function = getattr(context, "function", None)
    timeout = float(getattr(function, "timeout", None) or DEFAULT_TIMEOUT)
    return started + timeout - TIME_TO_ANSWER


def internal_error(what: str = "An error inside the function.") -> InternalError:
    """Return what a caller is told about a bug of ours, or a bad setting."""
    return InternalError(
        f"{what} Its log has the details, under this RequestId.", reason="internal_error"
    )
