"""The page for a function that is not on this machine; and answers that are not the function's."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from explorer.callers import Credentials, Signature
from explorer.server import serving
from explorer.target import Answer, NoAnswer, Target
from tests.browser.conftest import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser

    from tests.browser.conftest import Window

pytestmark = pytest.mark.browser
URL = "https://ens-key-import.cn-hangzhou.fcapp.run/"


class Deployed(Target):
    """A function far away, with the one answer that it is given."""

    def __init__(self, answer: Answer | None = None) -> None:
        super().__init__(URL, Signature(lambda: Credentials("id", "secret")))
        self.answer, self.asked = answer, list[bool]()

    def call(self, parameters: Mapping[str, Any]) -> Answer:
        self.asked.append(parameters["DryRun"])
        if self.answer is None:
            raise NoAnswer("No connection to the function: is it running?")
        return self.answer


@contextmanager
def page_for(browser: Browser, target: Target) -> Iterator[Window]:
    with serving(target) as address, opened(browser, address) as window:
        yield window


def test_dry_run_is_ticked_first(browser: Browser) -> None:
    """Unticked, the page says that this is the real cloud; what is local is not offered."""
    target = Deployed(Answer(200, {"X-Import-Outcome": "validated"}, "{}", 1))
    with page_for(browser, target) as window:
        page = window.page
        assert page.get_by_label("DryRun").is_checked()
        assert page.locator("#real").is_hidden()
        assert f"Calls go to {URL}, signed with your credentials." == page.inner_text("#where")
        assert ["Call", "Document"] == page.locator("#parts [role=tab]:visible").all_inner_texts()
        assert page.locator("#example").is_hidden()
        page.click("#send")
        page.locator("#calls tr").wait_for()
        page.get_by_label("DryRun").uncheck()
        assert page.locator("#real").is_visible()
        page.click("#send")
        page.locator("#calls tr").nth(1).wait_for()

    assert [True, False] == target.asked


@pytest.mark.parametrize(
    ("answer", "told", "remembered"),
    [
        pytest.param(
            Answer(
                403,
                {"X-Fc-Error-Type": "FcCommonError"},
                '{"Code": "AccessDenied", "Message": "The signature is wrong."}',
                3,
            ),
            ["The signature is wrong.", "AccessDenied", "X-Fc-Error-Type: FcCommonError"],
            ["403", "AccessDenied (dry run)"],
            id="of Function Compute",
        ),
        pytest.param(
            Answer(502, {}, "<html><script>alert(1)</script>", 3),
            ["The answer is not that of the function.", "HTTP 502", "<script>alert(1)</script>"],
            ["502", "(dry run)"],
            id="a web page",
        ),
        pytest.param(
            Answer(200, {}, '["KeyPairFingerPrint"]', 3),
            ["The answer is not that of the function.", "HTTP 200"],
            ["200", "(dry run)"],
            id="JSON, but no object",
        ),
        pytest.param(
            None,
            ["There is no answer.", "No connection to the function"],
            ["", "no answer (dry run)"],
            id="none",
        ),
    ],
)
def test_other_answers_are_shown_as_they_came(
    browser: Browser, answer: Answer | None, told: list[str], remembered: list[str]
) -> None:
    """As text: nothing in them runs."""
    with page_for(browser, Deployed(answer)) as window:
        page = window.page
        page.fill("#name", "alice")
        page.click("#send")
        page.locator("#calls tr").wait_for()
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        shown = page.inner_text("#said")

        assert [] == [sentence for sentence in told if sentence not in shown]
        cells = page.locator("#calls td").all_inner_texts()
        assert remembered == [cell.strip() for cell in cells[2:4]]


def test_a_server_that_ended_is_told(browser: Browser) -> None:
    """The page stays, and says what happened."""
    with serving(Deployed()) as address:
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        page.locator("body[data-ready]").wait_for()
    page.fill("#name", "alice")
    page.click("#send")
    page.locator("#said .bad").wait_for()

    assert "The server of this page does not answer." in page.inner_text("#said")
    context.close()
