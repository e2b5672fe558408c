"""What the handler answers and logs when a request, ENS, a setting or the function itself fails."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from core.keys.reading import read_public_key
from devcloud import DevCloud, Fault
from tests.events.gallery import (
    ALICE,
    ALICE_KEY,
    api_gateway_event,
    as_json,
    event_file,
    http_event,
)
from tests.fakes.contexts import python312
from tests.invocation import invoke

PRIVATE_KEY = f"-----BEGIN OPENSSH{' '}PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"
SOURCE = Path(__file__).parent.parent.parent / "src"


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
    """WARNING where the caller is to fix it, ERROR where the function's owner is."""
    cloud.fail_next("ImportKeyPair", fault)

    answered = invoke(http_event(as_json(**ALICE)))

    assert (status, code) == (answered.status, answered.body["Code"])
    assert (level, code) == (answered.line["level"], answered.line["code"])
    assert answered.body["RequestId"] == answered.line["service_request_id"]


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
            http_event(
                f"-----BEGIN RSA{' '}PRIVATE KEY-----", queryParameters={"KeyPairName": "1st"}
            ),
            400,
            "InvalidPublicKeyBody.Malformed",
            "private_key",
            id="private key before bad name",
        ),
        pytest.param(
            http_event(f'{{"PublicKeyBody": "{PRIVATE_KEY}"}}', content_type="application/json"),
            400,
            "InvalidPublicKeyBody.Malformed",
            "private_key",
            id="private key that is no JSON for its line breaks",
        ),
        pytest.param(
            http_event(f"--x\r\n\r\n{PRIVATE_KEY}--x--", content_type="multipart/form-data"),
            400,
            "InvalidPublicKeyBody.Malformed",
            "private_key",
            id="private key in a form of parts",
        ),
        pytest.param(
            f'{{"KeyPairName": "a", "PublicKeyBody": "{PRIVATE_KEY}"}}'.encode(),
            None,
            "InvalidPublicKeyBody.Malformed",
            "private_key",
            id="private key in an event that is no JSON",
        ),
        pytest.param(
            http_event("a" * 70_000), 413, "InvalidParameter", "body_too_large", id="too large"
        ),
        pytest.param(
            http_event(headers={"x-acs-action": "DescribeKeyPairs"}),
            404,
            "InvalidAction.NotFound",
            "unknown_action",
            id="action",
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
    assert answered.body["Description"].startswith(
        "The function's setting ENS_MAX_ATTEMPTS is not valid."
    )
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


@pytest.mark.usefixtures("no_role")
def test_the_size_limits_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """MIN_RSA_BITS reaches the validator."""
    monkeypatch.setenv("MIN_RSA_BITS", "3072")

    answered = invoke(event_file("direct-dry-run"))

    assert ("InvalidParameter.PublicKeyBody", "too_few_bits") == (
        answered.body["Code"],
        answered.body["Reason"],
    )


@pytest.mark.usefixtures("no_role")
def test_a_listed_key_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """BLOCKLIST_PATH reaches the validator."""
    modulus = read_public_key(ALICE_KEY).modulus
    blocklist = tmp_path / "blocklist"
    blocklist.write_bytes(sha256(modulus.to_bytes(256, "big")).digest()[:15] + bytes([7]))
    monkeypatch.setenv("BLOCKLIST_PATH", str(blocklist))

    answered = invoke(event_file("direct-dry-run"))

    assert ("InvalidParameter.PublicKeyBody", "compromised") == (
        answered.body["Code"],
        answered.body["Reason"],
    )
    assert "source 7 of the blocklist" in answered.body["Description"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault.unavailable(500), id="500"),
        pytest.param(Fault.error("AuthorizationLimitExceed"), id="refused by ENS"),
    ],
)
def test_a_caller_who_does_not_wait(cloud: DevCloud, fault: Fault) -> None:
    """Nothing is raised, for FC would keep the event, and its key; the failure is an ERROR."""
    cloud.fail_next("ImportKeyPair", fault, 9)
    event = json.loads(http_event(as_json(**ALICE)))
    event["headers"]["X-Fc-Invocation-Type"] = "Async"

    answered = invoke(json.dumps(event).encode())

    assert "DescribeKeyPairs" == cloud.calls[0].action
    assert ("error", "failed") == (answered.line["level"], answered.line["outcome"])
    assert [] == cloud.key_pairs


def test_who_sent_a_private_key_is_logged(cloud: DevCloud) -> None:
    """The alarm says whom to tell."""
    event = json.loads(http_event(as_json(KeyPairName="alice", PublicKeyBody=PRIVATE_KEY)))
    event["headers"]["Authorization"] = "ACS3-HMAC-SHA256 Credential=EXAMPLE7,SignedHeaders=host"
    event["requestContext"]["http"]["sourceIp"] = "192.0.2.7"

    line = invoke(json.dumps(event).encode()).line

    assert ("private_key", "EXAMPLE7", "192.0.2.7") == (
        line["reason"],
        line["caller"],
        line["source_ip"],
    )
    assert [] == cloud.calls
