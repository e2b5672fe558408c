"""STS's actions: AssumeRole and GetCallerIdentity."""

import re
from collections.abc import Mapping
from typing import Any

from devcloud.http_message import ServiceError
from devcloud.ram.identities import ACCOUNT_ID, Credentials, Keyring, Principal
from devcloud.ram.roles import Role
from devcloud.rpc import Operation, Parameters, Product

VERSION = "2015-04-01"
HOST_ID = "sts.aliyuncs.com"
MIN_DURATION_SECONDS = 900
MAX_DURATION_SECONDS = 3600  # a role's MaxSessionDuration, unless it is set
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
MESSAGES = {
    "EntityNotExist.Role": "The role not exists.",
    "InvalidParameter.RoleArn": "The parameter RoleArn is wrongly formed.",
    "InvalidParameter.RoleSessionName": "The parameter RoleSessionName is wrongly formed.",
    "InvalidParameter.DurationSeconds": ("The Min/Max value of DurationSeconds is 15min/1hr."),
    "NoPermission": ("You are not authorized to do this action. You should be authorized by RAM."),
}


def product(roles: Mapping[str, Role], keyring: Keyring) -> Product:
    """Describe STS as far as it is emulated; ``roles`` by ARN."""
    responses = _Responses(roles, keyring)
    operations = {
        "AssumeRole": Operation(
            responses.assume_role, resource=lambda parameters: parameters.get("RoleArn", "")
        ),
        "GetCallerIdentity": Operation(responses.get_caller_identity),
    }
    return Product("sts", VERSION, HOST_ID, operations, MESSAGES)


class _Responses:
    def __init__(self, roles: Mapping[str, Role], keyring: Keyring) -> None:
        self._roles = roles
        self._keyring = keyring

    def assume_role(self, parameters: Parameters, caller: Principal) -> dict[str, Any]:
        role = self._roles.get(parameters.get("RoleArn", ""))
        if role is None:
            raise ServiceError(404, "EntityNotExist.Role")
        if "Policy" in parameters:
            raise ServiceError(501, "NotImplemented", "devcloud narrows no session by a Policy.")
        session_name = parameters.get("RoleSessionName", "")
        if not _SESSION_NAME.fullmatch(session_name):
            raise ServiceError(400, "InvalidParameter.RoleSessionName")
        duration = parameters.get("DurationSeconds") or str(MAX_DURATION_SECONDS)
        if (
            not duration.isascii()
            or not duration.isdigit()
            or not (MIN_DURATION_SECONDS <= int(duration) <= MAX_DURATION_SECONDS)
        ):
            raise ServiceError(400, "InvalidParameter.DurationSeconds")
        if not role.trusts_account(caller):
            raise ServiceError(403, "NoPermission")
        session = role.session(session_name)
        credentials = self._keyring.issue_session(session, int(duration))
        return {
            "AssumedRoleUser": {
                "Arn": session.arn,
                "AssumedRoleId": f"3{ACCOUNT_ID}:{session_name}",
            },
            "Credentials": _document(credentials),
        }

    def get_caller_identity(self, _parameters: Parameters, caller: Principal) -> dict[str, Any]:
        return {"AccountId": ACCOUNT_ID, "Arn": caller.arn, "IdentityType": caller.kind}


def _document(credentials: Credentials) -> dict[str, Any]:
    ends = credentials.expiration
    return {
        "AccessKeyId": credentials.access_key_id,
        "AccessKeySecret": credentials.access_key_secret,
        "SecurityToken": credentials.security_token,
        "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ") if ends else None,
    }
