"""The initializer: once an instance, before its first request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import handler
from settings import InvalidSetting
from tests.contexts import python312

if TYPE_CHECKING:
    from devcloud import DevCloud


def test_the_initializer_prepares_an_instance(cloud: DevCloud) -> None:
    """Settings are checked and the SDK is loaded; ENS is not asked."""
    handler.initialize(python312())

    assert [] == cloud.calls


def test_the_initializer_fails_on_a_bad_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform shows the exception: name, value and what is allowed."""
    monkeypatch.setenv("WEAK_KEYS", "maybe")

    with pytest.raises(InvalidSetting, match="WEAK_KEYS is 'maybe'; allowed: refuse, warn, allow"):
        handler.initialize(python312())
