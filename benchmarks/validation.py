"""
What validating a key costs, beside other parsers of SSH keys, and at the worst.

    python -m benchmarks.validation

All sides take turns in one process, so that whatever the machine does hits them all; what counts
are the ratios. Times are of the processor, so that a busy machine spoils them less.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh
import paramiko
import sshpubkeys
from cryptography.hazmat.primitives.hashes import MD5
from cryptography.hazmat.primitives.serialization import load_ssh_public_key, ssh_key_fingerprint

from benchmarks.adversarial import PIECES, inputs
from core.errors import RequestRefused
from core.keys.fingerprint import md5_fingerprint, sha256_fingerprint
from core.keys.private_keys import SCAN_LIMIT
from core.keys.reading import MAX_LENGTH, read_public_key
from core.keys.trust.policy import KeyPolicy, examine

if TYPE_CHECKING:
    from collections.abc import Callable

PARSE_BAR = 2.0  # times the rate of cryptography
VALIDATE_BAR = 0.15
WORST_BAR = 20.0  # times the median of all inputs of that length
LINEAR_BAR = 3.0  # how much twice the length may cost
LONGEST_BAR = 20.0  # as WORST_BAR, at SCAN_LIMIT: up to there private keys are looked for

ROUNDS, CALLS_A_ROUND = 60, 100
REPEATS = 5
CANDIDATES = 10  # inputs that are measured again, having been the slowest once


def parse(line: str) -> str:
    """Read a key and fingerprint it, as ENS does."""
    return md5_fingerprint(read_public_key(line).blob)


def validate(line: str) -> tuple[str, str, tuple[str, ...]]:
    """Do all that is done to a key before it is imported."""
    key = read_public_key(line)
    warnings = examine(key, KeyPolicy())
    return md5_fingerprint(key.blob), sha256_fingerprint(key.blob), warnings


def with_cryptography(line: str) -> bytes:
    """The same, with what the peers have."""
    return ssh_key_fingerprint(load_ssh_public_key(line.encode()), MD5())  # noqa: S303 - ENS's fingerprint


def with_paramiko(line: str) -> object:
    """The same, by a class that reads the blob alone."""
    return paramiko.RSAKey(data=paramiko.PublicBlob.from_string(line).key_blob).get_fingerprint()


def with_asyncssh(line: str) -> str:
    """The same, by another library."""
    return asyncssh.import_public_key(line).get_fingerprint("md5")


def with_sshpubkeys(line: str) -> object:
    """The same, by another library."""
    key = sshpubkeys.SSHKey(line)
    key.parse()
    return key.hash_md5()


OURS = "this project: parse + MD5"
FULL = "this project: everything"
WITNESS = "cryptography"
SIDES: dict[str, Callable[[str], object]] = {
    OURS: parse,
    FULL: validate,
    WITNESS: with_cryptography,
    "asyncssh": with_asyncssh,
    "paramiko": with_paramiko,
    "sshpubkeys": with_sshpubkeys,
}


def make_line(bits: int) -> str:
    """Have ssh-keygen make a key, and return its public line."""
    with tempfile.TemporaryDirectory() as folder:
        private = Path(folder) / "key"
        command = ["ssh-keygen", "-q", "-t", "rsa", "-b", str(bits), "-N", "", "-f", str(private)]
        subprocess.run([*command, "-C", "alice@example.com"], check=True)
        return private.with_suffix(".pub").read_text().strip()


def rates(line: str) -> dict[str, float]:
    """Measure how many keys a second each side does: the median of rounds taken in turns."""
    times: dict[str, list[float]] = {name: [] for name in SIDES}
    for _ in range(ROUNDS):
        for name, call in SIDES.items():
            started = time.process_time()
            for _ in range(CALLS_A_ROUND):
                call(line)
            times[name].append(time.process_time() - started)
    return {name: CALLS_A_ROUND / statistics.median(taken) for name, taken in times.items()}


def seconds(body: str) -> float:
    """Measure one reading of an input, whatever comes of it."""
    started = time.process_time()
    with contextlib.suppress(RequestRefused):
        examine(read_public_key(body), KeyPolicy(min_bits=1))
    return time.process_time() - started


def median_seconds(body: str) -> float:
    """Measure it several times."""
    return statistics.median(seconds(body) for _ in range(REPEATS))


def compare() -> list[str]:
    """Print the rates, and return which bars were missed."""
    missed = []
    for bits in (2048, 4096):
        found = rates(make_line(bits))
        print(f"\n| {bits} bits | keys/s | of cryptography |\n|---|---:|---:|")
        for name, rate in found.items():
            print(f"| {name} | {rate:,.0f} | {rate / found[WITNESS]:.2f} |")
        if bits == 2048:
            others = [rate for name, rate in found.items() if name not in {OURS, FULL, WITNESS}]
            if found[OURS] < max(PARSE_BAR * found[WITNESS], *others):
                missed.append("parse + MD5")
            if found[FULL] < VALIDATE_BAR * found[WITNESS]:
                missed.append("full validation")
    return missed


def worst() -> list[str]:
    """Print the slowest of the adversarial inputs, and how its cost grows; return what missed."""
    seconds(next(inputs(MAX_LENGTH))[1])  # whatever is loaded late is loaded now
    once = sorted(((seconds(body), name) for name, body in inputs(MAX_LENGTH)), reverse=True)
    names = {name for _, name in once[:CANDIDATES]}
    again = {name: median_seconds(body) for name, body in inputs(MAX_LENGTH) if name in names}
    name = max(again, key=lambda each: again[each])
    costs = []
    for length in (MAX_LENGTH // 4, MAX_LENGTH // 2, MAX_LENGTH):
        bodies = dict(inputs(length))
        costs.append(median_seconds(bodies[name]) * 1000)
    median = statistics.median(taken for taken, _ in once)
    print(f"\nworst of {len(once)} inputs of {MAX_LENGTH} bytes: {again[name] * 1000:.2f} ms,")
    print(f"{again[name] / median:.1f} times the median (bar {WORST_BAR:.0f}), {name}")
    print(
        "at a quarter, half and all of the length:", ", ".join(f"{cost:.2f} ms" for cost in costs)
    )
    missed = []
    if again[name] > WORST_BAR * median:
        missed.append("the worst input")
    if costs[2] > LINEAR_BAR * costs[1]:
        missed.append("linear cost")
    return missed


def longest() -> list[str]:
    """Print the slowest of the pieces at the length up to which private keys are looked for."""
    bodies = {
        piece: piece * (SCAN_LIMIT // len(piece.encode(errors="surrogatepass"))) for piece in PIECES
    }
    costs = {piece: median_seconds(body) * 1000 for piece, body in bodies.items()}
    slowest = sorted(costs, key=lambda piece: costs[piece], reverse=True)[:3]
    print(f"\nworst of {len(costs)} pieces, repeated up to {SCAN_LIMIT} bytes:")
    ratio = costs[slowest[0]] / statistics.median(costs.values())
    print(", ".join(f"{piece[:20]!r} {costs[piece]:.1f} ms" for piece in slowest), end=", ")
    print(f"{ratio:.1f} times the median (bar {LONGEST_BAR:.0f})")
    return ["the search of private keys"] if ratio > LONGEST_BAR else []


def main() -> None:
    """Measure, print tables of Markdown, and fail where a bar is missed."""
    missed = compare() + worst() + longest()
    if missed:
        raise SystemExit("missed: " + ", ".join(missed))


if __name__ == "__main__":
    main()
