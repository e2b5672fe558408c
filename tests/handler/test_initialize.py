"""The initializer: once an instance, before its first request."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import handler
from settings import InvalidSetting
from tests.fakes.contexts import python312

if TYPE_CHECKING:
    from devcloud import DevCloud

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
            f"CALLER_NAME_PREFIX is '{'a' * 127}'; allowed: what a KeyPairName can begin with "
            "(name_too_long)",
            id="a prefix that leaves no room",
        ),
    ],
)
def test_the_initializer_fails_on_a_bad_setting(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], sentence: str
) -> None:
    """The platform shows the exception: name, value and what is allowed."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(InvalidSetting) as failure:
        handler.initialize(python312())

    assert sentence == str(failure.value)
