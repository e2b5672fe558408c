"""
The HTTP trigger's authType jwt: RS256 tokens, checked against the JWKS of the trigger's authConfig.

Refused when the trigger is made, because devcloud would not do what FC does: another algorithm,
another key type, ``claimPassBy``, ``blacklist`` and ``whitelist``.
"""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from devcloud.fc.exceptions import InvalidSpec, InvalidToken
from devcloud.http_message import Request
from devcloud.ram.models import Clock

_NO_CLAIMS = "query::"  # what fc3 writes for a claimPassBy that is absent: no claim is passed on


@dataclass(frozen=True, slots=True)
class _Lookup:
    position: str  # header or query
    name: str
    prefix: str


class JwtAuthenticator:
    """Check the token of a request, for one trigger."""

    def __init__(self, auth_config: Mapping[str, Any], clock: Clock) -> None:
        """
        Read a trigger's authConfig.

        Raises:
            InvalidSpec: it says something that devcloud does not check as FC does.
        """
        known = {"jwks", "tokenLookup"}
        if auth_config.get("claimPassBy") == _NO_CLAIMS:
            known.add("claimPassBy")
        if strange := set(auth_config) - known:
            raise InvalidSpec(f"devcloud does not emulate {', '.join(sorted(strange))}")
        self._clock = clock
        self._lookup = _lookup(auth_config.get("tokenLookup"))
        self._keys = _public_keys(auth_config.get("jwks"))
        if not self._keys:
            raise InvalidSpec("authType jwt needs jwks with at least one key")

    def check(self, request: Request) -> None:
        """
        Let a request with a good token pass.

        Raises:
            InvalidToken: no token, not RS256, unknown kid, wrong signature, or not now.
        """
        head, payload, signature, signed = _parts(self._token(request))
        key_id = head.get("kid", "")
        key = self._keys.get(key_id) if isinstance(key_id, str) else None
        if key is None and "kid" not in head and len(self._keys) == 1:
            key = next(iter(self._keys.values()))
        if key is None or head.get("alg") != "RS256":
            raise InvalidToken
        try:
            key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise InvalidToken from None
        now = self._clock()
        begins, ends = (_numeric_date(payload.get(name, 0)) for name in ("nbf", "exp"))
        if not begins <= now < ends:
            raise InvalidToken

    def _token(self, request: Request) -> str:
        if self._lookup.position == "header":
            text = request.headers.get(self._lookup.name, "")
        else:
            text = dict(request.query).get(self._lookup.name, "")
        prefix = self._lookup.prefix
        if not text.lower().startswith(prefix.lower()):
            raise InvalidToken
        return text[len(prefix) :].strip()


def _lookup(config: Any) -> _Lookup:
    """Read ``header:Authorization:Bearer``, or the list of one object that s.yaml may hold."""
    if isinstance(config, str):
        position, _, rest = config.partition(":")
        name, _, prefix = rest.partition(":")
    elif isinstance(config, list) and len(config) == 1:
        position = config[0].get("readPosition", "")
        name, prefix = config[0].get("parameterName", ""), config[0].get("prefix", "")
    else:
        raise InvalidSpec("authType jwt needs one tokenLookup")
    if position not in {"header", "query"} or not name:
        raise InvalidSpec("devcloud reads tokens from a header or the query")
    return _Lookup(position, name, prefix)


def _public_keys(jwks: Any) -> dict[str, rsa.RSAPublicKey]:
    """Read a JWKS (RFC 7517, section 5), or its text, by kid."""
    try:
        document = json.loads(jwks) if isinstance(jwks, str) else jwks or {}
        keys = [(key.get("kid", ""), _public_key(key)) for key in document.get("keys", [])]
    except InvalidSpec:
        raise
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise InvalidSpec("the jwks of authType jwt cannot be read") from None
    by_kid = dict(keys)
    if any(by_kid[kid] != key for kid, key in keys):  # the same key twice is one
        raise InvalidSpec("two keys of the jwks have the same kid")
    return by_kid


def _public_key(key: Mapping[str, Any]) -> rsa.RSAPublicKey:
    if key.get("kty") != "RSA" or key.get("alg", "RS256") != "RS256":
        raise InvalidSpec("devcloud checks RS256 tokens only")
    modulus, exponent = (int.from_bytes(_decoded(key[name]), "big") for name in ("n", "e"))
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Take a token apart: header, claims, signature, and the bytes that are signed."""
    signed, _, signature = token.rpartition(".")
    try:
        head, payload = (json.loads(_decoded(part)) for part in signed.split("."))
        decoded_signature = _decoded(signature)
    except (ValueError, RecursionError):  # the second: nested too deep
        raise InvalidToken from None
    if not isinstance(head, dict) or not isinstance(payload, dict):
        raise InvalidToken
    return head, payload, decoded_signature, signed.encode()


def _numeric_date(value: object) -> float:
    """Read a number of seconds since the epoch (RFC 7519, section 2); infinity is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidToken
    try:
        instant = float(value)
    except OverflowError:
        raise InvalidToken from None
    if not math.isfinite(instant):
        raise InvalidToken
    return instant


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
