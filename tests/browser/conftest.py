"""A Chromium, a cloud and its page, started once; and a window for each test."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from devcloud import DevCloud
from environment import chromium
from examples.run import page_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Request

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@dataclass
class Window:
    """
    One window of the browser, and all that it asked for.

    Args:
        page: Playwright's.
        address: of the page, as it was printed.
        requests: each that the page made, with its body.
        troubles: what the console told of, and errors of the script.
    """

    page: Page
    address: str
    requests: list[Request] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def sent(self) -> str:
        """All that left the page, as one text."""
        return "\n".join(f"{each.url}\n{each.post_data or ''}" for each in self.requests)


def press_until(page: Page, key: str, focused: str) -> None:
    """Press a key until an element has the focus, as somebody without a mouse does."""
    for _ in range(40):
        page.keyboard.press(key)
        if focused == page.evaluate("document.activeElement.id"):
            return
    raise AssertionError(f"{key} does not lead to {focused}")


def activate(page: Page, element: str, way: str) -> None:
    """Press a button or follow a link, by its id: with the mouse, or from where the focus is."""
    if way == "mouse":
        page.click(f"#{element}")
    else:
        press_until(page, "Tab", element)
        page.keyboard.press("Enter")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # installed by `make test-browser` alone

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(),
            args=["--no-sandbox"],  # which root cannot have; the page is our own
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cloud() -> Iterator[DevCloud]:
    with DevCloud(function=True) as cloud:
        cloud.invoke(b"{}")  # the first request is a cold start
        yield cloud


@pytest.fixture(scope="session")
def address(cloud: DevCloud) -> Iterator[str]:
    with page_of(cloud) as address:
        yield address


@contextlib.contextmanager
def opened(browser: Browser, address: str, **options: Any) -> Iterator[Window]:
    """Open the page; in the end, hold that it asked no one else and had no trouble."""
    context = browser.new_context(**{"viewport": WIDE, **options})
    context.set_default_timeout(15_000)
    window = Window(context.new_page(), address)
    page = window.page
    context.on("request", lambda request: window.requests.append(request))  # noqa: PLW0108
    page.on("console", lambda message: window.troubles.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: window.troubles.append(str(error)))
    page.goto(address)
    page.locator("body[data-ready]").wait_for()
    try:
        yield window
    finally:
        context.close()
    assert [] == window.troubles
    origin = address.partition("#")[0]
    assert [] == [each.url for each in window.requests if not each.url.startswith(origin)]


@pytest.fixture(scope="session")
def functions(browser: Browser, address: str) -> Iterator[Page]:
    """A window whose script's functions can be called; nothing is typed into it."""
    with opened(browser, address) as window:
        yield window.page


@pytest.fixture
def window(browser: Browser, address: str, cloud: DevCloud) -> Iterator[Window]:
    cloud.reset()
    with opened(browser, address) as window:
        yield window
