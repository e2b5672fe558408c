"""JSON as callers send it, which may be anything."""

from __future__ import annotations

import json

from core.errors import InvalidRequest


def read_json(text: str | bytes, what: str) -> object:
    """
    Parse JSON; ``what`` it is ("the body") goes into the error, and nothing of the text does.

    Raises:
        InvalidRequest: it is no JSON, or an object names a member twice with different values.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode(json.detect_encoding(text), "surrogatepass")  # as json.loads does
        return _DECODER.decode(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        where, column = f" (line {error.lineno}, column {error.colno})", error.colno
    except (ValueError, RecursionError):
        # Not UTF-8, NaN, a number of thousands of digits, or brackets nested as deep.
        where, column = "", None
    raise InvalidRequest(f"{what} is not JSON{where}.", reason="not_json", column=column)


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
