"""
What private keys look like once nothing is wrapped around them: words, first bytes, fields.

Words are those of armour and of files of text. First bytes are those of binary files. Fields are
those of the SSH wire: a public key, and numbers after it that belong to its private half.

A text has one character a byte, as Latin-1 reads bytes. Only the kind is ever told. Every search
takes time in proportion to the text.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from core.keys.ssh_wire import field_sizes

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_CANDIDATES = 64  # places in one text that are looked at more closely

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
_WRITTEN_OUT = "the private half of a key, written out"
# A text, in lower case, that private keys contain, with "key" or "priv" in it; a pattern that must
# match too, where the text alone could be met elsewhere; the kind.
_SIGNS = (
    ("putty-user-key-file", None, "a PuTTY private key (.ppk)"),
    ("private-lines:", None, "a PuTTY private key (.ppk)"),
    ("private-mac:", None, "a PuTTY private key (.ppk)"),
    ("ssh private key file format", None, "an SSH-1 private key"),
    ("openssh-key-v1", None, "an OpenSSH private key"),
    ("private-key-format:", None, "a DNSSEC private key"),
    ("privateexponent", re.compile(r"""privateexponent["'\s]{0,3}[:=>]"""), _WRITTEN_OUT),
    ("private-key", re.compile(r"[(-]private-key\s{0,8}\(|11:private-key"), "a GnuPG private key"),
    ("age-secret-key-1", None, "an age secret key"),
    ("sign encrypted secret key", None, "a minisign secret key"),
    ("signify secret key", None, "a signify secret key"),
    (
        "privatekey",
        re.compile(r"privatekey\s{0,8}=\s{0,8}[a-z0-9+/]{42,43}="),
        "a WireGuard private key",
    ),
)
# An RSA or DSA key in XML (XML Signature, section 4.4.2), with or without a prefix and attributes;
# the members that only a private one has.
_XML_KEY = re.compile(r"<(?:[\w-]{1,20}:)?(rsa|dsa)keyvalue[\s>]")
_XML_MEMBERS = {
    "rsa": re.compile(r"<(?:[\w-]{1,20}:)?(?:d|p|q|dp|dq)[\s>]"),
    "dsa": re.compile(r"<(?:[\w-]{1,20}:)?x[\s>]"),
}
# The members of a JWK (RFC 7518, section 6) that only a private one has, as JSON, Python or YAML.
_KEY_TYPE_OF_JWK = re.compile("(?<![a-z0-9_])kty(?![a-z0-9_])")
_MEMBER_OF_JWK = re.compile(
    r"""(?<![a-z0-9_])(?:d|dp|dq|qi)["']?\s{0,8}(?::|=>?)\s{0,8}[>|]?\s{0,8}["']?[a-z0-9_-]{16}"""
)
# The numbers of a private key with their names, in hexadecimal or base64, as openssl, certtool,
# BIND and puttygen write them.
_NUMBER = re.compile(
    r"(?<![a-z])(?:(?:private ?exponent|prime ?[12pq]|exponent ?[12]|exp ?[12]|coefficient)"
    r"\s{0,4}:[\s>|]{0,40}(?:(?:[0-9a-f]{2}:){7}|[a-z0-9+/]{20})"
    r"|priv(?:ate[ -]key)?\s{0,4}:[\s>|]{0,40}(?:[0-9a-f]{2}:){7}"
    r"|private_[a-z_]{1,30}\s{0,4}=\s{0,4}0x[0-9a-f]{16})"
)
_NAMES_OF_NUMBERS = ("prime", "priv", "coefficient", "exp")
# What openssl asn1parse shows of DER: a SEQUENCE that begins with version 0 or 1, or with an
# algorithm that encrypts with a password, as below.
_ASN1PARSE = re.compile(
    r"\b0:d=0\s{1,4}hl=\d\s{1,4}l=\s{0,8}\d{1,8}\s{1,4}cons:\s{1,4}sequence[\s>|]{1,60}"
    r"\d:d=1\s{1,4}hl=\d\s{1,4}l=\s{0,8}\d{1,4}\s{1,4}"
    r"(?:prim:\s{1,4}integer\s{1,20}:0[01](?![0-9a-f])"
    r"|cons:\s{1,4}sequence[\s>|]{1,60}\d:d=2[^\n]{1,40}object\s{1,20}:pbe)"
)

