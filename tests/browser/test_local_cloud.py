"""What only the local cloud has: what ENS holds, uploads and receipts, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import activate, press_until

if TYPE_CHECKING:
    from devcloud import DevCloud
    from tests.browser.conftest import Window
    from tests.keys.ssh_keys import SshKey

pytestmark = pytest.mark.browser


def test_an_upload_and_its_receipt_by_mouse(window: Window, cloud: DevCloud, key: SshKey) -> None:
    """The receipt appears by itself, ENS holds the pair, and the calls are listed."""
    page = window.page
    page.click("#tab-cloud")
    page.fill("#object", "keys/team/bob.pub")
    page.fill("#file", key.line)
    page.click("#put")
    page.locator("#receipt .good").wait_for()
    cloud.drain()

    assert '"key_pair_name": "team:bob"' in page.inner_text("#receipt")
    page.locator("#held td", has_text="team:bob").wait_for()
    assert key.md5 in page.inner_text("#held")
    assert "ImportKeyPair" in page.inner_text("#asked")
    assert key.line.split()[1] not in page.inner_html("#asked")


def test_a_refused_upload_says_why(window: Window, cloud: DevCloud) -> None:
    """As the receipt has it; by keyboard."""
    page = window.page
    press_until(page, "Tab", "tab-call")
    page.keyboard.press("ArrowRight")
    press_until(page, "Tab", "file")
    page.keyboard.insert_text("ssh-rsa")
    activate(page, "put", "keyboard")
    page.locator("#receipt .bad").wait_for()
    cloud.drain()

    assert "refused: truncated" in page.inner_text("#receipt")


def test_a_fault_is_set_by_keyboard(window: Window, cloud: DevCloud, key: SshKey) -> None:
    """And strikes the next call; then it is gone."""
    page = window.page
    press_until(page, "Tab", "tab-call")
    page.keyboard.press("ArrowRight")
    press_until(page, "Tab", "kind")
    press_until(page, "Tab", "set")
    page.keyboard.press("Enter")
    page.get_by_text("To come: ImportKeyPair").wait_for()
    press_until(page, "Shift+Tab", "tab-cloud")
    page.keyboard.press("ArrowLeft")
    page.fill("#name", "alice")
    page.fill("#key", key.line)
    page.press("#key", "Control+Enter")
    page.locator("#said .bad").wait_for()

    assert "role_permission" in page.inner_text("#said")
    assert [] == cloud.key_pairs
    page.click("#tab-cloud")
    page.get_by_text("No fault is set.").wait_for()


def test_every_fault_of_the_list_can_be_set(window: Window, cloud: DevCloud) -> None:
    """Each is accepted by devcloud, with its arguments; Clear all takes them back."""
    page = window.page
    page.click("#tab-cloud")
    kinds = page.locator("#kind option").all_inner_texts()
    for kind in kinds:
        page.select_option("#kind", kind)
        with page.expect_response("**/api/fault") as answering:
            page.click("#set")
        assert 200 == answering.value.status
    assert len(kinds) == len(cloud.faults.planned)
    page.click("#clear")
    page.get_by_text("No fault is set.").wait_for()
    assert 0 == len(cloud.faults.planned)
