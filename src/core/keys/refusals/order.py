"""
Explain a text that was refused: the order in which reasons win, and the steps.

``core.keys.reading`` has looked for a private key, for too much text and for bytes that are not
text. Then, in this order: characters that no key may hold, several keys, a wrapping that can be
removed, and STEPS: what comes before the key, what is around it, a block, a line, no key at all.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from core.keys.containers import LENGTHS_REACH, offset_as_sent, unify_line_breaks
from core.keys.refusals.blocks import BEGIN, END, explain_block
from core.keys.refusals.finding import Finding, key_in, length_in
from core.keys.refusals.lines import explain_line
from core.keys.refusals.not_a_key import explain_no_key
from core.keys.refusals.received_text import find_wrong_characters
from core.keys.refusals.surroundings import explain_lead, explain_surroundings
from core.keys.rsa_key import BLOB_START, KEY_TYPE
from core.keys.wrappings import WRAPPINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.keys.wrappings import Wrapping

STEPS = (explain_lead, explain_surroundings, explain_block, explain_line)
MAX_WRAPPINGS = 2  # removed one after the other

# A blob inside a block counts as such.
_PEM_KEY = re.compile(
    "BEGIN (?:RSA |EC |DSA )?PUBLIC KEY(?!-----\\s{0,9}(?:[a-z0-9@.-]{3,60}\\s{1,9})?AAAA)"
)
_TYPE_IN_FRONT = re.compile("(?:ssh|ecdsa|sk|rsa|webauthn)-[a-z0-9@.-]{2,50}[ \t\n]+$")
_WORD = re.compile("[^ \t\n]+")


def explain_text(text: str, wrappings: int = MAX_WRAPPINGS) -> Finding:
    """
    Say why a text is not exactly one RSA public key.

    Args:
        text: what was refused, its line breaks unified; it holds no private key.
        wrappings: how many wrappings may still be removed.
    """
    finding = find_wrong_characters(text) or _several_keys(text)
    if finding:
        return finding
    if wrappings:
        finding = _explain_wrapped(text, wrappings)
        if finding:
            return finding
    found = (step(text) for step in STEPS)
    return next(filter(None, found), None) or explain_no_key(text)


def _several_keys(text: str) -> Finding | None:
    blobs = [_start_of_key(text, found.start()) for found in BLOB_START.finditer(text)]
    blocks = [_start_of_dashes(text, found.start()) for found in _PEM_KEY.finditer(text)]
    keys = sorted(blobs + blocks)
    if len(keys) > 1:
        return Finding(
            "multiple_keys",
            f"There are {len(keys)} keys. Send one key, and nothing else.",
            keys[1],
        )
    ends = list(END.finditer(text))
    if len(ends) > max(1, len(BEGIN.findall(text))):
        return Finding(
            "multiple_keys",
            "There is more than one END line. Send one whole key.",
            _start_of_dashes(text, ends[1].start() + 1),
            key_in(text[: text.find("\n", ends[0].end()) + 1]),
        )
    return _more_lines(text)


def _start_of_key(text: str, blob: int) -> int:
    """Return where the key of a blob begins: at its type, if that is in front."""
    key_type = _TYPE_IN_FRONT.search(text, max(0, blob - 70), blob)
    return key_type.start() if key_type else blob


def _start_of_dashes(text: str, mark: int) -> int:
    """Return where the dashes in front of a BEGIN or END begin."""
    return len(text[:mark].rstrip(" ").rstrip("-"))


def _more_lines(text: str) -> Finding | None:
    """Find a whole key, on one line or broken, with other lines after it."""
    start = len(text) - len(text.lstrip(" \t\n"))
    for end in _ends_of_lines(text, start):
        key = key_in(text[start:end])
        after = text[end:].strip(" \t\n")
        if key and after:
            lines = sum(1 for line in after.split("\n") if line.strip(" \t"))
            return Finding(
                "multiple_keys",
                f"There is one key, and {lines} more line{'s' * (lines > 1)} after it. Send one "
                "key, and nothing else.",
                len(text) - len(text[end:].lstrip(" \t\n")),
                key,
            )
    return None


def _ends_of_lines(text: str, start: int) -> Iterator[int]:
    """Yield where the line ends that a key may end in: the first, or where its lengths say so."""
    first = text.find("\n", start)
    if first < 0:
        return
    yield first
    if not text.startswith(KEY_TYPE, start):
        return
    at, letters = start + len(KEY_TYPE), ""
    length = None
    while word := _WORD.search(text, at):
        letters, at = letters + word.group(), word.end()
        length = length or length_in(letters)
        if length and len(letters) >= length:
            end = text.find("\n", at)
            if end >= 0:
                yield end
        if len(letters) >= (length or LENGTHS_REACH):
            return


def _explain_wrapped(text: str, wrappings: int) -> Finding | None:
    """Remove the outermost wrapping; its reason counts if a key can be read out then."""
    for wrapping in WRAPPINGS:
        at = wrapping.find(text)
        if at is None:
            continue
        decoded = wrapping.unwrap(text)
        found = Finding(wrapping.reason, wrapping.description, at)
        inner_text = unify_line_breaks(decoded).rstrip(" \t\r\n")
        readable = key_in(inner_text)
        if readable is None:
            inner = explain_text(inner_text, wrappings - 1)
            readable = inner.readable
            if readable is None:
                # What is wrong inside is worth more than that it was wrapped.
                return (
                    None
                    if inner.reason == "not_a_key"
                    else _outside(inner, wrapping, text, decoded)
                )
        if wrapping.reason in {"not_a_key", "not_text"}:
            return Finding(wrapping.reason, wrapping.description)
        return replace(found, readable=readable)
    return None


def _outside(inner: Finding, wrapping: Wrapping, text: str, decoded: str) -> Finding:
    """Tell the place of what was found inside a wrapping as that in the text outside."""
    if inner.at is None:
        return inner
    inside = offset_as_sent(decoded, inner.at)
    return replace(inner, at=wrapping.place_outside(text, inside))
