"""
HTTP: the function's HTTP trigger, API Gateway, and RPC clients of ENS.

An official ENS SDK whose endpoint is pointed here works unchanged: its calls are RPC style, with
the parameters in the query or a form, and the action in a header or in a parameter of its own.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from core.errors import RequestRefused, UnsupportedMethod
from triggers.answers import event_too_large, failure_body, success_body
from triggers.callers import http_address, signer
from triggers.http_request import read_api_gateway, read_http_trigger
from triggers.parameters import refuse_headers, to_request
from triggers.sent_texts import texts_of_http, texts_of_raw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.errors import ImportFailure
    from core.importing.request import ImportOutcome, ImportRequest
    from triggers.http_request import HttpRequest
    from triggers.parameters import Parameters
    from triggers.tokens import TokenRules

ACTION = "ImportKeyPair"
VERSION = "2017-11-10"
FC_VERSION = "2023-03-30"  # of FC's own API, whose headers come along with an InvokeFunction call


class HttpInvocation:
    """
    A request through the HTTP trigger or API Gateway.

    Args:
        event: the event, parsed.
    """

    retries = False
    imports = 1

    def __init__(self, event: Mapping[str, object]) -> None:
        self._event = event
        self.name = "http" if is_http_trigger(event) else "api_gateway"
        self.waits = not (self.name == "http" and _is_asynchronous(event))
        self.caller = signer(event)
        self.source_ip = http_address(event)

    def check_caller(self, rules: TokenRules) -> None:
        """Refuse a caller without a token for this function."""
        rules.check(self._event)

    def request(self) -> ImportRequest:
        """
        Return what is asked for.

        Raises:
            RequestRefused: it is not a request that this function accepts.
        """
        read = read_http_trigger if self.name == "http" else read_api_gateway
        http = read(self._event)
        if http.method not in {"GET", "POST"}:
            raise _method_refused(http.method, "GET", "POST")
        parameters = http.parameters()
        if not calls_our_action(http, parameters) and http.method != "POST":
            raise _method_refused(http.method, "POST")
        refuse_headers(http.headers)
        return to_request(parameters)

    def texts(self) -> Iterable[str | bytes]:
        """Return every text of the request, but for its credentials."""
        return texts_of_http(self._event)

    def answer(self, outcome: ImportOutcome, request_id: str) -> object:
        """Answer a success; what is worth telling beside the body travels in headers."""
        headers = {
            "X-Import-Outcome": outcome.outcome,
            "X-Key-Fingerprint-SHA256": outcome.key_pair.fingerprint_sha256,
        }
        if outcome.verified is not None:
            headers["X-Fingerprint-Verified"] = "true" if outcome.verified else "false"
        if outcome.key_pair.warnings:
            headers["X-Key-Warnings"] = ", ".join(outcome.key_pair.warnings)
        return _response(200, headers, success_body(outcome, request_id))

    def refuse(self, failure: ImportFailure, request_id: str) -> object:
        """Answer a failure."""
        headers = {}
        if isinstance(failure, UnsupportedMethod):
            headers["Allow"] = ", ".join(failure.allowed)
        if failure.retry_after is not None:
            headers["Retry-After"] = str(math.ceil(failure.retry_after))
        return _response(failure.status, headers, failure_body(failure, request_id))


class OversizedHttpInvocation(HttpInvocation):
    """A request that is too large to be read, and that is answered over HTTP all the same."""

    def __init__(self, name: str, event: bytes | str) -> None:
        super().__init__({})
        self.name = name
        self._sent = event

    def check_caller(self, rules: TokenRules) -> None:
        """Leave it: the token is in the part that is not read, and nothing is imported."""

    def request(self) -> ImportRequest:
        """Refuse it."""
        raise event_too_large()

    def texts(self) -> Iterable[str | bytes]:
        """Return what comes first in the body, and in the event."""
        return texts_of_raw(self._sent)


def oversized(event: bytes | str) -> HttpInvocation | None:
    """Tell by words, not by parsing, whether an event that is too large is one of HTTP."""
    for name, words in _WORDS.items():
        if all(_holds(event, word) for word in words):
            return OversizedHttpInvocation(name, event)
    return None


_WORDS = {"http": ('"requestContext"', '"http"'), "api_gateway": ('"httpMethod"',)}


def _holds(event: bytes | str, word: str) -> bool:
    return word in event if isinstance(event, str) else word.encode() in event


def is_http_trigger(event: Mapping[str, object]) -> bool:
    """Tell whether an event is an HTTP trigger's."""
    context = event.get("requestContext")
    return isinstance(context, dict) and isinstance(context.get("http"), dict)


def is_api_gateway(event: Mapping[str, object]) -> bool:
    """Tell whether an event is API Gateway's."""
    return isinstance(event.get("httpMethod"), str)


def _is_asynchronous(event: Mapping[str, object]) -> bool:
    """Tell whether FC has answered the caller already, with 202."""
    headers = event.get("headers")
    return isinstance(headers, dict) and any(
        str(name).lower() == "x-fc-invocation-type" and str(value).lower() == "async"
        for name, value in headers.items()
    )


def calls_our_action(http: HttpRequest, parameters: Parameters) -> bool:
    """
    Tell whether a request names our action, as a call of ENS's API does; False if it names none.

    Raises:
        RequestRefused: InvalidAction.NotFound, of another action; InvalidVersion, of another
            version.
    """
    named = dict(parameters)
    headers = http.headers if http.headers.get("x-acs-version") != FC_VERSION else {}
    # Header and parameter have to agree: a client means both.
    actions = _given(headers.get("x-acs-action"), named.get("Action"))
    if not actions:
        return False
    if any(action != ACTION for action in actions):
        raise RequestRefused(
            f"This function knows one action, {ACTION}.",
            code="InvalidAction.NotFound",
            reason="unknown_action",
        )
    versions = _given(headers.get("x-acs-version"), named.get("Version"))
    if not versions or any(version != VERSION for version in versions):
        raise RequestRefused(
            f"{ACTION} is known in version {VERSION} only.",
            code="InvalidVersion",
            reason="unsupported_version",
        )
    return True


def _given(*values: object) -> list[object]:
    return [value for value in values if value is not None]


def _method_refused(method: str, *allowed: str) -> UnsupportedMethod:
    hint = " GET is for RPC clients, with Action and Version." if method == "GET" else ""
    return UnsupportedMethod(
        f"Send a POST request.{hint}", reason="unsupported_method", allowed=allowed
    )


def _response(
    status: int, headers: Mapping[str, str], body: Mapping[str, object]
) -> dict[str, object]:
    return {
        "statusCode": status,
        "headers": {
            "Content-Type": "application/json; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            **headers,
        },
        "isBase64Encoded": False,
        "body": json.dumps(body, ensure_ascii=False),
    }
