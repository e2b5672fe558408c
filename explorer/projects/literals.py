"""
Texts as literals of each language.

A comment of a key may hold quotes, backslashes, ``$``, backticks, braces, any script. Characters
that do not print, such as those that turn the direction of writing, are escaped where the language
can do that: what is read is what runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.projects.call import NotPossible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LETTERS = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def python(text: str) -> str:
    """Return a literal of Python, as Python itself writes it."""
    return repr(text)


def double_quoted(text: str) -> str:
    r"""
    Return a literal of JavaScript, TypeScript, Java, and C#: ``\uXXXX`` is a UTF-16 code unit.

    In Java a ``\u`` is replaced before the text is read as a program, but not behind a doubled
    backslash; and no line break is ever written as one.
    """
    return _quoted(text, _LETTERS, _utf16)


def go(text: str) -> str:
    r"""Return a literal of Go: ``\uXXXX`` is a character, and one above U+FFFF has eight digits."""
    return _quoted(text, _LETTERS, _code_point)


def php(text: str) -> str:
    r"""Return a literal of PHP: in single quotes nothing but ``\\`` and ``\'`` is replaced."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def shell(text: str) -> str:
    """
    Return a word of the shell: in single quotes nothing is replaced.

    Raises:
        NotPossible: the text holds a character that ends texts there.
    """
    if "\0" in text:
        raise NotPossible("A shell can hold no text with the character U+0000 in it.")
    return "'" + text.replace("'", "'\\''") + "'"


def _quoted(text: str, letters: Mapping[str, str], escape: Callable[[str], str]) -> str:
    written = (
        letters.get(character) or (character if character.isprintable() else escape(character))
        for character in text
    )
    return f'"{"".join(written)}"'


def _utf16(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _code_point(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
