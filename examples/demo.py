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
from devcloud.lifetime import end_by

# Without the proxy of the environment: it does not reach this machine's loopback.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
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
    Step("Import it once more", "id_rsa.pub", "alice", 200, "already_imported"),
    Step("A name that may not be", "id_rsa.pub", "1st key", 400, "InvalidParameter.KeyPairName"),
    Step("A key of another type", "id_ed25519.pub", "bob", 400, "InvalidPublicKeyBody.Malformed"),
    Step("The private key, by mistake", "id_rsa", "bob", 400, "InvalidPublicKeyBody.Malformed"),
)


@dataclass(frozen=True)
class Upload:
    """A file that is put into the bucket, and what its receipt should say."""

    title: str
    file: str
    object_key: str
    expected: str


UPLOADS = (
    Upload("Upload a key", "id_rsa.pub", "keys/team/alice.pub", "imported"),
    Upload("Upload a key of another type", "id_ed25519.pub", "keys/team/bob.pub", "refused"),
)


def main() -> int:
    """Run all of it; return how much did not come out as it should."""
    end_by(lambda number: sys.exit(128 + number), with_parent=True)
    surprises: list[Step | Upload] = []
    with tempfile.TemporaryDirectory() as name, DevCloud(function=True) as cloud:
        folder = Path(name)
        make_keys(folder)
        print(f"devcloud is up. ENS: {cloud.ens_endpoint}, the function: {cloud.function_url}")
        surprises.extend(step for step in STEPS if not run(step, folder, cloud.function_url))
        surprises.extend(upload for upload in UPLOADS if not put(upload, folder, cloud))

        print("\n== What ENS holds now")
        held = [(key_pair.name, key_pair.fingerprint) for key_pair in cloud.key_pairs]
        for key_pair_name, fingerprint in held:
            print(f"{key_pair_name}  MD5:{fingerprint}")
        fingerprint = md5_by_ssh_keygen(folder / "id_rsa.pub")
        if held != [("alice", fingerprint), ("team:alice", fingerprint)]:
            print("NOT AS EXPECTED: what ENS holds now", file=sys.stderr)
            return len(surprises) + 1
    for surprise in surprises:
        print(f"NOT AS EXPECTED: {surprise.title}", file=sys.stderr)
    print(
        f"\n{len(STEPS) + len(UPLOADS) - len(surprises)} of {len(STEPS) + len(UPLOADS)} requests"
        " came out as they should."
    )
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
        with OPENER.open(request, timeout=60) as response:
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


def put(upload: Upload, folder: Path, cloud: DevCloud) -> bool:
    """Put a file into the bucket, as ossutil would, and show its receipt."""
    print(f"\n== {upload.title}")
    print(f"$ ossutil cp {upload.file} oss://{cloud.upload_bucket}/{upload.object_key}")
    stored = cloud.put_upload(upload.object_key, (folder / upload.file).read_bytes())
    cloud.drain()
    receipt_key = f"receipts/{upload.object_key}/{stored.etag}.json"
    print(f"$ ossutil cat oss://{cloud.upload_bucket}/{receipt_key}")
    receipt = cloud.objects().get(receipt_key)
    if receipt is None:
        print("there is no receipt")
        return False
    content = json.loads(receipt.body)
    print(json.dumps(content, indent=2, ensure_ascii=False))
    return bool(content["outcome"] == upload.expected)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
