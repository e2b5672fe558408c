"""What a caller reads: the documented JSON of a success and of a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import too_large

if TYPE_CHECKING:
    from core.errors import ImportFailure, InvalidRequest
    from core.importing.request import ImportOutcome

EVENT_CAP = 1024 * 1024  # bytes; decoded, an event takes up to thirty times its size
HOST_ID = "ens.aliyuncs.com"


def success_body(outcome: ImportOutcome, request_id: str) -> dict[str, object]:
    """Return what ENS documents: three members, and none more."""
    return {
        "KeyPairFingerPrint": outcome.fingerprint,
        "KeyPairName": outcome.key_pair.name,
        "RequestId": outcome.service_request_id or request_id,
    }


def failure_body(failure: ImportFailure, request_id: str) -> dict[str, object]:
    """
    Return an error as Alibaba Cloud writes it, so that official SDKs read it.

    The corrected line of a refused key goes to its caller here, and nowhere else.
    """
    body: dict[str, object] = {
        "RequestId": failure.service_request_id or request_id,
        "HostId": HOST_ID,
        "Code": failure.code,
        "Message": failure.message,
        "Description": failure.description,
        "Reason": failure.reason,
    }
    where = {
        "Parameter": failure.parameter,
        "Line": failure.line,
        "Column": failure.column,
        "Corrected": failure.corrected_line,
    }
    return body | {name: value for name, value in where.items() if value is not None}


def event_too_large() -> InvalidRequest:
    """Return the refusal of an event that is not even decoded."""
    return too_large(
        f"The event is larger than {EVENT_CAP // 1024} KiB. A public key has a few hundred bytes.",
        reason="event_too_large",
    )
