"""Call, refusal, correction: the page as a person uses it, in a real browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from devcloud import Fault
from tests.browser.conftest import activate, press_until

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from devcloud import DevCloud
    from tests.browser.conftest import Window
    from tests.keys.ssh_keys import SshKey

pytestmark = pytest.mark.browser


def test_imports_a_key_by_mouse(window: Window, cloud: DevCloud, key: SshKey) -> None:
    """Name, key, Call: ENS holds the pair, and its fingerprints are shown."""
    page = window.page
    page.fill("#name", "alice")
    page.fill("#key", key.line)
    page.click("#send")
    page.locator("#said .good").wait_for()

    assert [("alice", key.md5)] == [(each.name, each.fingerprint) for each in cloud.key_pairs]
    assert key.md5 in page.inner_text("#said")


def test_imports_a_key_by_keyboard(window: Window, cloud: DevCloud, key: SshKey) -> None:
    """From the top of the page: Tab, type, Ctrl+Enter, and the answer is announced."""
    page = window.page
    press_until(page, "Tab", "name")
    page.keyboard.type("alice")
    press_until(page, "Tab", "key")
    page.keyboard.insert_text(key.line)
    page.keyboard.press("Control+Enter")
    page.locator("#said .good").wait_for()

    assert ["alice"] == [each.name for each in cloud.key_pairs]
    assert "polite" == page.get_attribute("#said", "aria-live")


def test_an_example_can_be_filled_in(window: Window, cloud: DevCloud) -> None:
    """For who has no key at hand: one that this browser makes is accepted."""
    page = window.page
    page.click("#example")
    page.locator("#send:focus").wait_for()
    page.keyboard.press("Enter")
    page.locator("#said .good").wait_for()

    assert ["alice"] == [each.name for each in cloud.key_pairs]


def test_a_dry_run_imports_nothing(window: Window, cloud: DevCloud, key: SshKey) -> None:
    """And says so."""
    page = window.page
    page.fill("#name", "alice")
    page.fill("#key", key.line)
    page.get_by_label("DryRun").check()
    page.click("#send")
    page.locator("#said .good").wait_for()

    assert [] == cloud.key_pairs
    assert "Nothing was imported" in page.inner_text("#said")


@pytest.mark.parametrize(
    ("before", "line", "way"),
    [
        pytest.param("", 1, "mouse", id="at the beginning, by mouse"),
        pytest.param("\n\n", 3, "keyboard", id="on a later line, by keyboard"),
    ],
)
def test_a_corrected_line_is_used_at_one_click(
    window: Window, cloud: DevCloud, key: SshKey, before: str, line: int, way: str
) -> None:
    """The place is marked in the field and in the answer; the corrected line is accepted."""
    page = window.page
    page.fill("#name", "alice")
    page.fill("#key", f'{before}"{key.line}"')
    page.press("#key", "Control+Enter")
    page.locator("#use").wait_for()

    assert ['"'] * 2 == page.locator("mark").all_inner_texts()
    assert "true" == page.get_attribute("#key", "aria-invalid")
    assert f"line {line}, column 1" in page.inner_text("#said")
    activate(page, "use", way)
    assert 0 == page.locator("mark").count()
    page.keyboard.press("Enter")  # the button Call has the focus
    page.locator("#said .good").wait_for()
    assert [key.md5] == [each.fingerprint for each in cloud.key_pairs]


def test_a_column_is_counted_in_characters(window: Window, key: SshKey, tmp_path: Path) -> None:
    """Of a file with CRLF, and an emoji, of two UTF-16 units, in front of what is wrong."""
    fine, _, comment = key.line.rpartition(" ")
    file = tmp_path / "id_rsa.pub"
    file.write_bytes(f"\r\n\r\n{fine} \U0001f511\U0001f511\x07{comment}\r\n".encode())
    page = window.page
    page.fill("#name", "alice")
    page.set_input_files("#key-file", file)
    page.click("#send")
    page.locator("#said .bad").wait_for()

    assert ["\x07"] * 2 == page.locator("mark").all_text_contents()
    assert f"line 3, column {len(fine) + 4}" in page.inner_text("#said")
    begin = page.evaluate("document.getElementById('key').selectionStart")
    assert "\x07" == page.input_value("#key").encode("utf-16-le")[2 * begin : 2 * begin + 2].decode(
        "utf-16-le"
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "offset"),
    [
        ("abc", 1, 1, 0),
        ("abc", 1, 3, 2),
        ("abc", 1, 9, 3),
        ("abc", 4, 1, 3),
        ("a\nbc", 2, 2, 3),
        ("a\r\nbc", 2, 2, 4),
        ("a\rbc", 2, 2, 3),
        ("a\r\r\nbc", 3, 1, 4),
        ("\U0001f511bc", 1, 2, 2),
        ("\r\n\U0001f511\U0001f511c", 2, 3, 6),
        ("\ufeffabc", 1, 1, 1),
        ("\ufeffa\r\nbc", 2, 1, 4),
    ],
)
def test_a_place_becomes_an_offset(
    functions: Page, text: str, line: int, column: int, offset: int
) -> None:
    """Lines end in LF, CRLF or CR, columns count characters, a byte order mark is not counted."""
    assert offset == functions.evaluate(
        "([text, line, column]) => offsetOf(text, line, column)", [text, line, column]
    )


def test_a_wrong_name_is_marked_in_its_field(window: Window, key: SshKey) -> None:
    """Parameter says whose value it is."""
    page = window.page
    page.fill("#name", "alice smith")
    page.fill("#key", key.line)
    page.press("#name", "Enter")
    page.locator("#said .bad").wait_for()

    assert "true" == page.get_attribute("#name", "aria-invalid")
    assert None is page.get_attribute("#key", "aria-invalid")
    assert [5, 6] == page.evaluate("[...['selectionStart', 'selectionEnd']].map(m => $('name')[m])")


def test_what_is_edited_is_no_longer_marked(window: Window, key: SshKey) -> None:
    """The mark is about what was sent."""
    page = window.page
    page.fill("#name", "1st")
    page.fill("#key", key.line)
    page.click("#send")
    page.locator("mark").first.wait_for()
    page.fill("#name", "first")

    assert 0 == page.locator(".field mark").count()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(Fault.error("NoPermission", 403), "ens:ImportKeyPair", id="refused by ENS"),
        pytest.param(Fault.html(), "may have been imported", id="an answer that is none"),
    ],
)
def test_other_failures_are_told(
    window: Window, cloud: DevCloud, key: SshKey, fault: Fault, told: str
) -> None:
    """With what the function says of them; nothing is marked."""
    cloud.fail_next("ImportKeyPair", fault, times=9)
    page = window.page
    page.fill("#name", "alice")
    page.fill("#key", key.line)
    page.click("#send")
    page.locator("#said .bad").wait_for()
    cloud.faults.clear()

    assert told in page.inner_text("#said")
    assert 0 == page.locator("mark").count()


def test_the_history_is_without_keys(window: Window, key: SshKey) -> None:
    """Newest first: when, name, status, outcome; and no text of a request is stored anywhere."""
    page = window.page
    for name, outcome in (("alice", ".good"), ("1st", ".bad")):
        page.fill("#name", name)
        page.fill("#key", key.line)
        page.click("#send")
        page.locator(f"#said {outcome}").wait_for()

    cells = [row.split("\t")[1:4] for row in page.locator("#calls tr").all_inner_texts()]
    assert [["1st", "400", "name_bad_start"], ["alice", "200", "imported"]] == cells
    assert key.line.split()[1] not in page.inner_html("#past")
    kept = page.evaluate("[location.href, history.length, {...localStorage}, {...sessionStorage}]")
    assert "alice" not in json.dumps(kept)


def test_the_token_is_taken_out_of_the_address(window: Window) -> None:
    """It is in no screenshot, bookmark or history; a reload says what to do."""
    page = window.page
    origin, _, token = window.address.partition("#")

    assert origin == page.url
    assert token not in page.content()
    page.reload()
    page.locator("body[data-ready]").wait_for()
    assert "Open the address that was printed" in page.inner_text("#trouble")
