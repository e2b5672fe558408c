"""What a DER structure is, by its first bytes, and the RSA key in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.errors import MalformedPublicKey
from core.keys.containers import PEM_LABELS, read_der

if TYPE_CHECKING:
    from core.keys.rsa_key import RsaPublicKey

SEQUENCE = 0x30

_LENGTH = rb"(?:[\x00-\x7f]|\x81.|\x82..)"
_ALGORITHM = re.compile(rb"0%b0%b\x06([\x01-\x0a])" % (_LENGTH, _LENGTH), re.DOTALL)
_X509 = re.compile(
    # A certificate's version, or the number or algorithm of an old one; a request's version and
    # name; the identifier that begins PKCS#7.
    rb"0%b(?:0%b(?:\xa0\x03\x02\x01|\x02\x01\x00\x30|\x02[\x01-\x15].{1,21}0)"
    rb"|\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07)" % (_LENGTH, _LENGTH),
    re.DOTALL,
)
_KEY_TYPES = {
    "2a864886f70d010101": "an RSA key",
    "2a864886f70d01010a": "an RSA-PSS key",
    "2a8648ce3d0201": "an elliptic-curve key",
    "2a8648ce380401": "a DSA key",
    "2a864886f70d010301": "a Diffie-Hellman key",
    "2b656e": "an X25519 key",
    "2b656f": "an X448 key",
    "2b6570": "an Ed25519 key",
    "2b6571": "an Ed448 key",
}


def is_x509(der: bytes) -> bool:
    """Tell whether it is a certificate, a request for one, or PKCS#7."""
    return _X509.match(der) is not None


def other_key_type(der: bytes) -> str | None:
    """Name the key type of a SubjectPublicKeyInfo that is not plain RSA; None for anything else."""
    found = _ALGORITHM.match(der)
    if found is None:
        return None
    identifier = der[found.end() : found.end() + found[1][0]].hex()
    name = _KEY_TYPES.get(identifier, "a key of another type")
    return None if name == "an RSA key" else name


def rsa_key_in(der: bytes) -> tuple[RsaPublicKey, str] | None:
    """Read an RSA key in either structure, and say under which PEM label it belongs."""
    for label in PEM_LABELS:
        try:
            return read_der(der, label), label
        except MalformedPublicKey:
            continue
    return None
