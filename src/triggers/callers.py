"""
Who called, for log lines and receipts. None of it is a secret, and none of it is verified here.

FC's gateway has verified signature or token before the function runs, and OSS knows who put an
object. Whoever may invoke the function directly can write any event, and so any caller.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from triggers.tokens import LONGEST_AUTHORIZATION, read_authorizations, read_claims

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 128  # characters of a caller
SIGNATURE = re.compile(
    r"ACS3-HMAC-SHA256 .{0,200}?Credential=([\w.*-]{1,128})|(?:FC|acs) ([\w.*-]{1,128}):"
)
ACCESS_KEY_ID = re.compile(r"[\w.*-]{1,128}")
PRINCIPAL = re.compile(r"[\w.*:/@+=,-]{1,128}")
ADDRESS = re.compile(r"[0-9A-Fa-f.:*]{2,45}")
LONG_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]{60,}")  # may be part of a key


def signer(event: Mapping[str, object]) -> str:
    """Return who signed a request: the access key id, or the token's ``sub``; else nothing."""
    for authorization in read_authorizations(event):
        if signature := SIGNATURE.match(authorization[:LONGEST_AUTHORIZATION]):
            return _masked(signature[1] or signature[2])
        if claims := read_claims(authorization):
            return _subject(claims)
    key_id = _object(event.get("queryParameters")).get("AccessKeyId")  # of RPC's signatures
    return _matched(ACCESS_KEY_ID, key_id)


def http_address(event: Mapping[str, object]) -> str:
    """Return the address that FC's gateway saw; never X-Forwarded-For, which callers write."""
    context = _object(event.get("requestContext"))
    http = _object(context.get("http"))
    return address(http.get("sourceIp", context.get("sourceIp")))


def address(value: object) -> str:
    """Return an IP address, or nothing where it is none."""
    return _matched(ADDRESS, value)


def principal(value: object) -> str:
    """Return OSS's principalId, or nothing where it is none."""
    return _matched(PRINCIPAL, value)


def _subject(claims: Mapping[str, object]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.isprintable():
        return ""
    return _masked(subject[:LONGEST])


def _matched(pattern: re.Pattern[str], value: object) -> str:
    return _masked(value) if isinstance(value, str) and pattern.fullmatch(value) else ""


def _masked(text: str) -> str:
    return LONG_BASE64.sub("***", text)


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
