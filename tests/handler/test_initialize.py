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
