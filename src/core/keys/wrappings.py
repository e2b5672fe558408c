"""
The wrappings that people put around keys: encodings, escapes, quotes. One list for all who unwrap.

Each row says where its wrapping is in the way of a public key, and what the text reads without it.
It is in the way in the type or the base64, around them, or at the very end; in the comment, and in
the headers of an RFC 4716 block, it is a part of what was written there.

Whoever looks for private keys (``core.keys.private_keys``) asks each row for its readings instead:
what the text, or any part of it, may be without the wrapping. A row has them without more code;
one of ``core.keys.unwrapping`` where a private key is to be found in a part of the text, too.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, a2b_qp, b2a_base64
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from core.keys import unwrapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.reasons import Reason

QUOTES = "\"'`\u2018-\u201f\u2039\u203a\u00ab\u00bb\u300c-\u300f\uff02\uff07"

_HEAD = re.compile("[ \t\n]*[^ \t\n]+[ \t\n]+[^ \t\n]+[ \t\n]")  # type and base64
# The headers of an RFC 4716 block, also below the quote marks of a mail.
_HEADERS = re.compile(
    r"BEGIN SSH2 PUBLIC KEY[- \t]*\n"
    r"((?:[>| \t]*(?=[^>| \t\n])[!-9;-~]{1,64}:[^\n]*(?:(?<=\\)\n[^\n]*)*\n)*)"
)
_PERCENT = re.compile("%[0-9A-Fa-f]{2}")
_PERCENT_END = re.compile("(?:%0[AaDd])+$")
_PERCENT_MARK = re.compile("%[0-7][0-9A-Fa-f]|(?:%[89A-Fa-f][0-9A-Fa-f])+")
_ESCAPE = re.compile(r'\\(?:[nrt/"]|u[0-9A-Fa-f]{4})|\\(?=\n)')
_ESCAPE_END = re.compile(r"(?:\\[nrt])+$")
MOST_MARKS = 500  # that are counted to tell a place; a key in a wrapping has some ten
_TAIL = 12  # characters at the end that are looked at for an encoded line break
_ESCAPED = {"n": "\n", "r": "", "t": "\t", "": ""}
# A soft line break inside base64, and the characters of a key that mail programs encode.
_QUOTED_PRINTABLE = re.compile("=(?:[ \t]*\n(?=[A-Za-z0-9+/=])|(?:3D|2B|2F|20|0A|0D|09))")
_QUOTED_PRINTABLE_MARK = re.compile("=[ \t]*\n|=[0-7][0-9A-F]|(?:=[89A-F][0-9A-F])+")
_A_QUOTE = f"(?:[{QUOTES}]|&(?:quot|apos|#34|#39|#x22|#x27|ldquo|rdquo|lsquo|rsquo);)"
_OPENING = re.compile(f"[ \t\n]*{_A_QUOTE}")
_QUOTE_MARK = re.compile(rf"\A[ \t\n]*{_A_QUOTE}+|{_A_QUOTE}[,;]?[ \t\n]*\Z")
_BASE64_TEXT = re.compile("[A-Za-z0-9+/]{16,}={0,2}")
# LDIF (RFC 2849): an attribute in base64; lines that begin with a space continue the one before.
_LDIF_BASE64 = re.compile(
    "(?m)^([A-Za-z][A-Za-z0-9;.-]{0,63})::[ \t]*([A-Za-z0-9+/=]+(?:\n [A-Za-z0-9+/=]+)*)$"
)
_KEY_STARTS = ("ssh-", "ecdsa-", "sk-", "rsa-", "-----BEGIN ", "---- BEGIN ")
_LONGEST_KEY = 8 * 1024  # bytes, of what is decompressed to read a key in it
_COMPRESSED_STARTS = (
    "H4sI",
    "eJ",
    "eAE",
    "eF",
    "eNo",
    "eNp",
)  # base64 of gzip's and zlib's headers
_HEX_SEPARATORS = re.compile(r"0x|\\x|[ \t\n:,]")
_HEX = re.compile("(?:[0-9A-Fa-f]{2}){50,}")


class Wrapping(NamedTuple):
    """
    A kind of wrapping.

    Args:
        name: of the kind.
        reason: why a key in it is refused.
        description: for people.
        find: where in a text it is in the way of a key; None where it is not.
        decode: what a text reads without it, wherever in it the wrapping is.
        mark: what it has put into the text, where it leaves the rest as it is.
        plain: what a mark stands for.
        anywhere: what a text, or parts of it, may read without it, wherever in it the wrapping is,
            none longer than a number of characters; by default what ``decode`` returns.
        of_bytes: whether bytes that are no text may be in it, and so be looked at.
    """

    name: str
    reason: Reason
    description: str
    find: Callable[[str], int | None]
    decode: Callable[[str], str]
    mark: re.Pattern[str] | None = None
    plain: Callable[[re.Match[str]], str] = lambda _: ""
    anywhere: Callable[[str, int], Iterable[str]] | None = None
    of_bytes: bool = False

    def readings(self, text: str, limit: int) -> Iterable[str]:
        """Return what a text, or parts of it, may be without it: for the search of private keys."""
        return self.anywhere(text, limit) if self.anywhere else (self.decode(text),)

    def unwrap(self, text: str) -> str:
        """Take it off, but for the headers of an RFC 4716 block, which may hold anything."""
        start, end = headers_in(text) if self.mark else (0, 0)
        if start == end:
            return self.decode(text)
        return self.decode(text[:start]) + text[start:end] + self.decode(text[end:])

    def place_outside(self, text: str, inside: int) -> int | None:
        """
        Return where in the text that is which is at an offset of what it decodes to.

        None where no one place can be told, or where telling it takes too long.
        """
        if self.mark is None:
            return None
        start, end = headers_in(text)
        added = 0
        for number, mark in enumerate(self.mark.finditer(text)):
            if number == MOST_MARKS:
                return None
            if start <= mark.start() < end:
                continue
            if mark.start() - added >= inside and mark.start():
                break
            added += len(mark.group()) - len(self.plain(mark))
        return inside + added


def headers_in(text: str) -> tuple[int, int]:
    """Return where the headers of an RFC 4716 block begin and end; twice the same for none."""
    found = _HEADERS.search(text) if "SSH2" in text else None
    return found.span(1) if found else (0, 0)


def _first_word(text: str) -> int:
    return len(text) - len(text.lstrip(" \t\n"))


def _is_form(text: str) -> bool:
    return text.lstrip(" \t\n").startswith("ssh-rsa+")


def _find_percent(text: str) -> int | None:
    return text.index("+") if _is_form(text) else _first(_PERCENT, _PERCENT_END, text)


def _decode_percent(text: str) -> str:
    return unquote(text.replace("+", " ") if _is_form(text) else text)


def _percent_plain(mark: re.Match[str]) -> str:
    return unquote(mark.group())


def _find_escape(text: str) -> int | None:
    return _first(_ESCAPE, _ESCAPE_END, text)


def _decode_escapes(text: str) -> str:
    return _ESCAPE.sub(_escape_plain, text)


def _escape_plain(mark: re.Match[str]) -> str:
    letters = mark.group()[1:]
    return chr(int(letters[1:], 16)) if letters.startswith("u") else _ESCAPED.get(letters, letters)


def _find_quoted_printable(text: str) -> int | None:
    start, end = headers_in(text)
    for found in _QUOTED_PRINTABLE.finditer(text):
        if not start <= found.start() < end:
            return found.start()
    return None


def _decode_quoted_printable(text: str) -> str:
    return _QUOTED_PRINTABLE_MARK.sub(_quoted_printable_plain, text)


def _quoted_printable_plain(mark: re.Match[str]) -> str:
    return a2b_qp(mark.group()).decode(errors="replace")


def _find_quotes(text: str) -> int | None:
    """Find quotes of any kind around the text; also HTML's, also only before it."""
    if _OPENING.match(text) is None or text.lstrip(" \t\n").startswith("```"):
        return None
    return _first_word(text)


