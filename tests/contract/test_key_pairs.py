"""
The contract of the port KeyPairs: one suite over the fake, over devcloud through the official SDK,
and, with ALLOW_CLOUD=1 and credentials in the environment, over the real ENS.

What the manual leaves open, both kinds of ENS may answer; the suite says what they share. Each
key pair that it makes in a real account is deleted again.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from adapters.credentials import role_credentials
from adapters.ens import EnsConnection, EnsKeyPairs
from adapters.lazy_sdk import load_ens_sdk
from core.errors import EnsError
from core.importing.exactly_once import PAGE_SIZE, ExactlyOnce, KeyPairs, same_fingerprint
from devcloud import DevCloud
from invocation import SystemClock
from tests.callers import DirectCaller
from tests.fakes.key_pairs import DuplicateNames, FakeClock, FakeKeyPairs, valid_pair
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.importing.exactly_once import ListedKeyPair
    from tests.keys.ssh_keys import SshKey

LONG = 20.0  # seconds; the most that a call may take
ENS_HOST = "ens.aliyuncs.com"
REAL_ENS = pytest.param("ens", marks=pytest.mark.allow_hosts(["127.0.0.1", ENS_HOST]))


@dataclass(slots=True)
class Subject:
    """An ENS under contract; names are made here, so that they can be deleted afterwards."""

    key_pairs: KeyPairs
    names: list[str] = field(default_factory=list)

    def new_name(self, prefix: str = "contract") -> str:
        self.names.append(f"{prefix}-{secrets.token_hex(8)}")
        return self.names[-1]

    def listed(self, name: str) -> list[ListedKeyPair]:
        """Return what is found under exactly this name, on all pages."""
        found: list[ListedKeyPair] = []
        page_number = 1
        while True:
            page = self.key_pairs.describe_key_pairs(name, page_number, PAGE_SIZE, LONG)
            found.extend(pair for pair in page.key_pairs if pair.name == name)
            if not page.key_pairs or page_number * PAGE_SIZE >= page.total:
                return found
            page_number += 1

    def deliver(self, name: str, key: SshKey) -> str:
        clock = SystemClock()
        exactly_once = ExactlyOnce(self.key_pairs, clock, clock.now() + LONG, look_up_first=True)
        return exactly_once.import_key_pair(valid_pair(name, key.line, key.md5)).outcome


def the_fake(duplicate_names: DuplicateNames) -> Callable[[], Iterator[Subject]]:
    def start() -> Iterator[Subject]:
        yield Subject(FakeKeyPairs(FakeClock(), duplicate_names))

    return start


def on_devcloud(duplicate_names: DuplicateNames) -> Callable[[], Iterator[Subject]]:
    def start() -> Iterator[Subject]:
        with DevCloud(duplicate_names=duplicate_names, project=PROJECT) as cloud:
            caller = DirectCaller(cloud.ens_endpoint, cloud.role_credentials())
            yield Subject(caller.key_pairs())

    return start


def the_real_ens() -> Iterator[Subject]:
    credentials = role_credentials(None, os.environ)
    connection = EnsConnection("https", ENS_HOST, 5000, 10_000)
    subject = Subject(EnsKeyPairs(credentials, connection, lambda _call: None))
    yield subject
    sdk = load_ens_sdk()
    client = sdk.Client(
        sdk.Config(
            access_key_id=credentials.access_key_id,
            access_key_secret=credentials.access_key_secret,
            security_token=credentials.security_token,
            endpoint=ENS_HOST,
        )
    )
    from alibabacloud_ens20171110.models import DeleteKeyPairsRequest

    for name in subject.names:
        if subject.listed(name):
            client.delete_key_pairs(DeleteKeyPairsRequest(key_pair_name=name))


SUBJECTS: dict[str, Callable[[], Iterator[Subject]]] = {
    "fake, refusing": the_fake("refused"),
    "fake, accepting": the_fake("accepted"),
    "devcloud, refusing": on_devcloud("refused"),
    "devcloud, accepting": on_devcloud("accepted"),
    "ens": the_real_ens,
}


@pytest.fixture(
    scope="module",
    params=[
        *(name for name in SUBJECTS if name != "ens"),
        *([REAL_ENS] if os.environ.get("ALLOW_CLOUD") == "1" else []),
    ],
)
def ens(request: pytest.FixtureRequest) -> Iterator[Subject]:
    yield from SUBJECTS[request.param]()


def test_an_import_is_answered_with_its_fingerprint(ens: Subject, key: SshKey) -> None:
    """ENS's fingerprint is MD5 over the blob, as RFC 4716 has it, and the answer has an id."""
    answer = ens.key_pairs.import_key_pair(ens.new_name(), key.line, LONG)

    assert same_fingerprint(key.md5, answer.fingerprint)
    assert answer.service_request_id


