"""Programs as syntax trees: by tree-sitter's grammars, so that no compiler need be at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tree_sitter_bash
import tree_sitter_c_sharp
import tree_sitter_go
import tree_sitter_java
import tree_sitter_php
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

if TYPE_CHECKING:
    from collections.abc import Iterator

GRAMMARS = {
    "aliyun-cli": tree_sitter_bash.language(),
    "csharp": tree_sitter_c_sharp.language(),
    "curl": tree_sitter_bash.language(),
    "go": tree_sitter_go.language(),
    "java": tree_sitter_java.language(),
    "php": tree_sitter_php.language_php(),
    "typescript": tree_sitter_typescript.language_typescript(),
}


def parse(language: str, program: str) -> Node:
    """Return the root of a program's tree."""
    return Parser(Language(GRAMMARS[language])).parse(program.encode()).root_node


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, in the order of the text."""
    yield node
    for child in node.children:
        yield from walk(child)


def text_of(node: Node) -> str:
    """Return the part of the program that a node stands for."""
    return (node.text or b"").decode()
