"""The programs that make a call, coloured for the page."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.token import Comment, Keyword, Name, Number, String
from pygments.util import ClassNotFound

from explorer.projects import NotPossible, languages, project

if TYPE_CHECKING:
    from pygments.token import _TokenType

    from explorer.projects import Call

# What the style sheet has a colour for; the first that fits.
COLOURS = (
    (Comment, "comment"),
    (Keyword, "word"),
    (String, "literal"),
    (Number, "literal"),
    (Name.Function, "name"),
    (Name.Class, "name"),
    (Name.Tag, "name"),
)


def programs(call: Call) -> list[dict[str, Any]]:
    """
    Make a call's projects, one a language, with the text of each file as coloured pieces.

    A language that cannot make the call has a sentence that says why instead of files.
    """
    return [
        {"name": language.name, "title": language.title, **_files(language.main, language, call)}
        for language in languages()
    ]


def _files(main: str, language: Any, call: Call) -> dict[str, Any]:
    try:
        texts = project(language, call)
    except NotPossible as reason:
        return {"error": str(reason)}
    first = sorted(texts, key=lambda path: (path != main, path))
    return {"files": [{"path": path, "pieces": pieces(path, texts[path])} for path in first]}


def pieces(path: str, text: str) -> list[tuple[str, str]]:
    """Cut a file's text into (colour, text): put together, the very text again."""
    try:
        lexer = get_lexer_for_filename(path)
    except ClassNotFound:
        lexer = TextLexer()
    # Unprocessed: else line ends are changed, and one is added.
    coloured = ((_colour(kind), value) for _, kind, value in lexer.get_tokens_unprocessed(text))
    return [
        (colour, "".join(value for _, value in run))
        for colour, run in groupby(coloured, key=lambda piece: piece[0])
    ]


def _colour(kind: _TokenType) -> str:
    return next((name for parent, name in COLOURS if parent in kind.split()), "")
