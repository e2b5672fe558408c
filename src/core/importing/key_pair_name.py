"""
The naming rule of a key pair.

2 to 128 characters; the first an English or Chinese letter; then English or Chinese letters,
digits, ``:``, ``_`` and ``-``; not ``http://`` or ``https://`` at the start. From the manual of
ENS CreateKeyPair; the Chinese edition names the Chinese letters.
"""

from __future__ import annotations

import re

from core.errors import InvalidKeyPairName

MIN_LENGTH, MAX_LENGTH = 2, 128  # characters, not bytes

# The CJK unified ideographs. In one set with others, Python makes a map of them: 3 ms for each.
_NOT_CHINESE = "(?![\u4e00-\u9fff])"
_NOT_A_LETTER = re.compile(f"{_NOT_CHINESE}[^A-Za-z]")
_NOT_ALLOWED = re.compile(f"{_NOT_CHINESE}[^A-Za-z0-9:_-]")
_ALLOWED = "English or Chinese letters, digits, ':', '_' and '-'"


def check_key_pair_name(name: str, prefix: str = "") -> str:
    """
    Return the name if it keeps the rule, and begins as this caller's names have to.

    Raises:
        InvalidKeyPairName: says which part is broken and at which character. Of the name itself
            it tells one code point at most: people paste keys into the wrong field.
    """
    if name.startswith(("http://", "https://")):
        raise InvalidKeyPairName(
            "KeyPairName must not begin with http:// or https://.",
            reason="name_is_url",
            place=(1, 1),
        )
    if _NOT_A_LETTER.match(name):
        raise InvalidKeyPairName(
            "KeyPairName must begin with an English or Chinese letter; "
            f"its first character is {_code_point(name[0])}.",
            reason="name_bad_start",
            place=(1, 1),
        )
    if found := _NOT_ALLOWED.search(name):
        column = found.start() + 1
        raise InvalidKeyPairName(
            f"KeyPairName may hold {_ALLOWED} only; "
            f"character {column} is {_code_point(found.group())}.",
            reason="name_bad_character",
            place=(1, column),
        )
    if len(name) < MIN_LENGTH:
        raise InvalidKeyPairName(
            f"KeyPairName has {len(name)} character; it needs at least {MIN_LENGTH}.",
            reason="name_too_short",
        )
    if len(name) > MAX_LENGTH:
        raise InvalidKeyPairName(
            f"KeyPairName has {len(name)} characters; at most {MAX_LENGTH} are allowed.",
            reason="name_too_long",
            place=(1, MAX_LENGTH + 1),
        )
    if not name.startswith(prefix):
        raise InvalidKeyPairName(
            f"KeyPairName must begin with {prefix} here.",
            reason="name_without_prefix",
            place=(1, 1),
        )
    return name


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"
