"""Findings that more than one place comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.keys.refusals.finding import Finding
from core.keys.refusals.key_types import MAKE_RSA

if TYPE_CHECKING:
    from core.keys.rsa_key import RsaPublicKey

COPY_ANEW = "Copy it anew from the .pub file, whole and unchanged."
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
        "them is ssh-rsa. Write that.",
        None,
        readable,
    )


def not_an_rsa_key(name: str) -> Finding:
    """Refuse a key of another type."""
    return Finding("wrong_key_type", f"This is {name}; ENS takes RSA keys only. {MAKE_RSA}.")


def x509() -> Finding:
    """Refuse X.509 certificates and their kin."""
    return Finding(
        "x509",
        "This is an X.509 certificate, a request for one, or PKCS#7, not a public key. Take the "
        "key out: openssl x509 -in cert.pem -noout -pubkey (of a request: openssl req)",
    )
