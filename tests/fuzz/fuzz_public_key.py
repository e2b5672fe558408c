"""
Fuzz the one entry to the validator, guided by coverage.

    python tests/fuzz/fuzz_public_key.py [libFuzzer's options]

Needs atheris, which is no dependency of the project. The seeds are the rows of the test tables,
written to a folder that is gone at the end. It stops at the first input that raises what is not of
the catalogue, whose corrected line is not accepted, or that takes longer than LIMIT.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import cast

import atheris

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

with atheris.instrument_imports(include=["core"]):
    from core.errors import RequestRefused, UntrustedPublicKey
    from core.keys.reading import MAX_LENGTH, read_public_key
    from core.keys.trust.policy import KeyPolicy, examine

from tests.core.keys import test_accepted, test_refusals  # noqa: E402 - after the path is set

LIMIT = 0.05  # seconds of processor time; instrumented code is several times slower
AGAIN = 5  # how often an input that seems slow is measured again: the machine may have paused
POLICY = KeyPolicy(min_bits=1)
slowest = 0.0


def check(body: bytes) -> None:
    """Read one input as bytes and as text; anything but the catalogue's errors ends the run."""
    global slowest  # noqa: PLW0603 - atheris gives no place to keep it
    taken = seconds(body)
    if taken <= slowest:
        return
    taken = min(seconds(body) for _ in range(AGAIN))
    if taken > slowest:
        slowest = taken
        sys.stderr.write(f"slowest so far: {taken * 1000:.2f} ms, {len(body)} bytes\n")
    if taken > LIMIT:
        raise TimeoutError(f"{taken * 1000:.0f} ms")


def seconds(body: bytes) -> float:
    """Measure one input."""
    started = time.thread_time()
    read(body)
    read(body.decode("utf-8", "surrogateescape"))
    return time.thread_time() - started


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
    """Write the rows of the test tables as files."""
    rows = [*test_accepted.TABLE, *test_refusals.TABLE]
    for number, row in enumerate(rows):
        text = cast("str | bytes", row.values[0])
        content = text.encode(errors="surrogatepass") if isinstance(text, str) else text
        (folder / f"{number:04}").write_bytes(content)


def main() -> None:
    """Run until libFuzzer is told to stop."""
    with tempfile.TemporaryDirectory() as folder:
        write_seeds(Path(folder))
        arguments = [sys.argv[0], f"-max_len={MAX_LENGTH + 64}", *sys.argv[1:], folder]
        atheris.Setup(arguments, check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
