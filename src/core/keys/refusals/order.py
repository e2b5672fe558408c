"""
Explain a text that was refused: the order in which reasons win, and the steps.

``core.keys.reading`` has looked for a private key, for too much text and for bytes that are not
text. Then, in this order: characters that no key may hold, several keys, a wrapping that can be
removed, and STEPS: what comes before the key, what is around it, a block, a line, no key at all.
"""

from __future__ import annotations

import re
from dataclasses import replace

from core.keys.containers import unify_line_breaks
from core.keys.refusals.blocks import BEGIN, END, explain_block
from core.keys.refusals.finding import Finding, first_key_in, key_in
from core.keys.refusals.lines import explain_line
from core.keys.refusals.not_a_key import explain_no_key
from core.keys.refusals.received_text import find_wrong_characters
from core.keys.refusals.surroundings import explain_lead, explain_surroundings
from core.keys.refusals.wrappings import WRAPPINGS
from core.keys.rsa_key import BLOB_START

STEPS = (explain_lead, explain_surroundings, explain_block, explain_line)
MAX_WRAPPINGS = 2  # removed one after the other

# A blob inside a block counts as such.
_PEM_KEY = re.compile("BEGIN (?:RSA |EC |DSA )?PUBLIC KEY(?!-----\\s{0,9}AAAA)")


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
    blobs = len(BLOB_START.findall(text))
    blocks = len(_PEM_KEY.findall(text))
    keys = blobs + blocks
    if keys > 1:
        return Finding("multiple_keys", f"There are {keys} keys. Send one key, and nothing else.")
    if len(END.findall(text)) > max(1, len(BEGIN.findall(text))):
        return Finding("multiple_keys", "There is more than one END line. Send one whole key.")
    return _more_lines(text)


def _more_lines(text: str) -> Finding | None:
    """Find a whole key, on one line or broken, with another line after it."""
    first, _, rest = text.strip(" \t\n").partition("\n")
    key, _, last = text.rstrip(" \t\n").rpartition("\n")
    after = rest if rest and key_in(first) else last if key and key_in(key) else ""
    after = after.strip(" \t\n")
    if not after:
        return None
    lines = sum(1 for line in after.split("\n") if line.strip(" \t"))
    return Finding(
        "multiple_keys",
        f"There is one key, and {lines} more line{'s' * (lines > 1)} after it. Send one key, and "
        "nothing else.",
        text.rindex(after),
    )


def _explain_wrapped(text: str, wrappings: int) -> Finding | None:
    """Remove the outermost wrapping; its reason counts if a key can be read out then."""
    for find in WRAPPINGS:
        wrapping = find(text)
        if wrapping is None:
            continue
        found = Finding(wrapping.reason, wrapping.description, wrapping.at)
        readable = first_key_in(*wrapping.inner)
        if readable:
            return replace(found, readable=readable)
        inner = explain_text(unify_line_breaks(wrapping.inner[0]), wrappings - 1)
        if inner.readable:
            return replace(found, readable=inner.readable)
        # What is wrong inside is worth more than that it was wrapped; its place is not the text's.
        return None if inner.reason == "not_a_key" else replace(inner, at=None)
    return None
