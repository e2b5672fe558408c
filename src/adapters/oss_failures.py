"""
What is made of OSS's refusals, and of what is no answer of OSS: classes of core.errors.

The texts of the SDK's exceptions are dropped on the way: they print what was sent.
"""

from __future__ import annotations

from typing import Any

from core import errors
from core.errors import (
    ImportFailure,
    InvalidRequest,
    OssError,
    RoleCredentialsUnusable,
    ServiceUnavailable,
)
from core.uploads.bucket import MAX_OBJECT_SIZE

CREDENTIALS_CODES = (
    "InvalidAccessKeyId",
    "InvalidSecurityToken",
    "RequestTimeTooSkewed",
    "SecurityTokenExpired",
    "SignatureDoesNotMatch",
)


def refused(action: str, error: Any) -> ImportFailure:
    """Translate an error that OSS answered with."""
    status, code = int(error.status_code), str(error.code or "")
    request_id = str(error.request_id or "") or None
    if code.startswith(CREDENTIALS_CODES):
        return RoleCredentialsUnusable(
            f"OSS does not accept the credentials of the function's role ({code}). "
            "The upload itself is not at fault.",
            reason="role_credentials",
            service_request_id=request_id,
        )
    if not 400 <= status < 500 or status in {408, 429}:
        return ServiceUnavailable(
            f"OSS answered {action} with status {status}.",
            reason="oss_unavailable",
            service_request_id=request_id,
        )
    description = f"OSS answered {action} with {code}."
    if code == "AccessDenied":
        description = (
            f"OSS refuses the function's role. Its owner must allow it oss:{action} on this "
            "object, in the RAM policy attached to that role; and kms:Decrypt and "
            "kms:GenerateDataKey on the bucket's key, if the bucket is encrypted with KMS."
        )
    return OssError(
        description,
        reason="role_permission" if code == "AccessDenied" else "oss_error",
        code=code,
        status=status,
        service_request_id=request_id,
    )


def no_answer(action: str) -> ServiceUnavailable:
    """Return the failure of a call that brought no answer of OSS."""
    return ServiceUnavailable(
        f"OSS did not answer {action}, or not in a readable way.", reason="oss_unavailable"
    )


def too_large() -> InvalidRequest:
    """Return the failure for an object that is too large to be a key."""
    return errors.too_large(
        f"The object is larger than {MAX_OBJECT_SIZE // 1024} KiB. "
        "A public key has a few hundred bytes.",
        reason="object_too_large",
    )


def key_too_long() -> OssError:
    """Return the failure for an object key that the SDK does not even send."""
    return OssError(
        "OSS accepts no object key of this length.",
        reason="object_key_too_long",
        code="InvalidObjectName",
        status=400,
        service_request_id=None,
    )
