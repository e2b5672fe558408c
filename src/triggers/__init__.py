"""
Who calls, and in which form: events become requests, outcomes become that trigger's answer.

One module a trigger family; recognise() chooses. They do not import each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import InvalidRequest
from triggers.answers import EVENT_CAP
from triggers.direct import DirectInvocation, OversizedEvent, UnknownEvent
from triggers.http import HttpInvocation, is_api_gateway, is_http_trigger, oversized
from triggers.json_text import STRINGIFIED_TWICE, holds_json, quotes_lost, read_json
from triggers.oss import OssInvocation, is_oss_event
from triggers.parameters import names_a_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Protocol

    from core.errors import ImportFailure
    from core.importing.request import ImportOutcome, ImportRequest
    from triggers.tokens import TokenRules

    class Caller(Protocol):
        """What every trigger says; nothing else chooses how its failures are treated."""

        name: str  # in logs
        waits: bool  # if not, a name is looked up before its import, and attempts are doubled
        caller: str  # who signed the request, where an event tells; empty otherwise
        source_ip: str  # where it came from; empty if the event does not tell
        retries: bool  # FC does, when the handler raises: so what a retry can fix is raised

        @property
        def imports(self) -> int:
            """How many imports the event asks for."""

        def refuse(self, failure: ImportFailure, request_id: str) -> object:
            """Return what the handler returns after a failure."""

    class Trigger(Caller, Protocol):
        """An event that asks for one import."""

        def check_caller(self, rules: TokenRules) -> None:
            """Raise a RequestRefused where the caller needs a token, and has no such one."""

        def request(self) -> ImportRequest:
            """Return what is asked for, or raise a RequestRefused."""

        def texts(self) -> Iterable[str | bytes]:
            """Return every text that was sent, but for credentials: one may be a private key."""

        def answer(self, outcome: ImportOutcome, request_id: str) -> object:
            """Return what the handler returns after a success."""

    _IsItsEvent = Callable[[dict[str, object]], bool]
    _MakeTrigger = Callable[[dict[str, object]], Trigger]

# Triggers whose event is one JSON object, and how it is recognised; the first that is, counts.
_OF_OBJECTS: tuple[tuple[_IsItsEvent, _MakeTrigger], ...] = (
    (is_http_trigger, HttpInvocation),
    (is_api_gateway, HttpInvocation),
    (names_a_parameter, DirectInvocation),
)


def recognise(event: bytes | str) -> Trigger | OssInvocation:
    """
    Tell by an event's shape which trigger sent it; an unknown one is refused by its ``request``.

    Uploads are of another kind than all others: there are many in an event, and no caller waits.
    """
    if len(event) > EVENT_CAP:
        return oversized(event) or OversizedEvent(event)
    try:
        value = read_json(event, "The event")
    except InvalidRequest as failure:
        return _no_json(event, failure)
    if isinstance(value, dict):
        for is_its_event, trigger in _OF_OBJECTS:
            if is_its_event(value):
                return trigger(value)
    if is_oss_event(value):
        return OssInvocation(value)
    return _unknown(value)


def _unknown(value: object) -> Trigger:
    if isinstance(value, dict):
        understood = "The event is a JSON object that names none of the parameters."
    elif holds_json(value):
        understood = f"The event {STRINGIFIED_TWICE}"
    else:
        understood = "The event is JSON, but not an object."
    return UnknownEvent(understood, sent=value)


def _no_json(event: bytes | str, failure: InvalidRequest) -> Trigger:
    if not event.strip():
        return UnknownEvent("The event is empty.")
    understood = failure.description
    if lost := quotes_lost(event):
        understood = f"{lost}. Write the JSON into a file: s invoke -f event.json."
    return UnknownEvent(understood, failure.place, sent=event)
