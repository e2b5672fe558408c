"""
The parameters of a request, whatever they travelled in.

Names are exact: a misspelt one is pointed out instead of being ignored, for whoever writes
``dryRun`` does not expect a real import.
"""

from __future__ import annotations

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
    """Return the parameter that a name is a misspelling of, by case, ``_`` and ``-`` alone."""
    return _FOLDED.get(_fold(name)) if name not in NAMES else None


def names_a_parameter(names: Iterable[str]) -> bool:
    """Tell whether one of the names is a parameter's, or a near miss."""
    return any(name in NAMES or near_miss(name) for name in names)


def from_object(value: Mapping[str, object]) -> Parameters:
    """Return the parameters of a JSON object; null is the same as absent."""
    return [(name, part) for name, part in value.items() if part is not None]


def _fold(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


_FOLDED = {_fold(name): name for name in NAMES}


def _point_out(meant: str, name: str, *, is_absent: bool) -> None:
    """Raise what tells a caller of a misspelt name; it is safe to echo, being nearly ours."""
    sentence = f"{name} was given. Names are case-sensitive: write {meant}."
    if is_absent and meant != DRY_RUN:
        raise RequestRefused(sentence, code="MissingParameter", reason="misspelt_parameter")
    raise InvalidRequest(sentence, reason="misspelt_parameter")


def _string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} must be a string.", reason="wrong_type")
    return value


def _key(name: str, value: object) -> str | bytes:
    return value if isinstance(value, bytes) else _string(name, value)


def _boolean(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise InvalidRequest(f"{name} must be true or false.", reason="wrong_type")


_READERS = {NAME: _string, KEY: _key, DRY_RUN: _boolean}
