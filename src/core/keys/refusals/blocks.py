"""Explain armoured text: RFC 4716, PEM, and what else can be between BEGIN and END."""

from __future__ import annotations

import re
from dataclasses import replace

from core.errors import MalformedPublicKey
from core.keys.containers import BLOCKS, SSH2_LABEL, split_headers
from core.keys.refusals.contents import explain_payload
from core.keys.refusals.finding import Finding, at_the_type, first_key_in, key_in
from core.keys.refusals.key_types import TYPE_TOKEN
from core.keys.refusals.lines import explain_line
from core.keys.refusals.payload import Payload
from core.keys.refusals.sentences import (
    COPY_AGAIN,
    SEND_THE_FILE,
    not_an_rsa_key,
    plus_lost,
    spaces_inside,
    x509,
)
from core.keys.rsa_key import LONG_RUN
from core.keys.wrappings import headers_in

# The plain one, and those of word processors.
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
BEGIN = re.compile(f"[{_DASHES}] ?BEGIN ([A-Z0-9#. ]{{1,60}})")
END = re.compile(f"[{_DASHES}] ?END [A-Z]")

# A header, with the lines that it goes on in.
_HEADER = re.compile(r"(?m)^[ \t]*([!-9;-~]{1,64}:(?:\\\n|[^\n])*)")
_SPACE_INSIDE = re.compile("(?<=[^ \t\n]) (?=[^ \t\n])")
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}

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
    start = len(text[: begin.start() + 1].rstrip(_DASHES))
    return at_the_type(_explain_block(text, begin, start), start)


def _explain_block(text: str, begin: re.Match[str], start: int) -> Finding:
    label = begin[1].rstrip()
    if _X509_LABELS.search(label):
        return x509()
    kind, _, rest = label.partition(" ")
    if kind in _OTHER_KEY_LABELS and rest in {"PUBLIC KEY", "PARAMETERS"}:
        return not_an_rsa_key(_OTHER_KEY_LABELS[kind])
    if label not in BLOCKS:
        return _foreign_block(label)
    opening, closing = BLOCKS[label]
    if not re.match(f"{opening}(?!-)", text[start:]):
        return _wrong_dashes(text, label, start)
    return _key_block(text, label, start, closing)


def _wrong_dashes(text: str, label: str, start: int) -> Finding:
    """Explain the dashes around BEGIN, where they are not those of the label's format."""
    line = text[start:].partition("\n")[0]
    dashes = len(line) - len(line.lstrip("-"))
    opening, closing = BLOCKS[label]
    right = len(opening) - len(opening.lstrip("-"))
    if set(line) & set(_DASHES[1:]):
        return Finding(
            "not_a_key",
            "The dashes around BEGIN and END are not the plain ones of a key file; a word "
            f"processor has replaced them. {COPY_AGAIN}",
            start,
        )
    return Finding(
        "not_a_key",
        f"There are {_NUMBERS.get(dashes, 'some')} dashes on each side of BEGIN and END; in a key "
        f"file there are {_NUMBERS[right]}, and the line reads {opening}. {COPY_AGAIN}",
        start,
        key_in(
            re.sub(
                f"-+ ?(BEGIN|END) {label} ?-+",
                lambda mark: opening if mark[1] == "BEGIN" else closing,
                text[start:],
            )
        ),
    )


def _foreign_block(label: str) -> Finding:
    if label.startswith("PGP"):
        return Finding("not_a_key", f"This is PGP, not an SSH key. {SEND_THE_FILE}")
    return Finding("not_a_key", f"This is an armoured file, but not a public key. {SEND_THE_FILE}")


def _key_block(text: str, label: str, start: int, closing: str) -> Finding:
    content = start + len(BLOCKS[label][0])
    end = text.find(closing, content)
    if end < 0:
        return Finding("truncated", f"The END line is missing. {COPY_AGAIN}", len(text))
    after = text[end + len(closing) :].lstrip(" \t\n")
    if after:
        return Finding(
            "multiple_keys",
            "There is more text after the END line of this key. Send one key, and nothing else.",
            len(text) - len(after),
            key_in(text[start : end + len(closing)]),
        )
    inside = _line_inside(text, content, end)
    if inside:
        return inside if inside.at is not None else replace(inside, at=start)
    if label == SSH2_LABEL:
        return _explain_rfc4716(text, content, end)
    return (
        _lost_plus(text, content, end)
        or _pem_headers(text, content, end)
        or _payload_finding(Payload(text, content, end, label))
    )


def _line_inside(text: str, content: int, end: int) -> Finding | None:
    """Find a line with its type where the base64 alone should be; None if there is none."""
    headers = headers_in(text)[1]
    start = max(content, headers)
    line = text[start:end].strip(" \t\n")
    if not TYPE_TOKEN.match(f"{line}\n"):
        return None
    key = key_in(line)
    if key:
        return Finding(
            "surrounding_text",
            "Between BEGIN and END there is a whole line of OpenSSH's. Send that line alone.",
            None,
            key,
        )
    finding = explain_line(line)
    if finding is None or finding.at is None:
        return finding
    return replace(finding, at=finding.at + text.index(line, start))


def _payload_finding(payload: Payload) -> Finding:
    return explain_payload(payload) or spaces_inside(
        payload.first_space, payload.read(payload.encoded)
    )


def _explain_rfc4716(text: str, content: int, end: int) -> Finding:
    headers = headers_in(text)
    try:
        comment, body = split_headers(text[content:end])
    except MalformedPublicKey as refusal:
        return _bad_header(text, headers, refusal)
    first_line = body.partition("\n")[0]
    content = max(content, headers[1])
    start = text.find(first_line, content, end) if first_line else end
    return _lost_plus(text, content, end) or _payload_finding(
        Payload(text, start, end, SSH2_LABEL, comment)
    )


def _bad_header(text: str, headers: tuple[int, int], refusal: MalformedPublicKey) -> Finding:
    """Say which header it is: the first that is refused by itself."""
    start, end = headers
    at = start
    for header in _HEADER.finditer(text, start, end):
        try:
            split_headers(header.group())
        except MalformedPublicKey:
            run = LONG_RUN.search(text, header.start(), header.end())
            if refusal.reason == "surrounding_text" and run:
                without = text[:start] + text[end:]
                return Finding(refusal.reason, refusal.description, run.start(), key_in(without))
            at = header.start(1)
            break
    return Finding(refusal.reason, refusal.description, at)


def _lost_plus(text: str, content: int, end: int) -> Finding | None:
    """Find spaces in the lines of a block that read as a key once they are ``+`` again."""
    space = _SPACE_INSIDE.search(text, content, end)
    if space is None:
        return None
    # One at each end of the content are those of a block on one line.
    lines = [line.strip(" ").replace(" ", "+") for line in text[content:end].split("\n")]
    key = first_key_in(text[:content] + "\n".join(lines) + text[end:])
    if key is None:
        return None
    return plus_lost(space.start(), key)


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
