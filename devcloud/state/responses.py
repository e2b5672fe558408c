"""The members of the state: a request in, a JSON value out. None holds a key or a body."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from itertools import groupby
from typing import Any

from devcloud.http_message import Request, ServiceError
from devcloud.state.models import State
from devcloud.state.planning import invalid, read_plan

DRAIN_SECONDS = 60.0  # of each function's queue

Answer = Callable[[State, Request], dict[str, Any]]


def health(state: State, _request: Request) -> dict[str, Any]:
    """Tell that the cloud is up, and where its services are."""
    return {"status": "ok", "endpoints": dict(state.endpoints())}


def reset(state: State, _request: Request) -> dict[str, Any]:
    """Forget all that tests leave behind."""
    state.reset()
    return {}


def key_pairs(state: State, _request: Request) -> dict[str, Any]:
    """Show what ENS holds, in the order in which it came."""
    return {
        "key_pairs": [
            {
                "name": each.name,
                "id": each.id,
                "fingerprint": each.fingerprint,
                "creation_time": each.creation_time,
            }
            for each in state.key_pairs
        ]
    }


def calls(state: State, request: Request) -> dict[str, Any]:
    """Show what the services were asked, or one of them."""
    service = _parameter(request, "service")
    if service and service not in state.endpoints():
        raise invalid(f"service is one of {', '.join(state.endpoints())}")
    return {"calls": [asdict(call) for call in state.journal.calls(service)]}


def objects(state: State, request: Request) -> dict[str, Any]:
    """Show what a bucket holds, in the order of keys; the bodies are OSS's to give."""
    bucket = state.buckets.get(_parameter(request, "bucket") or state.upload_bucket())
    return {
        "bucket": bucket.name,
        "objects": [
            {
                "key": each.key,
                "size": each.size,
                "etag": each.etag,
                "crc64": str(each.crc64),  # JSON's readers have no integers of 64 bits
                "last_modified": each.last_modified,
                "headers": dict(each.headers),
            }
            for each in bucket
        ],
    }


def faults(state: State, _request: Request) -> dict[str, Any]:
    """Show what is still to strike."""
    planned = [
        {"action": action, "fault": fault.name, "times": len(list(equal))}
        for (action, fault), equal in groupby(state.faults.planned)
    ]
    return {"faults": planned, "at_random": state.faults.random_actions}


def plan_fault(state: State, request: Request) -> dict[str, Any]:
    """Let the next calls of an action fail."""
    action, fault, times = read_plan(_content(request))
    state.faults.fail_next(action, fault, times)
    return {"action": action, "fault": fault.name, "times": times}


def clear_faults(state: State, _request: Request) -> dict[str, Any]:
    """Let nothing fail any more."""
    state.faults.clear()
    return {}


def async_invocations(state: State, _request: Request) -> dict[str, Any]:
    """Show what became of the accepted invocations of all functions; their events stay inside."""
    return {
        "async_invocations": [
            {
                "function": deployment.function.spec.name,
                "request_id": each.request_id,
                "outcome": each.outcome,
                "attempts": [asdict(attempt) for attempt in each.attempts],
            }
            for deployment in state.functions()
            for each in deployment.queue.invocations
        ]
    }


def drain(state: State, _request: Request) -> dict[str, Any]:
    """Answer once every accepted invocation has come to its end."""
    for deployment in state.functions():
        try:
            deployment.queue.drain(DRAIN_SECONDS)
        except TimeoutError as error:
            raise ServiceError(503, "NotDrained", str(error)) from error
    return {}


ANSWERS: Mapping[tuple[str, str], Answer] = {
    ("GET", "health"): health,
    ("POST", "reset"): reset,
    ("GET", "key-pairs"): key_pairs,
    ("GET", "calls"): calls,
    ("GET", "objects"): objects,
    ("GET", "faults"): faults,
    ("POST", "faults"): plan_fault,
    ("POST", "faults/clear"): clear_faults,
    ("GET", "async-invocations"): async_invocations,
    ("POST", "async-invocations/drain"): drain,
}


def _parameter(request: Request, name: str) -> str:
    """Return the one parameter of the query; another one would be ignored, and is refused."""
    given = dict(request.query)
    if set(given) - {name}:
        raise invalid(f"the query has one parameter, {name}")
    return given.get(name, "")


def _content(request: Request) -> dict[str, Any]:
    try:
        content = json.loads(request.body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise invalid("the body is a JSON object")
    return content
