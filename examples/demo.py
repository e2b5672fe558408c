"""
The main job, once, end to end: real keys, real HTTP, the official SDK, a local Alibaba Cloud.

    make demo

Starts devcloud and the function, sends it good and bad requests, and prints each request and each
answer. Exits 0 only if every one came out as it should.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from devcloud import DevCloud

INTERESTING_HEADERS = ("X-Import-Outcome", "X-Key-Fingerprint-SHA256", "X-Fingerprint-Verified")


@dataclass(frozen=True)
class Step:
    """A file that is posted under a name, and what should come back."""

    title: str
    file: str
    key_pair_name: str
    status: int
    expected: str  # the outcome of a success, the code of a failure


STEPS = (
    Step("Import a key", "id_rsa.pub", "alice", 200, "imported"),
    Step("Import it once more", "id_rsa.pub", "alice", 200, "already-imported"),
    Step("A name that may not be", "id_rsa.pub", "1st key", 400, "InvalidParameter.KeyPairName"),
    Step("A key of another type", "id_ed25519.pub", "bob", 400, "InvalidPublicKeyBody.Malformed"),
    Step("The private key, by mistake", "id_rsa", "bob", 400, "InvalidPublicKeyBody.Malformed"),
)


def main() -> int:
    """Run the steps; return how many did not come out as they should."""
    with tempfile.TemporaryDirectory() as folder, DevCloud(function=True) as cloud:
        make_keys(Path(folder))
        print(f"devcloud is up. ENS: {cloud.ens_endpoint}, the function: {cloud.function_url}")
        surprises = [
            step.title for step in STEPS if not run(step, Path(folder), cloud.function_url)
        ]
        print("\n== What ENS holds now")
        for key_pair in cloud.key_pairs:
            print(f"{key_pair.name}  MD5:{key_pair.fingerprint}")
        held = [(key_pair.name, key_pair.fingerprint) for key_pair in cloud.key_pairs]
        if held != [("alice", md5_by_ssh_keygen(Path(folder, "id_rsa.pub")))]:
            surprises.append("What ENS holds now")
    for title in surprises:
        print(f"NOT AS EXPECTED: {title}", file=sys.stderr)
    print(f"\n{len(STEPS) + 1 - len(surprises)} of {len(STEPS) + 1} came out as they should.")
    return len(surprises)


def make_keys(folder: Path) -> None:
    """Make an RSA and an ed25519 key pair, as a user does."""
    for key_type, bits in (("rsa", "3072"), ("ed25519", "256")):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", key_type, "-b", bits, "-N", "", "-f", f"id_{key_type}"],
            cwd=folder,
            check=True,
        )


def md5_by_ssh_keygen(public_key: Path) -> str:
    """Return the MD5 fingerprint in bare hex, as OpenSSH sees it."""
    listing = subprocess.run(
        ["ssh-keygen", "-E", "md5", "-lf", str(public_key)],
        check=True,
        capture_output=True,
        text=True,
    )
    return listing.stdout.split()[1].removeprefix("MD5:").replace(":", "")


def run(step: Step, folder: Path, function_url: str) -> bool:
    """Post a file as curl would, print both sides, and tell whether the answer is the right one."""
    query = urllib.parse.urlencode({"KeyPairName": step.key_pair_name})
    print(f"\n== {step.title}")
    print(f'$ curl --data-binary @{step.file} "{function_url}/?{query}"')
    request = urllib.request.Request(  # noqa: S310 - to loopback
        f"{function_url}/?{query}",
        data=(folder / step.file).read_bytes(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},  # as curl calls it
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - likewise
            status, headers, body = response.status, response.headers, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            status, headers, body = error.code, error.headers, json.load(error)

    print(f"HTTP {status}")
    for name in INTERESTING_HEADERS:
        if name in headers:
            print(f"{name}: {headers[name]}")
    print(json.dumps(body, indent=2, ensure_ascii=False))
    got = headers["X-Import-Outcome"] if status == 200 else body.get("Code")
    return (step.status, step.expected) == (status, got)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
