"""
Uploaded code: a zip file, unpacked as FC does it, except for what could leave its folder.

Whoever may deploy runs code here anyway; these checks keep a broken or hostile archive from
writing over other files, or filling the disk, before anything of it runs.
"""

import io
import shutil
import stat
import tempfile
import threading
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from devcloud.fc.exceptions import InvalidPackage

MAX_UNPACKED_BYTES = 500 << 20  # FC's own limit (manual, "Quotas and limits")
MAX_ENTRIES = 20_000
_CHUNK_BYTES = 1 << 20
_ENCRYPTED = 1


def unpack(
    package: bytes,
    folder: Path,
    *,
    max_bytes: int = MAX_UNPACKED_BYTES,
    max_entries: int = MAX_ENTRIES,
) -> None:
    """
    Unpack a package into an empty folder.

    Raises:
        InvalidPackage: it is no zip file, is broken, encrypted, too large, or has an entry that is
            a link or that is named outside of the folder. The folder may then hold a part of it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            entries = archive.infolist()
            if len(entries) > max_entries:
                raise InvalidPackage(f"The package has more than {max_entries} entries.")
            # All names first: a package with a bad one leaves nothing behind.
            targets = [(entry, folder / _inside(entry)) for entry in entries]
            left = max_bytes
            for entry, target in targets:
                left -= _write(archive, entry, target, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InvalidPackage("The package is no zip file that can be read.") from error
    except OSError as error:  # a file where another entry needs a folder; a name too long
        raise InvalidPackage("The package has entries that cannot be written.") from error


def _inside(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Return where an entry goes; its text is not shown: it may be made to deceive a terminal."""
    name = entry.orig_filename
    path = PurePosixPath(name)
    if path.is_absolute() or "\\" in name or ":" in name or "\0" in name or ".." in path.parts:
        raise InvalidPackage("The package has an entry that is named outside of its folder.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise InvalidPackage("The package has an entry that is a link or a device.")
    if entry.flag_bits & _ENCRYPTED:
        raise InvalidPackage("The package is encrypted.")
    return path


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, limit: int) -> int:
    """Write one entry, and return how many bytes it has: what its head says is not believed."""
    if entry.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(entry) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            written += len(chunk)
            if written > limit:
                raise InvalidPackage("The package is larger than FC takes, once unpacked.")
            file.write(chunk)
    target.chmod(0o755 if entry.external_attr >> 16 & stat.S_IXUSR else 0o644)
    return written


class Code:
    """
    A function's code folder. One that was unpacked is removed when no version holds it any more.

    ``checksum`` is the package's CRC-64 in decimal, ``size`` its bytes; of sources, none.
    """

    def __init__(
        self, folder: Path, *, checksum: str = "", size: int = 0, unpacked: bool = False
    ) -> None:
        self.folder = folder
        self.checksum = checksum
        self.size = size
        self._unpacked = unpacked
        self._lock = threading.Lock()
        self._holders = 0

    def hold(self) -> None:
        """Keep it until ``release``."""
        with self._lock:
            self._holders += 1

    def release(self) -> None:
        """Let it go."""
        with self._lock:
            self._holders -= 1
            is_over = not self._holders
        if is_over:
            self.discard()

    def discard(self) -> None:
        """Remove it, with whatever the function's instances wrote beside it; but never sources."""
        if self._unpacked:
            shutil.rmtree(self.folder, ignore_errors=True)


def unpacked(package: bytes, checksum: str, root: Path) -> Code:
    """
    Unpack a package into a new folder under ``root``.

    Raises:
        InvalidPackage: as ``unpack`` says; nothing of it is left.
    """
    folder = Path(tempfile.mkdtemp(prefix="code-", dir=root))
    try:
        unpack(package, folder)
    except InvalidPackage:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Code(folder, checksum=checksum, size=len(package), unpacked=True)
