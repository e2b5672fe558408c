"""The keys of tests/keys, and the parts to build good and bad ones from, written by hand."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "keys"


def read(name: str) -> str:
    return (FOLDER / name).read_text()


def b64(data: bytes | str) -> str:
    return b64encode(data.encode() if isinstance(data, str) else data).decode()


def string(content: bytes | str) -> bytes:
    """RFC 4251 string, as in the RFC: four bytes of length, and the content."""
    content = content.encode() if isinstance(content, str) else content
    return len(content).to_bytes(4, "big") + content


def mpint(number: int) -> bytes:
    """RFC 4251 mpint of a positive number."""
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


def rsa_blob(modulus: int, exponent: int = 65537, key_type: str = "ssh-rsa") -> bytes:
    return string(key_type) + mpint(exponent) + mpint(modulus)


def rsa_line(modulus: int, exponent: int = 65537) -> str:
    return f"ssh-rsa {b64(rsa_blob(modulus, exponent))}"


def der(tag: int, content: bytes) -> bytes:
    """One DER value."""
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def pem(label: str, content: bytes) -> str:
    text = b64(content)
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"]) + "\n"


LINE = read("rsa-2048.pub").strip()
KEY_TYPE, BASE64, COMMENT = LINE.split(" ")
BARE = f"{KEY_TYPE} {BASE64}"
OTHER_LINE = read("rsa-3072.pub").strip()
ED25519_LINE = read("ed25519.pub").strip()
ED25519_BASE64 = ED25519_LINE.split(" ")[1]
RFC4716 = read("rsa-2048.rfc4716")
SPKI = read("rsa-2048.spki.pem")
PKCS1 = read("rsa-2048.pkcs1.pem")
