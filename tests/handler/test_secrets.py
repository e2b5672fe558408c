"""Nothing secret comes out of the handler, whatever goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devcloud import DevCloud, Fault
from tests.events.gallery import (
    ALICE_KEY,
    as_json,
    http_event,
)
from tests.invocation import ROLE_VARIABLES, invoke

SOURCE = Path(__file__).parent.parent.parent / "src"
PRIVATE_KEY = (
    "-----BEGIN OPENSSH" + " PRIVATE KEY-----\n" + "b3BlbnNzaC1rZXk" * 4 + "\n-----END ..."
)


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
    for fault in faults:
        cloud.fail_next("ImportKeyPair", fault)

    answered = invoke(http_event(as_json(KeyPairName="alice", PublicKeyBody=key)))

    secrets = {os.environ[name] for name in ROLE_VARIABLES}
    pieces = {key[at : at + 24] for at in range(0, len(key) - 24, 8)}
    assert [] == [piece for piece in secrets | pieces if piece in answered.written]
    answer = json.dumps(answered.answer)
    assert [] == [piece for piece in secrets if piece in answer]
    if key == PRIVATE_KEY:
        assert [] == [piece for piece in pieces if piece in answer]


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
