"""Node: its own crypto module, which writes JWK, and the library sshpk."""

from __future__ import annotations

from pathlib import Path

from tests.witnesses.rows import ACCEPTED, PASSWORD, Row, private, public

FOLDER = Path(__file__).parent / "node"
BEFORE = f"node '{FOLDER / 'make.js'}' {PASSWORD}"

_TYPES = ("rsa", "dsa", "ecdsa", "ed25519")
_PRIVATE = (
    *("pem", "pkcs1", "pkcs8", "openssh", "encrypted.openssh", "rfc4253"),
    *("putty", "dnssec", "jwk"),
)
_PUBLIC = ("ssh", "pem", "pkcs1", "pkcs8")
_NO_SUCH_FORM = {"dsa.dnssec", "ed25519.dnssec", "dsa.jwk", "ed25519.public.pkcs1"}


def _public(name: str) -> list[Row]:
    expected = ACCEPTED if name == "rsa" else "wrong_key_type"
    in_base64 = "missing_key_type" if name == "rsa" else "wrong_key_type"
    rows = [
        *(public(f"{name}.public.{form}", expected) for form in _PUBLIC),
        public(f"{name}.public.rfc4253", "not_text", in_base64=in_base64),
        # It begins as a .ppk file does, and so as a private key whose end is missing.
        public(f"{name}.public.putty", "private_key"),
    ]
    return rows if name == "dsa" else [*rows, public(f"{name}.public.jwk", "not_a_key")]


ROWS = [
    row
    for name in _TYPES
    for row in [*(private(f"{name}.{form}") for form in _PRIVATE), *_public(name)]
    if row.file not in _NO_SUCH_FORM
]
