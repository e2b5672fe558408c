"""
The parameters of a request, whatever they travelled in.

Names are exact: a misspelt one is pointed out instead of being ignored, for whoever writes
``dryRun`` does not expect a real import.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.errors import InvalidRequest, RequestRefused
from core.importing.request import ImportRequest

NAME = "KeyPairName"
KEY = "PublicKeyBody"
DRY_RUN = "DryRun"
NAMES = (NAME, KEY, DRY_RUN)

Parameters = Iterable[tuple[str, object]]


def to_request(parameters: Parameters) -> ImportRequest:
    """
    Make a request of (name, value) pairs; names that are none of ours are not looked at.

    Raises:
        InvalidRequest: a value has the wrong type, a name has two values, or is misspelt.
        RequestRefused: MissingParameter, a name that is needed is absent, and another looks
            like it.
    """
    values: dict[str, Any] = {}
    misspelt: dict[str, str] = {}
    for name, value in parameters:
        if name in NAMES:
            read = _READERS[name](name, value)
            if values.setdefault(name, read) != read:
                raise InvalidRequest(
                    f"{name} is given twice, with different values.",
                    reason="contradicting_values",
                    parameter=name,
                )
        elif meant := near_miss(name):
            misspelt[meant] = name

    for meant, name in misspelt.items():
        _point_out(meant, name, is_absent=not values.get(meant))
    return ImportRequest(
        key_pair_name=values.get(NAME, ""),
        public_key_body=values.get(KEY, ""),
        dry_run=values.get(DRY_RUN, False),
    )


def near_miss(name: str) -> str | None:
    """
    Return the parameter that a name is a misspelling of.

    Only its ASCII letters count, in any case, after a leading ``x`` or ``is``: ``dry_run``,
    ``DryRun[]``, ``X-DryRun``, ``IsDryRun``.
    """
    return _meant(name) if name not in NAMES else None


def refuse_headers(names: Iterable[str]) -> None:
    """
    Point out parameters that were sent as HTTP headers, in any spelling: they would be ignored.

    Raises:
        RequestRefused: InvalidParameter, misspelt_parameter.
    """
    for name in names:
        if meant := _meant(name):
            raise InvalidRequest(
                f"{meant} was given as a header. Headers are no parameters: write {meant} into "
                "the query or the body.",
                reason="misspelt_parameter",
                parameter=meant,
            )


def names_a_parameter(names: Iterable[str]) -> bool:
    """Tell whether one of the names is a parameter's, or a near miss."""
    return any(name in NAMES or near_miss(name) for name in names)


def from_object(value: Mapping[str, object]) -> Parameters:
    """Return the parameters of a JSON object; null is the same as absent."""
    return [(name, part) for name, part in value.items() if part is not None]


def _meant(name: str) -> str | None:
    letters = _NO_LETTER.sub("", name).lower()
    without_x = letters.removeprefix("x")
    return next(
        (
            _FOLDED[folded]
            for folded in (letters, without_x, without_x.removeprefix("is"))
            if folded in _FOLDED
        ),
        None,
    )


_NO_LETTER = re.compile("[^A-Za-z]+")
_FOLDED = {name.lower(): name for name in NAMES}
_LONGEST_SHOWN = 32  # characters of a misspelt name
_SHOWN = re.compile(r"[A-Za-z _.\-\[\]]+")


def _point_out(meant: str, name: str, *, is_absent: bool) -> None:
    """Raise what tells a caller of a misspelt name."""
    sentence = f"{_shown(name, meant)}. Names are exact: write {meant}."
    if is_absent and meant != DRY_RUN:
        raise RequestRefused(
            sentence, code="MissingParameter", reason="misspelt_parameter", parameter=meant
        )
    raise InvalidRequest(sentence, reason="misspelt_parameter", parameter=meant)


def _shown(name: str, meant: str) -> str:
    """Say what was given: nothing long, and nothing but letters that are nearly ours."""
    if len(name) <= _LONGEST_SHOWN and _SHOWN.fullmatch(name):
        return f"{name!r} was given" if " " in name else f"{name} was given"
    odd = [character for character in name if not _SHOWN.fullmatch(character)]
    if len(name) <= _LONGEST_SHOWN and len(odd) == 1:
        return f"{meant} was given with U+{ord(odd[0]):04X} in it"
    return f"A name that is nearly {meant} was given"


def _string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} must be a string.", reason="wrong_type", parameter=name)
    return value


def _key(name: str, value: object) -> str | bytes:
    return value if isinstance(value, bytes) else _string(name, value)


def _boolean(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise InvalidRequest(f"{name} must be true or false.", reason="wrong_type", parameter=name)


_READERS = {NAME: _string, KEY: _key, DRY_RUN: _boolean}
