"""Explain one line that should be a key: what comes first, the key type, the base64 after it."""

from __future__ import annotations

import re
from itertools import accumulate

from core.errors import MalformedPublicKey
from core.keys.containers import announced_characters, restore_plus
from core.keys.refusals.contents import explain_payload
from core.keys.refusals.encoding import SPACES
from core.keys.refusals.finding import Finding, at_the_type, code_point, first_key_in
from core.keys.refusals.key_types import (
    CERTIFICATE,
    MAKE_RSA,
    OTHER_KEY_TYPES,
    SIGNATURE_ALGORITHMS,
    TYPE_TOKEN,
    looks_like_ssh_rsa,
)
from core.keys.refusals.payload import Payload
from core.keys.refusals.sentences import (
    COPY_AGAIN,
    certificate,
    not_an_rsa_key,
    plus_lost,
    signature_algorithm,
    spaces_inside,
)
from core.keys.rsa_key import KEY_TYPE, LONG_RUN, decode_base64, parse_blob, read_comment

_SPACE = re.compile(f"[{SPACES}]")
_SPACES = re.compile(f"[{SPACES}]+")
_WORD = re.compile("[^ \t\n]+")
# Type and base64, and a space: what follows is comment.
_BEFORE_COMMENT = re.compile("[ \t\n]*[^ \t\n]+[ \t]+[A-Za-z0-9+/]{16,}={0,2}[ \t]")
_BARE_BASE64 = re.compile(r"AAAA|M[A-P][A-Za-z0-9+/]{38}")  # a blob; a DER SEQUENCE
# PuTTY prints the key type in front of a fingerprint.
_FINGERPRINT = re.compile(r"[ \t]+\d{3,5}[ \t]+(?:SHA256:|MD5:|(?:[0-9A-Fa-f]{2}:){3})")


def explain_line(text: str) -> Finding | None:
    """Say why a text that begins as a key does is none; None if it does not begin so."""
    first = _WORD.search(text)
    if first is None:
        return None
    word = first.group()
    finding = _odd_space(text) or _glued_type(text, first)
    if finding:
        return finding
    if _BARE_BASE64.match(word):
        return at_the_type(_without_type(text, first.start()), first.start())
    if word != KEY_TYPE and not _is_key_type(word, text, first.end()):
        return None
    if _FINGERPRINT.match(text, first.end()):
        return None
    return at_the_type(_typed(text, word, first.end()), first.start())


def _is_key_type(word: str, text: str, end: int) -> bool:
    known = TYPE_TOKEN.match(f"{word}\n") or CERTIFICATE.fullmatch(word)
    after = _WORD.search(text, end)
    followed = after is not None and after.group().startswith("AAAA")
    return bool(known or looks_like_ssh_rsa(word)) or followed


def _odd_space(text: str) -> Finding | None:
    """Find a space that is not a plain one, or has no width, before the comment."""
    found = _SPACE.search(text)
    if found is None or "AAAA" not in text:
        return None
    before = _BEFORE_COMMENT.match(text)
    if before and before.end() <= found.start():
        return None
    return Finding(
        "bad_whitespace",
        f"There is a space that is not a plain one ({code_point(found.group())}); web pages and "
        "chat programs put it there. Replace it by a space, or remove it inside the base64.",
        found.start(),
        first_key_in(_SPACES.sub(" ", text), _SPACES.sub("", text)),
    )


def _glued_type(text: str, first: re.Match[str]) -> Finding | None:
    if not first.group().startswith(f"{KEY_TYPE}AAAA"):
        return None
    at = first.start() + len(KEY_TYPE)
    return Finding(
        "bad_whitespace",
        f"There is no space between {KEY_TYPE} and the base64 of the key.",
        at,
        first_key_in(f"{text[:at]} {text[at:]}"),
    )


def _without_type(text: str, start: int) -> Finding:
    payload = _payload(text, start, "")
    finding = explain_payload(payload)
    if finding is None:
        finding = Finding(
            "missing_key_type",
            f"The key type is missing: put {KEY_TYPE} and a space before it.",
            start,
            first_key_in(f"{KEY_TYPE} {text[start:]}"),
        )
    if finding.readable is None and payload.encoded.startswith("AAAA"):
        return _lost_plus(text, start) or finding
    return finding


