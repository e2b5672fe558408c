"""A private key does not leave the browser, however it gets into a field."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import serialization

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Window

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class PrivateKey:
    """One that was made for these tests alone; no failure of a test prints it."""

    openssh: str = field(repr=False)

    def pem(self, form: serialization.PrivateFormat, password: bytes = b"") -> str:
        key = serialization.load_ssh_private_key(self.openssh.encode(), None)
        encryption = (
            serialization.BestAvailableEncryption(password)
            if password
            else serialization.NoEncryption()
        )
        return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()

    @property
    def material(self) -> str:
        """What must be nowhere: some of its base64, from where the private numbers are."""
        return body_of(self.openssh)[600:640]


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> PrivateKey:
    """As ssh-keygen makes it."""
    file = tmp_path_factory.mktemp("private") / "id_rsa"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", file], check=True
    )
    return PrivateKey(file.read_text(encoding="ascii"))


def body_of(text: str) -> str:
    """What is between BEGIN and END, on one line."""
    return "".join(text.splitlines()[1:-1])


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PKCS1, PKCS8 = serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8
SHAPES: dict[str, Callable[[PrivateKey], str]] = {
    "OpenSSH": lambda key: key.openssh,
    "OpenSSH, its base64 alone": lambda key: body_of(key.openssh),
    "OpenSSH, without its line breaks": lambda key: key.openssh.replace("\n", ""),
    "OpenSSH, quoted in a mail": lambda key: "> " + key.openssh.replace("\n", "\n> "),
    "PKCS #1": lambda key: key.pem(PKCS1),
    "PKCS #1, its base64 alone": lambda key: body_of(key.pem(PKCS1)),
    "PKCS #8": lambda key: key.pem(PKCS8),
    "PKCS #8, its base64 alone": lambda key: body_of(key.pem(PKCS8)),
    "PKCS #8, encrypted": lambda key: key.pem(PKCS8, b"secret"),
    "in JSON": lambda key: json.dumps({"PublicKeyBody": key.openssh}),
    "percent-encoded": lambda key: quote(key.openssh, safe=""),
    "as HTML": lambda key: "".join(f"&#{ord(each)};" for each in key.openssh),
    "base64 once more": lambda key: base64_of(key.openssh),
    "PKCS #8 base64 once more": lambda key: base64_of(key.pem(PKCS8)),
    "after a public key": lambda key: f"ssh-rsa AAAAB3NzaC1yc2E= alice\n{key.openssh}",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_private_key_is_noticed(functions: Page, private: PrivateKey, shape: str) -> None:
    """However it is written or wrapped."""
    # Not inside the assertion, which would print the key.
    noticed = functions.evaluate("holdsPrivateKey", SHAPES[shape](private))

    assert noticed is True


def test_a_public_key_is_none(functions: Page, private: PrivateKey) -> None:
    """In each form that has one."""
    key = serialization.load_ssh_private_key(private.openssh.encode(), None).public_key()
    pem, forms = serialization.Encoding.PEM, serialization.PublicFormat
    line = key.public_bytes(serialization.Encoding.OpenSSH, forms.OpenSSH).decode()
    texts = [
        line,
        f"{line} my private key is at home",
        base64_of(line),
        quote(line, safe=""),
        key.public_bytes(pem, forms.SubjectPublicKeyInfo).decode(),
        key.public_bytes(pem, forms.PKCS1).decode(),
        base64_of(key.public_bytes(pem, forms.SubjectPublicKeyInfo).decode()),
        f"---- BEGIN SSH2 PUBLIC KEY ----\n{line.split()[1]}\n---- END SSH2 PUBLIC KEY ----",
        '{"kty": "RSA", "n": "AQAB", "e": "AQAB"}',
    ]

    assert [False] * len(texts) == [functions.evaluate("holdsPrivateKey", text) for text in texts]


def assert_nothing_left(window: Window, private: PrivateKey) -> None:
    """Nothing was posted since the page was opened, and none of the key is anywhere in it."""
    page = window.page
    assert [] == [each.url for each in window.requests if each.method == "POST"]
    fields = page.evaluate("[...document.querySelectorAll('input, textarea')].map((f) => f.value)")
    texts = {"requests": window.sent, "page": page.content(), "fields": "".join(fields)}
    traces = (private.material, "PRIVATE KEY")
    found_in = [where for where, text in texts.items() if any(each in text for each in traces)]
    assert [] == found_in


@pytest.mark.parametrize("shape", ["OpenSSH", "PKCS #8", "PKCS #1, its base64 alone"])
def test_a_private_key_is_not_sent(window: Window, private: PrivateKey, shape: str) -> None:
    """The field is emptied as soon as it is in it, and Ctrl+Z does not bring it back."""
    page = window.page
    page.fill("#name", "alice")
    page.fill("#key", SHAPES[shape](private))
    page.locator("#said .bad").wait_for()
    page.keyboard.press("Control+Z")

    assert "" == page.input_value("#key")
    assert "This is a private key" in page.inner_text("#said")
    assert_nothing_left(window, private)


@pytest.mark.parametrize("field", ["#name", "#key"])
def test_a_private_key_is_not_pasted(window: Window, private: PrivateKey, field: str) -> None:
    """Not even into the field for the name."""
    page = window.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", private.openssh)
    page.focus(field)
    page.keyboard.press("Control+V")
    page.locator("#said .bad").wait_for()

    assert "" == page.input_value(field)
    assert_nothing_left(window, private)


@pytest.mark.parametrize("way", ["chosen", "dropped"])
def test_a_file_with_a_private_key_is_not_taken(
    window: Window, private: PrivateKey, tmp_path: Path, way: str
) -> None:
    """Its content is looked at in the browser, and goes nowhere."""
    page = window.page
    if way == "chosen":
        file = tmp_path / "id_rsa"
        file.write_text(private.openssh, encoding="ascii")
        page.set_input_files("#key-file", file)
    else:
        drop(window, "#key", "id_rsa", private.openssh)
    page.locator("#said .bad").wait_for()

    assert "" == page.input_value("#key")
    assert_nothing_left(window, private)


def test_a_private_key_is_not_uploaded(window: Window, private: PrivateKey) -> None:
    """The upload's field looks too, and says so beside it."""
    page = window.page
    page.click("#tab-cloud")
    page.fill("#file", private.openssh)
    page.locator("#receipt .bad").wait_for()

    assert "" == page.input_value("#file")
    assert_nothing_left(window, private)