def _decode_quotes(text: str) -> str:
    return _QUOTE_MARK.sub("", text)


def _find_base64(text: str) -> int | None:
    return (
        _first_word(text)
        if _decode_base64(text).lstrip(" \t\r\n").startswith(_KEY_STARTS)
        else None
    )


def _decode_base64(text: str) -> str:
    joined = re.sub("[ \t\n]+", "", text)
    if not _BASE64_TEXT.fullmatch(joined) or len(joined) % 4:
        return ""
    return _as_text(a2b_base64(joined))


def _find_ldif(text: str) -> int | None:
    found = _ldif_key(text)
    return found[0] if found else None


def _decode_ldif(text: str) -> str:
    found = _ldif_key(text)
    return found[1] if found else ""


def _ldif_key(text: str) -> tuple[int, str] | None:
    if ":: " not in text:
        return None
    for found in _LDIF_BASE64.finditer(text):
        value = _decode_base64(found[2])
        if value.lstrip(" \t\r\n").startswith(_KEY_STARTS):
            return found.start(), value
    return None


def _find_hex(text: str) -> int | None:
    return _first_word(text) if _decode_hex(text) else None


def _decode_hex(text: str) -> str:
    """Bytes that are no text are given as base64, as which keys are read."""
    digits = unwrapping.hex_dump(text) or _HEX_SEPARATORS.sub("", text)
    if not _HEX.fullmatch(digits):
        return ""
    return _text_or_base64(bytes.fromhex(digits))


