"""
The function's entry points, as s.yaml names them. They wire and answer; they decide nothing.

Whatever happens, a caller who waits gets an answer: an exception that left the handler would
become the platform's answer, with the stack in it.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from cloud.credentials import role_credentials
from cloud.ens import EnsConnection, EnsKeyPairs
from cloud.sdk_diet import load_ens_sdk
from core.delivery import Delivery
from core.errors import (
    ImportFailure,
    InternalError,
    PermissionDenied,
    ServiceUnavailable,
)
from core.import_key_pair import import_key_pair
from core.weak_keys import KeyPolicy
from logs import InvocationLog, describe_exception
from settings import InvalidSetting, disarm_sdk_debug, read_settings
from triggers import recognise
from triggers.direct import UnknownEvent

if TYPE_CHECKING:
    from cloud.ens import EnsCall
    from core.import_key_pair import ImportOutcome, ValidKeyPair
    from settings import Settings
    from triggers import Trigger

DEFAULT_TIMEOUT = 30.0  # seconds; for a context that names none
TIME_TO_ANSWER = 1.0  # seconds of the function's time-out that are kept for log and answer

disarm_sdk_debug(os.environ)


def initialize(context: object) -> None:  # noqa: ARG001 - FC's signature
    """
    Check the settings and load the SDK, once an instance, before its first request.

    Raises:
        InvalidSetting: the platform shows it: name, value, and what is allowed.
    """
    key_policy(read_settings(os.environ))
    load_ens_sdk()


def handler(event: bytes | str, context: object) -> object:
    """Answer one event, in the words of the trigger that it came from."""
    started = time.monotonic()
    request_id = str(getattr(context, "request_id", ""))
    trigger: Trigger = UnknownEvent("The event could not be read.")
    failure: ImportFailure
    with InvocationLog(context) as log:
        try:
            trigger = recognise(event)
            log.add(trigger=trigger.name)
            settings = read_settings(os.environ)
            log.set_level(settings.log_level, settings.log_sample_rate)

            def start_delivery(key_pair: ValidKeyPair) -> Delivery:
                log_key_pair(log, key_pair)
                return delivery(settings, context, log, started)

            outcome = import_key_pair(trigger.request(), key_policy(settings), start_delivery)
        except ImportFailure as error:
            failure = error
        except InvalidSetting as error:
            log.add(setting=str(error))
            failure = internal_error()
        except Exception as error:  # noqa: BLE001 - the one place: see the module's docstring
            log.add(exception=describe_exception(error))
            failure = internal_error()
        else:
            log_outcome(log, outcome)
            return trigger.answer(outcome, request_id)
        log_failure(log, failure)
        return trigger.refuse(failure, request_id)


def key_policy(settings: Settings) -> KeyPolicy:
    """Return which keys are trusted."""
    return KeyPolicy(
        min_bits=settings.min_rsa_bits,
        max_bits=settings.max_rsa_bits,
        weak_keys=settings.weak_keys,
    )


def delivery(settings: Settings, context: object, log: InvocationLog, started: float) -> Delivery:
    """Wire a delivery to ENS, as the function's role, within the time that the function has."""

    def observe(call: EnsCall) -> None:
        log.count("attempts" if call.action == "ImportKeyPair" else "look_ups")
        log.write(
            "debug",
            "ENS was called",
            action=call.action,
            result=call.result,
            ens_request_id=call.request_id,
            duration_ms=round(call.duration_ms, 3),
        )

    connection = EnsConnection(
        protocol=settings.ens_endpoint.protocol,
        host=settings.ens_endpoint.host,
        connect_timeout_ms=settings.ens_connect_timeout_ms,
        read_timeout_ms=settings.ens_read_timeout_ms,
    )
    function = getattr(context, "function", None)
    timeout = float(getattr(function, "timeout", None) or DEFAULT_TIMEOUT)
    return Delivery(
        key_pairs=EnsKeyPairs(role_credentials(context, os.environ), connection, observe),
        clock=SystemClock(),
        deadline=started + timeout - TIME_TO_ANSWER,
        max_attempts=settings.ens_max_attempts,
    )


class SystemClock:
    """The time of this machine."""

    now = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


def internal_error() -> InternalError:
    """Return what a caller is told of a bug of ours."""
    return InternalError(
        "An error inside the function. Its log has the details, under this RequestId.",
        reason="internal_error",
    )


def log_key_pair(log: InvocationLog, key_pair: ValidKeyPair) -> None:
    """Log a name and a key, once they are known to be such."""
    log.add(
        key_pair_name=key_pair.name,
        fingerprint=key_pair.md5_fingerprint,
        fingerprint_sha256=key_pair.sha256_fingerprint,
        bits=key_pair.key.bits,
        warnings=list(key_pair.warnings) or None,
    )


def log_outcome(log: InvocationLog, outcome: ImportOutcome) -> None:
    """Log a success, loudly where ENS's fingerprint is not the key's."""
    log_key_pair(log, outcome.key_pair)
    log.add(outcome=outcome.outcome, ens_request_id=outcome.request_id)
    if outcome.verified is False:
        log.conclude(
            "error", "ENS answered another fingerprint", ens_fingerprint=outcome.fingerprint
        )
    else:
        log.conclude("info", f"key pair {outcome.outcome}")


def log_failure(log: InvocationLog, failure: ImportFailure) -> None:
    """Log a failure: WARNING where the caller or ENS decides, ERROR where the owner must look."""
    ours = isinstance(failure, (PermissionDenied, ServiceUnavailable, InternalError))
    log.conclude(
        "error" if ours else "warning",
        "key pair not imported",
        outcome="failed" if ours else "refused",
        code=failure.code,
        reason=failure.reason,
        ens_request_id=failure.request_id,
    )
