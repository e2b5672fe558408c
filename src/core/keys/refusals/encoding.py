"""Explain base64 that is damaged: placeholders, foreign characters, padding."""

from __future__ import annotations

import re
from binascii import b2a_base64
from typing import TYPE_CHECKING

from core.errors import MalformedPublicKey
from core.keys.refusals.finding import Finding, code_point
from core.keys.refusals.payload import NOT_BASE64, bytes_of
from core.keys.refusals.sentences import COPY_AGAIN
from core.keys.rsa_key import announced_length
from core.keys.unwrapping import without_entities
from core.keys.wrappings import QUOTES

if TYPE_CHECKING:
    from core.keys.refusals.payload import Payload

# Characters that look like a space or like nothing, and are neither.
SPACES = "\u00a0\u1680\u180e\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff\u00ad"

_SPACE = re.compile(f"[{SPACES}]")
_QUOTE = re.compile(f"[{QUOTES}]")
_FOREIGN = re.compile(r"[^A-Za-z0-9+/= \t\n]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,6}|#[xX][0-9A-Fa-f]{1,5}|[a-z]{2,6});")
_PLACEHOLDER = re.compile(r"\*\*|\.\.|\u2026|[<\[{$]")
_URL_SAFE = str.maketrans("-_", "+/")


def explain_encoding(payload: Payload) -> Finding | None:
    """Say what is wrong with the base64 as such; None if it can be decoded, if only in part."""
    return _placeholder(payload) or _foreign_character(payload) or _padding(payload)


def _placeholder(payload: Payload) -> Finding | None:
    found = _PLACEHOLDER.search(payload.stretch)
    if found is None:
        return None
    return Finding(
        "not_a_key",
        f"This is not the whole key: a part of it was replaced by a placeholder. {COPY_AGAIN}",
        payload.start + found.start(),
    )


def _foreign_character(payload: Payload) -> Finding | None:
    found = _FOREIGN.search(payload.stretch)
    if found is None:
        return None
    at = payload.start + found.start()
    character = found.group()
    readable = payload.read(
        NOT_BASE64.sub("", payload.stretch.translate(_URL_SAFE)),
        NOT_BASE64.sub("", without_entities(payload.stretch)),
        NOT_BASE64.sub("", payload.stretch),
        NOT_BASE64.sub("", payload.stretch[: found.start()]),
    )
    if _SPACE.match(character):
        return Finding(
            "bad_whitespace",
            f"There is a space inside the key that is not a plain one ({code_point(character)}). "
            "Replace or remove it.",
            at,
            readable,
        )
    if _QUOTE.match(character):
        return Finding(
            "quoted",
            f"There is a quote inside the key ({code_point(character)}). Remove it.",
            at,
            readable,
        )
    if _ENTITY.match(payload.text, at):
        what = "There is an HTML entity inside the base64"
    elif character in "-_":
        what = "The base64 has - and _ (the URL-safe alphabet); SSH uses + and /"
    else:
        what = f"A character does not belong in the base64 ({code_point(character)})"
    return Finding("bad_base64", f"{what}. {COPY_AGAIN}", at, readable)


def _padding(payload: Payload) -> Finding | None:
    """Find ``=`` in the wrong place or number, and pad bits that are not zero."""
    letters = payload.encoded.rstrip("=")
    if "=" in letters:
        at = payload.start + payload.stretch.index("=")
        readable = payload.read(letters[: letters.index("=")])
        return Finding(
            "bad_base64", f"The base64 goes on after the = that ends it. {COPY_AGAIN}", at, readable
        )
    blob = bytes_of(letters)
    if b2a_base64(blob, newline=False) == payload.encoded.encode():
        return None
    readable = payload.read(letters)
    if readable is None and _is_cut_off(blob):
        return None  # told as such: what is missing is more than the padding
    return Finding(
        "bad_base64",
        f"The base64 does not end as it should: padding (=) or its last letter is wrong. "
        f"{COPY_AGAIN}",
        payload.start + len(payload.stretch.rstrip("= \t\n")),
        readable,
    )


def _is_cut_off(blob: bytes) -> bool:
    try:
        return announced_length(blob) > len(blob)
    except MalformedPublicKey:
        return True
