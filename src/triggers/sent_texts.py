"""
Every text of an event in which a private key may be: looked through once, after a refusal.

Nothing is refused here, and little is understood: a body is what it looks like, whatever its
content type says. Credentials are left out: Authorization, Cookie and x-acs-* headers hold what the
platform asks for, and a token's claims may look like those of a key.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LOOK = 64 * 1024  # characters or bytes of a body, or of an event that is not read
MOST_TEXTS = 256  # that are looked at one by one; what is left is put together
SHORTEST = 16  # characters of such a text

_CREDENTIALS = re.compile(r"(?:proxy-)?authorization|(?:set-)?cookies?|x-acs-.*", re.IGNORECASE)
_CREDENTIALS_IN_JSON = re.compile(
    rb'"(?:(?:proxy-)?authorization|(?:set-)?cookie|x-acs-[a-z-]{1,60})"\s{0,9}:\s{0,9}"[^"]{0,16384}"',
    re.IGNORECASE,
)
_BODY = re.compile(rb'"body"\s{0,9}:')
_BETWEEN_PARTS = re.compile(rb"(?:\A|\r?\n)--[^\r\n]{1,74}\r?\n")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_FORM = re.compile(rb"[\w.\[\]%+-]{1,128}=")
_MOST_FIELDS = 64


def texts_of_http(event: Mapping[str, object]) -> Iterator[str | bytes]:
    """Return those of an HTTP event, but for its credentials."""
    body = event.get("body")
    if isinstance(body, str):
        for text in _decoded(body) if event.get("isBase64Encoded") else (body,):
            yield from _texts_of_body(text)
        event = {name: value for name, value in event.items() if name != "body"}
    yield from texts_of_value(
        {
            name: _without_credentials(value) if "headers" in name.lower() else value
            for name, value in event.items()
            if not _CREDENTIALS.fullmatch(name)
        }
    )


def texts_of_value(value: object) -> Iterator[str]:
    """Return those of a JSON value: its strings, the names of its members, and lists as lines."""
    found = (text for text in _strings(value) if text)
    rest: list[str] = []
    for number, text in enumerate(found):
        if len(text) >= SHORTEST and number - len(rest) < MOST_TEXTS:
            yield text
        else:
            rest.append(text)
    together = "\n".join(rest)
    for start in range(0, len(together), LOOK):
        yield together[start : start + LOOK]


def texts_of_raw(event: bytes | str) -> Iterator[bytes]:
    """Return the start of an event that is not read as JSON, and its body's."""
    data = event if isinstance(event, bytes) else event.encode("utf-8", "surrogatepass")
    body = _BODY.search(data)
    starts = [body.end()] if body else []
    for start in [*starts, 0]:
        yield _CREDENTIALS_IN_JSON.sub(b"", data[start : start + LOOK])


def _strings(value: object) -> Iterator[str]:
    """Yield every string; no recursion, for JSON may be nested deeply."""
    left: deque[object] = deque([value])
    while left:
        value = left.popleft()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            if "kty" in value:  # a JWK tells what it is by two of its members
                yield "\n".join(f"{name}: {member}" for name, member in value.items())
            left.extend(value)
            left.extend(value.values())
        elif isinstance(value, list):
            lines = [each for each in value if isinstance(each, str)]
            yield "\n".join(lines)
            left.extend(each for each in value if not isinstance(each, str))


def _texts_of_body(body: str | bytes) -> Iterator[str | bytes]:
    """Yield a body as it is, and what is in it: parts, fields or members."""
    body = body[:LOOK]
    yield body
    data = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in {b"{", b"[", b'"'}:
        yield from _texts_of_json(data)
    elif _BETWEEN_PARTS.match(data):
        for part in islice(_BETWEEN_PARTS.split(data), _MOST_FIELDS):
            headers, _, content = _partition(part)
            yield headers
            yield content
    elif _FORM.match(data):
        for field in data.split(b"&", _MOST_FIELDS):
            name, _, value = field.partition(b"=")
            yield unquote_to_bytes(name)
            yield unquote_to_bytes(value.replace(b"+", b" "))


def _texts_of_json(data: bytes) -> Iterable[str]:
    try:
        value = json.loads(data, object_pairs_hook=_all_members)
    except (ValueError, RecursionError):
        return ()  # the text itself is looked at all the same
    return texts_of_value(value)


def _all_members(members: list[tuple[str, object]]) -> dict[str, object]:
    """Keep what is given twice, too."""
    value = dict(members)
    if len(value) < len(members):
        value[""] = [member for _, member in members]
    return value


def _partition(part: bytes) -> tuple[bytes, bytes, bytes]:
    """Split a part of a multipart body at the end of its headers."""
    end = _END_OF_HEADERS.search(part)
    return (part[: end.start()], end.group(), part[end.end() :]) if end else (b"", b"", part)


def _decoded(body: str) -> Iterator[str | bytes]:
    """Yield the start of a body that is called base64, decoded; and as it is, if it is none."""
    try:
        yield b64decode(body[: LOOK * 4 // 3 // 4 * 4], validate=True)
    except ValueError:  # also for a text that is not ASCII
        yield body


def _without_credentials(headers: object) -> object:
    if not isinstance(headers, dict):
        return headers
    return {name: value for name, value in headers.items() if not _CREDENTIALS.fullmatch(name)}