def test_what_was_imported_is_found(ens: Subject, key: SshKey) -> None:
    """A key pair is listed under its name, with its fingerprint, as soon as it is imported."""
    name = ens.new_name()
    ens.key_pairs.import_key_pair(name, key.line, LONG)

    (found,) = ens.listed(name)

    assert name == found.name
    assert same_fingerprint(key.md5, found.fingerprint)


def test_what_was_not_imported_is_not_found(ens: Subject) -> None:
    """A name that nobody took has no entry."""
    assert [] == ens.listed(ens.new_name())


def test_a_name_that_begins_alike_is_another(ens: Subject, key: SshKey) -> None:
    """Whatever ENS matches, exactly the name can be told from it."""
    name = ens.new_name()
    ens.key_pairs.import_key_pair(f"{name}-2", key.line, LONG)
    ens.names.append(f"{name}-2")

    assert [] == ens.listed(name)


@pytest.mark.parametrize("prefix", ["team:alice", "Zo_x", "密钥"])
def test_names_that_the_manual_allows(ens: Subject, key: SshKey, prefix: str) -> None:
    """English and Chinese letters, colons, underscores and hyphens come through unharmed."""
    name = ens.new_name(prefix)
    ens.key_pairs.import_key_pair(name, key.line, LONG)

    assert [name] == [pair.name for pair in ens.listed(name)]


def test_a_comment_does_no_harm(ens: Subject, key: SshKey) -> None:
    """What follows the key is no part of it; a plus sign, a blank and an & survive the query."""
    name = ens.new_name()
    line = f"ssh-rsa {key.body} a+b c&d=e%2B"

    answer = ens.key_pairs.import_key_pair(name, line, LONG)

    assert same_fingerprint(key.md5, answer.fingerprint)


def test_a_taken_name(ens: Subject, key: SshKey, another_key: SshKey) -> None:
    """A taken name is refused with a 4xx and nothing changes, or it gets a second key pair."""
    name = ens.new_name()
    ens.key_pairs.import_key_pair(name, key.line, LONG)

    refusal: EnsError | None = None
    try:
        ens.key_pairs.import_key_pair(name, another_key.line, LONG)
    except EnsError as error:
        refusal = error

    assert refusal is None or (400 <= refusal.status < 500 and not refusal.retryable)
    assert (1 if refusal else 2) == len(ens.listed(name))


@pytest.mark.parametrize(
    "public_key",
    [
        pytest.param("ssh-rsa AAAA", id="a stump"),
        pytest.param("hello", id="a word"),
        pytest.param("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43, id="another type of key"),
    ],
)
def test_a_malformed_key(ens: Subject, public_key: str) -> None:
    """What is no RSA key is refused with the code that the manual gives, and leaves nothing."""
    name = ens.new_name()

    with pytest.raises(EnsError) as refusal:
        ens.key_pairs.import_key_pair(name, public_key, LONG)

    assert ("InvalidPublicKeyBody.Malformed", 400) == (refusal.value.code, refusal.value.status)
    assert [] == ens.listed(name)


def test_a_delivery_and_its_repetition(ens: Subject, key: SshKey) -> None:
    """On every ENS, a delivery that looks first makes one key pair, however often it is made."""
    name = ens.new_name()

    outcomes = [ens.deliver(name, key) for _ in range(3)]

    assert ["imported", "already_imported", "already_imported"] == outcomes
    assert 1 == len(ens.listed(name))
