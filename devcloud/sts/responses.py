"""STS's actions: AssumeRole and GetCallerIdentity."""

import re
from collections.abc import Mapping
from typing import Any

from devcloud.ram.models import ACCOUNT_ID, Credentials, Keyring, Principal
from devcloud.ram.roles import Role
from devcloud.rpc import Parameters
from devcloud.sts import exceptions

MIN_DURATION_SECONDS = 900
MAX_DURATION_SECONDS = 3600  # a role's MaxSessionDuration, unless it is set
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
_DURATION = re.compile(r"[0-9]{1,9}")


def assume_role(
    roles: Mapping[str, Role], keyring: Keyring, parameters: Parameters, caller: Principal
) -> dict[str, Any]:
    """AssumeRole: issue temporary credentials of a role that trusts the caller."""
    role = roles.get(parameters.get("RoleArn", ""))
    if role is None:
        raise exceptions.role_not_found()
    if "Policy" in parameters:
        raise exceptions.session_policies_not_implemented()
    session_name = parameters.get("RoleSessionName", "")
    if not _SESSION_NAME.fullmatch(session_name):
        raise exceptions.invalid_parameter("RoleSessionName")
    duration = parameters.get("DurationSeconds") or str(MAX_DURATION_SECONDS)
    if not _DURATION.fullmatch(duration) or not (
        MIN_DURATION_SECONDS <= int(duration) <= MAX_DURATION_SECONDS
    ):
        raise exceptions.invalid_parameter("DurationSeconds")
    if not role.trusts_account(caller):
        raise exceptions.not_trusted()
    session = role.session(session_name)
    credentials = keyring.issue_session(session, int(duration))
    return {
        "AssumedRoleUser": {
            "Arn": session.arn,
            "AssumedRoleId": f"3{ACCOUNT_ID}:{session_name}",
        },
        "Credentials": _document(credentials),
    }


def get_caller_identity(_parameters: Parameters, caller: Principal) -> dict[str, Any]:
    """GetCallerIdentity: say who signed."""
    return {"AccountId": ACCOUNT_ID, "Arn": caller.arn, "IdentityType": caller.kind}


def _document(credentials: Credentials) -> dict[str, Any]:
    ends = credentials.expiration
    return {
        "AccessKeyId": credentials.access_key_id,
        "AccessKeySecret": credentials.access_key_secret,
        "SecurityToken": credentials.security_token,
        "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ") if ends else None,
    }
