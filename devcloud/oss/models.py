"""The buckets of the account and what is in them."""

import hashlib
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from devcloud.oss import exceptions
from devcloud.oss.crc64 import crc64
from devcloud.oss.multipart import MultipartUploads
from devcloud.ram.models import Clock

MAX_KEY_BYTES = 1023
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as it was put; ``headers`` come back with it, user metadata among them."""

    key: str
    body: bytes = field(repr=False)
    etag: str  # without the quotes it has in a header; of a whole body its MD5, upper-case hex
    crc64: int
    last_modified: float  # seconds since the epoch
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return len(self.body)

    @property
    def is_multipart(self) -> bool:
        """Tell whether it was put together from parts: then its ETag is no MD5 of the body."""
        return "-" in self.etag

    @property
    def object_type(self) -> str:
        """What x-oss-object-type and listings call it."""
        return "Multipart" if self.is_multipart else "Normal"


def check_key(key: str) -> None:
    """
    Refuse what cannot name an object.

    Raises:
        ServiceError: InvalidObjectName.
    """
    if not 1 <= len(key.encode()) <= MAX_KEY_BYTES or key[0] in "/\\":
        raise exceptions.invalid_object_name()


class Bucket:
    """One private bucket without versions: a put replaces, a delete forgets."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.created = clock()
        self._clock = clock
        self._lock = threading.Lock()
        self._objects: dict[str, StoredObject] = {}
        self.uploads = MultipartUploads(clock)

    def __iter__(self) -> Iterator[StoredObject]:
        """Iterate over a snapshot, in the order of keys."""
        with self._lock:
            # Python compares code points, which sort as their UTF-8 bytes do.
            return iter([self._objects[key] for key in sorted(self._objects)])

    def __contains__(self, key: str) -> bool:
        """Tell whether there is an object of this key."""
        with self._lock:
            return key in self._objects

    def put(
        self,
        key: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        forbid_overwrite: bool = False,
        etag: str = "",
    ) -> tuple[StoredObject, StoredObject | None]:
        """
        Keep an object; return it, and the one that it replaced. Its ETag is the body's MD5, if no
        other one is given.

        Raises:
            ServiceError: InvalidObjectName, or FileAlreadyExists. Of two that forbid overwriting
                and come at the same instant, one is kept.
        """
        check_key(key)
        etag = etag or hashlib.md5(body, usedforsecurity=False).hexdigest().upper()
        stored = StoredObject(key, body, etag, crc64(body), self._clock(), dict(headers))
        with self._lock:
            replaced = self._objects.get(key)
            if replaced and forbid_overwrite:
                raise exceptions.file_already_exists()
            self._objects[key] = stored
        return stored, replaced

    def get(self, key: str) -> StoredObject:
        """
        Return an object.

        Raises:
            ServiceError: NoSuchKey.
        """
        with self._lock:
            stored = self._objects.get(key)
        if stored is None:
            raise exceptions.no_such_key(key)
        return stored

    def remove(self, key: str) -> StoredObject | None:
        """Forget an object and return it; OSS says nothing when there was none."""
        with self._lock:
            return self._objects.pop(key, None)

    def clear(self) -> None:
        """Forget all objects and all uploads under way; nobody is told."""
        with self._lock:
            self._objects.clear()
        for upload in self.uploads:
            self.uploads.remove(upload)


class Buckets:
    """All buckets, by name."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_name: dict[str, Bucket] = {}

    def __iter__(self) -> Iterator[Bucket]:
        with self._lock:
            return iter([self._by_name[name] for name in sorted(self._by_name)])

    def create(self, name: str) -> Bucket:
        """
        Make an empty bucket; for the owner of one of this name, leave it as it is.

        Raises:
            ServiceError: InvalidBucketName.
        """
        if not _BUCKET_NAME.fullmatch(name):
            raise exceptions.invalid_bucket_name(name)
        with self._lock:
            return self._by_name.setdefault(name, Bucket(name, self._clock))

    def get(self, name: str) -> Bucket:
        """
        Return a bucket.

        Raises:
            ServiceError: NoSuchBucket.
        """
        with self._lock:
            bucket = self._by_name.get(name)
        if bucket is None:
            raise exceptions.no_such_bucket(name)
        return bucket
