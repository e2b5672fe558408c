"""What the function's instances write: together, and by invocation."""

import os
import tempfile
import threading
from typing import IO

TAIL_BYTES = 4 << 10  # what X-Fc-Log-Result holds of one invocation at most (manual)


class FunctionLog:
    """
    The log of all instances of a cloud, in the order in which it was read from them.

    Each instance writes to a file of its own: so the lines of one invocation can be told from
    those of others that run at the same time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written = bytearray()
        self._instances: list[InstanceLog] = []

    @property
    def text(self) -> str:
        """Return what was written so far."""
        with self._lock:
            for instance in self._instances:
                self._written += instance.unread()
            return self._written.decode("utf-8", "replace")

    def open(self) -> "InstanceLog":
        """Make the log of one more instance."""
        instance = InstanceLog()
        with self._lock:
            self._instances.append(instance)
        return instance

    def collect(self, instance: "InstanceLog") -> None:
        """Take over what an instance has written, so that its lines stand together."""
        with self._lock:
            if instance in self._instances:
                self._written += instance.unread()

    def end(self, instance: "InstanceLog") -> None:
        """Take over the rest, and forget the instance; a second time does nothing."""
        with self._lock:
            if instance in self._instances:
                self._written += instance.unread()
                self._instances.remove(instance)
                instance.close()


class InstanceLog:
    """What one process writes to stdout and stderr; ``file`` is for the process."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile("ab+", buffering=0)  # noqa: SIM115 - close()
        self._lock = threading.Lock()  # the process may be ended while an invocation is in it
        self._read = 0

    @property
    def size(self) -> int:
        """How many bytes were written so far; 0 once it was closed."""
        with self._lock:
            return self._size()

    def tail(self, start: int) -> bytes:
        """Return the end of what was written since the log had the size ``start``."""
        with self._lock:
            size = self._size()
            start = max(start, size - TAIL_BYTES)
            return os.pread(self.file.fileno(), size - start, start) if size > start else b""

    def unread(self) -> bytes:
        """Return what was written since this was last called."""
        with self._lock:
            more = os.pread(self.file.fileno(), self._size() - self._read, self._read)
            self._read += len(more)
            return more

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self.file.close()

    def _size(self) -> int:
        return 0 if self.file.closed else os.fstat(self.file.fileno()).st_size
