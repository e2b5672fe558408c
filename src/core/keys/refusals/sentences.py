"""Sentences and findings that more than one place needs; each is written once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.keys.refusals.finding import Finding
from core.keys.refusals.key_types import MAKE_RSA
from core.keys.rsa_key import KEY_TYPE

if TYPE_CHECKING:
    from core.keys.rsa_key import RsaPublicKey

COPY_AGAIN = "Copy it again from the .pub file, whole and unchanged."
SEND_THE_FILE = "Send the content of the file ~/.ssh/id_rsa.pub: cat ~/.ssh/id_rsa.pub"


def certificate() -> Finding:
    """Refuse an OpenSSH certificate."""
    return Finding(
        "certificate",
        "This is an OpenSSH certificate, not a public key. Send the .pub file without -cert in its "
        "name.",
    )


def signature_algorithm(readable: RsaPublicKey | None) -> Finding:
    """Refuse the name of a signature in the place of the key type."""
    return Finding(
        "signature_algorithm",
        "rsa-sha2-256 and rsa-sha2-512 are names of signatures; the type of the key that makes "
        f"them is {KEY_TYPE}. Write that.",
        None,
        readable,
    )


def not_an_rsa_key(name: str) -> Finding:
    """Refuse a key of another type."""
    return Finding("wrong_key_type", f"This is {name}; ENS accepts RSA keys only. {MAKE_RSA}.")


def plus_lost(at: int | None, readable: RsaPublicKey) -> Finding:
    """Refuse a key that reads once its spaces are ``+`` again."""
    return Finding(
        "plus_lost",
        "The + characters in the key were replaced by spaces on the way: percent-encode them as "
        "%2B, or send the key in the body of a POST, as JSON.",
        at,
        readable,
    )


def spaces_inside(at: int, readable: RsaPublicKey | None) -> Finding:
    """Refuse spaces inside the base64."""
    return Finding("bad_base64", "There are spaces inside the base64. Remove them.", at, readable)


def x509() -> Finding:
    """Refuse X.509 certificates and their kin."""
    return Finding(
        "x509",
        "This is an X.509 certificate, a request for one, or PKCS#7, not a public key. Read the "
        "key out of it: openssl x509 -in cert.pem -noout -pubkey (of a request: openssl req)",
    )
