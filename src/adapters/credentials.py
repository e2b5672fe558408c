"""
The credentials of the function's role, as the runtime hands them over.

python3.10 puts them into the context, python3.12 into the environment. They are temporary (STS),
so they are read again at each invocation and kept nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import RoleCredentialsUnusable

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES = {
    "access_key_id": "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "access_key_secret": "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "security_token": "ALIBABA_CLOUD_SECURITY_TOKEN",
}
CAN_BE_SENT = re.compile(r"[!-~]+")  # in an HTTP header; the SDK would send it as it is


@dataclass(frozen=True, slots=True)
class Credentials:
    """STS credentials. Never shown in a repr."""

    access_key_id: str = field(repr=False)
    access_key_secret: str = field(repr=False)
    security_token: str = field(repr=False)


def role_credentials(context: object, environ: Mapping[str, str]) -> Credentials:
    """
    Return the role's credentials, from the context when it has them, else from the environment.

    Raises:
        RoleCredentialsUnusable: when one is missing, or cannot be one. Long-lived keys, which
            have no security token, are none: the function acts as its role and as no one else.
    """
    values: dict[str, str] = {}
    if from_context := getattr(context, "credentials", None):
        values = {name: getattr(from_context, name, None) or "" for name in VARIABLES}
    if not any(values.values()):
        values = {name: environ.get(variable, "") for name, variable in VARIABLES.items()}
    if not all(map(_is_sendable, values.values())):
        raise _unusable(values)
    return Credentials(**values)


def _unusable(values: Mapping[str, object]) -> RoleCredentialsUnusable:
    missing = [name for name, value in values.items() if not value]
    if missing:
        return RoleCredentialsUnusable(
            f"The function has no usable credentials of its role: {', '.join(missing)} missing. "
            "Its owner must give the function a role (s.yaml: role).",
            reason="role_credentials",
        )
    malformed = [name for name, value in values.items() if not _is_sendable(value)]
    return RoleCredentialsUnusable(
        f"The function was given malformed credentials of its role: {', '.join(malformed)}.",
        reason="role_credentials",
    )


def _is_sendable(value: object) -> bool:
    return isinstance(value, str) and CAN_BE_SENT.fullmatch(value) is not None