def _find_compressed(text: str) -> int | None:
    return _first_word(text) if _decode_compressed(text) else None


def _decode_compressed(text: str) -> str:
    """Decompress base64; gzip itself is no text, and is told as such before."""
    joined = re.sub("[ \t\n]+", "", text)
    if not joined.startswith(_COMPRESSED_STARTS) or not _BASE64_TEXT.fullmatch(joined):
        return ""
    data = a2b_base64(joined[: len(joined) // 4 * 4])
    text = _text_or_base64(unwrapping.inflate(data, _LONGEST_KEY))
    return text if text.lstrip(" \t\r\n").startswith((*_KEY_STARTS, "AAAAB3Nza", "MI")) else ""


def _text_or_base64(data: bytes) -> str:
    return data.decode("ascii") if data.isascii() and b"\0" not in data else _in_base64(data)


def _in_base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()


def _as_text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _first(anywhere: re.Pattern[str], at_the_end: re.Pattern[str], text: str) -> int | None:
    """Find a pattern in the type or base64 (a text that is no line is all of it), or at the end."""
    head = _HEAD.match(text) if "BEGIN" not in text else None
    start, end = headers_in(text)
    for found in anywhere.finditer(text, 0, head.end() if head else len(text)):
        if not start <= found.start() < end:
            return found.start()
    stop = first = len(text.rstrip(" \t\n"))
    # Only a tail is looked at, and then what is before: a search begins again at each place.
    while found_last := at_the_end.search(text, max(0, first - _TAIL), first):
        first = found_last.start()
    return first if first < stop else None


def _nowhere(_text: str) -> None:
    """Find nothing: a reason of its own tells of it, before wrappings are removed."""


def _unchanged(text: str) -> str:
    return text


WRAPPINGS = (
    Wrapping(
        "quotes",
        "quoted",
        "There are quotes around the key. Remove them.",
        _find_quotes,
        _decode_quotes,
        _QUOTE_MARK,
        anywhere=unwrapping.nothing_else,
    ),
    Wrapping(
        "percent-encoding",
        "percent_encoded",
        "The key is percent-encoded, once more than it was decoded. Send it as it is in the file, "
        "in the body of a POST, or encode it once.",
        _find_percent,
        _decode_percent,
        _PERCENT_MARK,
        _percent_plain,
        unwrapping.percent_decoded,
    ),
    Wrapping(
        "escapes",
        "escaped",
        r"There are escapes such as \n, \/ or \u002B, which were never turned back into what they "
        "mean. Send the key as it is in the file.",
        _find_escape,
        _decode_escapes,
        _ESCAPE,
        _escape_plain,
        unwrapping.unescaped,
    ),
    Wrapping(
        "base64",
        "double_base64",
        "The whole line is encoded in base64 once more. Decode it: base64 -d",
        _find_base64,
        _decode_base64,
        anywhere=unwrapping.base64_decoded,
    ),
    Wrapping(
        "LDIF",
        "double_base64",
        "The key is the value of an LDIF attribute in base64 (two colons). Decode it: base64 -d",
        _find_ldif,
        _decode_ldif,
    ),
    # After LDIF's: the padding at the end of a line of base64 looks like a soft line break.
    Wrapping(
        "quoted-printable",
        "escaped",
        "The key is quoted-printable, as mail programs write it: a = ends each line, or is "
        "followed by two digits. Send the key as it is in the file.",
        _find_quoted_printable,
        _decode_quoted_printable,
        _QUOTED_PRINTABLE_MARK,
        _quoted_printable_plain,
        unwrapping.quoted_printable_decoded,
    ),
    Wrapping(
        "hexadecimal",
        "not_a_key",
        "This is a key in hexadecimal. Turn it back into bytes and write them as OpenSSH or PEM "
        "does. DER: xxd -r -p key.hex | openssl rsa -pubin -inform DER -pubout. The bytes of an "
        "SSH key: put ssh-rsa and a space in front of what xxd -r -p key.hex | base64 -w0 prints.",
        _find_hex,
        _decode_hex,
        anywhere=unwrapping.hex_decoded,
    ),
    Wrapping(
        "compression",
        "not_text",
        "This is base64 of a key that is compressed with gzip or zlib. Send the text inside: "
        "base64 -d | gunzip",
        _find_compressed,
        _decode_compressed,
        anywhere=unwrapping.inflated,
        of_bytes=True,
    ),
    Wrapping(
        "entities",
        "bad_base64",
        "There are HTML entities inside the base64.",
        _nowhere,
        _unchanged,
        anywhere=unwrapping.html_decoded,
    ),
    Wrapping(
        "UTF-16",
        "utf16",
        "The text is in UTF-16 or UTF-32.",
        _nowhere,
        _unchanged,
        anywhere=unwrapping.without_nuls,
        of_bytes=True,
    ),
)
