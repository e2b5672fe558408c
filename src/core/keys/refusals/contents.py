"""Explain the bytes of a key: which structure and key type they are, and where it breaks off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import MalformedPublicKey
from core.keys.containers import PEM_LABELS
from core.keys.refusals.der import SEQUENCE, is_x509, other_key_type, rsa_key_in
from core.keys.refusals.encoding import explain_encoding
from core.keys.refusals.finding import Finding
from core.keys.refusals.key_types import (
    CERTIFICATE,
    MAKE_RSA,
    OTHER_KEY_TYPES,
    SIGNATURE_ALGORITHMS,
)
from core.keys.refusals.sentences import (
    COPY_AGAIN,
    SEND_THE_FILE,
    certificate,
    not_an_rsa_key,
    signature_algorithm,
    x509,
)
from core.keys.rsa_key import KEY_TYPE, announced_length, parse_blob
from core.keys.ssh_wire import read_string

if TYPE_CHECKING:
    from core.keys.refusals.payload import Payload
    from core.reasons import Reason

_RSA_START = "AAAAB3NzaC1yc2E"  # how every ssh-rsa blob begins
_DISAGREE = "The key type before the key and the key itself disagree."


def explain_payload(payload: Payload) -> Finding | None:
    """Say what is wrong with a payload; None if it is, by itself, exactly one RSA key."""
    finding = explain_encoding(payload)
    if finding:
        return finding
    if payload.blob[:1] == bytes([SEQUENCE]):
        return _explain_der(payload)
    return _explain_blob(payload)


def _explain_blob(payload: Payload) -> Finding | None:
    key_type = _type_inside(payload.blob)
    if key_type != KEY_TYPE:
        return _explain_other_type(payload, key_type) if key_type else _explain_no_type(payload)
    try:
        key = parse_blob(payload.blob, payload.comment)
    except MalformedPublicKey as refusal:
        return Finding(refusal.reason, refusal.description, _where(refusal.reason, payload))
    if payload.declared in PEM_LABELS:
        return Finding(
            "type_mismatch",
            "Between BEGIN and END is the base64 of an SSH key, not of PEM. Send it as one "
            f"line, beginning with {KEY_TYPE}.",
            readable=key,
        )
    return None


def _where(reason: str, payload: Payload) -> int | None:
    """Return where a blob is cut off, or where more begins than belongs to it."""
    if reason == "truncated":
        return payload.stop
    if reason == "trailing_data":
        return payload.place_of(announced_length(payload.blob) * 4 // 3)
    return None


def _type_inside(blob: bytes) -> str:
    """Read the key type that a blob names; empty if it names none."""
    try:
        name, _ = read_string(blob, 0)
    except MalformedPublicKey:
        return ""
    return name.decode("latin-1")


def _explain_other_type(payload: Payload, key_type: str) -> Finding:
    if CERTIFICATE.fullmatch(key_type):
        return certificate()
    if key_type in SIGNATURE_ALGORITHMS:
        return signature_algorithm(payload.read(payload.encoded))
    name = OTHER_KEY_TYPES.get(key_type, "a key of a type that is not known")
    if payload.declares_type and payload.declared != key_type:
        return Finding("type_mismatch", f"{_DISAGREE} Inside is {name}. {MAKE_RSA}.")
    return not_an_rsa_key(name)


def _explain_no_type(payload: Payload) -> Finding:
    if len(payload.blob) > len(_RSA_START) and not any(payload.blob):
        return Finding(
            "not_a_key", f"This is the base64 of zero bytes, and no key. {SEND_THE_FILE}"
        )
    if payload.encoded.startswith("AAAA") or _RSA_START.startswith(payload.encoded):
        return Finding(
            "truncated", f"The key is cut off soon after its start. {COPY_AGAIN}", payload.end
        )
    return Finding(
        "bad_base64",
        f"The base64 does not begin as an RSA key does ({_RSA_START}). {COPY_AGAIN}",
        payload.start,
    )


def _explain_der(payload: Payload) -> Finding | None:
    if is_x509(payload.blob):
        return x509()
    name = other_key_type(payload.blob)
    if name:
        return not_an_rsa_key(name)
    found = rsa_key_in(payload.blob)
    if found is None:
        return Finding(
            "bad_der",
            "Inside is not exactly one RSA public key: it is cut off, damaged, or has more after "
            "it. Export the key again: ssh-keygen -e -m PKCS8 -f key.pub",
        )
    key, label = found
    if label == payload.declared:
        return None
    reason: Reason = "type_mismatch"
    what = f"{_DISAGREE} Inside is an RSA key in DER, which belongs into PEM."
    if payload.declared in PEM_LABELS:
        what = f"The label is wrong: this is what belongs under BEGIN {label}."
    elif not payload.declared:
        reason, what = (
            "missing_key_type",
            "This is the inside of a PEM file: its BEGIN and END lines are missing.",
        )
    return Finding(reason, what, None, key.with_comment(payload.comment))
