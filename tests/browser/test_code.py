"""Code for a call that succeeded: shown, copied, downloaded."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from explorer.projects import languages
from tests.browser.conftest import activate

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Window
    from tests.keys.ssh_keys import SshKey

pytestmark = pytest.mark.browser
MADE = "#code[aria-busy=false]"


def check_a_key(page: Page, key: SshKey) -> None:
    """Make a dry run, and wait for its code."""
    page.fill("#name", "alice")
    page.fill("#key", key.line)
    page.get_by_label("DryRun").check()
    page.click("#send")
    page.locator(MADE).wait_for()


def test_a_tab_shows_the_very_bytes_of_the_project(window: Window, key: SshKey) -> None:
    """Each language has a tab, each file of it can be chosen, and the zip holds the same."""
    page = window.page
    check_a_key(page, key)
    page.select_option("#of", "ens")
    page.locator(MADE).wait_for()
    titles = [language.title for language in languages()]
    assert titles == page.locator("#languages [role=tab]").all_inner_texts()
    for title in titles:
        page.get_by_role("tab", name=title, exact=True).click()
        shown = {}
        for path in page.locator("#path option").all_inner_texts():
            page.select_option("#path", path)
            shown[path] = page.locator("#text").text_content()
        with page.expect_download() as downloading:
            page.click("#download")
        content = downloading.value.path().read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            folder = downloading.value.suggested_filename.removesuffix(".zip")
            held = {
                name.removeprefix(f"{folder}/"): archive.read(name).decode()
                for name in archive.namelist()
            }
        assert held == shown
        assert any(key.line in text.replace("\\/", "/") for text in held.values())


def test_code_is_copied(window: Window, key: SshKey) -> None:
    """The file that is shown, as it is."""
    page = window.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    check_a_key(page, key)
    activate(page, "copy", "keyboard")
    page.get_by_text("Copied.").wait_for()

    shown = page.locator("#text").text_content()
    assert shown == page.evaluate("navigator.clipboard.readText()")


def test_languages_are_chosen_by_arrows(window: Window, key: SshKey) -> None:
    """One tab stop; Left, Right, Home and End go round."""
    page = window.page
    check_a_key(page, key)
    names = [language.name for language in languages()]
    page.focus(f"#language-{names[0]}")
    chosen = []
    for press in ("ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowRight", "End", "Home"):
        page.keyboard.press(press)
        chosen.append(page.locator("#languages [aria-selected=true]").get_attribute("id"))
        assert chosen[-1] == page.evaluate("document.activeElement.id")

    expected = (names[1], names[0], names[-1], names[0], names[-1], names[0])
    assert [f"language-{name}" for name in expected] == chosen


def test_code_for_ens_is_no_dry_run(window: Window, key: SshKey) -> None:
    """ENS has none: the page says that this code imports."""
    page = window.page
    check_a_key(page, key)
    assert "" == page.inner_text("#of-note")
    page.select_option("#of", "ens")
    page.get_by_text("ENS has no DryRun").wait_for()


def test_a_refusal_takes_the_code_back(window: Window, key: SshKey) -> None:
    """Code is for what was accepted."""
    page = window.page
    check_a_key(page, key)
    page.fill("#name", "1st")
    page.click("#send")
    page.locator("#said .bad").wait_for()

    assert page.locator("#code").is_hidden()
