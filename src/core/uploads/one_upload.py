"""The use case of one upload: read it, import it, write its receipt."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import ImportFailure, InvalidKeyPairName, RequestRefused
from core.importing.request import ImportRequest, private_key_first, validate
from core.keys.private_keys import PrivateKeySearch, find_private_key, private_key_refused
from core.keys.reading import read_public_key
from core.uploads.bucket import NoSuchObject, ObjectReplaced
from core.uploads.receipts import Receipts
from core.uploads.rules import UploadResult, may_pass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from core.deadline import Clock
    from core.importing.exactly_once import ExactlyOnce
    from core.importing.request import ValidKeyPair
    from core.keys.trust.policy import KeyPolicy
    from core.reasons import UploadOutcome
    from core.uploads.bucket import Bucket
    from core.uploads.receipts import Claim
    from core.uploads.rules import Upload, UploadRules

# Seconds; with less left, an upload would only be cut off in the middle. So a function whose own
# time-out is shorter imports no uploads.
TIME_FOR_UPLOAD = 6.0


@dataclass(frozen=True, slots=True)
class UploadImporter:
    """
    How uploads are imported during one invocation.

    Args:
        rules: which objects are key uploads.
        policy: which keys are trusted.
        open_bucket: returns the bucket of a region and a name.
        ens: how a key pair is put into ENS; it looks the name up first, for whatever is imported
            here may have been imported before.
        clock: time.
        deadline: the clock's reading by which the invocation must have ended.
        invocation: an identifier of this invocation alone.
        request_id: of the invocation.
        time: the time of day, as ISO 8601 writes it.
    """

    rules: UploadRules
    policy: KeyPolicy
    open_bucket: Callable[[str, str], Bucket]
    ens: ExactlyOnce
    clock: Clock
    deadline: float
    invocation: str
    request_id: str
    time: Callable[[], str]

    def in_time(self, uploads: Iterable[Upload]) -> Iterator[Upload]:
        """Yield one upload after the other, until the time left is too short for one more."""
        for upload in uploads:
            if self.deadline - self.clock.now() < TIME_FOR_UPLOAD:
                return
            yield upload

    def import_upload(self, upload: Upload) -> UploadResult:
        """Import one upload, and write its receipt."""
        skipped = self.rules.why_skipped(upload)
        if skipped:
            return UploadResult(upload, "skipped", reason=skipped)
        spellings = self.rules.spellings(upload.object_key)
        upload = replace(upload, object_key=spellings[0])
        try:
            upload, content = self._read(upload, spellings)
        except (NoSuchObject, ObjectReplaced):
            return UploadResult(upload, "superseded")
        except ImportFailure as failure:
            return self.give_up(upload, self._unread(upload, spellings, failure))
        try:
            claim = self._receipts(upload).claim(upload)
        except ImportFailure as failure:
            return self.give_up(upload, failure)
        if claim.final:
            found: UploadOutcome = "already_imported" if claim.final.is_success else "refused"
            return UploadResult(upload, found, reason="receipt_found")
        return self._import(upload, content, claim)

    def give_up(
        self, upload: Upload, failure: ImportFailure, key_pair: ValidKeyPair | None = None
    ) -> UploadResult:
        """Write the receipt of an upload that failed; it will be retried if that can help."""
        outcome: UploadOutcome = "will_retry" if may_pass(failure) else "refused"
        return self._conclude(UploadResult(upload, outcome, key_pair=key_pair, failure=failure))

    def _read(self, upload: Upload, spellings: Sequence[str]) -> tuple[Upload, bytes]:
        """Return the upload under the first key that there is, and its content."""
        bucket = self.open_bucket(upload.region, upload.bucket)
        for key in spellings[:-1]:
            try:
                return replace(upload, object_key=key), bucket.read(key, upload.etag)
            except NoSuchObject:
                continue
        return replace(upload, object_key=spellings[-1]), bucket.read(spellings[-1], upload.etag)

    def _import(self, upload: Upload, content: bytes, claim: Claim) -> UploadResult:
        key_pair: ValidKeyPair | None = None
        search = PrivateKeySearch()
        try:
            request = ImportRequest(self._name(upload, content, search), content)
            key_pair = validate(request, self.policy, search=search)
            imported = self.ens.import_key_pair(key_pair, may_be_imported=claim.may_be_imported)
        except RequestRefused as refusal:
            texts = self._paths(upload)
            return self.give_up(upload, private_key_first(refusal, texts, search))
        except ImportFailure as failure:
            return self.give_up(upload, failure, key_pair)
        outcome: UploadOutcome = (
            "imported" if imported.outcome == "imported" else "already_imported"
        )
        return self._conclude(
            UploadResult(upload, outcome, key_pair=key_pair, imported=imported),
            claim.earlier_uploads,
        )

    def _unread(
        self, upload: Upload, spellings: Sequence[str], failure: ImportFailure
    ) -> ImportFailure:
        """Return why an object was not read; if it is refused unread, its start is looked at."""
        if not isinstance(failure, RequestRefused):
            return failure
        texts = self._paths(upload)
        bucket = self.open_bucket(upload.region, upload.bucket)
        for key in spellings:
            with suppress(NoSuchObject, ObjectReplaced, ImportFailure):
                texts.append(bucket.read_start(key, upload.etag))
        return private_key_first(failure, texts, PrivateKeySearch())

    def _paths(self, upload: Upload) -> list[str | bytes]:
        """Return the object's path, and what in it may be chosen by whoever uploads."""
        path = self.rules.path(upload.object_key)
        return [upload.object_key, path, *path.split("/")]

    def _name(self, upload: Upload, content: bytes, search: PrivateKeySearch) -> str:
        # A slash of base64 becomes a colon in the name.
        kind = find_private_key(*self._paths(upload))
        if kind:
            raise private_key_refused(kind, "KeyPairName")
        try:
            return self.rules.key_pair_name(upload.object_key)
        except InvalidKeyPairName:
            # Whoever uploaded a private key must be told that first.
            read_public_key(content, search=search)
            raise

    def _conclude(
        self, result: UploadResult, earlier_uploads: tuple[str, ...] = ()
    ) -> UploadResult:
        try:
            self._receipts(result.upload).conclude(result, earlier_uploads)
        except ImportFailure as failure:
            return replace(result, receipt_failure=failure)
        return result

    def _receipts(self, upload: Upload) -> Receipts:
        return Receipts(
            bucket=self.open_bucket(upload.region, upload.bucket),
            prefix=self.rules.receipt_prefix,
            invocation=self.invocation,
            request_id=self.request_id,
            time=self.time,
        )
