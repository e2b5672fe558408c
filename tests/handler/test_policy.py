"""Each trigger says two things of its caller, and nothing else chooses how failures are treated."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from core.importing.request import ImportRequest
from handler import import_one
from instance import this_instance
from invocation import Invocation, deadline_of
from logs import InvocationLog
from tests.events.gallery import ALICE_KEY, event_file
from tests.fakes.contexts import python312
from tests.fakes.key_pairs import IMPORT, LOOK_UP
from triggers import recognise

if TYPE_CHECKING:
    from core.errors import ImportFailure
    from core.importing.request import ImportOutcome
    from devcloud import DevCloud
    from triggers.tokens import TokenRules


@dataclass
class NewTrigger:
    """A trigger that the function does not know yet."""

    waits: bool
    name: str = "new"
    retries: bool = False
    imports: int = 1
    caller: str = ""
    source_ip: str = ""
    asked: ImportRequest = field(default=ImportRequest("dora", ALICE_KEY))

    def check_caller(self, rules: TokenRules) -> None:
        """Everybody may."""

    def request(self) -> ImportRequest:
        return self.asked

    def texts(self) -> list[str]:
        return []

    def answer(self, outcome: ImportOutcome, request_id: str) -> object:
        return outcome, request_id

    def refuse(self, failure: ImportFailure, request_id: str) -> object:
        return failure, request_id


@pytest.mark.parametrize(
    ("event", "waits", "retries"),
    [
        pytest.param(event_file("http-json"), True, False, id="HTTP trigger"),
        pytest.param(event_file("direct"), True, False, id="direct"),
        pytest.param(b"nonsense", True, False, id="unknown"),
        pytest.param(event_file("oss-native"), False, True, id="OSS trigger"),
    ],
)
def test_what_a_trigger_says(event: bytes, *, waits: bool, retries: bool) -> None:
    """Who waits is answered; what FC retries is raised."""
    trigger = recognise(event)

    assert (waits, retries) == (trigger.waits, trigger.retries)


@pytest.mark.parametrize(
    ("waits", "attempts", "actions"),
    [
        pytest.param(True, 3, [IMPORT], id="waits"),
        pytest.param(False, 6, [LOOK_UP, IMPORT], id="does not wait"),
    ],
)
@pytest.mark.usefixtures("cloud")
def test_a_new_trigger_gets_the_policy_that_it_asks_for(
    cloud: DevCloud, *, waits: bool, attempts: int, actions: list[str]
) -> None:
    """A caller who does not wait: the name is looked up first, attempts are doubled."""
    context = python312()
    with InvocationLog(context) as log:
        invocation = Invocation(this_instance(), context, log, deadline_of(context, monotonic()))
        outcome = import_one(NewTrigger(waits=waits), invocation)

    assert "imported" == outcome.outcome
    assert actions == [call.action for call in cloud.calls]
    assert attempts == invocation.exactly_once(waits=waits).max_attempts
