"""JSON as callers send it, which may be anything."""

from __future__ import annotations

import json
import re

from core.errors import InvalidRequest
from core.places import line_and_column

STRINGIFIED_TWICE = (
    "is a JSON string that holds JSON: it was written as JSON twice. Send the object itself."
)


def read_json(text: str | bytes, what: str) -> object:
    """
    Parse JSON; ``what`` it is ("the body") goes into the error, and nothing of the text does.

    Raises:
        InvalidRequest: it is no JSON, or an object names a member twice with different values.
    """
    place = None
    try:
        if isinstance(text, bytes):
            text = text.decode(json.detect_encoding(text), "surrogatepass")  # as json.loads does
        text = text.removeprefix("\ufeff")
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = line_and_column(error.doc, _offset(error))
    except (ValueError, RecursionError):
        pass  # not UTF-8, NaN, a number of thousands of digits, or brackets nested as deep
    where = "" if place is None else f" (line {place[0]}, column {place[1]})"
    raise InvalidRequest(f"{what} is not JSON{where}.", reason="not_json", place=place)


def _offset(error: json.JSONDecodeError) -> int:
    """Return where the mistake is: a trailing comma itself, as Python has it from 3.13 on."""
    before = error.doc[: error.pos].rstrip(" \t\r\n")
    if before.endswith(",") and error.doc[error.pos : error.pos + 1] in {"}", "]"}:
        return len(before) - 1
    return error.pos


def holds_json(value: object) -> bool:
    """Tell whether a JSON value is a string that holds a JSON object or list, or such a string."""
    return isinstance(value, str) and value.lstrip(' \t\r\n"\\')[:1] in {"{", "["}


def quotes_lost(text: str | bytes) -> str | None:
    """Say what a shell has done to the quotes of a JSON object; None if that is not what it is."""
    if isinstance(text, bytes):
        text = text[:_LOOK].decode("utf-8", "replace")
    found = _NAME_WITHOUT_QUOTES.match(text)
    if found is None or (found[1], found[2]) == ("", '"'):
        return None
    if found[2] == '"':
        return "There are single quotes around the JSON, which cmd.exe passes on"
    return _QUOTES_LOST.get(found[2], "The quotes of the JSON are missing: a shell removed them")


def _with_names(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("NAME", "(?:KeyPairName|PublicKeyBody|DryRun)"))


_LOOK = 200  # bytes from the start that are looked at
_NAME_WITHOUT_QUOTES = _with_names(r"""\s{0,20}('?)\s{0,20}\{\s{0,20}(\\?["']?)NAME\2\s{0,20}:""")
_QUOTES_LOST = {
    "'": "The JSON has single quotes, as Python writes them; JSON has double ones",
    '\\"': "The quotes of the JSON are escaped",
}


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    value: dict[str, object] = {}
    for name, member in members:
        if value.setdefault(name, member) != member:
            raise InvalidRequest(
                "A member of a JSON object is given twice, with different values.",
                reason="contradicting_values",
            )
    return value


def _refuse_constant(_name: str) -> None:
    """Refuse NaN and the infinities: Python would accept them, JSON does not know them."""
    raise ValueError


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)
