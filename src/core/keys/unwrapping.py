"""
What a text, or parts of it, may read without a wrapping: for the search of private keys.

Where ``core.keys.wrappings`` removes a wrapping that is whole, these look for it anywhere, in
pieces, and beside other text; whoever reads the results knows a private key when there is one.
None of the readings is a text to go on with. A text has one character a byte, as Latin-1 reads
bytes. All together take time in proportion to the text.
"""

from __future__ import annotations

import re
import zlib
from binascii import a2b_base64, a2b_qp
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PARTS = 64  # of a text that are looked at one by one
MOST_STREAMS = 8  # of compressed data in one text
LONGEST_INFLATED = 64 * 1024  # bytes

# Around and between the pieces of a key in a program, in JSON, in a list.
_PUNCTUATION = b"\"'`,;(){}[]\\"
_PERCENT_RUN = re.compile("%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*")
_ONE_PERCENT = 3  # characters
_ENTITY = re.compile("&(?:#[0-9]{1,6}|#[xX][0-9A-Fa-f]{1,5}|[A-Za-z]{2,8});")
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[0-3][0-7]{2}|.)", re.DOTALL)
_LINE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "0": "\0", "\n": ""}
_SOFT_OR_CODED = re.compile("=(?:[0-9A-F]{2}|[ \t]*\r?\n)")
_UTF16 = 8  # at least one character in so many is NUL
# How base64 begins of what is told by its first bytes: a DER SEQUENCE (0x30 is "M" and a letter up
# to "P"), SSH2's, Java's, PVK.
_ENCODED_START = re.compile(
    r"(?:M(?<![A-Za-z0-9+/]M)[\s>|]{0,4}[A-P]|P2/5|/u3\+7|zs7Oz|HvG1s)[A-Za-z0-9+/\s>|]{12,400}"
)
_PIECES = re.compile(r"[\s>|]+")
_START = 64  # characters of base64 that hold the first bytes
_AROUND_PIECES = b" \t\r\n>|"
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_OTHERS_AS_SPACES = bytes(each if each in _LETTERS else 0x20 for each in range(256))
_SHORTEST_RUN = 16  # characters of base64
# A run may follow a word without a space, and so begin in another phase; then so much is looked at.
_PHASES, _LATE_START = range(1, 4), 2 * 1024
_BETWEEN_DIGITS = _PUNCTUATION + b" \t\r\n:>|.-"
_DIGITS = b"0123456789ABCDEFabcdef"
_NO_DIGITS_AS_SPACES = bytes(each if each in _DIGITS else 0x20 for each in range(256))
_SHORTEST_HEX = 32  # digits
_HEX_REACH = 12  # digits that a word before may seem to have
_HEX_START = 128  # digits that hold the first bytes
# The lines of xxd, hexdump and od: an offset, the bytes, and perhaps what they print.
_DUMP = re.compile(r"(?m)^[ \t>]*0{4,16}:?[ \t]")
_DUMP_LINE = re.compile(
    r"(?m)^[ \t>]*[0-9A-Fa-f]{4,16}:?[ \t]+"
    r"((?:[0-9A-Fa-f]{2}){1,8}(?:[ \t]{1,2}[0-9A-Fa-f]{2,16}){0,63})[ \t]*(\|?)"
)
_GZIP = re.compile("\x1f\x8b\x08")
_ZLIB = ("\x78\x01", "\x78\x5e", "\x78\x9c", "\x78\xda")
_CHUNK = 256  # bytes that are decompressed at once
_EITHER_HEADER = 47  # zlib's code for: gzip or zlib, as the header says


def nothing_else(_text: str, _limit: int) -> tuple[str, ...]:
    """Return nothing: what is in quotes is found there; base64 and digits may go on behind them."""
    return ()


def percent_decoded(text: str, _limit: int) -> Iterator[str]:
    """Decode it; ``+`` is a space in a form, and itself elsewhere."""
    if _PERCENT_RUN.search(text):
        yield _PERCENT_RUN.sub(_percent_plain, text)
        if "+" in text and " " not in text and "\n" not in text:
            yield _PERCENT_RUN.sub(_percent_plain, text.replace("+", " "))


def unescaped(text: str, _limit: int) -> Iterator[str]:
    """Read the escapes of JSON, C, Python and shells."""
    if "\\" in text:
        yield _ESCAPE.sub(_escape_plain, text)


def html_decoded(text: str, _limit: int) -> Iterator[str]:
    """Read the entities of HTML and XML."""
    if "&" in text:
        yield _ENTITY.sub(_entity_plain, text)


def without_nuls(text: str, _limit: int) -> Iterator[str]:
    """Read UTF-16 and UTF-32 of ASCII."""
    if text.count("\0") * _UTF16 > len(text):
        yield text.replace("\0", "").removeprefix("\xff\xfe").removeprefix("\xfe\xff")


def quoted_printable_decoded(text: str, _limit: int) -> Iterator[str]:
    """Read what mail programs write."""
    if _SOFT_OR_CODED.search(text):
        yield a2b_qp(_bytes_of(text)).decode("latin-1")


