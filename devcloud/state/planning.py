"""A fault as JSON: one of the constructors of ``Fault``, by name, with its arguments."""

import inspect
import re
from collections.abc import Mapping
from typing import Any, get_args

from devcloud.faults import Fault
from devcloud.http_message import ServiceError

MAX_TIMES = 1000
MAX_SECONDS = 600
_MEMBERS = frozenset({"action", "fault", "arguments", "after_the_work", "times"})
_ACTION = re.compile(r"[A-Za-z0-9]{1,64}")
_FIELD_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{0,1000}")  # may become a header field

KINDS: Mapping[str, Any] = {
    name: getattr(Fault, name)
    for name, member in vars(Fault).items()
    if isinstance(member, classmethod)
}


def read_plan(content: Mapping[str, Any]) -> tuple[str, Fault, int]:
    """
    Return the action, the fault, and how often it is to strike.

    Raises:
        ServiceError: InvalidParameter, which names the member that is wrong.
    """
    for name in sorted(set(content) - _MEMBERS):
        raise invalid(f"there is no member {name[:64]!r}; there are {', '.join(sorted(_MEMBERS))}")
    action, kind = content.get("action"), content.get("fault")
    if not isinstance(action, str) or not _ACTION.fullmatch(action):
        raise invalid("action is the name of an action, such as ImportKeyPair")
    if not isinstance(kind, str) or kind not in KINDS:
        raise invalid(f"fault is one of {', '.join(KINDS)}")
    after_the_work = content.get("after_the_work", False)
    if not isinstance(after_the_work, bool):
        raise invalid("after_the_work is true or false")
    times = content.get("times", 1)
    if type(times) is not int or not 1 <= times <= MAX_TIMES:
        raise invalid(f"times is a whole number from 1 to {MAX_TIMES}")
    fault = _fault(kind, content.get("arguments", {}))
    return action, fault.after_the_work() if after_the_work else fault, times


def _fault(kind: str, arguments: Any) -> Fault:
    if not isinstance(arguments, dict):
        raise invalid("arguments is an object")
    parameters = inspect.signature(KINDS[kind]).parameters
    for name in sorted(set(arguments) - set(parameters)):
        raise invalid(f"{kind} has no argument {name[:64]!r}; it has {_listed(parameters)}")
    for name, parameter in parameters.items():
        if name not in arguments and parameter.default is parameter.empty:
            raise invalid(f"{kind} needs the argument {name}")
    values = {name: _value(name, given, parameters[name]) for name, given in arguments.items()}
    fault: Fault = KINDS[kind](**values)
    return fault


def _value(name: str, given: Any, parameter: inspect.Parameter) -> Any:
    allowed = get_args(parameter.annotation) or (parameter.annotation,)
    if given is None and type(None) in allowed:
        return None
    if int in allowed:
        lowest, highest = (200, 599) if name == "status" else (0, 10**9)
        if type(given) is not int or not lowest <= given <= highest:
            raise invalid(f"{name} is a whole number from {lowest} to {highest}")
        return given
    if float in allowed:
        if type(given) not in {int, float} or not 0 <= given <= MAX_SECONDS:
            raise invalid(f"{name} is a number from 0 to {MAX_SECONDS}")
        return float(given)
    if bytes in allowed:
        if not isinstance(given, str):
            raise invalid(f"{name} is a text, sent as UTF-8")
        return given.encode("utf-8", "replace")
    if not isinstance(given, str) or not _TEXT.fullmatch(given):
        raise invalid(f"{name} is a text of at most 1000 characters, in one line")
    if name == "name" and not _FIELD_NAME.fullmatch(given):
        raise invalid("name is the name of a header field")
    return given


def invalid(sentence: str) -> ServiceError:
    """Something in the request is wrong; the sentence says what is right."""
    return ServiceError(400, "InvalidParameter", f"{sentence}.")


def _listed(parameters: Mapping[str, object]) -> str:
    return ", ".join(parameters) or "none"
