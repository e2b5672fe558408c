"""
Read a public key as it was pasted, or explain why it cannot be read.

``read_public_key`` is the one entry. Acceptance is short and strict (``core.keys.containers``);
``core.keys.refusals`` is loaded only after a refusal, and knows what people paste instead.

The order in which reasons win: a private key, always; too long; not text; then the order that
``core.keys.refusals.order`` has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import MalformedPublicKey, RequestRefused
from core.keys.containers import SSH2_LABEL, offset_as_sent, read_container, unify_line_breaks
from core.keys.private_keys import PrivateKeySearch, find_private_key, private_key_refused
from core.places import line_and_column

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.keys.refusals.finding import Finding
    from core.keys.rsa_key import RsaPublicKey

MAX_LENGTH = 8 * 1024  # bytes, as received


def read_public_key(
    body: str | bytes,
    *,
    acceptable: Callable[[RsaPublicKey], bool] | None = None,
    search: PrivateKeySearch | None = None,
) -> RsaPublicKey:
    """
    Read exactly one RSA public key.

    Args:
        body: the key as it was sent.
        acceptable: whether a key would be accepted by policy; a corrected line is given for such
            keys only.
        search: the request's, for private keys; by default one of its own.

    Raises:
        RequestRefused: MissingParameter, if the body is empty or holds only spaces.
        MalformedPublicKey: with a reason of docs/errors.md; nothing of a private key is in it, nor
            in its context.
    """
    key = _accepted(body)
    if key is None:
        raise _refusal(body, acceptable, search or PrivateKeySearch())
    return key


def _accepted(body: str | bytes) -> RsaPublicKey | None:
    """Read the key strictly; None if that cannot be done, for whatever reason."""
    if _too_long(body):
        return None
    try:
        text = unify_line_breaks(body if isinstance(body, str) else body.decode())
        key = read_container(text)
    except (MalformedPublicKey, UnicodeDecodeError):
        return None
    # All else of it is the key; only the headers of a block hold more than is kept.
    told = [key.comment, _headers(text)] if SSH2_LABEL in text else [key.comment]
    return None if find_private_key(*told) else key


def _headers(text: str) -> str:
    from core.keys.wrappings import headers_in  # noqa: PLC0415 - few keys come with headers

    start, end = headers_in(text)
    return text[start:end]


def _too_long(body: str | bytes) -> bool:
    if isinstance(body, str) and not body.isascii():
        body = body.encode(errors="surrogatepass")
    return len(body) > MAX_LENGTH


def _refusal(
    body: str | bytes,
    acceptable: Callable[[RsaPublicKey], bool] | None,
    search: PrivateKeySearch,
) -> RequestRefused:
    """Make the exception; it is raised by the caller, where nothing else is being handled."""
    kind = search.find(body)
    if kind:
        return private_key_refused(kind, "PublicKeyBody")
    if _too_long(body):
        return MalformedPublicKey(
            f"The text is longer than {MAX_LENGTH} bytes; the largest key that is accepted needs "
            "less than half of that. Send one public key, and nothing else.",
            reason="too_long",
        )
    # Most instances refuse nothing; loading what explains takes longer than reading a key.
    from core.keys.refusals.order import explain_text  # noqa: PLC0415 - see above
    from core.keys.refusals.received_text import decode_text  # noqa: PLC0415 - see above

    sent = decode_text(body) if isinstance(body, bytes) else body
    if not isinstance(sent, str):
        return _as_error(sent.finding, sent.before, acceptable)
    text = unify_line_breaks(sent).rstrip(" \t\r\n")
    if not text.strip(" \t\n"):
        return RequestRefused(
            "PublicKeyBody is empty or holds only spaces.",
            code="MissingParameter",
            reason="missing_parameter",
            parameter="PublicKeyBody",
        )
    return _as_error(explain_text(text), sent, acceptable)


def _as_error(
    finding: Finding, sent: str, acceptable: Callable[[RsaPublicKey], bool] | None
) -> MalformedPublicKey:
    key = finding.readable
    if key and (find_private_key(key.comment) or not (acceptable is None or acceptable(key))):
        key = None
    at = finding.at
    return MalformedPublicKey(
        finding.description,
        reason=finding.reason,
        place=None if at is None else line_and_column(sent, offset_as_sent(sent, at)),
        corrected_line=key.line if key else None,
    )
