"""The one entry: read a public key as it was pasted, or explain why it cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import MalformedPublicKey, MissingParameter
from core.public_key import parse_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.public_key import PublicKey


def read_public_key(
    body: str | bytes, *, acceptable: Callable[[PublicKey], bool] | None = None
) -> PublicKey:
    """Read exactly one RSA public key."""
    del acceptable
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    if not text.strip():
        raise MissingParameter("PublicKeyBody is empty.", reason="missing_parameter")
    if "PRIVATE KEY" in text:
        raise MalformedPublicKey("This is a private key.", reason="private_key")
    return parse_line(text.strip())
