"""
What the first and the next upload of an instance cost, over HTTP and over HTTPS: client CPU.

    python -m benchmarks.uploads [--runs 15]

Each run is a fresh process that handles two uploads; the protocols take turns.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.cloud_apart import BUCKET, CloudApart, cloud_apart

PROJECT = Path(__file__).parent.parent
BAR = 1.3  # the second upload over HTTPS, times that over HTTP
PROTOCOLS = ("http", "https")


def event(key: str, etag: str, size: int) -> dict[str, Any]:
    """Write the event of an upload as OSS does."""
    document: dict[str, Any] = json.loads(
        (PROJECT / "tests" / "events" / "oss-native.json").read_text("utf-8")
    )
    (record,) = document["events"]
    record["oss"]["bucket"]["name"] = BUCKET
    record["oss"]["object"] |= {"key": key, "eTag": etag, "size": size}
    record["responseElements"]["requestId"] = etag[:24]
    return document


def handle(events: list[dict[str, Any]]) -> list[float]:
    """Be the instance: handle each event; return the milliseconds of CPU that each took."""
    import certifi  # noqa: PLC0415 - of the child alone

    certificate = os.environ["CA_FILE"]
    certifi.where = lambda: certificate
    import handler  # noqa: PLC0415 - loaded in the child, as an instance loads it

    context = SimpleNamespace(request_id="1", function=SimpleNamespace(name="f", timeout=30))
    handler.initialize(context)
    taken = []
    for each in events:
        started = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()) as log:
            handler.handler(json.dumps(each).encode(), context)
        taken.append((time.process_time() - started) * 1000)
        if json.loads(log.getvalue().splitlines()[-1])["outcome"] != "imported":
            raise SystemExit(f"the upload was not imported: {log.getvalue()}")
    return taken


def run_once(cloud: CloudApart, protocol: str, name: str, public_key: bytes) -> list[float]:
    """Upload two files, and have a fresh process handle their events."""
    events = [
        event(key, cloud.put(key, public_key), len(public_key))
        for key in (f"keys/{name}-{number}.pub" for number in ("first", "second"))
    ]
    environment = {
        **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        "ENS_ENDPOINT": cloud.endpoints[protocol]["ens"],
        "OSS_ENDPOINT": cloud.endpoints[protocol]["oss"],
        "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.credentials.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud.credentials.access_key_secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": cloud.credentials.security_token or "",
        "CA_FILE": str(cloud.certificate.with_name("bundle.pem")),
    }
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.uploads", "--handle"],
        input=json.dumps(events),
        env=environment,
        cwd=PROJECT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    taken: list[float] = json.loads(run.stdout)
    return taken


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--runs", type=int, default=15, help="processes a protocol (default: 15)")
    parser.add_argument("--handle", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.handle:
        print(json.dumps(handle(json.load(sys.stdin))))
        return

    import certifi  # noqa: PLC0415 - as above

    from benchmarks.warm_overhead import make_public_key  # noqa: PLC0415 - it loads the function

    measured: dict[str, list[list[float]]] = {protocol: [] for protocol in PROTOCOLS}
    with cloud_apart() as cloud:
        # All the CAs that are trusted in a deployment, and the run's own.
        bundle = cloud.certificate.with_name("bundle.pem")
        own = cloud.certificate.read_text().partition("-----BEGIN EC PRIVATE")[0]
        own = own.partition("-----BEGIN PRIVATE")[0]
        bundle.write_text(Path(certifi.where()).read_text() + own)
        for number in range(arguments.runs):
            public_key = make_public_key().encode()
            for protocol in PROTOCOLS:
                name = f"{protocol}-{number}"
                measured[protocol].append(run_once(cloud, protocol, name, public_key))
    medians = {
        protocol: [statistics.median(column) for column in zip(*runs, strict=True)]
        for protocol, runs in measured.items()
    }
    print("| CPU of an upload | the instance's first | the next |\n|---|--:|--:|")
    for protocol, (first, second) in medians.items():
        print(f"| over {protocol} | {first:.1f} ms | {second:.1f} ms |")
    ratio = medians["https"][1] / medians["http"][1]
    print(f"\nThe next over https / over http: {ratio:.2f} (bar {BAR})")
    if ratio > BAR:
        raise SystemExit("over the bar")


if __name__ == "__main__":
    main()
