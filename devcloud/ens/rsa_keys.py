"""
RSA keys, by cryptography, not by hand: devcloud is to be a second opinion on what a key is.

It is imported with the first key, since a cloud is ready sooner without it.
"""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CREATED_KEY_BITS = 2048


class MalformedPublicKey(Exception):
    """This is not exactly one RSA public key in one line."""


def fingerprint(public_key: str) -> str:
    """
    Compute the fingerprint of RFC 4716, section 4, without its colons.

    The blob is the loaded key's own encoding; cryptography itself is lenient about what follows
    the key.

    Raises:
        MalformedPublicKey: it is no ``ssh-rsa`` line that cryptography loads.
    """
    if not public_key.startswith("ssh-rsa ") or "\n" in public_key.strip():
        raise MalformedPublicKey
    try:
        loaded = serialization.load_ssh_public_key(public_key.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise MalformedPublicKey from None
    if not isinstance(loaded, rsa.RSAPublicKey):
        raise MalformedPublicKey
    return serialization.ssh_key_fingerprint(loaded, hashes.MD5()).hex()  # noqa: S303 - RFC 4716's


def generate() -> tuple[str, str]:
    """Make a key; return its public half as one line, and the private one as PEM (PKCS#1)."""
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=CREATED_KEY_BITS)
    public_key = private_key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    pem = private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return public_key.decode(), pem.decode()
