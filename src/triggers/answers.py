"""What a caller reads: the documented JSON of a success and of a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.errors import ImportFailure
    from core.importing.request import ImportOutcome

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
    description = failure.description
    if failure.corrected_line is not None:
        description = f"{description} Corrected: {failure.corrected_line}"
    body: dict[str, object] = {
        "RequestId": failure.service_request_id or request_id,
        "HostId": HOST_ID,
        "Code": failure.code,
        "Message": failure.message,
        "Description": description,
        "Reason": failure.reason,
    }
    if failure.column is not None:
        body["Column"] = failure.column
    return body
