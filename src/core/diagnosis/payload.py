"""
Explain the base64 of a key, and the blob inside, wherever it stands: a line, a block, PEM.

The damage that is nearest to the eye comes first: placeholders, foreign characters, padding; then
what the bytes are; then their structure.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from core.containers import PEM_LABELS
from core.diagnosis.der import SEQUENCE, is_x509, other_key_type, rsa_key_in
from core.diagnosis.finding import Finding, code_point
from core.diagnosis.key_types import CERTIFICATE, MAKE_RSA, OTHER_KEY_TYPES, SIGNATURE_ALGORITHMS
from core.diagnosis.sentences import certificate, not_an_rsa_key, signature_algorithm, x509
from core.errors import MalformedPublicKey
from core.public_key import KEY_TYPE, announced_length, parse_blob
from core.ssh_wire import read_string, write_string

if TYPE_CHECKING:
    from core.public_key import PublicKey

COPY_ANEW = "Copy it anew from the .pub file, whole and unchanged."

# Characters that stand for a blank or for nothing, and are neither.
SPACES = "\u00a0\u1680\u180e\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff\u00ad"
QUOTES = "\"'`\u2018-\u201f\u2039\u203a\u00ab\u00bb\u300c-\u300f\uff02\uff07"
_SPACE = re.compile(f"[{SPACES}]")
_QUOTE = re.compile(f"[{QUOTES}]")
_FOREIGN = re.compile(r"[^A-Za-z0-9+/= \t\n]")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]+")
_ENTITY = re.compile(r"&(?:#[0-9]{1,6}|#[xX][0-9A-Fa-f]{1,5}|[a-z]{2,6});")
_PLACEHOLDER = re.compile(r"\*\*|\.\.|\u2026|[<\[{$]")
_URL_SAFE = str.maketrans("-_", "+/")

_RSA_START = "AAAAB3NzaC1yc2E"


@dataclass(frozen=True, slots=True)
class Payload:
    """
    A stretch of text that should be the base64 of a key.

    Args:
        text: the whole text, so that places can be told.
        start: where the stretch begins.
        end: where it ends.
        declared: the key type or PEM label that stands before it; empty when none does.
        comment: what stands behind it, valid.
    """

    text: str
    start: int
    end: int
    declared: str
    comment: str = ""

    @property
    def encoded(self) -> str:
        """The stretch as it stands."""
        return self.text[self.start : self.end]


def explain_payload(payload: Payload) -> Finding | None:
    """Say what is wrong with it; None if it is, by itself, exactly one RSA key."""
    return (
        _placeholder(payload)
        or _foreign_character(payload)
        or _padding(payload)
        or _content(payload)
    )


def read_leniently(encoded: str) -> PublicKey | None:
    """
    Read a key whose base64 is damaged in a way that leaves one reading.

    Padding and pad bits are made good, a wrong type inside is not; its structure must be exact.
    """
    blob = _bytes_of(encoded.rstrip("="))
    if blob[:1] == bytes([SEQUENCE]):
        found = rsa_key_in(blob)
        return found[0] if found else None
    try:
        return parse_blob(_as_ssh_rsa(blob))
    except MalformedPublicKey:
        return None


def _as_ssh_rsa(blob: bytes) -> bytes:
    """Put the key type in the place of a signature algorithm, which people take for one."""
    for algorithm in SIGNATURE_ALGORITHMS:
        wrong = write_string(algorithm.encode())
        if blob.startswith(wrong):
            return write_string(KEY_TYPE.encode()) + blob[len(wrong) :]
    return blob


def _bytes_of(letters: str) -> bytes:
    """Decode base64 without padding; a last letter that makes no byte is left out."""
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return a2b_base64(letters + "=" * (-len(letters) % 4))


def _repaired(payload: Payload, *encodings: str) -> PublicKey | None:
    """Read the key out of the first of the repaired encodings that is one."""
    for encoded in encodings:
        key = read_leniently(encoded)
        if key is not None:
            return key.with_comment(payload.comment)
    return None


def _placeholder(payload: Payload) -> Finding | None:
    found = _PLACEHOLDER.search(payload.encoded)
    if found is None:
        return None
    return Finding(
        "not_a_key",
        f"This is the picture of a key: a part of it was replaced by a placeholder. {COPY_ANEW}",
        payload.start + found.start(),
    )


def _foreign_character(payload: Payload) -> Finding | None:
    found = _FOREIGN.search(payload.encoded)
    if found is None:
        return None
    at = payload.start + found.start()
    character = found.group()
    readable = _repaired(
        payload,
        _NOT_BASE64.sub("", payload.encoded.translate(_URL_SAFE)),
        _NOT_BASE64.sub("", unescape(payload.encoded)),
        _NOT_BASE64.sub("", payload.encoded),
        _NOT_BASE64.sub("", payload.encoded[: found.start()]),
    )
    if _SPACE.match(character):
        return Finding(
            "bad_whitespace",
            f"There is a blank inside the key that is no plain space ({code_point(character)}). "
            "Replace or remove it.",
            at,
            readable,
        )
    if _QUOTE.match(character):
        return Finding(
            "quoted", f"There is a quote inside the key ({code_point(character)}).", at, readable
        )
    if _ENTITY.match(payload.text, at):
        what = "There is an HTML entity inside the base64"
    elif character in "-_":
        what = "The base64 is of the URL-safe alphabet; SSH uses + and /"
    else:
        what = f"A character does not belong into the base64 ({code_point(character)})"
    return Finding("bad_base64", f"{what}. {COPY_ANEW}", at, readable)


def _padding(payload: Payload) -> Finding | None:
    """Find ``=`` in the wrong place or number, and pad bits that are not zero."""
    encoded = _NOT_BASE64.sub("", payload.encoded)
    letters = encoded.rstrip("=")
    if "=" in letters:
        at = payload.start + payload.encoded.index("=")
        readable = _repaired(payload, letters[: letters.index("=")])
        return Finding(
            "bad_base64", f"The base64 goes on behind its end, the =. {COPY_ANEW}", at, readable
        )
    blob = _bytes_of(letters)
    if b2a_base64(blob, newline=False) == encoded.encode():
        return None
    readable = _repaired(payload, letters)
    if readable is None and _is_cut_off(blob):
        return None  # told as such: what is missing is more than the padding
    return Finding(
        "bad_base64",
        f"The base64 does not end as it should: padding (=) or its last letter is wrong. "
        f"{COPY_ANEW}",
        payload.start + len(payload.encoded.rstrip("= \t\n")),
        readable,
    )


def _is_cut_off(blob: bytes) -> bool:
    try:
        return announced_length(blob) > len(blob)
    except MalformedPublicKey:
        return True


def _content(payload: Payload) -> Finding | None:
    encoded = _NOT_BASE64.sub("", payload.encoded)
    blob = _bytes_of(encoded.rstrip("="))
    if blob[:1] == bytes([SEQUENCE]):
        return _der_content(payload, blob)
    key_type = _type_inside(blob)
    if key_type != KEY_TYPE:
        return _other_type(payload, blob, key_type)
    try:
        key = parse_blob(blob, payload.comment)
    except MalformedPublicKey as refusal:
        return Finding(refusal.reason, refusal.description)
    if payload.declared in PEM_LABELS:
        return Finding(
            "type_mismatch", "This is the base64 of an SSH key under the label of PEM.", None, key
        )
    return None


def _type_inside(blob: bytes) -> str:
    """Read the key type that the blob names; empty if it names none."""
    try:
        name, _ = read_string(blob, 0)
    except MalformedPublicKey:
        return ""
    return name.decode("ascii", "replace")


def _other_type(payload: Payload, blob: bytes, key_type: str) -> Finding:
    if CERTIFICATE.fullmatch(key_type):
        return certificate()
    if key_type in SIGNATURE_ALGORITHMS:
        return signature_algorithm(_repaired(payload, payload.encoded))
    if key_type in OTHER_KEY_TYPES:
        name = OTHER_KEY_TYPES[key_type]
        if payload.declared and payload.declared != key_type:
            return Finding("type_mismatch", f"{_DECLARED} Inside is {name}. {MAKE_RSA}.")
        return not_an_rsa_key(name)
    letters = _NOT_BASE64.sub("", payload.encoded)
    if _RSA_START.startswith(letters.rstrip("=")) or (letters.startswith("AAAA") and not key_type):
        return Finding("truncated", f"The key is cut off soon after its start. {COPY_ANEW}")
    if key_type and key_type.isprintable() and blob.startswith(b"\0\0\0"):
        return Finding(
            "type_mismatch" if payload.declared else "wrong_key_type",
            f"The key inside is of a type that is not known; ENS takes RSA keys only. {MAKE_RSA}.",
        )
    if payload.declared:
        return Finding(
            "bad_base64",
            f"The base64 does not begin as an RSA key does ({_RSA_START}). {COPY_ANEW}",
            payload.start,
        )
    return Finding("not_a_key", f"This is base64, but of no key. {COPY_ANEW}")


_DECLARED = "The key type in front and the key inside disagree."


def _der_content(payload: Payload, der: bytes) -> Finding | None:
    if is_x509(der):
        return x509()
    name = other_key_type(der)
    if name:
        return not_an_rsa_key(name)
    found = rsa_key_in(der)
    if found is None:
        return Finding(
            "bad_der",
            "Inside is no exact RSA public key: it is cut off, damaged, or followed by something. "
            "Export the key anew: ssh-keygen -e -m PKCS8 -f key.pub",
        )
    key, label = found
    if label == payload.declared:
        return None
    key = key.with_comment(payload.comment)
    if payload.declared in PEM_LABELS:
        return Finding("type_mismatch", f"This belongs under the label {label}.", None, key)
    if payload.declared:
        return Finding(
            "type_mismatch", f"{_DECLARED} Inside is an RSA key in DER, as PEM has it.", None, key
        )
    return Finding(
        "missing_key_type",
        "This is the base64 of an RSA key in DER, without BEGIN and END.",
        None,
        key,
    )