def test_what_the_browser_misses_the_function_refuses(window: Window, private: PrivateKey) -> None:
    """Then both fields are emptied, and the call is not in the history."""
    page = window.page
    hidden = base64_of(base64_of(private.openssh))
    page.fill("#name", "alice")
    page.fill("#key", hidden)
    page.click("#send")
    page.locator("#said .bad").wait_for()

    assert ("", "") == (page.input_value("#name"), page.input_value("#key"))
    assert page.locator("#past").is_hidden()
    assert hidden[100:130] not in page.content()


def test_a_dropped_public_key_is_filled_in(window: Window) -> None:
    """A file that is dropped replaces what is in the field."""
    drop(window, "#key", "id_rsa.pub", "ssh-rsa AAAA alice")

    assert "ssh-rsa AAAA alice" == window.page.input_value("#key")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"\x00\xff\xfe\x80", "is not text", id="binary"),
        pytest.param(bytes(65537), "larger than 64 KiB", id="large"),
    ],
)
def test_a_file_that_is_no_key_is_told(
    window: Window, tmp_path: Path, content: bytes, told: str
) -> None:
    """Before anything is sent."""
    file = tmp_path / "photo.jpg"
    file.write_bytes(content)
    window.page.set_input_files("#key-file", file)
    window.page.locator("#said .bad").wait_for()

    assert told in window.page.inner_text("#said")


def test_a_file_in_utf16_is_read(window: Window, tmp_path: Path) -> None:
    """As PowerShell's > writes it."""
    file = tmp_path / "id_rsa.pub"
    file.write_bytes("ssh-rsa AAAA alice\r\n".encode("utf-16"))
    window.page.set_input_files("#key-file", file)
    window.page.locator("#key:not(:placeholder-shown)").wait_for()

    assert "ssh-rsa AAAA alice\n" == window.page.input_value("#key")


def drop(window: Window, target: str, name: str, content: str) -> None:
    """Drop a file onto a field."""
    transfer = window.page.evaluate_handle(
        """([name, content]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([content], name));
          return transfer;
        }""",
        [name, content],
    )
    window.page.dispatch_event(target, "drop", {"dataTransfer": transfer})
    window.page.locator("#key:not(:placeholder-shown), #said .bad").first.wait_for()
