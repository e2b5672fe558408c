"""
The objects of one bucket, used so that a passing failure of OSS does not fail an upload.

Unlike an import, reading an object and writing it do no more the second time than the first. So
both are sent again blindly, where an import is not (``core.importing.exactly_once``).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from core.deadline import backoff, remaining, time_left
from core.errors import RoleCredentialsUnusable, ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.deadline import Clock

MAX_OBJECT_SIZE = 64 * 1024  # bytes; a public key has a few hundred
MAX_ATTEMPTS = 3

Answer = TypeVar("Answer")


class NoSuchObject(Exception):
    """The bucket holds no object of this key."""


class ObjectReplaced(Exception):
    """The object is not the one that was asked for any more: it has another ETag."""


class ObjectExists(Exception):
    """There is an object of this key already, and it was not to be overwritten."""


class Objects(Protocol):
    """
    The objects of one bucket. One method is one call, and is not sent again by itself.

    ``time_left`` is the most that a call may take, in seconds. What ends it otherwise than its
    docstring says is an OssError, where OSS refuses, or a ServiceUnavailable.
    """

    def read(self, key: str, etag: str | None, time_left: float) -> bytes:
        """
        Return an object's content; with an ETag (no quotes, upper case), of no other object.

        Raises:
            NoSuchObject, ObjectReplaced: it is not there, or is another one by now.
            InvalidRequest: object_too_large, its headers announce more than MAX_OBJECT_SIZE.
        """

    def read_start(self, key: str, etag: str | None, time_left: float) -> bytes:
        """Return the first MAX_OBJECT_SIZE bytes of an object of any size; raises as read does."""

    def write(self, key: str, content: bytes, *, overwrite: bool, time_left: float) -> None:
        """
        Write a JSON document.

        Raises:
            ObjectExists: there is one, and it is not to be overwritten.
        """


@dataclass(frozen=True, slots=True)
class Bucket:
    """
    How a bucket is used during one invocation.

    Args:
        objects: what is in it.
        clock: time.
        deadline: the clock's reading by which every call must have ended.
        jitter: returns a number from 0 to 1, another at each call.
    """

    objects: Objects
    clock: Clock
    deadline: float
    jitter: Callable[[], float] = field(default=random.random)

    def read(self, key: str, etag: str | None = None) -> bytes:
        """Return an object's content, with what ``Objects.read`` raises."""
        return self._repeated(lambda time_left: self.objects.read(key, etag, time_left))

    def read_start(self, key: str, etag: str | None = None) -> bytes:
        """Return the start of an object of any size, with what ``Objects.read_start`` raises."""
        return self._repeated(lambda time_left: self.objects.read_start(key, etag, time_left))

    def write(self, key: str, content: bytes, *, overwrite: bool = True) -> None:
        """
        Write a JSON document, with what ``Objects.write`` raises.

        After a lost answer, ObjectExists may be said of what was written here.
        """
        self._repeated(
            lambda time_left: self.objects.write(
                key, content, overwrite=overwrite, time_left=time_left
            )
        )

    def _repeated(self, call: Callable[[float], Answer]) -> Answer:
        too_late = "The function's time was used up before OSS could be asked."
        attempt = 1
        while True:
            try:
                return call(time_left(self.clock, self.deadline, too_late))
            except RoleCredentialsUnusable:
                raise
            except ServiceUnavailable:
                seconds = backoff(attempt, self.jitter)
                if attempt >= MAX_ATTEMPTS or seconds > remaining(self.clock, self.deadline):
                    raise
                self.clock.sleep(seconds)
            attempt += 1
