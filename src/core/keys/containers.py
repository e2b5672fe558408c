"""
The ways of writing a public key that have one meaning: a line, a broken line, RFC 4716, PEM.

Each is read strictly and normalised to a ``RsaPublicKey``. Refusals here are curt;
``core.keys.reading`` explains them.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections import deque

from core.errors import MalformedPublicKey
from core.keys.rsa_key import (
    FORBIDDEN,
    KEY_TYPE,
    SPACES_AND_TABS,
    RsaPublicKey,
    announced_length,
    decode_base64,
    parse_blob,
    parse_line,
    read_comment,
)
from core.places import BYTE_ORDER_MARK

SSH2_LABEL = "SSH2 PUBLIC KEY"  # RFC 4716, section 3
PEM_LABELS = ("PUBLIC KEY", "RSA PUBLIC KEY")  # SubjectPublicKeyInfo, and PKCS#1
# How the block of each label begins and ends.
BLOCKS = {
    SSH2_LABEL: (f"---- BEGIN {SSH2_LABEL} ----", f"---- END {SSH2_LABEL} ----"),
    **{label: (f"-----BEGIN {label}-----", f"-----END {label}-----") for label in PEM_LABELS},
}
MAX_HEADER_VALUE = 1024  # bytes (RFC 4716, section 3.3)
RFC4716_HEADER = re.compile(r"([!-9;-~]{1,64}):[ \t]*(.*)")
# rsaEncryption with NULL parameters (RFC 3279, section 2.3.1), and how early in the DER it begins.
RSA_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")
ALGORITHM_REACH = 24

_LINE_BREAK = re.compile("\r{1,2}\n")
_TYPE_AND_SPACES = re.compile(f"{KEY_TYPE}(?:[ \t]*\n[ \t\r\n]*|[ \t]+)")
_SPACE_RUN = re.compile("[ \t]+")
_BASE64 = re.compile("[A-Za-z0-9+/]*")
LENGTHS_REACH = 64  # characters of base64 that hold the length fields of any sensible key


def unify_line_breaks(text: str) -> str:
    r"""Make ``\r\n`` and ``\r\r\n`` a ``\n``, and leave out a byte order mark."""
    if "\r" in text:
        text = _LINE_BREAK.sub("\n", text)
    return text.removeprefix(BYTE_ORDER_MARK)


def offset_as_sent(text: str, offset: int) -> int:
    """Return where in a text something is that is at an offset once its line breaks are unified."""
    offset += text.startswith(BYTE_ORDER_MARK)
    for line_break in _LINE_BREAK.finditer(text):
        if line_break.start() >= offset:
            break
        offset += len(line_break.group()) - 1
    return offset


def read_container(text: str) -> RsaPublicKey:
    """
    Read a key in any of the accepted forms.

    Args:
        text: its line breaks unified; outer spaces do not count, nor carriage returns at the end.

    Raises:
        MalformedPublicKey: if it is not exactly one key.
    """
    text = text.lstrip(" \t\n").rstrip(" \t\r\n")
    if text.startswith("-"):
        return _read_block(text)
    try:
        return parse_line(text)
    except MalformedPublicKey:
        start = _TYPE_AND_SPACES.match(text)
        if start is None:
            raise
    rest = text[start.end() :]
    if "\n" in rest:
        return _read_broken_lines(rest)
    if "\n" in start.group():
        try:  # the base64 is whole: there is no second reading
            return parse_line(f"{KEY_TYPE} {rest}")
        except MalformedPublicKey:
            pass
    return _read_equal_pieces(rest)


def restore_plus(rest: str) -> RsaPublicKey:
    """
    Read what follows ``ssh-rsa`` on a line, reading the spaces inside the base64 as lost ``+``.

    Raises:
        MalformedPublicKey: if that makes no key.
    """
    restored = rest.replace(" ", "+").replace("\t", "+")
    length = announced_characters(restored)
    if rest[length : length + 1] not in {"", " ", "\t"}:
        raise MalformedPublicKey("The key is followed by something.", reason="trailing_data")
    return parse_blob(decode_base64(restored[:length]), read_comment(rest[length:]))


def read_der(der: bytes, label: str) -> RsaPublicKey:
    """
    Read an RSA public key in DER; it must re-encode to the same bytes.

    Args:
        der: the bytes.
        label: the PEM label that says which structure it is, one of PEM_LABELS.

    Raises:
        MalformedPublicKey: wrong_key_type, bad_der.
    """
    if label == "PUBLIC KEY" and RSA_ALGORITHM not in der[:ALGORITHM_REACH]:
        raise MalformedPublicKey("Not an RSA key.", reason="wrong_key_type")
    # Loaded here: it takes longer than all else in core, and few keys come as PEM.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - as said above
    from cryptography.hazmat.primitives.asymmetric.rsa import (  # noqa: PLC0415 - as said above
        RSAPublicKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - as said above
        Encoding,
        PublicFormat,
        load_der_public_key,
    )

    try:
        loaded = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        loaded = None
    structure = (
        PublicFormat.PKCS1 if label == "RSA PUBLIC KEY" else PublicFormat.SubjectPublicKeyInfo
    )
    if not isinstance(loaded, RSAPublicKey) or loaded.public_bytes(Encoding.DER, structure) != der:
        raise MalformedPublicKey("Not exactly one RSA public key.", reason="bad_der")
    numbers = loaded.public_numbers()
    return RsaPublicKey.from_numbers(numbers.e, numbers.n)


def join_pieces(text: str) -> str:
    """
    Join base64 that was broken at line breaks, at any widths, or at spaces, at one width.

    Spaces may also be what is left of ``+``: only equal widths tell the two apart.

    Raises:
        MalformedPublicKey: bad_base64.
    """
    text = text.strip(" \t\n")
    if "\n" in text:
        return "".join(line.strip(SPACES_AND_TABS) for line in text.split("\n"))
    pieces = _SPACE_RUN.split(text)
    *whole, last = map(len, pieces)
    if len(set(whole)) > 1 or (whole and last > whole[0]):
        raise MalformedPublicKey("Spaces inside the base64.", reason="bad_base64")
    return "".join(pieces)


def _read_broken_lines(rest: str) -> RsaPublicKey:
    """Read base64 broken at line breaks; only the last line may have a comment."""
    *lines, last = (line.strip(SPACES_AND_TABS) for line in rest.split("\n"))
    piece, *comment = _SPACE_RUN.split(last, maxsplit=1)
    blob = decode_base64("".join([*lines, piece]))
    return parse_blob(blob, read_comment("".join(comment)))


def _read_equal_pieces(rest: str) -> RsaPublicKey:
    """
    Read base64 broken at spaces into pieces of one width, and a comment.

    The length fields say where the base64 ends. If reading the spaces as ``+`` makes a key too,
    that is what it was: joined, it would be *another* key, which a comment as long as what was lost
    completes.
    """
    length = announced_characters(_SPACE_RUN.sub("", rest))
    width = len(_SPACE_RUN.split(rest, maxsplit=1)[0])
    count = -(-length // width)
    fields = _SPACE_RUN.split(rest, maxsplit=count)
    blob = decode_base64(join_pieces(" ".join(fields[:count])))
    key = parse_blob(blob, read_comment("".join(fields[count:])))
    try:
        restore_plus(rest)
    except MalformedPublicKey:
        return key
    raise MalformedPublicKey("Two readings.", reason="plus_lost")


def announced_characters(encoded: str) -> int:
    """How many characters of base64 the key that begins so has, by its own length fields."""
    letters = _BASE64.findall(encoded[:LENGTHS_REACH])[0]
    length = announced_length(a2b_base64(letters[: len(letters) // 4 * 4]))
    return -(-length // 3) * 4


def _read_block(text: str) -> RsaPublicKey:
    for label, (opening, closing) in BLOCKS.items():
        if text.startswith(opening) and text.endswith(closing):
            content = text[len(opening) : -len(closing)]
            if label == SSH2_LABEL:
                return _read_rfc4716(content)
            return read_der(decode_base64(join_pieces(content)), label)
    raise MalformedPublicKey("No block of a public key.", reason="not_a_key")


def _read_rfc4716(content: str) -> RsaPublicKey:
    """
    Read the content of an RFC 4716 block. The comment is that of its Comment header.

    Lines may be longer than the 72 bytes that the RFC allows, or all joined to one.
    """
    if FORBIDDEN.search(content):
        raise MalformedPublicKey("A control character.", reason="control_character")
    comment, body = split_headers(content)
    return parse_blob(decode_base64(join_pieces(body)), comment)


def split_headers(content: str) -> tuple[str, str]:
    """
    Split the content of an RFC 4716 block into its comment, without quotes, and its base64.

    A header goes on in the next line where its line ends in a backslash.

    Raises:
        MalformedPublicKey: too_long, if a header value is longer than the RFC allows; as
            read_comment does.
    """
    lines = deque(line.strip(SPACES_AND_TABS) for line in content.strip(" \t\n").split("\n"))
    comment = ""
    while lines and RFC4716_HEADER.fullmatch(lines[0]):
        header = [lines.popleft()]
        while header[-1].endswith("\\") and lines:
            header[-1] = header[-1][:-1]
            header.append(lines.popleft())
        tag, _, value = "".join(header).partition(":")
        value = value.strip(SPACES_AND_TABS)
        if len(value.encode()) > MAX_HEADER_VALUE:
            raise MalformedPublicKey(
                f"A header of the block is longer than {MAX_HEADER_VALUE} bytes. Remove it.",
                reason="too_long",
            )
        if tag.lower() == "comment":
            comment = read_comment(_unquoted(value))
    return comment, "\n".join(lines)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
