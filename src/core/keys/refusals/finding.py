"""What a look at a refused text has found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import MalformedPublicKey
from core.keys.containers import announced_characters, read_container, unify_line_breaks

if TYPE_CHECKING:
    from core.keys.rsa_key import RsaPublicKey
    from core.reasons import Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """
    Why a text is refused.

    Args:
        reason: one of core.reasons.
        description: for a person who has never read an RFC: what it is, what to do. It holds
            nothing of the text but, at most, one code point.
        at: the offset in the text where it goes wrong, where one place is at fault.
        readable: the one key that can be read out all the same.
    """

    reason: Reason
    description: str
    at: int | None = None
    readable: RsaPublicKey | None = None


# Reasons that are about what a key calls itself: its type, or the BEGIN line of its block.
_OF_THE_TYPE = {"certificate", "signature_algorithm", "type_mismatch", "wrong_key_type", "x509"}


def at_the_type(finding: Finding, at: int) -> Finding:
    """Tell the place of the type, where the type is at fault and no better place is known."""
    if finding.at is not None or finding.reason not in _OF_THE_TYPE:
        return finding
    return replace(finding, at=at)


def key_in(text: str) -> RsaPublicKey | None:
    """Read a key out of a repaired text; None if the repair has not made it one."""
    try:
        return read_container(unify_line_breaks(text))
    except MalformedPublicKey:
        return None


def first_key_in(*texts: str) -> RsaPublicKey | None:
    """Read a key out of the first of the repaired texts that is one."""
    for text in texts:
        key = key_in(text)
        if key is not None:
            return key
    return None


def length_in(letters: str) -> int | None:
    """How many characters of base64 the key that begins so has; None if that is not told yet."""
    try:
        return announced_characters(letters)
    except MalformedPublicKey:
        return None


def code_point(character: str) -> str:
    """Name a character that may not be shown."""
    return f"U+{ord(character):04X}"
