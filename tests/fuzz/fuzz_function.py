"""
Fuzz the whole function, and the validator by itself, guided by coverage.

    python -m tests.fuzz.fuzz_function [libFuzzer's options]

Needs atheris, which is no dependency of the project. The first byte of an input chooses: a text for
the validator; an event; or a private key, planted in an event and wrapped as the bytes after it
say. ENS and OSS are devcloud's. The seeds are the rows of the test tables and the gallery of
events, written to a folder that is gone at the end.

It stops at the first input that raises what is not of the catalogue, whose corrected line is not
accepted, that takes longer than LIMITS, or that makes an answer, a log line, a receipt or a key
pair in ENS show 16 characters of a private key. The planted keys are made at each start: the same
input plants another key, in the same way.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import atheris

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

INSTRUMENTED = ["core", "triggers", "handler", "upload_handler", "invocation", "log_fields", "logs"]
with atheris.instrument_imports(include=INSTRUMENTED):
    import handler
    from core.errors import RequestRefused, UntrustedPublicKey
    from core.keys.reading import MAX_LENGTH, read_public_key
    from core.keys.refusals import order  # noqa: F401 - loaded late otherwise, and so bare
    from core.keys.trust.policy import KeyPolicy, examine
    from invocation import Unfinished
    from triggers import multipart  # noqa: F401 - as above

from devcloud import DevCloud  # noqa: E402 - after the path is set
from tests.core.keys import test_accepted, test_refusals  # noqa: E402 - as above
from tests.events.uploads import BUCKET, KEY, put  # noqa: E402 - as above
from tests.fakes.contexts import python312  # noqa: E402 - as above
from tests.fuzz.planting import EVENTS, planted_by  # noqa: E402 - as above
from tests.invocation import environment_of  # noqa: E402 - as above
from tests.paths import PROJECT  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.leaks import Secret

# Seconds of processor time; instrumented code is several times slower. An event may have 128 times
# as many characters as a key that is read.
LIMITS = {"key": 0.05, "event": 0.5, "planted": 0.5}
KINDS = ("key", "event", "planted", "planted")  # by the first byte
AGAIN = 5  # how often an input that seems slow is measured again: the machine may have paused
FORGET_AFTER = 300  # events, of which devcloud remembers all
SEEDS_PLANTED = 500
TELL_AFTER = 5000  # inputs: libFuzzer ends the process, and leaves no time for a last word
POLICY = KeyPolicy(min_bits=1)


class Seen(NamedTuple):
    """What came out of an invocation: the answer and the log as text, and seconds it took."""

    text: str
    seconds: float


class Fuzz:
    """Runs one input after the other, and keeps count."""

    def __init__(self, cloud: DevCloud) -> None:
        self._cloud = cloud
        self._slowest = dict.fromkeys(LIMITS, 0.0)
        self._receipts: set[str] = set()  # that have been looked at
        self._key_pairs = 0  # as above
        self.counts: Counter[str] = Counter()

    def check(self, data: bytes) -> None:
        """Try one input; an exception ends the run."""
        kind = KINDS[data[0] % len(KINDS)] if data else "key"
        self.counts[kind] += 1
        if sum(self.counts[each] for each in LIMITS) % TELL_AFTER == 0:
            say(f"tried so far: {dict(self.counts)}")
        run = getattr(self, f"_{kind}")
        taken = run(data[1:])
        if taken <= self._slowest[kind]:
            return
        taken = min(run(data[1:]) for _ in range(AGAIN))
        if taken > self._slowest[kind]:
            self._slowest[kind] = taken
            say(f"slowest {kind} so far: {taken * 1000:.2f} ms, {len(data)} bytes")
        if taken > LIMITS[kind]:
            raise TimeoutError(f"{taken * 1000:.0f} ms")

    def _key(self, body: bytes) -> float:
        started = time.thread_time()
        read(body)
        read(body.decode("utf-8", "surrogateescape"))
        return time.thread_time() - started

    def _event(self, event: bytes) -> float:
        return self._invoke(event).seconds

    def _planted(self, data: bytes) -> float:
        event, upload, secret = planted_by(atheris.FuzzedDataProvider(data))
        if upload is not None:
            put(self._cloud, KEY, upload)
        seen = self._invoke(event)
        self._refuse_leaks(secret, seen.text)
        for written in (*self._new_receipts(), *self._new_key_pairs()):
            self._refuse_leaks(secret, written)
        self.counts["told as private keys"] += '"private_key"' in seen.text.replace("\\", "")
        return seen.seconds

    def _new_key_pairs(self) -> list[str]:
        pairs = self._cloud.key_pairs
        new, self._key_pairs = pairs[self._key_pairs :], len(pairs)
        self.counts["key pairs"] += len(new)
        return [f"{pair.name} {pair.public_key}" for pair in new]

    def _new_receipts(self) -> set[str]:
        written = {
            stored.body.decode()
            for key, stored in self._cloud.objects(BUCKET).items()
            if key.startswith("receipts/")
        }
        new = written - self._receipts
        self._receipts |= new
        self.counts["receipts"] += len(new)
        return new

    def _refuse_leaks(self, secret: Secret, text: str) -> None:
        leaks = secret.leaks(text)
        if leaks:
            raise AssertionError(f"{len(leaks)} pieces of a private key are in: {text}")

    def _invoke(self, event: bytes) -> Seen:
        self._forget()
        answer: object = None
        started = time.thread_time()
        with contextlib.redirect_stdout(io.StringIO()) as log, contextlib.suppress(Unfinished):
            answer = handler.handler(event, python312())
        seconds = time.thread_time() - started
        for line in log.getvalue().splitlines():
            if "exception" in json.loads(line):
                raise AssertionError(f"a bug was met: {line}")
        return Seen(json.dumps(answer) + log.getvalue(), seconds)

    def _forget(self) -> None:
        self.counts["events"] += 1
        if self.counts["events"] % FORGET_AFTER == 1:
            self._cloud.reset()
            self._receipts.clear()
            self._key_pairs = 0
            self._cloud.create_bucket(BUCKET)


def say(text: str) -> None:
    """Write a line beside libFuzzer's."""
    sys.stderr.write(f"{text}\n")


