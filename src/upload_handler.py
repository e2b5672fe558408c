"""
The asynchronous half of the handler: each upload of an event has its turn, its receipt, its line.

For FC, what is returned here is a success; it tries again when an exception leaves. So only what
a retry can fix leaves as one, after every upload had its turn; what succeeded is not undone, and
is not done again by the retry.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING

from core.errors import InternalError
from core.uploads.bucket import Bucket
from core.uploads.one_upload import UploadImporter
from invocation import CLOCK, Unfinished, internal_error
from log_fields import upload_fields
from logs import describe_exception

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.oss import Oss
    from core.reasons import Reason
    from core.uploads.rules import Upload, UploadResult
    from invocation import Invocation
    from logs import InvocationLog
    from triggers.oss import OssInvocation

TIME_FOR_RECEIPT = 3.0  # seconds of an upload's time that are kept for its receipt


def import_uploads(trigger: OssInvocation, invocation: Invocation) -> object:
    """
    Give each upload of an event its turn, and answer the outcome of each.

    Raises:
        Unfinished: after that, if a retry can fix what is left to do.
    """
    log = invocation.log
    results: list[UploadResult] = []
    alone = len(trigger.uploads) == 1
    if trigger.uploads:  # an event without any needs no role
        importer = upload_importer(invocation.oss(), invocation, waits=trigger.waits)
        for upload in importer.in_time(trigger.uploads):
            results.append(import_upload(importer, upload, log))
            if alone or results[-1].outcome != "skipped":
                log_upload(log, results[-1], alone=alone)
    log_skipped(log, trigger, [] if alone else results)

    not_begun = len(trigger.uploads) - len(results)
    unfinished = not_begun + sum(result.is_unfinished for result in results)
    if not alone or not results:
        log.conclude(
            "warning" if unfinished else "info",
            "uploads handled",
            uploads=len(trigger.uploads),
            unfinished=unfinished,
            outcomes=dict(Counter(result.outcome for result in results)),
        )
    if unfinished and trigger.retries:
        raise Unfinished(unfinished, len(trigger.uploads))
    return trigger.answer(results, invocation.request_id)


def upload_importer(oss: Oss, invocation: Invocation, *, waits: bool) -> UploadImporter:
    """Wire the import of uploads to OSS and ENS, within the time that the function has."""

    @cache
    def open_bucket(region: str, name: str) -> Bucket:
        return Bucket(oss.objects(region, name), CLOCK, invocation.deadline)

    return UploadImporter(
        rules=invocation.instance.upload_rules,
        policy=invocation.instance.key_policy,
        open_bucket=open_bucket,
        ens=invocation.exactly_once(waits=waits, time_kept=TIME_FOR_RECEIPT),
        clock=CLOCK,
        deadline=invocation.deadline,
        invocation=os.urandom(16).hex(),
        request_id=invocation.request_id,
        time=lambda: datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )


def import_upload(importer: UploadImporter, upload: Upload, log: InvocationLog) -> UploadResult:
    """Import one upload; a bug that it meets ends this upload alone."""
    try:
        return importer.import_upload(upload)
    except Exception as error:  # noqa: BLE001 - as in the handler, around each upload
        log.write("error", "an upload met a bug", exception=describe_exception(error))
        return importer.give_up(upload, internal_error())


def log_skipped(
    log: InvocationLog, trigger: OssInvocation, results: Sequence[UploadResult]
) -> None:
    """Log what is no key upload in one line: an event may hold thousands of such records."""
    skipped: list[tuple[Reason | None, str | None]] = [
        *((record.reason, record.object_key) for record in trigger.skipped),
        *((each.reason, each.upload.shown_key) for each in results if each.outcome == "skipped"),
    ]
    if not skipped:
        return
    reasons = Counter(reason for reason, _ in skipped)
    level = "warning" if "unreadable_record" in reasons else "info"
    if len(skipped) == 1:
        reason, object_key = skipped[0]
        log.write(level, "record skipped", reason=reason, object_key=object_key)
    else:
        log.write(level, "records skipped", skipped=dict(reasons))


def log_upload(log: InvocationLog, result: UploadResult, *, alone: bool) -> None:
    """Log the outcome of an upload: in the invocation's line if it is alone, else in its own."""
    level, message = "info", f"upload {result.outcome}".replace("_", " ")
    if result.failure or result.receipt_failure or result.outcome == "superseded":
        level = "warning"
    if isinstance(result.failure, InternalError):
        level = "error"
    if result.imported and result.imported.verified is False:
        level, message = "error", "ENS answered another fingerprint"
    shown = {name: value for name, value in upload_fields(result).items() if value is not None}
    (log.conclude if alone else log.write)(level, message, **shown)
