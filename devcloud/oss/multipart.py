"""Multipart uploads: parts that come one by one, and become an object when they are completed."""

import hashlib
import itertools
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from devcloud.oss import exceptions
from devcloud.ram.models import Clock

MAX_OBJECT_BYTES = 64 << 20  # OSS takes 48.8 TB; this one keeps everything in memory
MAX_PART_NUMBER = 10_000
MIN_PART_BYTES = 100 << 10  # of every part but the last


@dataclass(frozen=True, slots=True)
class Part:
    """One part as it was uploaded last."""

    number: int
    body: bytes = field(repr=False)
    etag: str  # the body's MD5, upper-case hex
    last_modified: float  # seconds since the epoch


@dataclass(slots=True)
class MultipartUpload:
    """One upload under way. Whoever changes it holds ``lock``."""

    upload_id: str
    key: str
    headers: Mapping[str, str]  # come back with the object
    initiated: float  # seconds since the epoch
    parts: dict[int, Part] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def assemble(self, listed: Sequence[tuple[int, str]] | None) -> tuple[bytes, str]:
        """
        Return the object's body, and the ETag of what was put together.

        Args:
            listed: number and ETag of each part that counts; None for all there are.

        Raises:
            ServiceError: InvalidPart, InvalidPartOrder, EntityTooSmall, EntityTooLarge,
                MalformedXML for a list of none.
        """
        if listed is None:
            listed = [(number, self.parts[number].etag) for number in sorted(self.parts)]
        if not listed:
            raise exceptions.malformed_xml()
        numbers = [number for number, _ in listed]
        if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
            raise exceptions.invalid_part_order(self.upload_id)
        chosen = [self._part(number, etag) for number, etag in listed]
        for part in chosen[:-1]:
            if len(part.body) < MIN_PART_BYTES:
                raise exceptions.entity_too_small(part.number, len(part.body), MIN_PART_BYTES)
        if (size := sum(len(part.body) for part in chosen)) > MAX_OBJECT_BYTES:
            raise exceptions.entity_too_large(size, MAX_OBJECT_BYTES)
        digests = b"".join(bytes.fromhex(part.etag) for part in chosen)
        digest = hashlib.md5(digests, usedforsecurity=False).hexdigest().upper()
        return b"".join(part.body for part in chosen), f"{digest}-{len(chosen)}"

    def _part(self, number: int, etag: str) -> Part:
        part = self.parts.get(number)
        if part is None or etag.strip().strip('"').upper() != part.etag:
            raise exceptions.invalid_part(number, etag, self.upload_id)
        return part


class MultipartUploads:
    """The uploads under way in one bucket."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_id: dict[str, MultipartUpload] = {}

    def __iter__(self) -> Iterator[MultipartUpload]:
        """Iterate over a snapshot, in the order of keys; of one key, in the order of ids."""
        with self._lock:
            uploads = list(self._by_id.values())
        return iter(sorted(uploads, key=lambda upload: (upload.key, upload.upload_id)))

    def initiate(self, key: str, headers: Mapping[str, str]) -> MultipartUpload:
        """Begin an upload; several of one key may be under way."""
        upload = MultipartUpload(secrets.token_hex(16).upper(), key, headers, self._clock())
        with self._lock:
            self._by_id[upload.upload_id] = upload
        return upload

    def get(self, upload_id: str, key: str) -> MultipartUpload:
        """
        Return the upload of this id and key.

        Raises:
            ServiceError: NoSuchUpload.
        """
        with self._lock:
            upload = self._by_id.get(upload_id)
        if upload is None or upload.key != key:
            raise exceptions.no_such_upload(upload_id)
        return upload

    def keep_part(self, upload: MultipartUpload, number: int, body: bytes) -> tuple[Part, int]:
        """
        Keep a part, in place of an earlier one of its number; return it, and that one's size.

        Raises:
            ServiceError: EntityTooLarge when the upload would outgrow an object; NoSuchUpload when
                it ended meanwhile.
        """
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest().upper()
        part = Part(number, body, etag, self._clock())
        with upload.lock:
            self.get(upload.upload_id, upload.key)
            replaced = upload.parts.get(number)
            earlier = len(replaced.body) if replaced else 0
            size = sum(len(each.body) for each in upload.parts.values()) - earlier + len(body)
            if size > MAX_OBJECT_BYTES:
                raise exceptions.entity_too_large(size, MAX_OBJECT_BYTES)
            upload.parts[number] = part
        return part, earlier

    def remove(self, upload: MultipartUpload) -> None:
        """End an upload; its parts are forgotten."""
        with self._lock:
            self._by_id.pop(upload.upload_id, None)