def read(body: bytes | str) -> None:
    """Read and examine a key; what is accepted must read as itself, and so must every hint."""
    try:
        key = read_public_key(body)
    except RequestRefused as refusal:
        if refusal.__context__ is not None:
            raise AssertionError("a refusal hangs on another exception") from None
        if refusal.corrected_line is not None:
            line = refusal.corrected_line
            assert read_public_key(line).line == line
        return
    assert read_public_key(key.line) == key
    try:
        examine(key, POLICY)
    except UntrustedPublicKey:
        return


def write_seeds(folder: Path) -> None:
    """Write the rows of the test tables, the gallery, and places for keys, as files."""
    write = seed_writer(folder)
    for row in (*test_accepted.TABLE, *test_refusals.TABLE):
        text = cast("str | bytes", row.values[0])
        write("key", text.encode(errors="surrogatepass") if isinstance(text, str) else text)
    for event in EVENTS.values():
        write("event", json.dumps(event).encode())
    seeded = random.Random(1)  # noqa: S311 - to be repeatable
    for _ in range(SEEDS_PLANTED):
        write("planted", seeded.randbytes(48))


def seed_writer(folder: Path) -> Callable[[str, bytes], None]:
    """Return what writes a seed of a kind into the next file."""

    def write(kind: str, content: bytes) -> None:
        file = folder / f"{len(list(folder.iterdir())):04}"
        file.write_bytes(bytes([KINDS.index(kind)]) + content)

    return write


def main() -> None:
    """Run until libFuzzer is told to stop."""
    with tempfile.TemporaryDirectory() as folder:
        write_seeds(Path(folder))
        child = os.fork()  # libFuzzer ends its process where it is, and would leave the folder
        if child == 0:
            fuzz(folder)
        sys.exit(os.waitstatus_to_exitcode(wait_for(child)))


def fuzz(folder: str) -> None:
    """Run libFuzzer, which ends this process."""
    with DevCloud(project=PROJECT) as cloud:
        os.environ.update(environment_of(cloud))
        os.environ.update({"OSS_ENDPOINT": cloud.oss_endpoint, "LOG_LEVEL": "DEBUG"})
        arguments = [sys.argv[0], f"-max_len={MAX_LENGTH + 64}", *sys.argv[1:], folder]
        atheris.Setup(arguments, Fuzz(cloud).check)
        atheris.Fuzz()


def wait_for(child: int) -> int:
    """Return how a process ended. Ctrl-C stops it too, and it says so itself."""
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    main()
