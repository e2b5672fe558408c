"""
OSS's XML. Written: elements from Python values, a list as the same element again and again.
Read: the two documents that come in requests.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import TypeAlias
from xml.etree import ElementTree as ET

from devcloud.oss import exceptions

Content: TypeAlias = "str | Mapping[str, Content] | Sequence[Mapping[str, Content]]"
# XML 1.0 cannot hold these, not even as references; encoding-type=url is for keys with such.
MAX_BYTES = 2 << 20  # of a document in a request: 1,000 keys, or 10,000 parts
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def document(root: str, content: Content) -> bytes:
    """Write a document of one root element."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(root, content)}\n'.encode()


def read_document(body: bytes, root: str) -> ET.Element:
    """
    Read a document whose root has this name, in whatever namespace; return the root.

    Raises:
        ServiceError: MalformedXML, also for a document type: entities that grow when they are
            replaced are declared in one.
    """
    if len(body) > MAX_BYTES:
        raise exceptions.malformed_xml()
    try:
        text = body.decode()
        if "<!DOCTYPE" in text.upper():
            raise exceptions.malformed_xml()
        found = ET.fromstring(text)  # noqa: S314 - without a document type it is inert
    except (ValueError, ET.ParseError):
        raise exceptions.malformed_xml() from None
    for element in found.iter():
        element.tag = element.tag.rpartition("}")[2]
    if found.tag != root:
        raise exceptions.malformed_xml()
    return found


def _element(name: str, content: Content) -> str:
    if isinstance(content, str):
        return f"<{name}>{escape(_NOT_IN_XML.sub('?', content), quote=False)}</{name}>"
    if isinstance(content, Mapping):
        inner = "".join(_element(child, value) for child, value in content.items())
        return f"<{name}>{inner}</{name}>"
    return "".join(_element(name, item) for item in content)
