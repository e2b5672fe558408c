"""
Every Reason and every outcome: stable identifiers in answers, log lines and receipts.

An error has a code, which Alibaba Cloud documents, and a Reason, which is ours and says more. One
that is not in this file cannot be used: mypy refuses it. docs/errors.md documents each.
"""

from __future__ import annotations

from typing import Literal

KeyReason = Literal[  # InvalidPublicKeyBody.Malformed: what was sent is not exactly one key
    "bad_base64",
    "bad_der",
    "bad_mpint",
    "bad_whitespace",
    "certificate",
    "comment_line",
    "control_character",
    "double_base64",
    "escaped",
    "known_hosts",
    "missing_key_type",
    "multiple_keys",
    "not_a_key",
    "not_text",
    "options",
    "percent_encoded",
    "plus_lost",
    "private_key",
    "quoted",
    "signature_algorithm",
    "surrounding_text",
    "too_long",
    "trailing_data",
    "truncated",
    "type_mismatch",
    "utf16",
    "wrong_key_type",
    "x509",
]
TrustReason = Literal[  # InvalidParameter.PublicKeyBody: a key, but not one to be trusted
    "bad_exponent",
    "compromised",
    "fermat",
    "roca",
    "too_few_bits",
    "too_many_bits",
    "weak_modulus",
]
NameReason = Literal[  # InvalidParameter.KeyPairName
    "name_bad_character",
    "name_bad_start",
    "name_has_colon",
    "name_is_url",
    "name_reserved",
    "name_too_long",
    "name_too_short",
    "name_without_prefix",
]
RequestReason = Literal[  # MissingParameter, InvalidParameter, and other codes of a whole request
    "body_too_large",
    "caller_not_allowed",
    "compressed_object",
    "contradicting_values",
    "event_too_large",
    "misspelt_parameter",
    "missing_parameter",
    "not_an_object",
    "not_json",
    "object_too_large",
    "unknown_action",
    "unknown_event",
    "unreadable_body",
    "unsupported_method",
    "unsupported_version",
    "wrong_type",
]
ServiceReason = Literal[  # ENS, OSS, the function's role, and the function itself
    "cut",
    "ens_error",
    "ens_unreachable",
    "internal_error",
    "look_up_failed",
    "name_taken",
    "no_answer",
    "object_key_too_long",
    "oss_error",
    "oss_unavailable",
    "out_of_time",
    "role_credentials",
    "role_permission",
    "throttled",
    "unreadable_answer",
    "wrong_crc64",
]
SkipReason = Literal[  # no error: why a record or an object is not imported, or not again
    "appended",
    "folder_marker",
    "other_bucket",
    "other_event",
    "other_object",
    "part",
    "path_steps",
    "receipt",
    "receipt_found",
    "removed",
    "symlink",
    "under_way",
    "unreadable_record",
]
Reason = Literal[KeyReason, TrustReason, NameReason, RequestReason, ServiceReason, SkipReason]

RequestOutcome = Literal["imported", "already_imported", "validated", "refused", "failed"]
"""How a request ended, in logs; the first three also in X-Import-Outcome."""

UploadOutcome = Literal[
    "imported", "already_imported", "refused", "will_retry", "superseded", "skipped"
]
"""How an upload ended, in logs and receipts."""
