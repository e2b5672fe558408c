"""
Direct invocations (``s invoke -e``, the InvokeFunction API), and events that no trigger sends.

The answer is the body alone, success or error: FC hands it to the caller as JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import InvalidRequest
from triggers.answers import event_too_large, failure_body, success_body
from triggers.parameters import from_object, to_request
from triggers.sent_texts import texts_of_raw, texts_of_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.errors import ImportFailure
    from core.importing.request import ImportOutcome, ImportRequest
    from triggers.tokens import TokenRules


class DirectInvocation:
    """
    A JSON object that names a parameter of ours.

    Args:
        event: the object.
    """

    name = "direct"
    waits = True
    retries = False
    imports = 1
    caller = source_ip = ""  # RAM knows; the event does not tell

    def __init__(self, event: Mapping[str, object]) -> None:
        self._event = event

    def check_caller(self, rules: TokenRules) -> None:
        """Let every caller pass: RAM has checked fc:InvokeFunction, and there are no tokens."""

    def request(self) -> ImportRequest:
        """Return what is asked for."""
        return to_request(from_object(self._event))

    def texts(self) -> Iterable[str | bytes]:
        """Return every text of the event."""
        return texts_of_value(self._event)

    def answer(self, outcome: ImportOutcome, request_id: str) -> object:
        """Answer a success."""
        return success_body(outcome, request_id)

    def refuse(self, failure: ImportFailure, request_id: str) -> object:
        """Answer a failure."""
        return failure_body(failure, request_id)


class UnknownEvent(DirectInvocation):
    """
    An event that no trigger of ours sends; it is answered like a direct invocation.

    Args:
        understood: what it is instead, in a sentence that holds nothing of it.
        place: line and column at which it cannot be read.
        sent: the event: bytes or text where it is not read, else what was read.
    """

    name = "unknown"

    def __init__(
        self, understood: str, place: tuple[int, int] | None = None, *, sent: object = b""
    ) -> None:
        super().__init__({})
        self._understood = understood
        self._place = place
        self._sent = sent

    def request(self) -> ImportRequest:
        """Refuse the event, and say what is accepted."""
        raise InvalidRequest(
            f"{self._understood} Accepted are: a JSON object with KeyPairName and PublicKeyBody, "
            "and the events of HTTP triggers, API Gateway, OSS and EventBridge.",
            reason="unknown_event",
            place=self._place,
        )

    def texts(self) -> Iterable[str | bytes]:
        """Return every text of the event."""
        if isinstance(self._sent, (bytes, str)):
            return texts_of_raw(self._sent)
        return texts_of_value(self._sent)


class OversizedEvent(UnknownEvent):
    """An event that is too large to be read, and is not one of HTTP."""

    name = "direct"

    def __init__(self, event: bytes | str) -> None:
        super().__init__("", sent=event)

    def request(self) -> ImportRequest:
        """Refuse it."""
        raise event_too_large()
