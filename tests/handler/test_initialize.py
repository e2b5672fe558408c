"""The initializer: once an instance, before its first request."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import handler
from devcloud import DevCloud
from settings import InvalidSetting
from tests.callers import post
from tests.events.gallery import ALICE, event_file
from tests.fakes.contexts import python312
from tests.paths import PROJECT

SOURCE = Path(__file__).parent.parent.parent / "src"


def test_the_initializer_prepares_an_instance(cloud: DevCloud) -> None:
    """Settings are checked; ENS is not asked."""
    handler.initialize(python312())

    assert [] == cloud.calls


def test_the_initializer_loads_the_sdk() -> None:
    """In a fresh instance it is not there before, and the first request does not wait for it."""
    program = (
        "import sys, handler\n"
        "for step in (lambda: None, lambda: handler.initialize(None)):\n"
        "    step()\n"
        "    print('alibabacloud_ens20171110.client' in sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=SOURCE,
        env={},
        check=True,
        capture_output=True,
        text=True,
    )

    assert ["False", "True"] == run.stdout.split()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        pytest.param(
            {"WEAK_KEYS": "maybe"},
            "WEAK_KEYS is 'maybe'; allowed: refuse, warn, allow",
            id="a word that is none of three",
        ),
        pytest.param(
            {"UPLOAD_PREFIX": "receipts/keys/"},
            "UPLOAD_PREFIX is 'receipts/keys/'; allowed: a prefix outside of RECEIPT_PREFIX",
            id="uploads below receipts",
        ),
        pytest.param(
            {"BLOCKLIST_PATH": "nowhere"},
            "BLOCKLIST_PATH is 'nowhere'; allowed: a blocklist of badkeys, but it cannot be opened "
            "(No such file or directory)",
            id="no blocklist",
        ),
        pytest.param(
            {"CALLER_NAME_PREFIX": "1st:"},
            "CALLER_NAME_PREFIX is '1st:'; allowed: what a KeyPairName can begin with "
            "(name_bad_start)",
            id="a prefix with which no name begins",
        ),
        pytest.param(
            {"CALLER_NAME_PREFIX": "a" * 127},
            f"CALLER_NAME_PREFIX is '{'a' * 40}...'; allowed: what a KeyPairName can begin with "
            "(name_too_long)",
            id="a prefix that leaves no room",
        ),
    ],
)
def test_the_initializer_fails_on_a_bad_setting(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, str],
    sentence: str,
) -> None:
    """The platform shows the exception, name and what is allowed; the log has the value too."""
    ((name, value),) = settings.items()
    monkeypatch.setenv(name, value)

    with pytest.raises(InvalidSetting) as failure:
        handler.initialize(python312())

    line = json.loads(capsys.readouterr().out)
    assert ("error", "a setting is not valid", sentence) == (
        line["level"],
        line["message"],
        line["setting"],
    )
    assert str(failure.value).startswith(f"The setting {name} is not valid; allowed: ")
    assert repr(value) not in str(failure.value)


@pytest.mark.parametrize("trigger", ["HTTP", "direct"])
def test_callers_learn_the_name_of_a_bad_setting(trigger: str) -> None:
    """Through the platform, whose answer holds the exception of the initializer."""
    planted = {"WEAK_KEYS": "planted"}
    with DevCloud(function=True, function_env=planted, project=PROJECT) as cloud:
        if trigger == "HTTP":
            answer = post(cloud.function_url, **ALICE).text
        else:
            answer = cloud.invoke(event_file("direct")).body.decode()
        logged = cloud.function_logs()

    assert "WEAK_KEYS" in answer
    assert "planted" not in answer
    assert "WEAK_KEYS is 'planted'; allowed: refuse, warn, allow" in logged
