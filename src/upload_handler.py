"""
The asynchronous half of the handler: each upload of an event has its turn, its receipt, its line.

FC takes what is returned here for success, and tries again when an exception leaves. So only what
a retry can mend leaves as one, after every upload had its turn; what succeeded is not undone, and
is not done again by the retry.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING

from adapters.credentials import role_credentials
from adapters.oss import Oss
from core.errors import InternalError
from core.uploads.bucket import Bucket
from core.uploads.one_upload import Intake, UploadsUnfinished
from invocation import CLOCK, deadline_of, delivery, internal_error
from log_fields import key_pair_fields
from logs import describe_exception

if TYPE_CHECKING:
    from adapters.oss import OssCall
    from core.importing.exactly_once import Delivery
    from core.importing.request import ValidKeyPair
    from core.uploads.rules import Upload, UploadResult
    from instance import Instance
    from logs import InvocationLog
    from triggers.oss import OssInvocation

PATIENCE = 2  # times as many attempts as a caller gets who waits: here nobody does
TIME_FOR_RECEIPT = 3.0  # seconds of an upload's time that are kept for its receipt


def import_uploads(
    trigger: OssInvocation, instance: Instance, context: object, log: InvocationLog, started: float
) -> object:
    """
    Give each upload of an event its turn, and answer what became of them.

    Raises:
        UploadsUnfinished: after that, if a retry may mend what is left to do.
    """
    request_id = str(getattr(context, "request_id", ""))
    results: list[UploadResult] = []
    alone = len(trigger.uploads) == 1
    if trigger.uploads:  # an event without any needs no role
        with open_oss(instance, context, log) as oss:
            intake = wire_intake(oss, instance, context, log, started)
            for upload in intake.in_time(trigger.uploads):
                results.append(take_upload(intake, upload, log))
                log_upload(log, results[-1], alone=alone)
    for record in trigger.skipped:
        level = "warning" if record.reason == "unreadable_record" else "info"
        log.write(level, "record skipped", reason=record.reason, object_key=record.key)

    not_begun = len(trigger.uploads) - len(results)
    unfinished = not_begun + sum(result.is_unfinished for result in results)
    if not alone or not results:
        log.conclude(
            "warning" if unfinished else "info",
            "uploads taken",
            uploads=len(trigger.uploads),
            unfinished=unfinished,
            outcomes=dict(Counter(result.outcome for result in results)),
        )
    if unfinished:
        raise UploadsUnfinished(unfinished, len(trigger.uploads))
    return trigger.answer(results, request_id)


def open_oss(instance: Instance, context: object, log: InvocationLog) -> Oss:
    """Return OSS, as the function's role sees it."""

    def observe(call: OssCall) -> None:
        log.write("debug", "OSS was called", action=call.action, result=call.result)

    endpoint = instance.settings.oss_endpoint
    url = f"{endpoint.protocol}://{endpoint.host}" if endpoint else None
    return Oss(role_credentials(context, os.environ), url, observe)


def wire_intake(
    oss: Oss, instance: Instance, context: object, log: InvocationLog, started: float
) -> Intake:
    """Wire an intake to OSS and ENS, within the time that the function has."""
    clock, deadline = CLOCK, deadline_of(context, started)

    @cache
    def open_bucket(region: str, name: str) -> Bucket:
        return Bucket(oss.objects(region, name), clock, deadline)

    def start_delivery(_key_pair: ValidKeyPair) -> Delivery:
        return replace(
            delivery(instance, context, log, started),
            deadline=deadline - TIME_FOR_RECEIPT,
            max_attempts=PATIENCE * instance.settings.ens_max_attempts,
            look_up_first=True,
        )

    return Intake(
        rules=instance.upload_rules,
        policy=instance.key_policy,
        open_bucket=open_bucket,
        start_delivery=start_delivery,
        clock=clock,
        deadline=deadline,
        invocation=os.urandom(16).hex(),
        request_id=str(getattr(context, "request_id", "")),
        time=lambda: datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )


def take_upload(intake: Intake, upload: Upload, log: InvocationLog) -> UploadResult:
    """Import one upload; a bug that it meets is its own, and no neighbour's."""
    try:
        return intake.take(upload)
    except Exception as error:  # noqa: BLE001 - as in the handler, around each upload
        log.write("error", "an upload met a bug", exception=describe_exception(error))
        return intake.give_up(upload, internal_error())


def log_upload(log: InvocationLog, result: UploadResult, *, alone: bool) -> None:
    """Log what became of an upload: in the invocation's line if it is alone, else in its own."""
    upload, failure, imported = result.upload, result.failure, result.imported
    fields: dict[str, object] = {
        "bucket": upload.bucket,
        "object_key": upload.key,
        "etag": upload.etag,
        "outcome": result.outcome,
        "reason": failure.reason if failure else result.reason,
    }
    level, message = "info", f"upload {result.outcome}".replace("_", " ")
    if result.key_pair:
        fields |= key_pair_fields(result.key_pair)
    if failure:
        level = "error" if isinstance(failure, InternalError) else "warning"
        fields |= {"code": failure.code, f"{result.asked}_request_id": failure.request_id}
    if imported:
        fields |= {"ens_request_id": imported.request_id}
        if imported.verified is False:
            level, message = "error", "ENS answered another fingerprint"
            fields |= {"ens_fingerprint": imported.fingerprint}
    if result.outcome == "superseded":
        level = "warning"
    if result.receipt_failure:
        fields |= {"receipt_failure": result.receipt_failure.reason}
        level = "error" if level == "error" else "warning"
    shown = {name: value for name, value in fields.items() if value is not None}
    (log.conclude if alone else log.write)(level, message, **shown)
