"""
Receipts: the outcome of an upload, written beside it for whoever uploaded it.

    receipts/keys/team/alice.pub/D41D8CD98F00B204E9800998ECF8427E.json

No import fails for want of a receipt; one that cannot be written for the moment makes FC try again.
Receipts also remember. An upload whose receipt reports a success is not imported again when its
event is delivered again, neither by FC's retries nor after somebody has deleted the key pair in
ENS. And for as long as one says ``under_way``, a second delivery of the event waits for the first.
That is no lock: the second goes on after a while, for an instance that was killed leaves such a
receipt, too.

Nothing of a key is in a receipt but its fingerprints.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ImportFailure
from core.uploads.bucket import NoSuchObject, ObjectExists

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.uploads.bucket import Bucket
    from core.uploads.rules import Upload, UploadResult

UNDER_WAY = "under_way"
LONGEST_WAIT = 5.0  # seconds, for another delivery of the same event; most imports take one
POLL_INTERVAL = 0.25  # seconds
SUCCESSES = ("imported", "already_imported")
KEY_MATERIAL = re.compile(r"[A-Za-z0-9+/=%]{80,}")  # ENS's texts are passed on; it may echo a URL


@dataclass(frozen=True, slots=True)
class PastReceipt:
    """What an earlier delivery left; of a receipt that cannot be read, nothing but that."""

    outcome: str = ""
    reason: str = ""
    upload_request_id: str = ""
    invocation: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the key was imported."""
        return self.outcome in SUCCESSES

    def is_of(self, upload: Upload) -> bool:
        """Tell whether this is certainly the same upload, and not the same file put again."""
        return bool(upload.upload_request_id) and self.upload_request_id == upload.upload_request_id

    def may_be_of(self, upload: Upload) -> bool:
        """Tell whether this may be the same upload: an event without its request id tells less."""
        return self.is_of(upload) or not (upload.upload_request_id and self.upload_request_id)


@dataclass(frozen=True, slots=True)
class Receipts:
    """
    The receipts of one bucket's uploads.

    Args:
        bucket: where they are.
        prefix: what their keys begin with; empty: none are written.
        invocation: an identifier of this invocation alone; FC's request id is not, for a second
            delivery of an event may have the same.
        request_id: of this invocation.
        time: the time of day, as ISO 8601 writes it.
    """

    bucket: Bucket
    prefix: str
    invocation: str
    request_id: str
    time: Callable[[], str]

    def claim(self, upload: Upload) -> bool:
        """
        Say that the import of an upload is under way, after whoever says so already.

        Returns:
            whether the upload was imported before: there is nothing left to do.
        """
        if not self.prefix:
            return False
        try:
            past = self._read(upload)
            if past is None:
                try:
                    self._write(upload, self._under_way(upload), overwrite=False)
                except ObjectExists:
                    past = self._read(upload)
            past = self._wait_for_other(upload, past)
            if past and past.is_success:
                return past.is_of(upload)
            if past and past.invocation != self.invocation:
                self._write(upload, self._under_way(upload))
        except ImportFailure:
            return False  # without receipts, what ENS holds is looked up all the same
        return False

    def conclude(self, result: UploadResult) -> None:
        """
        Write the outcome of an upload; a success is not overwritten by a later delivery.

        OSS has no compare-and-swap: a delivery that fails in the very moment in which another one
        succeeds may still write last. Its retry then finds the key in ENS, and says so.

        Raises:
            ImportFailure: it cannot be written.
        """
        if not self.prefix:
            return
        upload = result.upload
        if result.outcome != "imported":
            past = self._read(upload)
            if past and past.is_success and past.may_be_of(upload):
                return
        self._write(upload, self._receipt(result))

    def _wait_for_other(self, upload: Upload, past: PastReceipt | None) -> PastReceipt | None:
        """Wait while another invocation is at work on the upload; return the latest receipt."""
        clock = self.bucket.clock
        until = clock.now() + LONGEST_WAIT
        while (
            past
            and past.reason == UNDER_WAY
            and past.invocation != self.invocation
            and clock.now() < until
        ):
            clock.sleep(POLL_INTERVAL)
            past = self._read(upload)
        return past

    def _key(self, upload: Upload) -> str:
        return f"{self.prefix}{upload.object_key}/{upload.etag}.json"

    def _read(self, upload: Upload) -> PastReceipt | None:
        try:
            return read_receipt(self.bucket.read(self._key(upload)))
        except NoSuchObject:
            return None

    def _write(self, upload: Upload, receipt: dict[str, object], *, overwrite: bool = True) -> None:
        shown = {name: value for name, value in receipt.items() if value not in (None, "", ())}
        content = json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
        encoded = content.encode(errors="backslashreplace")  # ENS's JSON may spell half a surrogate
        self.bucket.write(self._key(upload), encoded, overwrite=overwrite)

    def _under_way(self, upload: Upload) -> dict[str, object]:
        return {
            "outcome": "will_retry",
            "reason": UNDER_WAY,
            "description": "The import is under way. If this stays so, it was interrupted, and "
            "is tried again.",
            **self._circumstances(upload),
        }

    def _receipt(self, result: UploadResult) -> dict[str, object]:
        failure, key_pair, imported = result.failure, result.key_pair, result.imported
        receipt: dict[str, object] = {"outcome": result.outcome}
        if failure:
            receipt |= _without_keys(
                {
                    "code": failure.code,
                    "message": failure.message,
                    "description": failure.description,
                    "reason": failure.reason,
                    "line": failure.line,
                    "column": failure.column,
                    "service_request_id": failure.service_request_id,
                }
            )
        if key_pair:
            receipt |= {
                "key_pair_name": key_pair.name,
                "fingerprint_md5": key_pair.fingerprint_md5,
                "fingerprint_sha256": key_pair.fingerprint_sha256,
                "warnings": key_pair.warnings,
            }
        if imported:
            receipt |= _without_keys(
                {
                    "fingerprint_ens": imported.fingerprint,
                    "fingerprint_verified": imported.verified,
                    "service_request_id": imported.service_request_id,
                }
            )
        return receipt | self._circumstances(result.upload)

    def _circumstances(self, upload: Upload) -> dict[str, object]:
        return {
            "bucket": upload.bucket,
            "object_key": upload.object_key,
            "etag": upload.etag,
            "upload_request_id": upload.upload_request_id,
            "invocation": self.invocation,
            "request_id": self.request_id,
            "time": self.time(),
        }


def _without_keys(texts: dict[str, object]) -> dict[str, object]:
    """Mask what may be key material in text that a service has chosen."""
    return {
        name: KEY_MATERIAL.sub("***", text) if isinstance(text, str) else text
        for name, text in texts.items()
    }


def read_receipt(content: bytes) -> PastReceipt:
    """Read what a receipt tells; one that is none of ours tells nothing."""
    try:
        receipt = json.loads(content)
    except (ValueError, RecursionError):
        receipt = None
    if not isinstance(receipt, dict):
        return PastReceipt()
    names = ("outcome", "reason", "upload_request_id", "invocation")
    return PastReceipt(**{name: str(receipt.get(name) or "") for name in names})
