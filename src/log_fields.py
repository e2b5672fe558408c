"""The fields of a log line that more than one place writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.importing.request import ValidKeyPair


def key_pair_fields(key_pair: ValidKeyPair) -> dict[str, object]:
    """Return what a log line tells of a name and a key, once they are known to be such."""
    fields = {
        "key_pair_name": key_pair.name,
        "fingerprint": key_pair.md5_fingerprint,
        "fingerprint_sha256": key_pair.sha256_fingerprint,
        "bits": key_pair.key.bits,
    }
    return {**fields, "warnings": list(key_pair.warnings)} if key_pair.warnings else fields
