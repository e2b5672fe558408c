"""A file for the owner alone that is there for as long as this process is."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

MARK = "# Written by devcloud, which takes it away when it ends.\n"
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class FileRefused(Exception):
    """The file cannot be written, or is somebody's; the text is a sentence for the user."""


@contextlib.contextmanager
def private_file(path: Path, content: str, mark: str = MARK) -> Iterator[None]:
    """
    Write ``mark`` and ``content``, readable by the owner alone, and remove the file in the end.

    The process that wrote it holds a lock on it, which ends with the process, however that ends.
    So a file with the mark and without a lock is stale, and is replaced.

    Raises:
        FileRefused: the file is not devcloud's, is that of one which runs, or cannot be written.
    """
    try:
        descriptor = os.open(path, _FLAGS, 0o600)
    except OSError as error:
        raise FileRefused(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "r+", encoding="utf-8", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise FileRefused(f"{path} belongs to a devcloud that is running.") from None
        found = file.read(len(mark))
        if found and found != mark:
            raise FileRefused(f"{path} is there, and was not written by devcloud: it is kept.")
        try:
            os.fchmod(file.fileno(), 0o600)
            file.seek(0)
            file.truncate()
            file.write(mark + content)
            file.flush()
            yield
        finally:
            if _is_at(path, file.fileno()):
                path.unlink()


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
