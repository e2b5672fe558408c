"""
JSON web tokens: whom a token was made for, and by whom.

FC's gateway has verified signature and times before the function runs, by the keys of the trigger's
authConfig. A provider signs the tokens of all its programs with these keys, so that alone does not
say that a token was meant for this function. The gateway leaves the token in the event.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import RequestRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_AUTHORIZATION = 8192  # characters, all of them ASCII
TOKEN = re.compile(r"Bearer +[A-Z0-9_-]+\.([A-Z0-9_-]+)\.[A-Z0-9_-]+", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class TokenRules:
    """
    Which tokens may be used to call the function.

    Args:
        audience: what ``aud`` is, or is a list that contains it (RFC 7519, section 4.1.3).
        issuer: what ``iss`` is.
    """

    audience: str
    issuer: str

    def check(self, event: Mapping[str, object]) -> None:
        """
        Let an event pass that has exactly one Authorization, with a token of this issuer for this
        audience.

        Raises:
            RequestRefused: NoPermission, caller_not_allowed.
        """
        authorizations = read_authorizations(event)
        claims = read_claims(authorizations[0]) if len(authorizations) == 1 else None
        if claims is None:
            raise _not_allowed(
                "A call needs exactly one Authorization header: Bearer, and a JSON web token, "
                f"together at most {LONGEST_AUTHORIZATION // 1024} KiB."
            )
        if claims.get("iss") != self.issuer:
            raise _not_allowed("The token's issuer (iss) is not the function's JWT_ISSUER.")
        audience = claims.get("aud")
        if self.audience not in (audience if isinstance(audience, list) else [audience]):
            raise _not_allowed(
                "The token was made for another program: its audience (aud) is not the "
                "function's JWT_AUDIENCE. Ask the identity provider for a token for this function."
            )


def read_authorizations(event: Mapping[str, object]) -> list[str]:
    """Return every Authorization of an HTTP event, in whatever case the header is written."""
    headers = event.get("headers")
    members = headers.items() if isinstance(headers, dict) else ()
    return [str(value) for name, value in members if name.lower() == "authorization"]


def read_claims(authorization: str) -> Mapping[str, object] | None:
    """Return what a bearer token says, unverified; None where it is no such token."""
    token = TOKEN.fullmatch(authorization) if len(authorization) <= LONGEST_AUTHORIZATION else None
    if token is None:
        return None
    payload = token[1] + "=" * (-len(token[1]) % 4)
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload))
    except (binascii.Error, ValueError, RecursionError):  # the last: nested too deep
        return None
    return claims if isinstance(claims, dict) else None


def _not_allowed(description: str) -> RequestRefused:
    return RequestRefused(description, code="NoPermission", reason="caller_not_allowed")
