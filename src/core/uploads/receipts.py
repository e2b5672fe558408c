"""
Receipts: the outcome of an upload, written beside it for whoever uploaded it.

    receipts/keys/team/alice.pub/D41D8CD98F00B204E9800998ECF8427E.json

An import needs no receipt; one that cannot be written for the moment makes FC try again. Receipts
also remember. The final outcome of an upload, a success or a refusal, stays: a later delivery of
its event finds it and does nothing. And for as long as a receipt says ``under_way``, a second
delivery waits for the first. That is no lock: the second goes on after a while, for an instance
that was killed leaves such a receipt, too.

OSS has no compare-and-swap. So a claim is only ever created, where there is no receipt: written
over one that was read, it could replace an outcome that another delivery has written meanwhile,
and stay, should its own instance be killed then.

Nothing of a key is in a receipt but its fingerprints.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ImportFailure, OssError
from core.uploads.bucket import NoSuchObject, ObjectExists

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.uploads.bucket import Bucket
    from core.uploads.rules import Upload, UploadResult

UNDER_WAY = "under_way"
LONGEST_WAIT = 5.0  # seconds, for another delivery of the same event; most imports take one
POLL_INTERVAL = 0.25  # seconds
SUCCESSES = ("imported", "already_imported")
MOST_REMEMBERED = 50  # uploads of one file whose success a receipt remembers
# So much base64 in a row, not hexadecimal alone, may be a part of a key, also percent-encoded: ENS
# may echo a URL.
KEY_MATERIAL = re.compile(
    "(?<![A-Za-z0-9+/=%])(?![0-9A-Fa-f]+(?![A-Za-z0-9+/=%]))[A-Za-z0-9+/=%]{60,}"
)


class UnreadableReceipt(OssError):
    """Raised when there is a receipt, and the function's role may not read it."""

    @classmethod
    def of(cls, denied: OssError) -> UnreadableReceipt:
        """Make one of OSS's refusal to let it be read."""
        return cls(
            denied.description,
            reason=denied.reason,
            code=denied.code,
            status=denied.status,
            service_request_id=denied.service_request_id,
        )


@dataclass(frozen=True, slots=True)
class PastReceipt:
    """What an earlier delivery left; of a receipt that cannot be read, nothing but that."""

    outcome: str = ""
    reason: str = ""
    upload_request_id: str = ""
    invocation: str = ""
    outcome_unknown: bool = False
    earlier_uploads: tuple[str, ...] = ()

    @property
    def is_success(self) -> bool:
        """Whether the key was imported."""
        return self.outcome in SUCCESSES

    @property
    def is_final(self) -> bool:
        """Whether there is nothing left to do for the upload."""
        return self.is_success or self.outcome == "refused"

    def leaves_doubt(self, invocation: str) -> bool:
        """Tell whether another delivery than this invocation may have imported the key."""
        # Also a success, of another upload of the same file; and what is no receipt of ours.
        under_way = self.reason == UNDER_WAY and self.invocation != invocation
        return self.outcome_unknown or under_way or self.is_success or not self.outcome

    def successes(self) -> tuple[str, ...]:
        """Return the request ids of the uploads whose success this remembers."""
        if not self.is_success:
            return ()
        remembered = dict.fromkeys((*self.earlier_uploads, self.upload_request_id))
        return tuple(each for each in remembered if each)[-MOST_REMEMBERED:]

    def is_of(self, upload: Upload) -> bool:
        """Tell whether this is certainly the same upload, and not the same file put again."""
        remembered = (self.upload_request_id, *self.earlier_uploads)
        return bool(upload.upload_request_id) and upload.upload_request_id in remembered


@dataclass(frozen=True, slots=True)
class Claim:
    """
    What a delivery knows of an upload before it imports it.

    Args:
        final: the receipt of the upload's final outcome: there is nothing left to do.
        may_be_imported: whether an earlier delivery may have imported the key.
        earlier_uploads: the request ids of earlier uploads of the same file that succeeded.
    """

    final: PastReceipt | None = None
    may_be_imported: bool = False
    earlier_uploads: tuple[str, ...] = ()


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

    def claim(self, upload: Upload) -> Claim:
        """
        Say that the import of an upload is under way, after whoever says so already.

        Raises:
            UnreadableReceipt: there is one, and the role may not read it.
        """
        if not self.prefix:
            return Claim()
        try:
            past = self._read_or_create(upload, self._under_way(upload))
            past = self._wait_for_other(upload, past)
        except UnreadableReceipt:
            raise
        except ImportFailure:
            return Claim(may_be_imported=True)  # what ENS holds is looked up all the same
        if past is None:
            return Claim()
        if past.is_final and past.is_of(upload):
            return Claim(final=past)
        return Claim(
            may_be_imported=past.leaves_doubt(self.invocation), earlier_uploads=past.successes()
        )

    def conclude(self, result: UploadResult, earlier_uploads: tuple[str, ...] = ()) -> None:
        """
        Write the outcome of an upload; only an import is written over a success.

        A delivery that fails in the very moment in which another one of the same upload ends may
        still write last. Its retry then finds the key in ENS, or is refused like the other.

        Args:
            result: the outcome.
            earlier_uploads: as in its claim.

        Raises:
            ImportFailure: it cannot be written.
        """
        if not self.prefix:
            return
        upload = result.upload
        receipt = self._receipt(result)
        if result.outcome == "imported":
            receipt["earlier_uploads"] = earlier_uploads
        else:
            past = self._read_or_create(upload, receipt)
            if past is None or past.is_success:
                return
            if past.outcome == "refused" and past.is_of(upload) and not result.imported:
                return
            if result.outcome == "will_retry" and past.leaves_doubt(self.invocation):
                receipt["outcome_unknown"] = True
        self._write(upload, receipt)

    def _read_or_create(self, upload: Upload, receipt: dict[str, object]) -> PastReceipt | None:
        """
        Return the receipt that there is, or None after writing this one: there was none.

        Raises:
            UnreadableReceipt: there is one, and the role may not read it.
        """
        denied: OssError | None = None
        try:
            past = self._read(upload)
        except OssError as failure:
            if failure.reason != "role_permission":
                raise
            past, denied = None, failure
        if past is None:
            try:
                self._write(upload, receipt, overwrite=False)
            except ObjectExists:
                if denied:
                    raise UnreadableReceipt.of(denied) from None
                return self._read(upload)
        return past

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
                    "outcome_unknown": (result.outcome == "will_retry" and failure.outcome_unknown)
                    or None,
                }
            )
        if key_pair:
            receipt |= _without_keys(
                {
                    "key_pair_name": key_pair.name,
                    "fingerprint_md5": key_pair.fingerprint_md5,
                    "fingerprint_sha256": key_pair.fingerprint_sha256,
                    "warnings": key_pair.warnings,
                }
            )
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
            "object_key": upload.shown_key,
            **_without_keys({"etag": upload.etag, "uploader": upload.uploader}),
            "upload_request_id": upload.upload_request_id,
            "source_ip": upload.source_ip,
            "invocation": self.invocation,
            "request_id": self.request_id,
            "time": self.time(),
        }


def _without_keys(texts: dict[str, object]) -> dict[str, object]:
    """Mask what may be key material in texts that a service or a person has chosen."""
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
    earlier = receipt.get("earlier_uploads")
    return PastReceipt(
        **{name: str(receipt.get(name) or "") for name in names},
        outcome_unknown=receipt.get("outcome_unknown") is True,
        earlier_uploads=tuple(map(str, earlier)) if isinstance(earlier, list) else (),
    )
