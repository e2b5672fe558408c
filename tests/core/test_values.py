"""Values of core and triggers: none can be changed, and none shows a key by accident."""

from __future__ import annotations

import dataclasses
import pkgutil
from importlib import import_module

import pytest

import core
import triggers
from core.importing.request import ImportRequest
from core.keys.refusals.payload import Payload
from core.keys.rsa_key import RsaPublicKey
from triggers.http_request import HttpRequest

SECRET = "seen-by-no-one"
WITHOUT_SLOTS = {Payload}  # what it caches needs a place


def dataclasses_of_the_rules() -> list[type]:
    found = set()
    for room in (core, triggers):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            found |= {
                each
                for each in vars(import_module(module.name)).values()
                if isinstance(each, type) and dataclasses.is_dataclass(each)
            }
    return sorted(found, key=lambda each: (each.__module__, each.__qualname__))


@pytest.mark.parametrize(
    "value_class",
    [pytest.param(each, id=each.__qualname__) for each in dataclasses_of_the_rules()],
)
def test_a_value_cannot_be_changed(value_class: type) -> None:
    """Nor can it be given what it does not have."""
    value: object = object.__new__(value_class)
    for name in [*(field.name for field in dataclasses.fields(value_class)), "another"]:
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
            setattr(value, name, None)

    assert (value_class in WITHOUT_SLOTS) == hasattr(value, "__dict__")


@pytest.mark.parametrize(
    "value",
    [
        ImportRequest(SECRET, SECRET),
        ImportRequest(SECRET, SECRET.encode()),
        HttpRequest("POST", {SECRET: SECRET}, {SECRET: SECRET}, SECRET),
        RsaPublicKey(SECRET.encode(), 2**1024, 3, SECRET),
        Payload(SECRET, 0, len(SECRET), SECRET, SECRET),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_does_not_show_what_was_sent(value: object) -> None:
    """Its repr may end in a log, or in a traceback."""
    assert SECRET not in repr(value)
