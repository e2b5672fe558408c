"""
The function's entry points, as s.yaml names them. They wire and answer; they decide nothing.

Whatever happens, a caller who waits gets an answer: an exception that left the handler would
become the platform's answer, with the stack in it. Of an upload nobody awaits the answer: there an
exception is what makes FC try again, and the one that leaves is UploadsUnfinished.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from adapters.ens import prepare_ens
from core.errors import (
    ImportFailure,
    InternalError,
    PermissionDenied,
    ServiceUnavailable,
)
from core.importing.request import import_key_pair
from core.uploads.one_upload import UploadsUnfinished
from instance import this_instance
from invocation import delivery, internal_error
from log_fields import key_pair_fields
from logs import InvocationLog, describe_exception
from settings import InvalidSetting, disarm_sdk_debug
from triggers import recognise
from triggers.direct import UnknownEvent
from triggers.oss import OssInvocation
from upload_handler import import_uploads

if TYPE_CHECKING:
    from core.importing.exactly_once import Delivery
    from core.importing.request import ImportOutcome, ValidKeyPair
    from triggers import Trigger

UNREADABLE = UnknownEvent("The event could not be read.")  # until it has been

disarm_sdk_debug(os.environ)


def initialize(context: object) -> None:  # noqa: ARG001 - FC's signature
    """
    Check the settings and load the SDK, once an instance, before its first request.

    Raises:
        InvalidSetting: the platform shows it: name, value, and what is allowed.
    """
    prepare_ens(this_instance().ens)


def handler(event: bytes | str, context: object) -> object:
    """Answer one event, in the words of the trigger that it came from."""
    started = time.monotonic()
    request_id = str(getattr(context, "request_id", ""))
    trigger: Trigger | OssInvocation = UNREADABLE
    failure: ImportFailure
    with InvocationLog(context) as log:
        try:
            trigger = recognise(event)
            log.add(trigger=trigger.name)
            instance = this_instance()
            log.set_level(instance.settings.log_level, instance.settings.log_sample_rate)
            if isinstance(trigger, OssInvocation):
                return import_uploads(trigger, instance, context, log, started)

            def start_delivery(key_pair: ValidKeyPair) -> Delivery:
                log_key_pair(log, key_pair)
                return delivery(instance, context, log, started)

            outcome = import_key_pair(trigger.request(), instance.key_policy, start_delivery)
            log_outcome(log, outcome)
            return trigger.answer(outcome, request_id)
        except UploadsUnfinished:
            raise
        except ImportFailure as error:
            failure = error
        except InvalidSetting as error:
            log.add(setting=str(error))
            failure = internal_error()
        except Exception as error:  # noqa: BLE001 - the one place: see the module's docstring
            log.add(exception=describe_exception(error))
            failure = internal_error()
        log_failure(log, failure)
        if isinstance(trigger, OssInvocation):  # none of its uploads had its turn
            raise UploadsUnfinished(len(trigger.uploads), len(trigger.uploads))
        return trigger.refuse(failure, request_id)


def log_key_pair(log: InvocationLog, key_pair: ValidKeyPair) -> None:
    """Log a name and a key, once they are known to be such."""
    log.add(**key_pair_fields(key_pair))


def log_outcome(log: InvocationLog, outcome: ImportOutcome) -> None:
    """Log a success, loudly where ENS's fingerprint is not the key's."""
    if outcome.outcome == "validated":  # else it was logged before it was delivered
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
