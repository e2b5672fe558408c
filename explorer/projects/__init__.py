"""
Programs that make one ImportKeyPair call, in several languages.

    for language in languages():
        files = project(language, call)      # {path: text}; language.main is the one to show
        data = archive(language, call)       # the same files as a zip

A language that cannot make a call raises NotPossible, with a sentence that says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.projects import csharp, golang, java, php, python, scripts, typescript
from explorer.projects.archive import zip_of
from explorer.projects.call import ENS, Authorization, Call, NotPossible, Target

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ENS",
    "Authorization",
    "Call",
    "Language",
    "NotPossible",
    "Target",
    "archive",
    "archive_name",
    "languages",
    "project",
]


@dataclass(frozen=True, slots=True)
class Language:
    """
    A language, or a tool, that programs are made in.

    Args:
        name: an identifier: for addresses and file names.
        title: what people call it.
        main: the path of the file with the code in it.
        lexer: what Pygments calls the language of that file.
    """

    name: str
    title: str
    main: str
    lexer: str


_MAKERS: dict[Language, Callable[[Call], dict[str, str]]] = {
    Language("python", "Python", python.MAIN, "python"): python.project,
    Language("typescript", "TypeScript", typescript.MAIN, "typescript"): typescript.project,
    Language("java", "Java", java.MAIN, "java"): java.project,
    Language("go", "Go", golang.MAIN, "go"): golang.project,
    Language("php", "PHP", php.MAIN, "php"): php.project,
    Language("csharp", "C#", csharp.MAIN, "csharp"): csharp.project,
    Language("curl", "curl", scripts.MAIN, "bash"): scripts.curl,
    Language("aliyun-cli", "Alibaba Cloud CLI", scripts.MAIN, "bash"): scripts.aliyun_cli,
}


def languages() -> tuple[Language, ...]:
    """Return the languages, in the order in which they are shown."""
    return tuple(_MAKERS)


def project(language: Language, call: Call) -> dict[str, str]:
    """
    Return the files of a project that makes the call, by path.

    Raises:
        NotPossible: this language cannot make it.
    """
    return _MAKERS[language](call)


def archive(language: Language, call: Call) -> bytes:
    """
    Return the project as a zip, with all files in one folder: the same bytes each time.

    Raises:
        NotPossible: this language cannot make the call.
    """
    return zip_of(f"import-key-pair-{language.name}", project(language, call))


def archive_name(language: Language) -> str:
    """Return the file name of the zip."""
    return f"import-key-pair-{language.name}.zip"
