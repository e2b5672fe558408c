"""Fingerprints: what names a key to people and to ENS, computed over the SSH blob."""

from __future__ import annotations

import hashlib
from binascii import b2a_base64


def md5_fingerprint(blob: bytes) -> str:
    """
    Fingerprint a blob as ENS does (RFC 4716, section 4): 32 lower-case hex digits, no colons.

    MD5 names a key here, it protects nothing; so a FIPS build of Python may compute it too.
    """
    return hashlib.md5(blob, usedforsecurity=False).hexdigest()


def sha256_fingerprint(blob: bytes) -> str:
    """Fingerprint a blob as OpenSSH prints it: ``SHA256:`` and unpadded base64."""
    digest = b2a_base64(hashlib.sha256(blob).digest(), newline=False)
    return "SHA256:" + digest.rstrip(b"=").decode()
