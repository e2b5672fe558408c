"""
What the function adds to a warm import, over the bare SDK call, against the same devcloud.

    python -m benchmarks.warm_overhead

Both sides run in this process and take turns, so that whatever the machine does hits both;
devcloud runs in another, or its threads would fight with them for the interpreter. The bare side
is what a script of a few lines does: a client made once, one call after another. The function's
side is everything between an event and its answer.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import statistics
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

from alibabacloud_ens20171110.client import Client
from alibabacloud_ens20171110.models import ImportKeyPairRequest
from alibabacloud_tea_openapi.utils_models import Config
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import handler
from benchmarks.cloud_apart import cloud_apart

if TYPE_CHECKING:
    from collections.abc import Callable

WALL_BAR, CPU_BAR = 1.15, 1.05


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=1000, help="imports a side (default: 1000)")
    rounds = parser.parse_args().rounds
    public_key = make_public_key()
    with cloud_apart() as cloud:
        endpoint, credentials = cloud.endpoints["http"]["ens"], cloud.credentials
        os.environ.update(
            ENS_ENDPOINT=endpoint,
            ALIBABA_CLOUD_ACCESS_KEY_ID=credentials.access_key_id,
            ALIBABA_CLOUD_ACCESS_KEY_SECRET=credentials.access_key_secret,
            ALIBABA_CLOUD_SECURITY_TOKEN=credentials.security_token or "",
        )
        client = Client(
            Config(
                access_key_id=credentials.access_key_id,
                access_key_secret=credentials.access_key_secret,
                security_token=credentials.security_token,
                # Another name of the same host, so that it has the SDK's session, and not ours.
                endpoint=endpoint.removeprefix("http://").replace("127.0.0.1", "localhost"),
                protocol="http",
            )
        )

        def bare(name: str) -> Callable[[], object]:
            request = ImportKeyPairRequest(key_pair_name=name, public_key_body=public_key)
            return lambda: client.import_key_pair(request).body.key_pair_finger_print

        def function(name: str) -> Callable[[], object]:
            event = json.dumps({"KeyPairName": name, "PublicKeyBody": public_key}).encode()
            return lambda: answer_of(handler.handler(event, CONTEXT))

        # The log line is part of the work; where it is written to is not.
        with contextlib.redirect_stdout(io.StringIO()):
            wall, cpu = take_turns(bare, function, rounds)
    print(f"| medians of {rounds} | bare SDK call | function | ratio | at most |")
    print("|---|--:|--:|--:|--:|")
    missed = False
    for what, (bare_us, function_us), bar in (
        ("wall", wall, WALL_BAR),
        ("CPU of the client", cpu, CPU_BAR),
    ):
        ratio = function_us / bare_us
        missed = missed or ratio > bar
        print(f"| {what} | {bare_us:.0f} µs | {function_us:.0f} µs | {ratio:.3f} | {bar} |")
    if missed:
        raise SystemExit("over the bar")


def answer_of(answer: object) -> object:
    """Return the fingerprint that the function answered; end here if it refused."""
    if not isinstance(answer, dict) or "KeyPairFingerPrint" not in answer:
        raise SystemExit(f"the function refused: {answer}")
    return answer["KeyPairFingerPrint"]


def take_turns(
    one: Callable[[str], Callable[[], object]],
    other: Callable[[str], Callable[[], object]],
    rounds: int,
) -> tuple[tuple[float, float], tuple[float, float]]:
    """
    Return the medians, in microseconds, of two ways to import, called alternately: wall, and CPU.

    A way prepares what its caller would hand over, and returns the call that is timed.
    """
    wall: tuple[list[float], list[float]] = ([], [])
    cpu: tuple[list[float], list[float]] = ([], [])
    for number in range(-20, rounds):  # the first twenty warm up
        for side, prepare in enumerate((one, other)):
            call = prepare(f"key-{side}-{number + 20}")
            started, begun = time.perf_counter(), time.thread_time()
            call()
            if number >= 0:
                cpu[side].append((time.thread_time() - begun) * 1e6)
                wall[side].append((time.perf_counter() - started) * 1e6)
    return (
        (statistics.median(wall[0]), statistics.median(wall[1])),
        (statistics.median(cpu[0]), statistics.median(cpu[1])),
    )


def make_public_key() -> str:
    """Make an RSA key of 3072 bits and return its ``ssh-rsa`` line."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


CONTEXT = SimpleNamespace(
    request_id="00000000-0000-0000-0000-000000000000",
    function=SimpleNamespace(name="ens-key-import", timeout=30),
)

if __name__ == "__main__":
    main()
