"""Light and dark, wide and narrow: axe has nothing serious to say, and nothing is cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import NARROW, WIDE, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from devcloud import DevCloud
    from tests.keys.ssh_keys import SshKey

pytestmark = pytest.mark.browser
GRAVE = {"serious", "critical"}


def assert_accessible(page: Page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]

    assert [] == [
        (each["id"], [node["target"] for node in each["nodes"]])
        for each in found
        if each["impact"] in GRAVE
    ]


def assert_fits(page: Page) -> None:
    """Nothing is wider than the window; tables and code scroll by themselves."""
    assert page.evaluate("innerWidth") >= page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_every_state_of_the_page(
    browser: Browser, address: str, cloud: DevCloud, key: SshKey, scheme: str, size: dict[str, int]
) -> None:
    """At first, after a success with its code, after a refusal with its mark, and each tab."""
    cloud.reset()
    with opened(browser, address, color_scheme=scheme, viewport=size) as window:
        page = window.page
        for name, key_body, state in (
            ("", "", "#first"),
            ("alice", key.line, "#text span"),
            ("bob", f'"{key.line}"', "#use"),
        ):
            if name:
                page.fill("#name", name)
                page.fill("#key", key_body)
                page.click("#send")
            page.locator(state).first.wait_for()
            assert_fits(page)
            if size == WIDE or state == "#use":  # a size changes little for axe, and it takes long
                assert_accessible(page)
        page.click("#tab-cloud")
        page.locator("#held td", has_text="alice").wait_for()
        assert_accessible(page)
        assert_fits(page)
        page.click("#tab-document")
        page.locator("#tables table").first.wait_for()
        page.get_by_role("heading", name="Reasons: names").click()  # the others are alike
        assert_accessible(page)
        assert_fits(page)


def test_the_answer_is_in_sight_on_a_narrow_screen(
    browser: Browser, address: str, cloud: DevCloud, key: SshKey
) -> None:
    """It is below the form there, and is scrolled to."""
    cloud.reset()
    with opened(browser, address, viewport=NARROW) as window:
        window.page.fill("#name", "alice")
        window.page.fill("#key", key.line)
        window.page.click("#send")
        window.page.locator("#said .good").wait_for()

        box = window.page.locator("#said .good").bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= NARROW["height"]


def test_nothing_is_animated_or_flashes(browser: Browser, address: str) -> None:
    """No style of the page moves anything."""
    with opened(browser, address) as window:
        assert [] == window.page.evaluate("document.getAnimations()")