# The first bytes of binary files, each of which begins as no public key does. One character a byte.
_DER_LENGTH = r"(?:[\x00-\x80]|\x81.|\x82..|\x83...)"
_JAVA_START = r"(?:\xfe\xed|\xce\xce){2}\x00\x00\x00[\x01\x02]"
_JAVA_OID = r"\x2b\x06\x01\x04\x01\x2a\x02(?:\x11\x01\x01|\x13\x01)"
_PKCS = r"\x2a\x86\x48\x86\xf7\x0d\x01"
_STARTS = (
    # Version 0 or 1, then a number (RSA, DSA), the secret (EC) or an algorithm (PKCS#8).
    (
        rf"0{_DER_LENGTH}\x02\x01[\x00\x01](?:[\x02\x04]|0{_DER_LENGTH}\x06)",
        "a private key in DER or PEM",
    ),
    (rf"0{_DER_LENGTH}\x02\x01\x03\x30", "a PKCS#12 store, which is made for private keys"),
    # An algorithm of PKCS#5 or PKCS#12 that encrypts with a password.
    (
        rf"0{_DER_LENGTH}0{_DER_LENGTH}\x06(?:\x09{_PKCS}\x05|\x0a{_PKCS}\x0c\x01)",
        "an encrypted private key",
    ),
    (r"\x3f\x6f\xf9\xeb", "an SSH2 private key"),
    # A Java store (JKS, JCEKS), version 1 or 2: its first entry is a private key, or a later one
    # is encrypted as private keys are in it. Certificates alone are no secret.
    (
        rf"{_JAVA_START}(?:.{{4}}\x00\x00\x00\x01|.*?{_JAVA_OID})",
        "a Java key store with a private key",
    ),
    (r"\x1e\xf1\xb5\xb0\x00\x00\x00\x00", "a Microsoft private key (.pvk)"),
)
_START = re.compile("|".join(f"({pattern})" for pattern, _ in _STARTS), re.DOTALL)
_START_KINDS = tuple(kind for _, kind in _STARTS)
# PRIVATEKEYBLOB of CAPI: its header and the magic of its kind. Then the blobs of CNG: a magic, and
# the lengths of the numbers (an RSA key), or of all of them (an elliptic curve).
_MICROSOFT = re.compile(
    r"\x07\x02\x00\x00\x00[\x22\x24\xa4]\x00\x00(?:RSA|DSS)[24]"
    r"|RSA[23]..\x00\x00[\x01-\x08]\x00\x00\x00..\x00\x00..\x00\x00..\x00\x00"
    r"|EC[SK][246][\x20\x30\x42]\x00\x00\x00",
    re.DOTALL,
)
# A secret-key packet, version 4, of an algorithm in use (RFC 9580, section 5.5). So few bytes are
# met by chance in the lines of a key, so they count at the very start only.
_PGP_START = re.compile(
    r"(?:[\x94\x9c].|[\x95\x9d]..|\xc5[\x00-\xbf]|\xc5[\xc0-\xdf].|\xc5\xff....)"
    r"\x04....[\x01\x10\x11\x12\x13\x16]",
    re.DOTALL,
)
_WIRE_TYPE = re.compile(
    r"\x00\x00\x00(?:\x07ssh-(rsa|dss)|\x0bssh-(ed)25519|\x13(ecdsa)-sha2-nistp(?:256|384|521))"
)
_BEFORE = "\r\n\t \"'b"  # what may be before the first bytes, as in Python's b'...'
_PUTTY_FIELDS, _LONGEST_PUTTY = 4, 16 * 1024
_LEAST_NUMBER = 32  # bytes of a number of an RSA key that is of any use
_SLACK = 16  # bytes by which a private number may be shorter than the longest of its kind
_PADDING = 16  # bytes at the end that fill a block


def kind_of(text: str) -> str | None:
    """Name the kind of private key that a text is, or holds, for people; None if it is none."""
    return _by_words(text) or _by_first_bytes(text) or _by_fields(text)


def _by_words(text: str) -> str | None:
    lowered = text.lower()
    is_named = "priv" in lowered
    armour = _ARMOUR.search(lowered) if is_named else None
    if armour:
        return next(
            (kind for word, kind in _ARMOUR_KINDS.items() if word in armour.group()),
            "a private key in PEM",
        )
    if is_named or "key" in lowered:
        for word, confirming, kind in _SIGNS:
            if word in lowered and (confirming is None or confirming.search(lowered)):
                return kind
    if "<" in lowered and _is_private_xml(lowered):
        return "a private key as XML"
    if "kty" in lowered and _is_private_jwk(lowered):
        return "a private key as JWK"
    return _WRITTEN_OUT if _is_written_out(lowered) else None


