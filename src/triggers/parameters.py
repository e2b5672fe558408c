"""
The parameters of a request, whatever they travelled in.

Names are exact: a misspelt one is pointed out instead of being ignored, for whoever writes
``dryRun`` does not expect a real import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.errors import InvalidRequest, MissingParameter
from core.import_key_pair import ImportRequest

NAME = "KeyPairName"
KEY = "PublicKeyBody"
DRY_RUN = "DryRun"
NAMES = (NAME, KEY, DRY_RUN)

Parameters = Iterable[tuple[str, object]]


def to_request(parameters: Parameters) -> ImportRequest:
    """
    Make a request of (name, value) pairs; names that are none of ours are not looked at.

    Raises:
        InvalidRequest: a value has the wrong type, or a name has two values.
        MissingParameter: a name that is needed is absent, and another looks like it.
    """
    values: dict[str, object] = {}
    misspelt: dict[str, str] = {}
    for name, value in parameters:
        if name in NAMES:
            if values.setdefault(name, value) != value:
                raise InvalidRequest(
                    f"{name} is given twice, with different values.",
                    reason="contradicting_values",
                )
        elif meant := near_miss(name):
            misspelt[meant] = name

    for meant, name in misspelt.items():
        if not values.get(meant):
            _point_out(meant, name)
    return ImportRequest(
        key_pair_name=_string(values, NAME),
        public_key_body=_key(values),
        dry_run=_boolean(values, DRY_RUN),
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


def _point_out(meant: str, name: str) -> None:
    """Raise what tells a caller of a misspelt name; it is safe to echo, being nearly ours."""
    sentence = f"{meant} is absent; {name} was given. Names are case-sensitive: write {meant}."
    if meant == DRY_RUN:
        raise InvalidRequest(sentence, reason="misspelt_parameter")
    raise MissingParameter(sentence, reason="misspelt_parameter")


def _string(values: Mapping[str, object], name: str) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} must be a string.", reason="wrong_type")
    return value


def _key(values: Mapping[str, object]) -> str | bytes:
    value = values.get(KEY, "")
    return value if isinstance(value, bytes) else _string(values, KEY)


def _boolean(values: Mapping[str, object], name: str) -> bool:
    value = values.get(name, False)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false", ""}:
        return value.lower() == "true"
    raise InvalidRequest(f"{name} must be true or false.", reason="wrong_type")
