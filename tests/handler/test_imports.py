"""The handler, in process: an event in, an answer and one log line out, ENS on loopback."""

from __future__ import annotations

import pytest

from devcloud import DevCloud, Fault
from tests.events.gallery import (
    ALICE,
    ALICE_KEY,
    GALLERY,
    as_json,
    event_file,
    http_event,
)
from tests.fakes.contexts import python310, python312
from tests.invocation import invoke

ALICE_MD5 = "d9ac483b74636e141886835d6ef1996a"  # as ssh-keygen -E md5 -lf prints it


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in GALLERY.glob("*.json") if not path.stem.startswith("oss-"))
)
def test_each_event_of_the_gallery_imports_the_key(cloud: DevCloud, name: str) -> None:
    """Whoever calls: the key is in ENS, and the answer is ENS's three members."""
    dry_run = name in {"direct-dry-run", "http-json-dry-run", "http-query"}

    answered = invoke(event_file(name))

    held = [(pair.name, pair.public_key) for pair in cloud.key_pairs]
    assert ([] if dry_run else [("alice", ALICE_KEY)]) == held
    assert {"KeyPairFingerPrint", "KeyPairName", "RequestId"} == set(answered.body)
    assert ("alice", ALICE_MD5) == (
        answered.body["KeyPairName"],
        answered.body["KeyPairFingerPrint"],
    )
    assert ("statusCode" in answered.answer) is name.startswith(("http", "api-gateway"))


def test_a_first_import(cloud: DevCloud) -> None:
    """Answered as imported, verified, with ENS's own RequestId; and logged, once."""
    answered = invoke(http_event(as_json(**ALICE)), python312("FC-1"))

    (call,) = cloud.calls
    assert (200, "imported", "true") == (
        answered.status,
        answered.headers["X-Import-Outcome"],
        answered.headers["X-Fingerprint-Verified"],
    )
    assert call.request_id == answered.body["RequestId"]
    (line,) = answered.log
    for varying in ("timestamp", "duration_ms", "cold_start", "fingerprint_sha256"):
        line.pop(varying)
    assert line == {
        "level": "info",
        "message": "key pair imported",
        "service": "ens-key-import",
        "version": "unbuilt",
        "function_name": "ens-key-import",
        "function_version": "LATEST",
        "request_id": "FC-1",
        "trigger": "http",
        "outcome": "imported",
        "key_pair_name": "alice",
        "fingerprint_md5": ALICE_MD5,
        "bits": 2048,
        "service_request_id": call.request_id,
        "attempts": 1,
    }


def test_a_second_import_finds_the_first(cloud: DevCloud) -> None:
    """The same key under the same name is success, told apart in header and log."""
    invoke(http_event(as_json(**ALICE)))

    answered = invoke(http_event(as_json(**ALICE)))

    assert (200, "already_imported") == (answered.status, answered.headers["X-Import-Outcome"])
    assert ("already_imported", 1, 1) == (
        answered.line["outcome"],
        answered.line["attempts"],
        answered.line["look_ups"],
    )
    assert 1 == len(cloud.key_pairs)


def test_a_dry_run_asks_nobody(cloud: DevCloud) -> None:
    """Everything but the call; the RequestId is FC's."""
    answered = invoke(http_event(as_json(**ALICE, DryRun=True)), python312("FC-1"))

    assert [] == cloud.calls
    assert "validated" == answered.headers["X-Import-Outcome"]
    assert "FC-1" == answered.body["RequestId"]
    assert ("validated", "alice") == (answered.line["outcome"], answered.line["key_pair_name"])


@pytest.mark.usefixtures("no_role")
def test_acts_as_the_role_of_the_context(cloud: DevCloud) -> None:
    """python3.10 hands the credentials over in the context."""
    credentials = cloud.role_credentials()
    context = python310(
        access_key_id=credentials.access_key_id,
        access_key_secret=credentials.access_key_secret,
        security_token=credentials.security_token or "",
    )

    answered = invoke(event_file("direct"), context)

    assert "alice" == answered.body["KeyPairName"]
    assert "FC-310" == answered.line["request_id"]


def test_another_fingerprint_is_answered_and_cried_out(cloud: DevCloud) -> None:
    """The import has happened; the owner reads an ERROR, the caller a header."""
    cloud.fail_next("ImportKeyPair", Fault.wrong_fingerprint())

    answered = invoke(http_event(as_json(**ALICE)))

    assert (200, "false", "0" * 32) == (
        answered.status,
        answered.headers["X-Fingerprint-Verified"],
        answered.body["KeyPairFingerPrint"],
    )
    assert ("error", "0" * 32) == (answered.line["level"], answered.line["fingerprint_ens"])


@pytest.mark.usefixtures("cloud")
def test_debug_shows_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line a call to ENS, and the invocation's; the SDK itself stays silent."""
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    invoke(event_file("direct"))

    answered = invoke(event_file("direct"))

    assert ["ImportKeyPair", "DescribeKeyPairs"] == [line["action"] for line in answered.log[:-1]]
    assert {"debug"} == {line["level"] for line in answered.log[:-1]}
    assert len({line["request_id"] for line in answered.log}) == 1


@pytest.mark.usefixtures("cloud")
def test_a_sample_is_logged_at_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a sampled invocation each line is written, whatever LOG_LEVEL says."""
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    assert "" == invoke(event_file("direct")).written

    monkeypatch.setenv("LOG_SAMPLE_RATE", "1")

    assert ["debug", "debug", "info"] == [
        line["level"] for line in invoke(event_file("direct")).log
    ]
