"""Fakes for uploads: a bucket in memory, uploads into it, and an importer over both."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.errors import OssError, RoleCredentialsUnusable, ServiceUnavailable, too_large
from core.importing.exactly_once import ExactlyOnce
from core.keys.trust.policy import KeyPolicy
from core.uploads.bucket import MAX_OBJECT_SIZE, Bucket, NoSuchObject, ObjectExists, ObjectReplaced
from core.uploads.one_upload import UploadImporter
from core.uploads.rules import Upload, UploadRules
from tests.fakes.key_pairs import FakeClock, FakeKeyPairs

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS_A_CALL = 0.01
READ, WRITE = "read", "write"


def unavailable() -> Exception:
    return ServiceUnavailable("OSS answered with status 500.", reason="oss_unavailable")


def denied() -> Exception:
    return OssError(
        "No.", reason="role_permission", code="AccessDenied", status=403, service_request_id="R"
    )


def bad_credentials() -> Exception:
    return RoleCredentialsUnusable("Expired.", reason="role_credentials")


@dataclass(slots=True)
class FakeObjects:
    """
    A bucket in memory.

    Args:
        clock: advanced by each call.
        before_call: told the action and the key of each call before anything comes of it.
    """

    clock: FakeClock
    stored: dict[str, bytes] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    before_call: Callable[[str, str], None] = lambda _action, _key: None
    _faults: dict[str, deque[tuple[Exception, bool]]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    def fail_next(
        self,
        action: str,
        raised: Callable[[], Exception],
        times: int = 1,
        *,
        performed: bool = False,
    ) -> None:
        """Let the next calls of an action end so; performed: it is the answer that is lost."""
        self._faults[action].extend((raised(), performed) for _ in range(times))

    def read(self, key: str, etag: str | None, time_left: float) -> bytes:
        def perform() -> bytes:
            if key not in self.stored:
                raise NoSuchObject
            content = self.stored[key]
            if etag not in (None, etag_of(content)):
                raise ObjectReplaced
            if len(content) > MAX_OBJECT_SIZE:
                raise too_large("Too large.", reason="object_too_large")
            return content

        return self._call(READ, key, time_left, perform)

    def read_start(self, key: str, etag: str | None, time_left: float) -> bytes:
        def perform() -> bytes:
            if key not in self.stored:
                raise NoSuchObject
            content = self.stored[key]
            if etag not in (None, etag_of(content)):
                raise ObjectReplaced
            return content[:MAX_OBJECT_SIZE]

        return self._call(READ, key, time_left, perform)

    def write(self, key: str, content: bytes, *, overwrite: bool, time_left: float) -> None:
        def perform() -> bytes:
            if not overwrite and key in self.stored:
                raise ObjectExists
            self.stored[key] = content
            return b""

        self._call(WRITE, key, time_left, perform)

    def _call(self, action: str, key: str, time_left: float, perform: Callable[[], bytes]) -> bytes:
        self.before_call(action, key)
        self.calls.append((action, key))
        self.clock.seconds += min(SECONDS_A_CALL, time_left)
        if self._faults[action]:
            raised, performed = self._faults[action].popleft()
            if performed:
                perform()
            raise raised
        return perform()


def etag_of(content: bytes) -> str:
    """Compute an ETag as OSS does for simple uploads."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest().upper()


@dataclass(slots=True)
class World:
    """A bucket, an ENS, and invocations of the function between them."""

    clock: FakeClock = field(default_factory=FakeClock)
    rules: UploadRules = field(default_factory=UploadRules)
    objects: FakeObjects = field(init=False)
    ens: FakeKeyPairs = field(init=False)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.objects = FakeObjects(self.clock)
        self.ens = FakeKeyPairs(self.clock)

    def put(self, key: str, content: str | bytes) -> Upload:
        """Put an object into the bucket, and return what its event tells."""
        content = content.encode() if isinstance(content, str) else content
        self.objects.stored[key] = content
        return Upload(
            "cn-hangzhou", "uploads", key, etag_of(content), f"UPLOAD-{next(self._numbers)}"
        )

    def importer(self, seconds: float = 29.0) -> UploadImporter:
        """Start an invocation that has so many seconds."""
        number = next(self._numbers)
        deadline = self.clock.now() + seconds
        return UploadImporter(
            rules=self.rules,
            policy=KeyPolicy(),
            open_bucket=lambda _region, _name: Bucket(
                self.objects, self.clock, deadline, jitter=lambda: 1.0
            ),
            ens=ExactlyOnce(self.ens, self.clock, deadline, look_up_first=True, jitter=lambda: 1.0),
            clock=self.clock,
            deadline=deadline,
            invocation=f"INVOCATION-{number}",
            request_id=f"FC-{number}",
            time=lambda: "2026-03-11T05:40:45+00:00",
        )

    def receipt(self, upload: Upload) -> dict[str, object]:
        """Return an upload's receipt."""
        receipt: dict[str, object] = json.loads(self.objects.stored[self.receipt_key(upload)])
        return receipt

    def receipt_key(self, upload: Upload) -> str:
        return f"receipts/{upload.object_key}/{upload.etag}.json"


def delivered_again(upload: Upload, **changes: str) -> Upload:
    """Return the same upload as another event tells of it."""
    return replace(upload, **changes)
