"""Private keys are refused as such, however they are wrapped, and nothing of them comes back."""

from __future__ import annotations

import html
import json
import textwrap
import traceback
import tracemalloc
from base64 import b64decode, b64encode
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest

from core.errors import MalformedPublicKey
from core.keys.private_keys import SCAN_LIMIT, find_private_key
from core.keys.reading import read_public_key
from tests.keys.private_keys import armoured, binaries, body_of, texts
from tests.keys.public_keys import BARE, LINE, OTHER_LINE, SPKI

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = armoured()
PKCS1 = KEYS["rsa traditional"]
BODY = body_of(PKCS1)
# Under a password the body of these is random; only their armour can give them away.
TELLING_BODIES = {name: key for name, key in KEYS.items() if "traditional encrypted" not in name}
ALL = {name: text for name, text in texts().items() if name != "JWK in YAML"}  # its lines matter


def utf16_in_base64(text: str) -> str:
    return b64encode(text.encode("utf-16-le")).decode()


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


WRAPPINGS: dict[str, Callable[[str], str | bytes]] = {
    "as it is": str,
    "as bytes": str.encode,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "quoted by e-mail": lambda text: "> " + text.replace("\n", "\n> "),
    "indented": lambda text: textwrap.indent(text, "    "),
    "in quotes": lambda text: f'"{text}"',
    "JSON string": json.dumps,
    "JSON object": lambda text: json.dumps({"key": text}),
    "JSON, twice": lambda text: json.dumps({"key": json.dumps(text)}),
    "JSON, every dash escaped": lambda text: json.dumps(text).replace("-", r"\u002d"),
    "JSON, every slash escaped": lambda text: json.dumps(text).replace("/", r"\/"),
    "percent-encoded": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "percent-encoded, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "HTML": lambda text: html.escape(text).replace("-", "&#45;"),
    "base64": b64,
    "base64, wrapped": lambda text: textwrap.fill(b64(text), 76),
    "base64, twice": lambda text: b64(b64(text)),
    "base64 of UTF-16": utf16_in_base64,
    "base64 in JSON": lambda text: json.dumps({"data": b64(text)}),
    "base64 behind a word": lambda text: f"data:{b64(text)}",
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without BOM": lambda text: text.encode("utf-16-be"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "UTF-16 as text": lambda text: text.encode("utf-16-le").decode(),
    "newlines lost": lambda text: text.replace("\n", ""),
    "newlines blanks": lambda text: text.replace("\n", " "),
    "after a public key": lambda text: f"{LINE}\n{text}",
    "before a public key": lambda text: f"{text}\n{LINE}",
    "in the place of a comment": lambda text: f"{BARE} {text}",
    "behind a key type": lambda text: f"ssh-rsa {text}",
    "after PEM": lambda text: SPKI + text,
    "too long": lambda text: "x" * 8000 + "\n" + text + "x" * 8000,
    "at the end of what is scanned": lambda text: "x" * (SCAN_LIMIT - len(text) - 1) + "\n" + text,
    "with a control character": lambda text: f"\x1b{text}",
    "with bytes that are no text": lambda text: b"\xff" + text.encode(),
    "with a surrogate": lambda text: f"\udcff{text}",
}  # fmt: skip
# Half a form is tried where half of it gives itself away.
PARTS: dict[str, str | bytes] = {
    **{f"first line of {name}": key.split("\n", 1)[0] for name, key in KEYS.items()},
    **{f"first line of {name}, in a comment": f"{BARE} " + key.split("\n", 1)[0]
       for name, key in KEYS.items()},
    **{f"last line of {name}": key.strip().rsplit("\n", 1)[1] for name, key in KEYS.items()},
    **{f"body of {name}": key.split("\n", 1)[1].rsplit("\n-", 1)[0]
       for name, key in TELLING_BODIES.items()},
    **{f"body of {name} on one line": "".join(key.split("\n")[1:-2])
       for name, key in TELLING_BODIES.items()},
    **{f"body of {name}, quoted": "> " + "\n> ".join(key.split("\n")[1:-2])
       for name, key in TELLING_BODIES.items()},
    **{f"{name} in DER": b64decode("".join(key.split("\n")[1:-2]))
       for name, key in TELLING_BODIES.items()},
    "PKCS#12 in base64": b64encode(binaries()["PKCS#12"]).decode(),
    "SSH2 body": b64encode(b"\x3f\x6f\xf9\xeb" + b64decode(BODY)[:100]).decode(),
    "label without dashes": PKCS1.replace("-", ""),
    "PGP packet in base64": b64encode(
        b"\x95\x03\x98\x04\x65\x00\x00\x00\x01" + b64decode(BODY)[:300]).decode(),
    "first line in RFC 4716": f"---- BEGIN SSH2 PUBLIC KEY ----\nx-a: {PKCS1.splitlines()[0]}\n"
        f"{BARE.split(' ')[1]}\n---- END SSH2 PUBLIC KEY ----",
    "OpenSSH body in a comment": f"{BARE} " + KEYS["rsa openssh"].split("\n")[1],
    "PKCS#8 body in a comment": f"{BARE} " + KEYS["rsa pkcs8"].split("\n")[1],
    "typographic dashes": PKCS1.replace("-----", "\u2014\u2014"),
    "small letters": PKCS1.lower(),
}  # fmt: skip


