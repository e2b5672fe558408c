"""
Wrappings that can be removed: encodings, escapes, quotes.

Each function looks for one of them and says where it is and what the text reads without it. A
wrapping counts where it is in the way of the key: in its type or base64, around it, or at the very
end. In the comment it is a part of the comment.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

from core.keys.refusals.encoding import QUOTES
from core.keys.rsa_key import KEY_TYPE

if TYPE_CHECKING:
    from core.reasons import Reason

_HEAD = re.compile("[ \t\n]*[^ \t\n]+[ \t\n]+[^ \t\n]+[ \t\n]")  # type and base64
_PERCENT = re.compile("%[0-9A-Fa-f]{2}")
_PERCENT_END = re.compile("(?:%0[AaDd])+$")
_ESCAPE = re.compile(r'\\(?:[nrt/"]|u[0-9A-Fa-f]{4})|\\(?=\n)')
_ESCAPE_END = re.compile(r"(?:\\[nrt])+$")
_TAIL = 12  # characters at the end that are looked at for an encoded line break
_ESCAPED = {"n": "\n", "r": "", "t": "\t", "": ""}
_HTML_QUOTES = re.compile("&(?:quot|apos|#34|#39|#x22|#x27|ldquo|rdquo|lsquo|rsquo);")
_OPENING = re.compile(f"[ \t\n]*[{QUOTES}]+")
_CLOSING = re.compile(f"[{QUOTES}][,;]?$")
_BASE64_TEXT = re.compile("[A-Za-z0-9+/]{16,}={0,2}")
_KEY_STARTS = ("ssh-", "ecdsa-", "sk-", "rsa-", "-----BEGIN ", "---- BEGIN ")


@dataclass(frozen=True, slots=True, repr=False)
class Wrapping:
    """
    A wrapping that was found.

    Args:
        reason: one of core.reasons.
        description: for people.
        at: its offset in the text.
        inner: what the text may read without it; the likeliest first.
    """

    reason: Reason
    description: str
    at: int | None
    inner: tuple[str, ...]


def percent_encoded(text: str) -> Wrapping | None:
    """Find percent-encoding (RFC 3986, section 2.1), and ``+`` for spaces with it."""
    as_form = text.lstrip(" \t\n").startswith(f"{KEY_TYPE}+")
    at = text.index("+") if as_form else _first(_PERCENT, _PERCENT_END, text)
    if at is None:
        return None
    return Wrapping(
        "percent_encoded",
        "The key is percent-encoded, once more than it was decoded. Send it as it is in the file, "
        "in the body of a POST, or encode it once.",
        at,
        ((unquote_plus if as_form else unquote)(text),),
    )


def escaped(text: str) -> Wrapping | None:
    """Find the escapes of JSON strings and of the shell."""
    at = _first(_ESCAPE, _ESCAPE_END, text)
    if at is None:
        return None
    return Wrapping(
        "escaped",
        r"There are escapes such as \n, \/ or \u002B, which were never turned back into what they "
        "mean. Send the key as it is in the file.",
        at,
        (_ESCAPE.sub(_unescaped, text),),
    )


def _unescaped(escape: re.Match[str]) -> str:
    letters = escape.group()[1:]
    return chr(int(letters[1:], 16)) if letters.startswith("u") else _ESCAPED.get(letters, letters)


def quoted(text: str) -> Wrapping | None:
    """Find quotes of any kind around the text; also HTML's, also only before it."""
    plain = _HTML_QUOTES.sub('"', text)
    opening = _OPENING.match(plain)
    if opening is None or plain.lstrip(" \t\n").startswith("```"):
        return None
    inner = plain[opening.end() :].rstrip(" \t\n")
    closing = _CLOSING.search(inner)
    return Wrapping(
        "quoted",
        "There are quotes around the key. Remove them.",
        len(text) - len(text.lstrip(" \t\n")),
        (inner[: closing.start()] if closing else inner,),
    )


def base64_of_a_line(text: str) -> Wrapping | None:
    """Find base64 of the whole line, as Kubernetes secrets have it."""
    joined = re.sub("[ \t\n]+", "", text)
    if not _BASE64_TEXT.fullmatch(joined) or len(joined) % 4:
        return None
    inner = a2b_base64(joined).decode("latin-1")
    if not inner.lstrip(" \t\r\n").startswith(_KEY_STARTS):
        return None
    return Wrapping(
        "double_base64",
        "The whole line is encoded in base64 once more. Decode it: base64 -d",
        None,
        (inner,),
    )


def _first(anywhere: re.Pattern[str], at_the_end: re.Pattern[str], text: str) -> int | None:
    """Find a pattern in the type or base64 (a text that is no line is all of it), or at the end."""
    head = _HEAD.match(text) if "BEGIN" not in text else None
    found = anywhere.search(text, 0, head.end() if head else len(text))
    if found:
        return found.start()
    stop = len(text.rstrip(" \t\n"))
    start = max(0, stop - _TAIL)
    # Only the tail is looked at: a search for the end begins again at each place.
    found = at_the_end.search(text[start:stop])
    return start + found.start() if found else None


WRAPPINGS = (quoted, percent_encoded, escaped, base64_of_a_line)
