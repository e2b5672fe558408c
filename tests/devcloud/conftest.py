import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from darabonba.core import DaraCore

from devcloud import DevCloud
from tests.devcloud.oss_clients import BUCKET
from tests.devcloud.oss_requests import BODY, KEY

OSS_POLICY: dict[str, Any] = {
    "Version": "1",
    "Statement": [{"Effect": "Allow", "Action": "oss:*", "Resource": "*"}],
}
PROBE = Path(__file__).parent / "functions"
ENS_POLICY: dict[str, Any] = {
    "Version": "1",
    "Statement": [{"Effect": "Allow", "Action": "ens:*", "Resource": "*"}],
}


class Clock:
    """The cloud's time, to be moved."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass(frozen=True)
class Key:
    """A key as ssh-keygen made it, and the fingerprint that ssh-keygen prints of it."""

    line: str
    md5_fingerprint: str


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    path = tmp_path_factory.mktemp("key") / "id_rsa"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-C", "a b", "-f", path],
        check=True,
    )
    public = path.with_suffix(".pub")
    listed = subprocess.run(
        ["ssh-keygen", "-E", "md5", "-lf", public], check=True, capture_output=True, text=True
    )
    fingerprint = listed.stdout.split()[1].removeprefix("MD5:").replace(":", "")
    return Key(public.read_text(encoding="ascii").strip(), fingerprint)


@pytest.fixture(autouse=True)
def no_connection_outlives_its_test() -> Iterator[None]:
    """Close what the SDK pools for ever: each test has endpoints of its own."""
    yield
    while DaraCore._sessions:
        DaraCore._sessions.popitem()[1].close()


@pytest.fixture
def cloud() -> Iterator[DevCloud]:
    """A cloud without a function, whose role may do everything with key pairs."""
    with DevCloud(role_policy=ENS_POLICY) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def _buckets() -> Iterator[DevCloud]:
    with DevCloud(role_policy=OSS_POLICY) as running:
        yield running


@pytest.fixture
def one_object(_buckets: DevCloud) -> DevCloud:
    """A cloud whose upload bucket holds one object only, no upload under way, no subscriber."""
    bucket = _buckets._oss.buckets.get(BUCKET)
    for stored in bucket:
        bucket.remove(stored.key)
    for upload in bucket.uploads:
        bucket.uploads.remove(upload)
    _buckets._oss._rules.clear()
    headers = {"x-oss-meta-who": "alice", "Content-Type": "text/x"}
    _buckets.put_upload(KEY, BODY, headers=headers)
    return _buckets


@pytest.fixture(scope="module")
def probe() -> Iterator[DevCloud]:
    """A cloud with the probe function behind open triggers, shared by a module."""
    with DevCloud(project=PROBE, function=True) as running:
        yield running


def order(action: str) -> bytes:
    return json.dumps({"do": action}).encode()
