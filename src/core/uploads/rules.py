"""
Uploads: which objects are key uploads, which name their path gives them, and their outcomes.

The name of a key pair is its object's path, and nothing else can set it. So whoever may write
below a prefix decides who may use the names below it: ``oss:PutObject`` on ``keys/team/*`` gives
``team:...``, and no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from core.errors import InvalidKeyPairName
from core.keys.private_keys import find_private_key
from core.keys.rsa_key import LONG_RUN

if TYPE_CHECKING:
    from core.errors import ImportFailure
    from core.importing.request import ImportOutcome, ValidKeyPair
    from core.reasons import Reason, SkipReason, UploadOutcome

MASK = "***"


@dataclass(frozen=True, slots=True)
class Upload:
    """
    An object that was put into a bucket, as an event tells it.

    Args:
        region: of the bucket, such as ``cn-hangzhou``.
        bucket: its name.
        object_key: the object's path in it.
        etag: of the object, without quotes, in upper case.
        upload_request_id: OSS's, of the request that put the object there; empty where the event
            has none. Two deliveries of one event have the same, two uploads of one file have not.
        uploader: OSS's principalId of whoever put the object there; empty where the event has none.
        source_ip: the address that it was put from; empty if not known.
    """

    region: str
    bucket: str
    object_key: str
    etag: str
    upload_request_id: str = ""
    uploader: str = ""
    source_ip: str = ""

    @property
    def shown_key(self) -> str:
        """The object's path as logs, receipts and answers may show it."""
        return shown_key(self.object_key)


@dataclass(frozen=True, slots=True)
class UploadResult:
    """
    The outcome of an upload.

    Args:
        upload: with the key under which the object was found.
        outcome: ``superseded``: the object is gone or another one by now, whose own event tells
            of it; ``skipped``: it is no key upload.
        key_pair: its name and key, once they were known to be valid; ENS is asked about no other.
        imported: what ENS answered, if it was asked and accepted the key or held it already.
        failure: why it was refused or will be tried again.
        reason: why it was skipped.
        receipt_failure: why no receipt could be written.
    """

    upload: Upload
    outcome: UploadOutcome
    key_pair: ValidKeyPair | None = None
    imported: ImportOutcome | None = None
    failure: ImportFailure | None = None
    reason: Reason | None = None
    receipt_failure: ImportFailure | None = None

    @property
    def is_unfinished(self) -> bool:
        """Whether a retry can fix what is left to do, even if that is the receipt alone."""
        receipt_missing = self.receipt_failure is not None and may_pass(self.receipt_failure)
        return self.outcome == "will_retry" or receipt_missing


def shown_key(object_key: str) -> str:
    """
    Return a path as it may be shown: all of it masked if it is a private key, and so each part
    that has 60 or more characters of base64 in a row.
    """
    parts = object_key.split("/")
    if find_private_key(object_key, "/".join(parts[1:]), *parts):
        return MASK
    return "/".join(MASK if LONG_RUN.search(part) else part for part in parts)


def may_pass(failure: ImportFailure) -> bool:
    """
    Tell whether a retry may fix a failure of an upload.

    A role without a permission counts as such: its policy takes a while to be in force, and an
    upload must not be lost for a mistake in one.
    """
    return failure.retryable or failure.reason == "role_permission"


@dataclass(frozen=True, slots=True)
class UploadRules:
    """
    Which objects are key uploads; receipts never are, wherever they lie.

    Args:
        prefix: what the keys of uploads begin with.
        suffix: what they end with.
        receipt_prefix: what the keys of receipts begin with; empty: no receipts are written.
        bucket: the only one; empty: any, as far as the role may read it.
        reserved: what no upload's name may begin with; empty: nothing.
    """

    prefix: str = "keys/"
    suffix: str = ".pub"
    receipt_prefix: str = "receipts/"
    bucket: str = ""
    reserved: str = ""

    def spellings(self, key: str) -> tuple[str, ...]:
        """
        Return the keys under which an upload may be found, the likeliest first.

        OSS's manual does not say whether an event's key is URL-encoded; its samples use it as it
        is, so decoded comes second. Empty when neither is a key upload's.
        """
        spellings = dict.fromkeys((key, unquote(key)))
        return tuple(spelling for spelling in spellings if self.why_not(spelling) is None)

    def why_skipped(self, upload: Upload) -> SkipReason | None:
        """Return why an upload is not imported, in any spelling of its key; None when it is."""
        if self.bucket and upload.bucket != self.bucket:
            return "other_bucket"
        if self.spellings(upload.object_key):
            return None
        return self.why_not(upload.object_key)

    def why_not(self, key: str) -> SkipReason | None:
        """Return why an object key is not a key upload's; None when it is one's."""
        if self.receipt_prefix and key.startswith(self.receipt_prefix):
            return "receipt"
        if {".", ".."}.intersection(key.split("/")):
            return "path_steps"  # HTTP clients resolve them, and then ask for another object
        long_enough = len(key) >= len(self.prefix) + len(self.suffix)
        if long_enough and key.startswith(self.prefix) and key.endswith(self.suffix):
            return None
        return "other_object"

    def path(self, key: str) -> str:
        """Return the part of an upload's key that its name is made of."""
        return key[len(self.prefix) : len(key) - len(self.suffix)]

    def key_pair_name(self, key: str) -> str:
        """
        Return the name that an upload's key gives: ``keys/team/alice.pub`` gives ``team:alice``.

        Raises:
            InvalidKeyPairName: a colon in the path. ``keys/team:alice.pub`` would get the name of
                ``keys/team/alice.pub`` from those who alone may write there. Or a name that is
                reserved for callers.
        """
        path = self.path(key)
        if ":" in path:
            raise InvalidKeyPairName(
                "The object's path holds a colon. Put the file into a folder instead: "
                f"{self.prefix}team/alice{self.suffix} is imported as team:alice.",
                reason="name_has_colon",
                place=(1, path.index(":") + 1),
            )
        name = path.replace("/", ":")
        if self.reserved and name.startswith(self.reserved):
            raise InvalidKeyPairName(
                f"Names that begin with {self.reserved} are not for uploads. Choose another path.",
                reason="name_reserved",
            )
        return name
