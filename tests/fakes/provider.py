"""An identity provider: it makes keys, publishes their public halves, and signs tokens (RS256)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

if TYPE_CHECKING:
    from collections.abc import Mapping


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def new_private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """One of its keys."""

    kid: str = "key-1"
    private_key: rsa.RSAPrivateKey = field(default_factory=new_private_key, repr=False)

    @property
    def jwk(self) -> dict[str, str]:
        """The public half (RFC 7517)."""
        numbers = self.private_key.public_key().public_numbers()
        return {
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": self.kid,
            "n": base64url(numbers.n.to_bytes(256, "big")),
            "e": base64url(numbers.e.to_bytes(3, "big")),
        }

    def token(self, claims: Mapping[str, Any], **head: str) -> str:
        full_head = {"alg": "RS256", "typ": "JWT", "kid": self.kid, **head}
        return self.signed(json.dumps(full_head), json.dumps(claims))

    def signed(self, *parts: str) -> str:
        """Sign head and claims of any shape."""
        signed = ".".join(base64url(part.encode(errors="surrogateescape")) for part in parts)
        signature = self.private_key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64url(signature)}"
