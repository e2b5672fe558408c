"""Explain armoured text: RFC 4716, PEM, and what else can be between BEGIN and END."""

from __future__ import annotations

import re

from core.errors import MalformedPublicKey
from core.keys.containers import BLOCKS, RFC4716_HEADER, SSH2_LABEL, split_headers
from core.keys.refusals.contents import explain_payload
from core.keys.refusals.finding import Finding, first_key_in
from core.keys.refusals.payload import Payload
from core.keys.refusals.sentences import (
    COPY_AGAIN,
    SEND_THE_FILE,
    not_an_rsa_key,
    plus_lost,
    spaces_inside,
    x509,
)

# The plain one, and those of word processors.
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
BEGIN = re.compile(f"[{_DASHES}] ?BEGIN ([A-Z0-9#. ]{{1,60}})")
END = re.compile(f"[{_DASHES}] ?END [A-Z]")

_X509_LABELS = re.compile(r"CERTIFICATE|X509|PKCS ?#?7|CMS")
_OTHER_KEY_LABELS = {
    "EC": "an elliptic-curve key",
    "DSA": "a DSA key",
    "DH": "a Diffie-Hellman key",
}


def explain_block(text: str) -> Finding | None:
    """Say why armoured text is not a key; None if the text holds no BEGIN."""
    begin = BEGIN.search(text)
    if begin is None:
        return None
    label = begin[1].rstrip()
    if _X509_LABELS.search(label):
        return x509()
    kind, _, rest = label.partition(" ")
    if kind in _OTHER_KEY_LABELS and rest in {"PUBLIC KEY", "PARAMETERS"}:
        return not_an_rsa_key(_OTHER_KEY_LABELS[kind])
    if label not in BLOCKS:
        return _foreign_block(label)
    opening, closing = BLOCKS[label]
    start = text.find(opening)
    if start < 0:
        return Finding(
            "not_a_key",
            "The dashes around BEGIN and END are not the plain ones of a key file; a word "
            f"processor has replaced them. {COPY_AGAIN}",
            len(text[: begin.start()].rstrip(_DASHES)),
        )
    return _key_block(text, label, start + len(opening), closing)


def _foreign_block(label: str) -> Finding:
    if label.startswith("PGP"):
        return Finding("not_a_key", f"This is PGP, not an SSH key. {SEND_THE_FILE}")
    return Finding("not_a_key", f"This is an armoured file, but no public key. {SEND_THE_FILE}")


def _key_block(text: str, label: str, content: int, closing: str) -> Finding:
    end = text.find(closing, content)
    if end < 0:
        return Finding("truncated", f"The END line is missing. {COPY_AGAIN}")
    after = text[end + len(closing) :].lstrip(" \t\n")
    if after:
        return Finding(
            "multiple_keys",
            "After the END of this key there is more. Send one key, and nothing else.",
            len(text) - len(after),
        )
    if label == SSH2_LABEL:
        return _explain_rfc4716(text, content, end)
    return (
        _lost_plus(text, content, end)
        or _pem_headers(text, content, end)
        or _payload_finding(Payload(text, content, end, label))
    )


def _payload_finding(payload: Payload) -> Finding:
    return explain_payload(payload) or spaces_inside(
        payload.first_space, payload.read(payload.encoded)
    )


def _explain_rfc4716(text: str, content: int, end: int) -> Finding:
    try:
        comment, body = split_headers(text[content:end])
    except MalformedPublicKey as refusal:
        return Finding(refusal.reason, refusal.description)
    first_line = body.partition("\n")[0]
    start = text.find(first_line, content, end) if first_line else end
    return _lost_plus(text, content, end) or _payload_finding(
        Payload(text, start, end, SSH2_LABEL, comment)
    )


def _lost_plus(text: str, content: int, end: int) -> Finding | None:
    """Find spaces in the lines of a block that read as a key once they are ``+`` again."""
    lines = text[content:end].split("\n")
    if not any(" " in line.strip() and not RFC4716_HEADER.match(line) for line in lines):
        return None
    restored = [line if RFC4716_HEADER.match(line) else line.replace(" ", "+") for line in lines]
    key = first_key_in(text[:content] + "\n".join(restored) + text[end:])
    if key is None:
        return None
    return plus_lost(None, key)


def _pem_headers(text: str, content: int, end: int) -> Finding | None:
    """Find headers, which PEM public keys do not have."""
    lines = text[content:end].split("\n")
    body = [line for line in lines if ":" not in line]
    if len(body) == len(lines):
        return None
    return Finding(
        "bad_base64",
        "There are header lines inside; a public key in PEM has none. Remove them.",
        text.index(":", content),
        first_key_in(text[:content] + "\n".join(body) + text[end:]),
    )
