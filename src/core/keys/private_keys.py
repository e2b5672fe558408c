"""
Find a private key in what was sent, however it is wrapped.

Two things give a private key away: texts (the armour of PEM, PuTTY, PGP, JWK) and the first bytes
of its binary forms. Both are looked for in the text as it is and as it reads once NULs (UTF-16),
percent-encoding, backslash escapes and base64 are removed. Only the kind is ever told.

Every scan is linear, and looks at the first 64 KiB.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

SCAN_LIMIT = 64 * 1024
BASE64_LAYERS = 2
PERCENT_LAYERS = 2

# What a private key cannot do without, unless it has one of the texts of _may_hold_one: an escape,
# a byte that is no ASCII, or a run of base64.
_TRACE = re.compile(r"[^ -$'-\[\]-~\r\n\t]|[A-Za-z0-9+/]{16}")

# "private key" is armour after BEGIN or END that follows dashes of any kind, or after a label of a
# known kind; in a sentence it is not. Words and what is between them share no character:
# else a text could be divided into them in so many ways that trying them all takes minutes.
_ARMOUR = re.compile(
    r"(?:[^a-z0-9\s]\s?(?:begin|end)[^a-z]{1,8}(?:[a-z]{1,12}[^a-z]{1,8}){0,3}"
    r"|(?<![a-z])(?:begin|end)[^a-z]{1,8}"
    r"(?:(?:rsa|dsa|ec|openssh|encrypted|ssh2|pgp)[^a-z]{1,8}){1,2})"
    r"private[^a-z]{1,8}key"
)
_ARMOUR_KINDS = {
    "openssh": "an OpenSSH private key",
    "ssh2": "an SSH2 private key",
    "pgp": "a PGP private key",
    "encrypted": "an encrypted private key",
}
# A text, in lower case, that private keys contain; a pattern that must match too, where the word
# alone could be met elsewhere; the kind.
_SIGNS = (
    ("putty-user-key-file", None, "a PuTTY private key (.ppk)"),
    ("private-lines:", None, "a PuTTY private key (.ppk)"),
    ("private-mac:", None, "a PuTTY private key (.ppk)"),
    ("ssh private key file format", None, "an SSH-1 private key"),
    ("openssh-key-v1", None, "an OpenSSH private key"),
    ("private-key-format:", None, "a DNSSEC private key"),
    ("privateexponent", None, "the private half of an RSA key, written out"),
    ("private-key", re.compile(r"[(-]private-key\s{0,8}\(|11:private-key"), "a GnuPG private key"),
    ("age-secret-key-1", None, "an age secret key"),
    ("sign encrypted secret key", None, "a minisign secret key"),
    ("signify secret key", None, "a signify secret key"),
    ("privatekey", re.compile(r"privatekey\s{0,8}="), "a WireGuard private key"),
    ('"kty"', re.compile(r'"(?:d|dp|dq|qi)"\s{0,8}:\s{0,8}"'), "a private key as JWK"),
    ("<rsakeyvalue>", re.compile("<d>"), "an RSA private key as XML"),
)

# The first bytes of DER forms, each a SEQUENCE that begins as no public key does. The text is
# Latin-1: one character a byte.
_DER_LENGTH = r"(?:[\x00-\x7f]|\x81.|\x82..|\x83...)"
_PKCS = r"\x2a\x86\x48\x86\xf7\x0d\x01"
_BINARY = (
    # Version 0 or 1, then a number (RSA, DSA), the secret (EC) or an algorithm (PKCS#8).
    (
        rf"0{_DER_LENGTH}\x02\x01[\x00\x01](?:[\x02\x04]|0{_DER_LENGTH}\x06)",
        "a private key in DER or PEM",
    ),
    (rf"0{_DER_LENGTH}\x02\x01\x03\x30", "a PKCS#12 container with a private key"),
    # An algorithm of PKCS#5 or PKCS#12 that encrypts with a password.
    (
        rf"0{_DER_LENGTH}0{_DER_LENGTH}\x06(?:\x09{_PKCS}\x05|\x0a{_PKCS}\x0c\x01)",
        "an encrypted private key",
    ),
    (r"openssh-key-v1\x00", "an OpenSSH private key"),
    (r"\x3f\x6f\xf9\xeb", "an SSH2 private key"),
)
_BINARY_START = re.compile("|".join(f"({pattern})" for pattern, _ in _BINARY), re.DOTALL)
_BINARY_KINDS = tuple(kind for _, kind in _BINARY)
# A secret-key packet, version 4, of an algorithm in use (RFC 9580, section 5.5). So few bytes are
# met by chance in the lines of a key, so they count at the very start only.
_PGP_START = re.compile(
    r"(?:[\x94\x9c].|[\x95\x9d]..|\xc5[\x00-\xbf]|\xc5[\xc0-\xdf].|\xc5\xff....)"
    r"\x04....[\x01\x10\x11\x12\x13\x16]",
    re.DOTALL,
)

# Where base64 of such bytes may begin: 0x30 is "M" and a letter up to "P"; "P2/5" is that of SSH2.
_ENCODED_START = re.compile(r"(?<![A-Za-z0-9+/])(?:M[A-P]|P2/5)[A-Za-z0-9+/]{12,30}")
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/]{16,}")
_CODE_POINT_ESCAPE = re.compile(r"\\(?:u00|x)([0-9A-Fa-f]{2})")
_LINE_ESCAPES = ("\\r", "\\n", "\\t")


def find_private_key(body: str | bytes) -> str | None:
    """Name the kind of private key that is in there, for people; None when there is none."""
    scanned = body[:SCAN_LIMIT]
    text = scanned.decode("latin-1") if isinstance(scanned, bytes) else scanned
    return _find(text) if _may_hold_one(text) else None


def _may_hold_one(text: str) -> bool:
    """Clear most comments quickly; the search itself takes longer than parsing the key."""
    lowered = text.lower()
    return "key" in lowered or "priv" in lowered or "kty" in lowered or bool(_TRACE.search(text))


def _find(text: str, layers: int = BASE64_LAYERS) -> str | None:
    for view in _views(text):
        kind = _kind_by_words(view) or _kind_by_first_bytes(view) or _kind_by_packet(view)
        if kind:
            return kind
    return _find_in_base64(view, layers) if layers else None


def _views(text: str) -> Iterator[str]:
    """Yield the text as it is, then with one wrapping after the other removed."""
    yield text
    if "\0" in text:  # UTF-16 and UTF-32 of ASCII
        text = text.replace("\0", "")
        yield text
    for _ in range(PERCENT_LAYERS):
        if "%" in text:
            text = unquote_to_bytes(text.encode("latin-1", "replace")).decode("latin-1")
            yield text.replace("+", " ")
            yield text
    if "&" in text:
        text = unescape(text)
        yield text
    if "\\" in text:
        for escape in _LINE_ESCAPES:
            text = text.replace(escape, "\n")
        if "\\u00" in text or "\\x" in text:
            text = _CODE_POINT_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)
        yield text.replace("\\", "")


def _kind_by_words(text: str) -> str | None:
    lowered = text.lower()
    armour = _ARMOUR.search(lowered) if "private" in lowered else None
    if armour:
        return next(
            (kind for word, kind in _ARMOUR_KINDS.items() if word in armour.group()),
            "a private key in PEM",
        )
    for word, confirming, kind in _SIGNS:
        if word in lowered and (confirming is None or confirming.search(lowered)):
            return kind
    return None


def _kind_by_first_bytes(text: str) -> str | None:
    found = _BINARY_START.match(text.lstrip("\r\n\t "))
    if found and found.lastindex:
        return _BINARY_KINDS[found.lastindex - 1]
    return None


def _kind_by_packet(text: str) -> str | None:
    return "a PGP private key" if _PGP_START.match(text) else None


def _find_in_base64(text: str, layers: int) -> str | None:
    for start in _ENCODED_START.finditer(text):
        kind = _kind_by_first_bytes(_decoded(start.group()))
        if kind:
            return kind
    joined = "".join(text.replace(">", " ").replace("|", " ").split())
    runs = _BASE64_RUN.findall(joined)
    if not runs:
        return None
    kind = _find("\n".join(map(_decoded, runs)), layers - 1)  # sees a PGP packet in the first run
    # A run may follow another word without a space: its base64 then begins in another phase.
    for phase in (1, 2, 3):
        decoded = "\n".join(_decoded(run[phase:]) for run in runs)
        kind = kind or _kind_by_words(decoded.replace("\0", ""))
    return kind


def _decoded(run: str) -> str:
    """Decode as many whole groups of four characters as there are; one character a byte."""
    return a2b_base64(run[: len(run) // 4 * 4]).decode("latin-1")
