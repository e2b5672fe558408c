"""
The fields of a multipart/form-data body (RFC 7578), as curl -F and browsers send it.

Loaded late: the standard library's parser of headers takes longer to load than a key to read, and
most requests have another content type. Names of files are not looked at, and are never logged.
"""

from __future__ import annotations

import itertools
import re
from email.message import Message
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING, NoReturn

from core.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PARTS = 20
LONGEST_BOUNDARY = 70  # characters (RFC 2046, section 5.1.1)
PLAIN_ENCODINGS = {"", "7bit", "8bit", "binary"}
CONTAINERS = {"multipart", "message"}

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


def read_fields(body: bytes, content_type: str) -> list[tuple[str, str | bytes]]:
    """
    Return the names and values of the fields, in their order; that of a file is bytes.

    Args:
        body: the body, of a length that somebody has looked at.
        content_type: the header, which names the boundary.

    Raises:
        InvalidRequest: unreadable_body.
    """
    fields = []
    for part in _parts(body, _boundary(content_type)):
        field = _field(part)
        if field is not None:
            fields.append(field)
    return fields


def _boundary(content_type: str) -> bytes:
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary() or ""
    if not 0 < len(boundary) <= LONGEST_BOUNDARY or not boundary.isascii():
        _refuse("its header names no boundary, or one of more than 70 characters")
    return boundary.encode()


def _parts(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """Yield what is between the lines of the boundary; the last of them ends in two dashes."""
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    lines = list(line.finditer(body))
    if not lines or lines[0][1]:
        _refuse("there is no part in it between lines of its boundary")
    last = next((number for number, found in enumerate(lines) if found[1]), None)
    if last is None:
        _refuse("it is cut off: the line of the boundary that ends it is missing")
    if last > MAX_PARTS:
        _refuse(f"it has more than {MAX_PARTS} parts")
    for begin, end in itertools.pairwise(lines[: last + 1]):
        yield body[begin.end() : end.start()]


def _field(part: bytes) -> tuple[str, str | bytes] | None:
    """Return a part's name and value; None for the empty file of a form, where none was chosen."""
    headers = part.removeprefix(b"\r").removeprefix(b"\n")
    end = _END_OF_HEADERS.search(headers)
    if end is None:
        headers, value = b"", b""
    else:
        headers, value = headers[: end.end()], headers[end.end() :]
    header = BytesHeaderParser().parsebytes(headers)
    name = header.get_param("name", header="Content-Disposition")
    if header.get_content_disposition() != "form-data" or not name or not isinstance(name, str):
        _refuse("a part has no name")
    if header.get_content_maintype() in CONTAINERS:
        _refuse("a part is nested: it is multipart or a message itself")
    if str(header.get("Content-Transfer-Encoding", "")).strip().lower() not in PLAIN_ENCODINGS:
        _refuse("a part has a Content-Transfer-Encoding, which forms do not have")
    file_name = header.get_param("filename", header="Content-Disposition")
    if file_name is None:
        return name, value.decode("utf-8", "surrogateescape")
    return (name, value) if file_name or value else None


def _refuse(what: str) -> NoReturn:
    raise InvalidRequest(
        f"The body is multipart/form-data, and {what}. Send it as curl does: "
        "-F KeyPairName=alice -F PublicKeyBody=@id_rsa.pub",
        reason="unreadable_body",
    )
