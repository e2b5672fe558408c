"""The page's document: the tables of docs, the policy, openapi.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import activate, press_until
from tests.paths import PROJECT

if TYPE_CHECKING:
    from tests.browser.conftest import Window

pytestmark = pytest.mark.browser


def test_the_tables_are_there(window: Window) -> None:
    """Parameters are open; a code of ENS is found with its sentence."""
    page = window.page
    page.click("#tab-document")
    page.locator("#tables table").first.wait_for()

    assert "no one can restore it" in page.inner_text("#document")
    assert "DryRun" in page.inner_text("#tables")
    page.get_by_role("heading", name="What ENS documents").click()
    assert "Call Interface Happen Error." in page.inner_text("#tables")


def test_the_policy_is_copied(window: Window) -> None:
    """As the file in deploy/ has it."""
    page = window.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press_until(page, "Tab", "tab-call")
    page.keyboard.press("End")
    page.locator("#policy", has_text="ens:ImportKeyPair").wait_for()
    activate(page, "copy-policy", "keyboard")
    page.get_by_text("Copied.").wait_for()

    expected = (PROJECT / "deploy" / "role-policy.http.json").read_text(encoding="utf-8")
    assert expected == page.evaluate("navigator.clipboard.readText()")


def test_openapi_is_downloaded(window: Window) -> None:
    """The very file of docs/."""
    page = window.page
    page.click("#tab-document")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="openapi.yaml").click()

    assert (PROJECT / "docs" / "openapi.yaml").read_bytes() == downloading.value.path().read_bytes()