def refusal(body: str | bytes) -> MalformedPublicKey:
    with pytest.raises(MalformedPublicKey) as raised:
        read_public_key(body)
    return raised.value


def everything_told(refused: MalformedPublicKey) -> str:
    """All that an exception says or holds, as a log or an answer could show it."""
    shown = [repr(refused), repr(refused.args), repr(vars(refused))]
    shown += traceback.format_exception(refused)
    return "\n".join(shown)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_refuses_a_private_key_in_any_wrapping(wrapping: str) -> None:
    """Each kind of private key is told as such, in this wrapping."""
    missed = [
        name
        for name, key in ALL.items()
        if refusal(WRAPPINGS[wrapping](key)).reason != "private_key"
    ]

    assert [] == missed


@pytest.mark.parametrize("name", PARTS)
def test_refuses_a_part_of_a_private_key(name: str) -> None:
    """A part that gives itself away is enough: whoever sent it has the rest in the clipboard."""
    assert "private_key" == refusal(PARTS[name]).reason


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_tells_nothing_of_a_private_key(wrapping: str) -> None:
    """Neither the error nor anything that hangs on it holds eight characters of the key."""
    refused = refusal(WRAPPINGS[wrapping](PKCS1))
    told = everything_told(refused)

    assert None is refused.corrected_line
    assert None is refused.column
    assert (None, None) == (refused.__cause__, refused.__context__)
    assert [] == [BODY[at : at + 8] for at in range(len(BODY) - 7) if BODY[at : at + 8] in told]


def test_says_what_to_do() -> None:
    """The description names the kind, that it is lost, and the command that makes another."""
    description = refusal(KEYS["ed25519 openssh"]).description

    assert "an OpenSSH private key" in description
    assert "compromised" in description
    assert "ssh-keygen -t rsa" in description


@pytest.mark.parametrize(
    "comment",
    [
        pytest.param("alice's key for the build", id="prose about a key"),
        pytest.param("private laptop", id="private"),
        pytest.param("do not send the private key!", id="a word that ends in end"),
        pytest.param("at the end my private key", id="end"),
        pytest.param("alice (private-key on a token)", id="in brackets"),
        pytest.param("my encrypted secret key", id="secret"),
        pytest.param("see privatekey.example.com/?d=1", id="an address"),
        pytest.param("c2VjcmV0IG1lc3NhZ2Ugb2Ygbm90aGluZw==", id="some base64"),
        pytest.param("100%25 alice\\bob &amp; co", id="escapes"),
    ],
)
def test_takes_a_harmless_comment(comment: str) -> None:
    """A word alone does not make a private key of a comment."""
    assert comment == read_public_key(f"{BARE} {comment}").comment


@pytest.mark.parametrize("line", [LINE, OTHER_LINE, SPKI], ids=["2048", "3072", "PEM"])
def test_takes_public_keys(line: str) -> None:
    """No public key looks like a private one."""
    assert read_public_key(line).bits >= 2048


@pytest.mark.parametrize("between", ["0", "0-0 ", "a0", "a-", "- "])
def test_reads_a_text_of_many_readings_once(between: str) -> None:
    """
    What could be divided into words in many ways is divided in one.

    No time is asserted; a pattern that tries all the ways needs minutes for the first of these.
    """
    text = f"-begin {between * 50}aprivate key " * 2000

    assert None is find_private_key(text)


@pytest.mark.parametrize("letter", ["%{:02x}", "&#{};", "\\x{:02x}", "\\u{:04x}"])
def test_nothing_of_a_request_is_kept(letter: str) -> None:
    """Long encoded texts, each another: none stays in the memory of the instance."""
    random = Random(letter)  # noqa: S311 - texts for a test

    def text() -> str:
        return "".join(letter.format(random.randrange(256)) for _ in range(10_000))

    find_private_key(text())
    tracemalloc.start()
    for _ in range(20):
        find_private_key(text())
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 100_000  # characters; each of the texts has 30,000 at least
