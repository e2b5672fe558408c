"""
Every field that a log line can have.

FIELDS says what each means; a test compares it with what is written, and the documents with it.
The functions make the fields of one thing; nothing else in the function does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.ens import EnsCall
    from adapters.oss import OssCall
    from core.errors import ImportFailure
    from core.importing.request import ImportOutcome, ValidKeyPair
    from core.uploads.rules import UploadResult

FIELDS = {
    # in every line
    "timestamp": "when the line was written, UTC",
    "level": "debug, info, warning or error",
    "message": "what happened, in a few words",
    "service": "ens-key-import",
    "version": "of the project, and a digest of the packaged sources",
    "function_name": "FC's name of the function",
    "function_version": "FC's version of it, or LATEST",
    "request_id": "FC's id of the invocation",
    "cold_start": "whether it is the first invocation of its instance",
    # in the line of an invocation
    "trigger": "who calls: http, api_gateway, direct, oss, eventbridge or unknown",
    "caller": "who signed: the access key id, the token's sub, or OSS's principalId of an upload",
    "source_ip": "the address that FC's gateway, or OSS, saw",
    "duration_ms": "how long the invocation took",
    "attempts": "how often ImportKeyPair was called",
    "look_ups": "how often DescribeKeyPairs was called",
    # of a request, in the same line
    "outcome": "how the request or the upload ended",
    "code": "the error's code",
    "reason": "the error's Reason, or why an upload was skipped",
    "key_pair_name": "the name, once it is valid",
    "fingerprint_md5": "the key's, computed here: 32 hex digits",
    "fingerprint_sha256": "the key's, computed here: as ssh-keygen prints it",
    "fingerprint_ens": "ENS's, where it is not the key's",
    "bits": "the size of the key",
    "warnings": "why a key that is accepted is unusual",
    "service_request_id": "the RequestId of ENS's or OSS's answer",
    "setting": "the setting that is not allowed, its value, and what is allowed",
    "exception": "the types and places of an exception, without its text",
    # of an upload
    "bucket": "the upload's bucket",
    "object_key": "the upload's path in it",
    "etag": "the upload's ETag",
    "receipt_failure": "the Reason for which no receipt could be written",
    "uploads": "how many uploads the event reports",
    "unfinished": "how many of them are to be tried again",
    "skipped": "how many records and objects are no key uploads, by Reason",
    "outcomes": "how many of them ended in which outcome",
    # of a call, at DEBUG
    "action": "the call's",
    "result": "ok, or the code or Reason of its failure",
}


def caller_fields(caller: str, source_ip: str) -> dict[str, object]:
    """Return the fields of who called, where it is known."""
    fields: dict[str, object] = {"caller": caller, "source_ip": source_ip}
    return {name: value for name, value in fields.items() if value}


def key_pair_fields(key_pair: ValidKeyPair) -> dict[str, object]:
    """Return the fields of a name and a key, once they are known to be such."""
    fields = {
        "key_pair_name": key_pair.name,
        "fingerprint_md5": key_pair.fingerprint_md5,
        "fingerprint_sha256": key_pair.fingerprint_sha256,
        "bits": key_pair.key.bits,
    }
    return {**fields, "warnings": list(key_pair.warnings)} if key_pair.warnings else fields


def outcome_fields(outcome: ImportOutcome) -> dict[str, object]:
    """Return the fields of a request that was not refused, beside those of its key pair."""
    fields: dict[str, object] = {
        "outcome": outcome.outcome,
        "service_request_id": outcome.service_request_id,
    }
    if outcome.verified is False:
        return {**fields, "fingerprint_ens": outcome.fingerprint}
    return fields


def failure_fields(failure: ImportFailure) -> dict[str, object]:
    """Return the fields of a failure."""
    return {
        "code": failure.code,
        "reason": failure.reason,
        "service_request_id": failure.service_request_id,
    }


def upload_fields(result: UploadResult) -> dict[str, object]:
    """Return the fields of an upload and of its outcome; those that it does not have are None."""
    upload = result.upload
    fields: dict[str, object] = {
        "bucket": upload.bucket,
        "object_key": upload.shown_key,
        "etag": upload.etag,
        "reason": result.reason,
        **caller_fields(upload.uploader, upload.source_ip),
    }
    if result.key_pair:
        fields |= key_pair_fields(result.key_pair)
    if result.failure:
        fields |= failure_fields(result.failure)
    if result.imported:
        fields |= outcome_fields(result.imported)
    if result.receipt_failure:
        fields |= {"receipt_failure": result.receipt_failure.reason}
    return fields | {"outcome": result.outcome}


def ens_call_fields(call: EnsCall) -> dict[str, object]:
    """Return the fields of a call of ENS."""
    return {
        "action": call.action,
        "result": call.result,
        "service_request_id": call.service_request_id,
        "duration_ms": round(call.duration_ms, 3),
    }


def oss_call_fields(call: OssCall) -> dict[str, object]:
    """Return the fields of a call of OSS."""
    return {"action": call.action, "result": call.result}
