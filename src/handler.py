"""
The function's entry points, as s.yaml names them. They wire and answer; they decide nothing.

A caller who waits always gets an answer: an exception that left the handler would become the
platform's answer, with the stack in it. Where FC retries, an exception is what makes it try again,
and the only one that leaves is Unfinished.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from late_imports import without_collector

with without_collector():
    from adapters.ens import prepare_ens
    from core.errors import (
        ImportFailure,
        InternalError,
        PermissionDenied,
        RequestRefused,
        ServiceUnavailable,
    )
    from core.importing.request import private_key_first, validate, validated
    from core.keys.private_keys import PrivateKeySearch
    from instance import this_instance
    from invocation import Invocation, Unfinished, deadline_of, internal_error, request_id_of
    from log_fields import caller_fields, failure_fields, key_pair_fields, outcome_fields
    from logs import InvocationLog, describe_exception
    from settings import InvalidSetting, disarm_sdk_debug
    from triggers import recognise
    from triggers.direct import UnknownEvent
    from triggers.oss import OssInvocation

if TYPE_CHECKING:
    from core.importing.request import ImportOutcome, ValidKeyPair
    from instance import Instance
    from triggers import Trigger

UNREADABLE = UnknownEvent("The event could not be read.")  # answers until recognise() has returned

disarm_sdk_debug(os.environ)


def initialize(context: object) -> None:
    """
    Check the settings and load the SDK, once an instance, before its first request.

    Raises:
        InvalidSetting: the platform shows it: name, and what is allowed. The log has the value.
    """
    try:
        instance = this_instance()
    except InvalidSetting as error:
        with InvocationLog(context) as log:
            log.conclude("error", "a setting is not valid", setting=error.for_the_log)
        raise
    prepare_ens(instance.ens)


def handler(event: bytes | str, context: object) -> object:
    """Answer one event, in the form that its trigger expects."""
    started = time.monotonic()
    request_id = request_id_of(context)
    trigger: Trigger | OssInvocation = UNREADABLE
    failure: ImportFailure
    with InvocationLog(context) as log:
        try:
            trigger = recognise(event)
            log.add(trigger=trigger.name, **caller_fields(trigger.caller, trigger.source_ip))
            instance = this_instance()
            log.set_level(instance.settings.log_level, instance.settings.log_sample_rate)
            invocation = Invocation(instance, context, log, deadline_of(context, started))
            if isinstance(trigger, OssInvocation):
                from upload_handler import import_uploads  # noqa: PLC0415 - for uploads only

                return import_uploads(trigger, invocation)
            outcome = import_one(trigger, invocation)
            log_outcome(log, outcome)
            return trigger.answer(outcome, request_id)
        except Unfinished:
            raise
        except ImportFailure as error:
            failure = error
        except InvalidSetting as error:
            log.add(setting=error.for_the_log)
            failure = internal_error(f"The function's setting {error.name} is not valid.")
        except Exception as error:  # noqa: BLE001 - the one place: see the module's docstring
            log.add(exception=describe_exception(error))
            failure = internal_error()
        log_failure(log, failure, is_lost=not (trigger.waits or trigger.retries))
        if trigger.retries and (failure.retryable or isinstance(failure, InternalError)):
            raise Unfinished(trigger.imports, trigger.imports)  # none of them was begun
        return trigger.refuse(failure, request_id)


def import_one(trigger: Trigger, invocation: Invocation) -> ImportOutcome:
    """
    Check who calls and what is asked for, then import it, unless it is a dry run.

    Raises:
        ImportFailure: of the class or code that core.errors has for what went wrong.
    """
    search = PrivateKeySearch()
    try:
        key_pair, dry_run = read_request(trigger, invocation.instance, search)
    except RequestRefused as error:
        refusal = error
    else:
        invocation.log.add(**key_pair_fields(key_pair))
        if dry_run:
            return validated(key_pair)
        return invocation.exactly_once(waits=trigger.waits).import_key_pair(key_pair)
    raise private_key_first(refusal, trigger.texts(), search)


def read_request(
    trigger: Trigger, instance: Instance, search: PrivateKeySearch
) -> tuple[ValidKeyPair, bool]:
    """
    Return the name and key that a trigger asks to import, and whether it is a dry run.

    Raises:
        RequestRefused: of the class or code for what is wrong.
    """
    if instance.token_rules:
        trigger.check_caller(instance.token_rules)
    request = trigger.request()
    prefix = instance.settings.caller_name_prefix or ""
    key_pair = validate(request, instance.key_policy, name_prefix=prefix, search=search)
    return key_pair, request.dry_run


def log_outcome(log: InvocationLog, outcome: ImportOutcome) -> None:
    """Log a success, as an error where ENS's fingerprint is not the key's."""
    level, message = "info", f"key pair {outcome.outcome}".replace("_", " ")
    if outcome.verified is False:
        level, message = "error", "ENS answered another fingerprint"
    log.conclude(level, message, **outcome_fields(outcome))


def log_failure(log: InvocationLog, failure: ImportFailure, *, is_lost: bool) -> None:
    """
    Log a failure: WARNING where the caller or ENS decides, ERROR where the owner must look.

    Also where it is lost: no caller waits for the answer, and FC does not try again.
    """
    ours = is_lost or isinstance(failure, (PermissionDenied, ServiceUnavailable, InternalError))
    log.conclude(
        "error" if ours else "warning",
        "key pair not imported",
        outcome="failed" if ours else "refused",
        **failure_fields(failure),
    )
