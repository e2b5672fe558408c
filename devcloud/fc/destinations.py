"""
What FC sends to the destinations of asynchronous invocations.

The members are those of the manual, "Destinations for asynchronous invocations". It does not say
what ``condition`` is for an event that grew too old: EventAgeExceeded is a guess.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devcloud.fc.async_invocation import Progress
from devcloud.ram.models import Clock


@dataclass(frozen=True, slots=True)
class DestinationMessage:
    """One message in the queue or topic of this ARN, as JSON text."""

    destination: str
    body: str

    @property
    def content(self) -> dict[str, Any]:
        """The message, read."""
        content: dict[str, Any] = json.loads(self.body)
        return content


class Destinations:
    """All queues and topics; whatever the function's role may not send to stays empty."""

    def __init__(self, function_arn: str, may_send: Callable[[str], bool], clock: Clock) -> None:
        self._function_arn = function_arn
        self._may_send = may_send
        self._clock = clock
        self._lock = threading.Lock()
        self._messages: list[DestinationMessage] = []

    @property
    def messages(self) -> list[DestinationMessage]:
        """What arrived so far."""
        with self._lock:
            return list(self._messages)

    def clear(self) -> None:
        """Forget what arrived."""
        with self._lock:
            self._messages.clear()

    def send(self, destination: str, invocation: Progress) -> None:
        """Send the message on a finished invocation, if the role may; FC tells nobody if not."""
        if not self._may_send(destination):
            return
        content = self._content(invocation)
        with self._lock:
            self._messages.append(
                DestinationMessage(destination, json.dumps(content, ensure_ascii=False))
            )

    def _content(self, invocation: Progress) -> dict[str, Any]:
        result = invocation.result
        error_type = result.error_type if result else ""
        return {
            "timestamp": int(self._clock() * 1000),
            "requestContext": {
                "requestId": invocation.request_id,
                "functionArn": self._function_arn,
                "condition": "EventAgeExceeded" if invocation.outcome == "expired" else error_type,
                "approximateInvokeCount": len(invocation.attempts),
            },
            "requestPayload": invocation.event.decode("utf-8", "replace"),
            "responseContext": {
                "statusCode": result.status if result else 0,
                "functionError": error_type,
            },
            "responsePayload": result.body.decode("utf-8", "replace") if result else "",
        }
