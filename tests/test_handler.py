"""The handler, in process: an event in, an answer and one log line out, ENS on loopback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import handler
from devcloud import DevCloud, Fault
from settings import InvalidSetting
from tests.contexts import python310, python312
from tests.event_files import (
    ALICE_KEY,
    GALLERY,
    api_gateway_event,
    as_json,
    event_file,
    http_event,
)
from tests.invocation import invoke

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parent.parent / "src"
ALICE_MD5 = "d9ac483b74636e141886835d6ef1996a"
ALICE = {"KeyPairName": "alice", "PublicKeyBody": ALICE_KEY}
PRIVATE_KEY = (
    "-----BEGIN OPENSSH" + " PRIVATE KEY-----\n" + "b3BlbnNzaC1rZXk" * 4 + "\n-----END ..."
)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[DevCloud]:
    """An ENS, and this process in the environment that FC would give the function beside it."""
    with DevCloud(project=SOURCE.parent) as running:
        credentials = running.role_credentials()
        monkeypatch.setenv("ENS_ENDPOINT", running.ens_endpoint)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", credentials.access_key_id)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", credentials.access_key_secret)
        monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", credentials.security_token or "")
        yield running


@pytest.fixture
def no_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without credentials: what gets as far as ENS is refused right before it."""
    for name in ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN"):
        monkeypatch.delenv(f"ALIBABA_CLOUD_{name}", raising=False)


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
    assert ("statusCode" in answered.answer) is not name.startswith("direct")


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
        "function_name": "ens-key-import",
        "function_version": "LATEST",
        "request_id": "FC-1",
        "trigger": "http",
        "outcome": "imported",
        "key_pair_name": "alice",
        "fingerprint": ALICE_MD5,
        "bits": 2048,
        "ens_request_id": call.request_id,
        "attempts": 1,
    }


