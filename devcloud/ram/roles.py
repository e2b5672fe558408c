"""RAM roles: what a session of one may do, and who may become one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devcloud.ram.exceptions import UnsupportedPolicy
from devcloud.ram.models import ACCOUNT_ID, Principal
from devcloud.ram.policy import Policy

ACCOUNT_ROOT = f"acs:ram::{ACCOUNT_ID}:root"
FUNCTION_ROLE = "devcloud-function-role"


@dataclass(frozen=True, slots=True)
class Role:
    """A role, its policy, and the principals that its trust policy names."""

    name: str
    policy: Policy
    trusted_accounts: frozenset[str] = frozenset({ACCOUNT_ROOT})
    trusted_services: frozenset[str] = frozenset({"fc.aliyuncs.com"})

    @property
    def arn(self) -> str:
        """acs:ram::ACCOUNT:role/NAME, the name in lower case as RAM writes it."""
        return f"acs:ram::{ACCOUNT_ID}:role/{self.name.lower()}"

    def trusts_account(self, user: Principal) -> bool:
        """Tell whether a user, or a role session, of the account may become this role."""
        return bool(self.trusted_accounts & {ACCOUNT_ROOT, user.arn})

    def session(self, session_name: str) -> Principal:
        """Return the principal that whoever assumes the role becomes."""
        return Principal(
            kind="AssumedRoleUser",
            name=f"{self.name}:{session_name}",
            arn=f"acs:ram::{ACCOUNT_ID}:assumed-role/{self.name.lower()}/{session_name}",
            policies=(self.policy,),
        )


def function_role(
    project: Path,
    role_policy: Mapping[str, Any] | None = None,
    trust_policy: Mapping[str, Any] | None = None,
) -> Role:
    """
    Make the function's role of the documents given, else of those in the project's deploy/.

    Without a role policy it may do nothing; without a trust policy the whole account may assume it.

    Raises:
        UnsupportedPolicy: a document says something that devcloud does not evaluate.
    """
    policy = role_policy or _document(project / "deploy" / "role-policy.json")
    trust = trust_policy or _document(project / "deploy" / "trust-policy.json")
    allowed = Policy.parse(policy) if policy else Policy(())
    if not trust:
        return Role(FUNCTION_ROLE, allowed)
    accounts, services = trusted_principals(trust)
    return Role(FUNCTION_ROLE, allowed, accounts, services)


def trusted_principals(trust_policy: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """
    Read the accounts (as principal ARNs) and the services that a trust policy lets assume a role.

    Raises:
        UnsupportedPolicy: for anything but Allow sts:AssumeRole to RAM or Service principals.
    """
    accounts: set[str] = set()
    services: set[str] = set()
    for statement in trust_policy.get("Statement", []):
        action = statement.get("Action")
        if statement.get("Effect") != "Allow" or action not in (
            "sts:AssumeRole",
            ["sts:AssumeRole"],
        ):
            raise UnsupportedPolicy("devcloud's trust policies only allow sts:AssumeRole")
        principal = statement.get("Principal", {})
        if strange := set(principal) - {"RAM", "Service"}:
            raise UnsupportedPolicy(f"devcloud knows no {', '.join(sorted(strange))} principal")
        accounts.update(principal.get("RAM", []))
        services.update(principal.get("Service", []))
    return frozenset(accounts), frozenset(services)


def _document(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        return {}
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document
