"""OSS's XML: elements from Python values, a list as the same element again and again."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from xml.sax.saxutils import escape

Content: TypeAlias = "str | Mapping[str, Content] | Sequence[Mapping[str, Content]]"
# XML 1.0 cannot hold these, not even as references; encoding-type=url is for keys with such.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def document(root: str, content: Content) -> bytes:
    """Write a document of one root element."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(root, content)}\n'.encode()


def _element(name: str, content: Content) -> str:
    if isinstance(content, str):
        return f"<{name}>{escape(_NOT_IN_XML.sub('?', content))}</{name}>"
    if isinstance(content, Mapping):
        inner = "".join(_element(child, value) for child, value in content.items())
        return f"<{name}>{inner}</{name}>"
    return "".join(_element(name, item) for item in content)