def base64_decoded(text: str, _limit: int) -> Iterator[str]:
    """
    Decode base64 anywhere, in pieces of any length, that may follow a word without a space.

    What begins as a binary private key does is read by itself; then all runs, in each phase.
    """
    for found in islice(_ENCODED_START.finditer(text), MOST_PARTS):
        yield _from_base64("".join(_PIECES.split(found.group()))[:_START].encode())
    data = _bytes_of(text)
    joined = data.translate(None, _AROUND_PIECES)
    if joined != data:
        yield _from_base64(*_base64_runs(data))
    in_list = joined.translate(None, _PUNCTUATION)
    if in_list != joined:
        yield _from_base64(*_base64_runs(joined))
    runs = _base64_runs(in_list)
    yield _from_base64(*runs)
    for phase in _PHASES if runs else ():
        yield _from_base64(*[run[phase : phase + _LATE_START] for run in runs])
    if (b"-" in joined or b"_" in joined) and b"+" not in joined and b"/" not in joined:
        standard = joined.replace(b"-", b"+").replace(b"_", b"/")
        yield _from_base64(*_base64_runs(standard))


def hex_decoded(text: str, _limit: int) -> Iterator[str]:
    """Read hexadecimal digits, with what people and programs put between them, and dumps."""
    dump = hex_dump(text)
    if dump:
        yield _from_hex(dump)
        yield _swapped(dump)
    data = _bytes_of(text).replace(b"0x", b"").replace(b"\\x", b"")
    words = data.translate(_NO_DIGITS_AS_SPACES, _BETWEEN_DIGITS).decode().split()
    for run in islice((word for word in words if len(word) >= _SHORTEST_HEX), MOST_PARTS):
        yield _from_hex(run)
        yield _from_hex(run[1:_LATE_START])
        for start in range(2, _HEX_REACH):
            if run.startswith("30", start):
                yield _from_hex(run[start : start + _HEX_START])


def inflated(text: str, limit: int) -> Iterator[str]:
    """Decompress gzip and zlib, up to a number of bytes."""
    starts = [0] if text.startswith(_ZLIB) else []
    starts += [found.start() for found in islice(_GZIP.finditer(text), MOST_STREAMS)]
    data = _bytes_of(text) if starts else b""
    for start in starts if limit > 0 else ():
        yield inflate(data[start:], min(limit, LONGEST_INFLATED)).decode("latin-1")


def inflate(data: bytes, limit: int) -> bytes:
    """Return what gzip or zlib has compressed, up to so many bytes, and to where it is damaged."""
    stream = zlib.decompressobj(_EITHER_HEADER)
    inflated = b""
    try:
        for start in range(0, len(data), _CHUNK):
            inflated += stream.decompress(data[start : start + _CHUNK], limit - len(inflated))
            if stream.eof or len(inflated) >= limit:
                break
    except zlib.error:
        pass
    return inflated


def hex_dump(text: str) -> str:
    """Return the digits of a dump of xxd, hexdump -C or od -tx1; nothing of any other text."""
    if "0000" not in text or not _DUMP.search(text):
        return ""
    return "".join("".join(_columns(text)).split())


def _columns(text: str) -> list[str]:
    """Return the digits of each line: up to two spaces, but for hexdump's, in the middle."""
    return [
        columns if bar else columns.partition("  ")[0] for columns, bar in _DUMP_LINE.findall(text)
    ]


def _swapped(digits: str) -> str:
    """Read words of two bytes, as hexdump and od -x print them."""
    data = bytearray.fromhex(digits[: len(digits) // 4 * 4])
    data[0::2], data[1::2] = data[1::2], data[0::2]
    return data.decode("latin-1")


def _bytes_of(text: str) -> bytes:
    return text.encode("latin-1", "replace")


def _base64_runs(data: bytes) -> list[bytes]:
    words = data.translate(_OTHERS_AS_SPACES).split()
    return [word for word in words if len(word) >= _SHORTEST_RUN]


def _from_base64(*runs: bytes) -> str:
    """Decode as many whole groups of four characters as there are in each run, and its end."""
    whole = [run[: len(run) // 4 * 4] for run in runs]
    end = runs[-1][len(whole[-1]) :] if runs else b""
    if len(end) > 1:
        whole.append(end.ljust(4, b"="))
    return a2b_base64(b"".join(whole)).decode("latin-1")


def _from_hex(digits: str) -> str:
    return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("latin-1")


# Few escapes are different ones: each is decoded once. What has more of a request than one
# character is not kept: it would stay in the instance's memory, and it may be a key.
@lru_cache(maxsize=512)
def _percent(escape: str) -> str:
    return _from_hex(escape[1:])


def without_entities(text: str) -> str:
    """Replace HTML's entities; their table is loaded when the first one is met."""
    if "&" not in text:
        return text
    from html import unescape  # noqa: PLC0415 - see above

    return unescape(text)


@lru_cache(maxsize=512)
def _entity(entity: str) -> str:
    return without_entities(entity)


@lru_cache(maxsize=512)
def _escaped(escape: str) -> str:
    letters = escape[1:]
    if len(letters) == 1:
        return _LINE_ESCAPES.get(letters, letters)
    if letters[0] in "ux":
        return chr(int(letters[1:], 16))
    return chr(int(letters, 8))


def _percent_plain(found: re.Match[str]) -> str:
    run = found.group()
    return _percent(run) if len(run) == _ONE_PERCENT else _from_hex(run.replace("%", ""))


def _entity_plain(found: re.Match[str]) -> str:
    return _entity(found.group())


def _escape_plain(found: re.Match[str]) -> str:
    return _escaped(found.group())
