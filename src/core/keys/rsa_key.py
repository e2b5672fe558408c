"""
One RSA public key, and the strict grammar of one ``ssh-rsa`` line: the fast path.

    line    = "ssh-rsa" spaces base64 [spaces comment]
    blob    = string "ssh-rsa", mpint exponent, mpint modulus   (RFC 4253, section 6.6)

What is accepted here has one meaning only: the base64 re-encodes to itself, the blob to itself.
Refusals here are curt; ``core.keys.reading`` explains them.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass

from core.errors import MalformedPublicKey
from core.keys.ssh_wire import LENGTH_BYTES, read_mpint, read_string, write_mpint, write_string

KEY_TYPE = "ssh-rsa"
MAX_COMMENT = 256  # characters
SPACES_AND_TABS = " \t"

# What no part of a key may hold: control characters, line and paragraph separators, bidirectional
# overrides, which make a line read otherwise than it is, and lone surrogates, which are no text.
FORBIDDEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# How an SSH blob begins in base64: its first length and two letters of "ssh", "sk", "rsa", "ecdsa"
# or "webauthn". After another letter of base64 it is a part of something else.
BLOB_START = re.compile("(?<![A-Za-z0-9+/])AAAA[A-L][HXn3GWm2](?:Nz|Nr|Jz|Vj|dl)")

# So many characters of base64 in a row, not of hexadecimal alone, may be a part of a private key.
LONG_RUN = re.compile("(?<![A-Za-z0-9+/])(?![0-9A-Fa-f]+(?![A-Za-z0-9+/]))[A-Za-z0-9+/]{60,}")
LONG_RUN_LENGTH = 60

_SECOND_KEY = re.compile(f"{BLOB_START.pattern}|----[ -]BEGIN ")
_TYPE_FIELD = write_string(KEY_TYPE.encode())
_ESCAPED_LINE_ENDS = ("\\n", "\\r", "%0A", "%0a", "%0D", "%0d")


@dataclass(frozen=True, slots=True, repr=False)
class RsaPublicKey:
    """
    An RSA public key as SSH writes it.

    Args:
        blob: its encoding on the wire, the one thing that is fingerprinted.
        modulus: n, positive.
        exponent: e, positive.
        comment: at most 256 characters, no control characters; may be empty.
    """

    blob: bytes
    modulus: int
    exponent: int
    comment: str = ""

    @property
    def bits(self) -> int:
        """The size of the modulus."""
        return self.modulus.bit_length()

    @property
    def line(self) -> str:
        """The one-line form, as it is sent to ENS: ``ssh-rsa BASE64[ comment]``."""
        encoded = b2a_base64(self.blob, newline=False).decode()
        return f"{KEY_TYPE} {encoded} {self.comment}".rstrip(" ")

    def __repr__(self) -> str:
        """Show the size only: what is logged or shown by accident must hold no key."""
        return f"RsaPublicKey(bits={self.bits})"

    def with_comment(self, comment: str) -> RsaPublicKey:
        """Return the same key with another comment, a valid one."""
        return RsaPublicKey(self.blob, self.modulus, self.exponent, comment)

    @classmethod
    def from_numbers(cls, exponent: int, modulus: int, comment: str = "") -> RsaPublicKey:
        """Make the key of two positive numbers."""
        blob = _TYPE_FIELD + write_mpint(exponent) + write_mpint(modulus)
        return cls(blob, modulus, exponent, comment)


def parse_line(line: str) -> RsaPublicKey:
    """
    Read exactly one ``ssh-rsa`` line, without line break or outer spaces.

    Raises:
        MalformedPublicKey: for anything else.
    """
    key_type, _, rest = line.replace("\t", " ").partition(" ")
    if key_type != KEY_TYPE:
        raise MalformedPublicKey(f"Not an {KEY_TYPE} line.", reason="not_a_key")
    encoded, _, comment = rest.lstrip(" ").partition(" ")
    return parse_blob(decode_base64(encoded), read_comment(comment))


def parse_blob(blob: bytes, comment: str = "") -> RsaPublicKey:
    """
    Read an ``ssh-rsa`` blob, with nothing left over.

    Raises:
        MalformedPublicKey: wrong_key_type, truncated, bad_mpint, trailing_data.
    """
    if not blob.startswith(_TYPE_FIELD):
        raise MalformedPublicKey("Not an RSA key.", reason="wrong_key_type")
    exponent, end = read_mpint(blob, len(_TYPE_FIELD))
    modulus, end = read_mpint(blob, end)
    if end != len(blob):
        raise MalformedPublicKey(
            "After the key there is more that does not belong to it, inside its base64 "
            f"(bytes: {len(blob) - end}). Copy it again from the .pub file.",
            reason="trailing_data",
        )
    return RsaPublicKey(blob, modulus, exponent, comment)


def announced_length(head: bytes) -> int:
    """
    How many bytes the blob that begins so has, by its own length fields.

    Raises:
        MalformedPublicKey: truncated, if not all three fields are there.
    """
    _, end = read_string(head, 0)
    _, end = read_string(head, end)
    if end + LENGTH_BYTES > len(head):
        raise MalformedPublicKey("The key is cut off.", reason="truncated")
    return end + LENGTH_BYTES + int.from_bytes(head[end : end + LENGTH_BYTES], "big")


def decode_base64(text: str) -> bytes:
    """
    Decode base64 that is spelled in the one canonical way (RFC 4648, sections 3.3 and 3.5).

    Python's own strictness lets non-zero pad bits and excess padding pass, so what counts is that
    the bytes re-encode to the text.

    Raises:
        MalformedPublicKey: bad_base64.
    """
    try:
        decoded = a2b_base64(text)
    except (Base64Error, ValueError):  # ValueError: not ASCII
        decoded = b""
    if not decoded or b2a_base64(decoded, newline=False) != text.encode():
        raise MalformedPublicKey("The base64 of the key is damaged.", reason="bad_base64")
    return decoded


def read_comment(text: str) -> str:
    """
    Read a comment: outer spaces are stripped, tabs become spaces.

    Raises:
        MalformedPublicKey: multiple_keys, too_long, control_character, escaped, surrounding_text.
    """
    comment = text.replace("\t", " ").strip(" ")
    if ("AAAA" in comment or "BEGIN" in comment) and _SECOND_KEY.search(comment):
        raise MalformedPublicKey("The comment holds another key.", reason="multiple_keys")
    if len(comment) > MAX_COMMENT:
        raise MalformedPublicKey(
            f"The comment is longer than {MAX_COMMENT} characters. Shorten it.", reason="too_long"
        )
    if not comment.isprintable() and (FORBIDDEN.search(comment) or "\n" in comment):
        raise MalformedPublicKey("A control character.", reason="control_character")
    if comment.endswith(_ESCAPED_LINE_ENDS):
        raise MalformedPublicKey("The line ends in an escaped line break.", reason="escaped")
    if len(comment) >= LONG_RUN_LENGTH and LONG_RUN.search(comment):
        raise MalformedPublicKey(
            f"The comment holds {LONG_RUN_LENGTH} or more characters of base64 in a row, which may "
            "be a part of a private key. Send the key without it.",
            reason="surrounding_text",
        )
    return comment