def test_a_second_import_finds_the_first(cloud: DevCloud) -> None:
    """The same key under the same name is success, told apart in header and log."""
    invoke(http_event(as_json(**ALICE)))

    answered = invoke(http_event(as_json(**ALICE)))

    assert (200, "already-imported") == (answered.status, answered.headers["X-Import-Outcome"])
    assert ("already-imported", 1, 1) == (
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
    assert ("error", "0" * 32) == (answered.line["level"], answered.line["ens_fingerprint"])


@pytest.mark.parametrize(
    ("fault", "status", "code", "level"),
    [
        pytest.param(
            Fault.error("InvalidParameter", 400), 400, "InvalidParameter", "warning", id="refused"
        ),
        pytest.param(Fault.error("NoPermission"), 400, "NoPermission", "error", id="permission"),
        pytest.param(
            Fault.error("InvalidSecurityToken.Expired", 403),
            503,
            "ServiceUnavailable",
            "error",
            id="expired credentials",
        ),
    ],
)
def test_what_ens_refuses(
    cloud: DevCloud, fault: Fault, status: int, code: str, level: str
) -> None:
    """WARNING where the caller is to mend it, ERROR where the function's owner is."""
    cloud.fail_next("ImportKeyPair", fault)

    answered = invoke(http_event(as_json(**ALICE)))

    assert (status, code) == (answered.status, answered.body["Code"])
    assert (level, code) == (answered.line["level"], answered.line["code"])
    assert answered.body["RequestId"] == answered.line["ens_request_id"]


def test_ens_out_of_reach(monkeypatch: pytest.MonkeyPatch, cloud: DevCloud) -> None:
    """503 with Retry-After, after every attempt; the log counts them."""
    monkeypatch.setenv("ENS_ENDPOINT", cloud.refused_endpoint)
    monkeypatch.setenv("ENS_MAX_ATTEMPTS", "2")

    answered = invoke(http_event(as_json(**ALICE)))

    assert (503, "5") == (answered.status, answered.headers["Retry-After"])
    assert ("error", "failed", "ens_unreachable", 2) == (
        answered.line["level"],
        answered.line["outcome"],
        answered.line["reason"],
        answered.line["attempts"],
    )


@pytest.mark.usefixtures("no_role")
def test_no_role() -> None:
    """A function without a role says so; the request is not at fault."""
    answered = invoke(http_event(as_json(**ALICE)))

    assert (503, "role_credentials") == (answered.status, answered.body["Reason"])
    assert "error" == answered.line["level"]


@pytest.mark.parametrize(
    ("event", "status", "code", "reason"),
    [
        pytest.param(b"", None, "InvalidParameter", "unknown_event", id="empty"),
        pytest.param(b"\xff", None, "InvalidParameter", "unknown_event", id="bytes"),
        pytest.param(
            http_event(as_json(KeyPairName="a")),
            400,
            "MissingParameter",
            "missing_parameter",
            id="no key",
        ),
        pytest.param(
            http_event(as_json(PublicKeyBody=ALICE_KEY)),
            400,
            "MissingParameter",
            "missing_parameter",
            id="no name",
        ),
        pytest.param(
            http_event(as_json(KeyPairName="1st", PublicKeyBody=ALICE_KEY)),
            400,
            "InvalidParameter.KeyPairName",
            "name_bad_start",
            id="bad name",
        ),
        pytest.param(
            http_event(as_json(KeyPairName="\ud800x", PublicKeyBody=ALICE_KEY)),
            400,
            "InvalidParameter.KeyPairName",
            "name_bad_start",
            id="half a character",
        ),
        pytest.param(
            http_event(as_json(KeyPairName="alice", PublicKeyBody="ssh-rsa AAAA")),
            400,
            "InvalidPublicKeyBody.Malformed",
            None,
            id="bad key",
        ),
        pytest.param(
            http_event(PRIVATE_KEY, queryParameters={"KeyPairName": "1st"}),
            400,
            "InvalidPublicKeyBody.Malformed",
            "private_key",
            id="private key before bad name",
        ),
        pytest.param(
            http_event("a" * 70_000), 413, "InvalidParameter", "body_too_large", id="too large"
        ),
        pytest.param(
            http_event(path="/x"), 404, "InvalidAction.NotFound", "unknown_path", id="path"
        ),
        pytest.param(
            api_gateway_event(method="PUT"),
            405,
            "UnsupportedHTTPMethod",
            "unsupported_method",
            id="method",
        ),
    ],
)
@pytest.mark.usefixtures("no_role")
def test_refusals(event: bytes, status: int | None, code: str, reason: str | None) -> None:
    """Answered in the trigger's shape and logged as a warning; no credentials are needed."""
    answered = invoke(event, python312("FC-1"))

    assert status == answered.answer.get("statusCode")
    assert (code, "FC-1") == (answered.body["Code"], answered.body["RequestId"])
    assert reason in {None, answered.body["Reason"]}
    (line,) = answered.log
    assert ("warning", "refused", code, answered.body["Reason"]) == (
        line["level"],
        line["outcome"],
        line["code"],
        line["reason"],
    )
    assert "key_pair_name" not in line


def test_a_refusal_needs_no_sdk() -> None:
    """In a fresh instance: the answer to a bad key does not wait for the SDK to load."""
    program = (
        "import json, sys, handler\n"
        "answer = handler.handler(sys.stdin.buffer.read(), None)\n"
        "loaded = [name for name in sys.modules if name.startswith(('alibabacloud', 'requests'))]\n"
        "print(json.dumps([answer['statusCode'], loaded]))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=SOURCE,
        env={},
        input=http_event(as_json(KeyPairName="a", PublicKeyBody="ssh-rsa AAAA")),
        check=True,
        capture_output=True,
    )

    log, result = run.stdout.splitlines()
    assert [400, []] == json.loads(result)
    assert json.loads(log)["cold_start"] is True
    assert b"" == run.stderr


def test_a_bad_setting_is_ours_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller reads that it is not their fault, the log which setting it is."""
    monkeypatch.setenv("ENS_MAX_ATTEMPTS", "many")

    answered = invoke(http_event(as_json(**ALICE)), python312("FC-1"))

    assert (500, "InternalError", "FC-1") == (
        answered.status,
        answered.body["Code"],
        answered.body["RequestId"],
    )
    assert "many" not in json.dumps(answered.answer)
    assert "error" == answered.line["level"]
    assert (
        "ENS_MAX_ATTEMPTS is 'many'; allowed: an integer from 1 to 10" == (answered.line["setting"])
    )


@pytest.mark.parametrize("name", ["http-json", "api-gateway-json", "direct"])
def test_a_bug_is_answered(cloud: DevCloud, name: str) -> None:
    """Here: a platform whose time-out is no number. Types and frames are logged, no text."""
    answered = invoke(event_file(name), python312("FC-1", timeout="planted"))

    assert ("InternalError", "internal_error", "FC-1") == (
        answered.body["Code"],
        answered.body["Reason"],
        answered.body["RequestId"],
    )
    assert [] == cloud.calls
    (part,) = answered.line["exception"]
    assert "ValueError" == part["type"]
    assert part["frames"][0].startswith("handler.py:")
    assert "planted" not in answered.written
    assert "planted" not in json.dumps(answered.answer)


def test_an_event_of_no_type_that_fc_sends_is_answered() -> None:
    """The runner of a test may hand over anything."""
    answered = invoke(None)  # type: ignore[arg-type]

    assert "InternalError" == answered.body["Code"]


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


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
@pytest.mark.parametrize(
    ("key", "faults"),
    [
        pytest.param(ALICE_KEY, [], id="an import"),
        pytest.param(ALICE_KEY, [Fault.error("InvalidParameter", 400)], id="a refusal of ENS"),
        pytest.param(ALICE_KEY, [Fault.html(502)], id="a proxy in between"),
        pytest.param(ALICE_KEY, [Fault.reset_before_answer()], id="a reset"),
        pytest.param(ALICE_KEY[:200], [], id="a damaged key"),
        pytest.param(PRIVATE_KEY, [], id="a private key"),
    ],
)
def test_nothing_secret_comes_out(
    monkeypatch: pytest.MonkeyPatch,
    cloud: DevCloud,
    level: str,
    key: str,
    faults: list[Fault],
) -> None:
    """Neither key nor credentials stand in the log; of a private key nothing in the answer."""
    monkeypatch.setenv("LOG_LEVEL", level)
    monkeypatch.setenv("ENS_MAX_ATTEMPTS", "1")
    credentials = cloud.role_credentials()
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", credentials.access_key_id)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", credentials.access_key_secret)
    monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", credentials.security_token or "")
    for fault in faults:
        cloud.fail_next("ImportKeyPair", fault)

    answered = invoke(http_event(as_json(KeyPairName="alice", PublicKeyBody=key)))

    secrets = {
        credentials.access_key_id,
        credentials.access_key_secret,
        credentials.security_token or "",
    }
    pieces = {key[at : at + 24] for at in range(0, len(key) - 24, 8)}
    assert [] == [piece for piece in secrets | pieces if piece in answered.written]
    answer = json.dumps(answered.answer)
    assert [] == [piece for piece in secrets if piece in answer]
    if key == PRIVATE_KEY:
        assert [] == [piece for piece in pieces if piece in answer]


def test_the_initializer_prepares_an_instance(cloud: DevCloud) -> None:
    """Settings are checked and the SDK is loaded; ENS is not asked."""
    handler.initialize(python312())

    assert [] == cloud.calls


def test_the_initializer_fails_on_a_bad_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform shows the exception: name, value and what is allowed."""
    monkeypatch.setenv("WEAK_KEYS", "maybe")

    with pytest.raises(InvalidSetting, match="WEAK_KEYS is 'maybe'; allowed: refuse, warn, allow"):
        handler.initialize(python312())


def test_the_sdks_debug_switch_is_gone_before_the_sdk_comes() -> None:
    """DEBUG=sdk would make it print the security token."""
    run = subprocess.run(
        [sys.executable, "-c", "import os, handler; print(os.environ.get('DEBUG'))"],
        cwd=SOURCE,
        env={"DEBUG": "sdk"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert "None" == run.stdout.strip()


@pytest.mark.usefixtures("no_role")
def test_the_size_limits_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """MIN_RSA_BITS reaches the validator."""
    monkeypatch.setenv("MIN_RSA_BITS", "3072")

    answered = invoke(event_file("direct-dry-run"))

    assert ("InvalidParameter.PublicKeyBody", "too_few_bits") == (
        answered.body["Code"],
        answered.body["Reason"],
    )