def _is_written_out(lowered: str) -> bool:
    if any(name in lowered for name in _NAMES_OF_NUMBERS) and _NUMBER.search(lowered):
        return True
    return ":d=0" in lowered and _ASN1PARSE.search(lowered) is not None


def _is_private_xml(lowered: str) -> bool:
    found = _XML_KEY.search(lowered) if "keyvalue" in lowered else None
    if found:
        return _XML_MEMBERS[found[1]].search(lowered, found.end()) is not None
    return "<inverseq" in lowered


def _is_private_jwk(lowered: str) -> bool:
    """Tell whether a member that only private keys have is in the same braces as the key type."""
    searched = 0
    for _ in range(MOST_CANDIDATES):
        found = _KEY_TYPE_OF_JWK.search(lowered, searched)
        if found is None:
            return False
        start = max(searched, lowered.rfind("{", searched, found.start()))
        end = lowered.find("}", found.end())
        searched = end if end >= 0 else len(lowered)
        if _MEMBER_OF_JWK.search(lowered, start, searched):
            return True
    return False


def _by_first_bytes(text: str) -> str | None:
    start = text.lstrip(_BEFORE)
    found = _START.match(start)
    if found and found.lastindex:
        return _START_KINDS[found.lastindex - 1]
    if _PGP_START.match(start):
        return "a PGP private key"
    if "\0\0" in text and _MICROSOFT.search(text):
        return "a Microsoft private key"
    return None


def _by_fields(text: str) -> str | None:
    """Find a public key of the SSH wire with private numbers after it; or PuTTY's numbers alone."""
    if "\0\0" not in text:
        return None
    data = b""
    has_type = "ssh-" in text or "ecdsa-" in text
    for found in islice(_WIRE_TYPE.finditer(text), MOST_CANDIDATES) if has_type else ():
        data = data or text.encode("latin-1", "replace")
        key_type = found[1] or found[2] or found[3]
        sizes, _ = field_sizes(data, found.end())
        if _IS_PRIVATE[key_type](sizes):
            return "a private key of Dropbear or OpenSSH"
    start = text.lstrip(_BEFORE)
    if start[:2] == "\0\0" and _is_putty(start[:_LONGEST_PUTTY].encode("latin-1", "replace")):
        return "the private half of a PuTTY key"
    return None


def _is_rsa(sizes: Sequence[int]) -> bool:
    """Two numbers are public: e and n, in either order; d is about as long as n."""
    if len(sizes) < 3:
        return False
    modulus = max(sizes[:2])
    return modulus >= _LEAST_NUMBER and modulus - _SLACK <= sizes[2] <= modulus + 1


def _is_dss(sizes: Sequence[int]) -> bool:
    """p, q, g and y are public; x is about as long as q."""
    return len(sizes) >= 5 and sizes[1] - 4 <= sizes[4] <= sizes[1] + 1 and sizes[4] > 4


def _is_ecdsa(sizes: Sequence[int]) -> bool:
    """The curve and a point of two coordinates are public; the number is as long as one of them."""
    if len(sizes) < 3:
        return False
    coordinate = sizes[1] // 2
    return coordinate >= _LEAST_NUMBER and coordinate - 4 <= sizes[2] <= coordinate + 1


def _is_ed25519(sizes: Sequence[int]) -> bool:
    """The public half has 32 bytes; the private one comes with it, in 64."""
    return sizes[:1] == [64] or sizes[:2] == [32, 64]


_IS_PRIVATE = {"rsa": _is_rsa, "dss": _is_dss, "ecdsa": _is_ecdsa, "ed": _is_ed25519}


def _is_putty(data: bytes) -> bool:
    """Tell whether all that there is are d, p, q and the inverse of q, as in a .ppk file."""
    sizes, end = field_sizes(data, 0)
    if len(sizes) != _PUTTY_FIELDS or not 0 <= len(data) - end < _PADDING:
        return False
    exponent, prime, other, inverse = sizes
    return (
        prime >= _LEAST_NUMBER
        and prime + other - _SLACK <= exponent <= prime + other + 1
        and prime - _SLACK <= inverse <= prime + 1
    )
