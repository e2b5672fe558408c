"""Bytes that are no text, and characters that no key may hold."""

from __future__ import annotations

import re
from typing import NamedTuple

from core.errors import MalformedPublicKey
from core.keys.containers import unify_line_breaks
from core.keys.refusals.finding import Finding, code_point
from core.keys.rsa_key import FORBIDDEN, KEY_TYPE, decode_base64, parse_blob

SAVE_AS_TEXT = "Save the key as plain text (UTF-8) and send it again."
SEND_TEXT = "Send it as text, as it is in the .pub file."

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# In UTF-16 every other byte of ASCII is NUL, in UTF-32 three of four; one in three is neither's.
_NULS_IN_UTF16 = 3
_COMPLETE_LINE = re.compile(
    rb"[ \t\r\n]*%b[ \t]+([A-Za-z0-9+/]+={0,2})[ \t][^\r\n]*[\r\n]*" % KEY_TYPE.encode()
)
_NAMES = {
    "\0": "a NUL",
    "\x1a": "the end-of-file mark of DOS (Ctrl-Z)",
    "\x1b": "an escape character, as in a terminal's colours",
    "\r": "a carriage return without a line feed",
    "\u2028": "a line separator",
    "\u2029": "a paragraph separator",
    **dict.fromkeys(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
        "a character that turns the direction of writing",
    ),
}


class Undecodable(NamedTuple):
    """What bytes are that are no text, and the text before the first that is none."""

    finding: Finding
    before: str


def decode_text(body: bytes) -> str | Undecodable:
    """Decode UTF-8, strictly; find what it is when it is no text."""
    # The exception of a decoder holds all the bytes: it must not become the context of another.
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        wrong = error.start
    before = body[:wrong].decode()
    return Undecodable(_undecodable(body, wrong, len(unify_line_breaks(before))), before)


def find_wrong_characters(text: str) -> Finding | None:
    """Find lone surrogates, UTF-16 read as UTF-8, a binary key, control characters."""
    if text.count("\0") * _NULS_IN_UTF16 >= len(text) > 0:
        return _utf16()
    if text.startswith("\0\0\0"):
        return Finding("not_text", f"This is a key in binary. {SEND_TEXT}", 0)
    found = FORBIDDEN.search(text)
    if found is None:
        return None
    character = found.group()
    if "\ud800" <= character <= "\udfff":
        return Finding(
            "not_text",
            f"There is half a character ({code_point(character)}); whatever encoded the text "
            f"broke it. {SAVE_AS_TEXT}",
            found.start(),
        )
    name = _NAMES.get(character, "a control character that is not shown")
    return Finding(
        "control_character",
        f"There is {name} ({code_point(character)}). Remove it: copy the line again from the .pub "
        "file.",
        found.start(),
    )


def _utf16() -> Finding:
    return Finding(
        "utf16",
        "The text is in UTF-16 or UTF-32, as PowerShell's > writes it. Save it as UTF-8 "
        "(in PowerShell: | Out-File -Encoding ascii key.pub) and send it again.",
    )


def _undecodable(body: bytes, wrong: int, at: int) -> Finding:
    nuls = body.count(b"\0")
    if body.startswith(_UTF16_MARKS) or nuls * _NULS_IN_UTF16 >= len(body):
        return _utf16()
    if body.startswith(b"\x1f\x8b"):
        return Finding("not_text", "This is compressed with gzip. Send the text inside.")
    if body.startswith((b"\0\0\0", b"0\x82", b"0\x81")):
        return Finding("not_text", f"This is a key in binary. {SEND_TEXT}")
    line = _COMPLETE_LINE.fullmatch(body)
    if line is None or wrong < line.end(1):
        return Finding("not_text", f"The bytes are not UTF-8. {SAVE_AS_TEXT}", at)
    try:
        key = parse_blob(decode_base64(line[1].decode()))
    except MalformedPublicKey:
        key = None
    return Finding(
        "not_text",
        "The comment after the key is not in UTF-8, perhaps in GBK or Latin-1. Leave the comment "
        "out, or save the file as UTF-8.",
        at,
        key,
    )