def _typed(text: str, key_type: str, end: int) -> Finding:
    start = len(text) - len(text[end:].lstrip(" \t\n"))
    if CERTIFICATE.fullmatch(key_type):
        return certificate()
    if start == len(text):
        return _nothing_after(key_type, end)
    if key_type != KEY_TYPE:
        return _other_type(_payload(text, start, key_type))
    # Spaces inside the base64 are reported as lost plus signs before anything else they may be.
    finding = _lost_plus(text, start) or _stray_spaces(text, start)
    if finding:
        return finding
    payload = _payload(text, start, key_type)
    return explain_payload(payload) or _after_the_key(payload)


def _nothing_after(key_type: str, end: int) -> Finding:
    if key_type in OTHER_KEY_TYPES:
        return not_an_rsa_key(OTHER_KEY_TYPES[key_type])
    if key_type in SIGNATURE_ALGORITHMS:
        return signature_algorithm(None)
    return Finding("truncated", f"The key itself is missing after its type. {COPY_AGAIN}", end)


def _other_type(payload: Payload) -> Finding:
    """Explain a line whose type is not ssh-rsa; its base64 may be a good RSA key all the same."""
    readable = payload.read(payload.encoded)
    if payload.declared in SIGNATURE_ALGORITHMS:
        return signature_algorithm(readable)
    inside = explain_payload(payload)
    if inside and inside.reason in {"certificate", "signature_algorithm"}:
        return inside
    name = OTHER_KEY_TYPES.get(payload.declared)
    if name and readable:
        return Finding(
            "type_mismatch",
            f"The key type says {name}, but the key is an RSA key. Write {KEY_TYPE}.",
            readable=readable,
        )
    if name:
        return inside if inside and inside.reason == "type_mismatch" else not_an_rsa_key(name)
    what = f"The key type is not known; ENS accepts RSA keys only. {MAKE_RSA}."
    if looks_like_ssh_rsa(payload.declared):
        what = f"The key type must be written {KEY_TYPE}, in lower case and with a plain hyphen."
    return Finding("wrong_key_type", what, payload.text.index(payload.declared), readable)


def _lost_plus(text: str, start: int) -> Finding | None:
    rest = text[start:].rstrip(" \t\n")
    space = re.compile("[ \t]").search(rest)
    if space is None or "\n" in rest:
        return None
    try:
        key = restore_plus(rest)
    except MalformedPublicKey:
        return None
    return plus_lost(start + space.start(), key)


def _stray_spaces(text: str, start: int) -> Finding | None:
    """Find spaces inside the base64 where lines of one width would not end."""
    rest = text[start:].rstrip(" \t\n")
    pieces = rest.split(" ")
    if "\n" in rest or len(pieces) < 2:
        return None
    try:
        length = announced_characters("".join(pieces))
        ends = list(accumulate(map(len, pieces)))
        count = ends.index(length) + 1
        key = parse_blob(decode_base64("".join(pieces[:count])))
        key = key.with_comment(read_comment(" ".join(pieces[count:])))
    except (MalformedPublicKey, ValueError):  # ValueError: no piece ends where the key does
        return None
    return spaces_inside(start + len(pieces[0]), key)


def _payload(text: str, start: int, declared: str) -> Payload:
    """Find where the base64 ends: in the last line, at its first space."""
    stop = len(text.rstrip(" \t\n"))
    last_line = max(start, text.rfind("\n", start, stop))
    last_word = _WORD.search(text, last_line, stop)
    end = last_word.end() if last_word else stop
    try:
        comment = read_comment(text[end:stop])
    except MalformedPublicKey:
        comment = ""
    return Payload(text, start, end, declared, comment)


def _after_the_key(payload: Payload) -> Finding:
    """Explain what is wrong after a good key."""
    after = payload.text[payload.end :].lstrip(" \t\n")
    try:
        read_comment(after.rstrip(" \t\n"))
    except MalformedPublicKey as refusal:
        at = len(payload.text) - len(after)
        if refusal.reason != "surrounding_text":
            return Finding(refusal.reason, refusal.description, at)
        run = LONG_RUN.search(after)
        at += run.start() if run else 0
        return Finding(refusal.reason, refusal.description, at, payload.read(payload.encoded))
    return Finding(
        "bad_base64",
        "There are spaces inside the base64, and line breaks. Remove them.",
        payload.first_space,
        payload.read(payload.encoded),
    )
