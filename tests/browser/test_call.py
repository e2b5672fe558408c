"""Call, refusal, correction: the page as a person uses it, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from devcloud import DevCloud
    from tests.browser.conftest import Window
    from tests.keys.ssh_keys import SshKey

pytestmark = pytest.mark.browser


def test_imports_a_key_by_mouse(window: Window, cloud: DevCloud, key: SshKey) -> None:
    """Name, key, Call: ENS holds the pair, and its fingerprint is shown."""
    page = window.page
    page.fill("#name", "alice")
    page.fill("#key", key.line)
    page.click("#send")
    page.locator("#said .good").wait_for()

    assert [("alice", key.md5)] == [(each.name, each.fingerprint) for each in cloud.key_pairs]
    assert key.md5 in page.inner_text("#said")
