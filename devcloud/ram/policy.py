"""
RAM policy documents, and the decision they add up to.

Evaluated: Version 1, Statements with Effect, Action, Resource; ``*`` and ``?`` as wildcards; an
explicit Deny beats every Allow; nothing said is a Deny (RAM manual, "Policy evaluation process").
Elements that devcloud cannot judge (Condition, NotAction, NotResource) make a document unusable
here: a policy that is stricter than its reading would only fail in the real cloud.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devcloud.ram.exceptions import UnsupportedPolicy


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy; patterns may hold wildcards."""

    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def covers(self, action: str, resource: str) -> bool:
        """Tell whether the statement speaks of this action on this resource."""
        return any(_matches(p, action, re.IGNORECASE) for p in self.actions) and any(
            _matches(p, resource) for p in self.resources
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document, read."""

    statements: tuple[Statement, ...]

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> "Policy":
        """Read a document ``{"Version": "1", "Statement": [...]}``."""
        statements = document.get("Statement")
        if document.get("Version") != "1" or not isinstance(statements, list) or not statements:
            raise UnsupportedPolicy('a policy is {"Version": "1", "Statement": [...]}')
        return cls(tuple(_statement(each) for each in statements))


def is_allowed(policies: Iterable[Policy], action: str, resource: str) -> bool:
    """Decide: at least one Allow covers the action on the resource, and no Deny does."""
    covering = [s for policy in policies for s in policy.statements if s.covers(action, resource)]
    return bool(covering) and all(statement.allows for statement in covering)


def _statement(document: Mapping[str, Any]) -> Statement:
    if strange := set(document) - {"Effect", "Action", "Resource", "Sid"}:
        raise UnsupportedPolicy(f"devcloud does not evaluate {', '.join(sorted(strange))}")
    if document.get("Effect") not in {"Allow", "Deny"}:
        raise UnsupportedPolicy("a statement's Effect is Allow or Deny")
    return Statement(
        allows=document["Effect"] == "Allow",
        actions=_patterns(document, "Action"),
        resources=_patterns(document, "Resource"),
    )


def _patterns(document: Mapping[str, Any], element: str) -> tuple[str, ...]:
    value = document.get(element)
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list) or not patterns:
        raise UnsupportedPolicy(f"a statement's {element} is a string or a list of strings")
    return tuple(patterns)


def _matches(pattern: str, value: str, flags: int = 0) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, flags | re.DOTALL) is not None
