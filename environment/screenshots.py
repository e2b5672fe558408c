"""
Take README's pictures of the page: ``make screenshots``.

Always the same key and names, on the same ports; a refusal in light, a success with its code in
dark. Look at both before they are committed.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from devcloud import DevCloud
from environment import chromium
from examples.run import page_of
from tests.events.gallery import ALICE_KEY

FOLDER = Path(__file__).parent.parent / "docs" / "images"
SIZE = {"width": 1120, "height": 640}
FUNCTION_PORT = 9000
MOST_BYTES = 150_000


def main() -> None:
    """Write both files."""
    FOLDER.mkdir(exist_ok=True)
    with (
        DevCloud(function=True, function_port=FUNCTION_PORT) as cloud,
        page_of(cloud) as address,
        sync_playwright() as playwright,
    ):
        cloud.invoke(b"{}")  # the first request is a cold start
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        take(browser, address, "light", f'"{ALICE_KEY}"', "#use")
        take(browser, address, "dark", ALICE_KEY, "#code[aria-busy=false]")
        browser.close()
    for file in FOLDER.glob("try-it-*.png"):
        size = file.stat().st_size
        print(f"{file.name}: {size} bytes")
        if size > MOST_BYTES:
            raise SystemExit(f"{file.name} has more than {MOST_BYTES} bytes")


def take(browser: Browser, address: str, scheme: str, key: str, state: str) -> None:
    """Call with a key, wait for a state of the page, and take its picture."""
    page = browser.new_page(viewport=SIZE, color_scheme=scheme)
    page.goto(address)
    page.locator("body[data-ready]").wait_for()
    page.fill("#name", "alice")
    page.fill("#key", key)
    page.press("#name", "Enter")
    page.locator(state).wait_for()
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    page.screenshot(path=FOLDER / f"try-it-{scheme}.png")
    page.close()


if __name__ == "__main__":
    main()
