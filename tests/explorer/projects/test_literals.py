"""A text, written as a literal of a language, is the same text to that language."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from explorer.projects import NotPossible
from explorer.projects.literals import double_quoted, go, php, python, shell
from tests.explorer.projects.grammars import parse, text_of, walk

if TYPE_CHECKING:
    from collections.abc import Callable

# What generators break on, each in one piece, so that it is drawn often.
TRAPS = [
    *"'\"\\`$%{}\n\r\t\0\x0b\x7f\x85",
    *"\u2028\u2029\u202e\ufeff\u00ad\U000e0001é中🔑",
    *("${x}", "{$x}", "$x", "$(id)", "`id`", "%s", "{0}", "\\u000a", "\\\\u0022", "\\x41", "\\0"),
    *("*/", "//", "#", "?>", "<?php", "</script>", "EOF", "'''", '"""', "«key_pair_name»", "\\"),
]
TEXTS = st.lists(st.sampled_from(TRAPS) | st.text(max_size=5), max_size=12).map("".join)
MANY = st.lists(TEXTS, min_size=40, max_size=60)


@given(text=TEXTS)
@example(text="".join(TRAPS))
def test_python(text: str) -> None:
    """As Python's own parser reads it."""
    assert text == ast.literal_eval(python(text))


@pytest.mark.skipif(not shutil.which("node"), reason="node is not there")
@given(texts=MANY)
@example(texts=TRAPS)
@settings(max_examples=5)
def test_javascript(texts: list[str]) -> None:
    """As node evaluates it: TypeScript's literals are JavaScript's."""
    listed = ", ".join(double_quoted(text) for text in texts)
    program = f"console.log(JSON.stringify([{listed}]))"
    printed = subprocess.run(
        ["node", "-"], input=program, check=True, capture_output=True, encoding="utf-8"
    ).stdout

    assert texts == json.loads(printed)


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not there")
@given(texts=MANY)
@example(texts=TRAPS)
@settings(max_examples=5)
def test_shell(texts: list[str]) -> None:
    """As bash hands it to a command; no shell can hold U+0000, and that is said."""
    held = [text.replace("\0", "") for text in texts]
    program = "printf '%s\\0' " + " ".join(shell(text) for text in held)
    printed = subprocess.run(
        ["bash", "-s"], input=program.encode(), check=True, capture_output=True
    ).stdout

    assert held == printed.decode().split("\0")[:-1]


def test_shell_refuses_what_it_cannot_hold() -> None:
    """A text is never cut off in silence."""
    with pytest.raises(NotPossible, match=r"U\+0000"):
        shell("a\0b")


# Languages that need not be at hand: the grammar finds the literal, and the language's own rules
# say which text it is.

LETTERS = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
C_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))", re.DOTALL)


def c_value(written: str) -> str:
    """Read a literal in double quotes, as Go, Java and C# do; a code unit at a time."""

    def one(found: re.Match[str]) -> str:
        number = found[1] or found[2]
        return chr(int(number, 16)) if number else LETTERS[found[3]]

    value = C_ESCAPE.sub(one, written[1:-1])
    return value.encode("utf-16-be", "surrogatepass").decode("utf-16-be")


def java_value(written: str) -> str:
    r"""Read a literal of Java: first JLS 3.3, which replaces ``\u`` behind an even number of \."""

    def replaced(found: re.Match[str]) -> str:
        return found[0] if len(found[1]) % 2 else found[1] + chr(int(found[2], 16))

    translated = re.sub(r"(?<!\\)((?:\\\\)*)\\u([0-9a-f]{4})", replaced, written)
    assert not re.search(r"[\n\r]", translated), "a line break ends a literal of Java"
    return c_value(translated)


def php_value(written: str) -> str:
    """Read a literal in single quotes, as PHP does: two escapes, and all else is itself."""
    return re.sub(r"\\([\\'])", r"\1", written[1:-1])


GO_FORBIDS = re.compile("[\0\ufeff\n]")
CSHARP_ENDS = re.compile("[\n\r\x85\u2028\u2029]")


@pytest.mark.parametrize(
    ("language", "program", "write", "read", "forbidden"),
    [
        pytest.param(
            "java", "class A {{ String a = {}; }}", double_quoted, java_value, None, id="java"
        ),
        pytest.param("go", "package main\nvar a = {}\n", go, c_value, GO_FORBIDS, id="go"),
        pytest.param("php", "<?php const A = {};", php, php_value, None, id="php"),
        pytest.param(
            "csharp",
            "class A {{ const string a = {}; }}",
            double_quoted,
            c_value,
            CSHARP_ENDS,
            id="csharp",
        ),
    ],
)
@given(text=TEXTS)
@example(text="".join(TRAPS).replace("\0", ""))
def test_a_grammar_finds_it(
    language: str,
    program: str,
    write: Callable[[str], str],
    read: Callable[[str], str],
    forbidden: re.Pattern[str] | None,
    text: str,
) -> None:
    """It is one literal, nothing behind it is a part of it, and it reads as the text."""
    if language == "php":  # tree-sitter ends a program at U+0000, which PHP does not
        text = text.replace("\0", "")
    root = parse(language, program.format(write(text)))
    kinds = {"string", "string_literal", "interpreted_string_literal"}
    literals = [text_of(node) for node in walk(root) if node.type in kinds and node.is_named]

    assert not root.has_error
    assert [text] == [read(written) for written in literals]
    assert forbidden is None or not forbidden.search(literals[0])
