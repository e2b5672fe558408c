"""Principals of the account, and the credentials that stand for them."""

import secrets
import string
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from devcloud.ram.policy import Policy

ACCOUNT_ID = "1234567890123456"
_DEVELOPER_POLICY = {
    "Version": "1",
    "Statement": [
        {"Effect": "Allow", "Action": ["fc:InvokeFunction", "oss:*", "sts:*"], "Resource": "*"},
    ],
}
_DEPLOYER_POLICY = {  # AliyunFCFullAccess, and the roles that functions may be given
    "Version": "1",
    "Statement": [{"Effect": "Allow", "Action": ["fc:*", "ram:PassRole"], "Resource": "*"}],
}


@dataclass(frozen=True, slots=True)
class Principal:
    """A RAM user or a session of a RAM role, with the policies attached to it."""

    kind: str  # "SubUser" or "AssumedRoleUser", as AccessDeniedDetail names them
    name: str  # "alice"; "role:session"
    arn: str  # acs:ram::ACCOUNT:user/NAME; acs:ram::ACCOUNT:assumed-role/ROLE/SESSION
    policies: tuple[Policy, ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key; with a security token and an end, the temporary one of a role session."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)
    expiration: datetime | None = None


Clock = Callable[[], float]  # seconds since the epoch


class Keyring:
    """Every credential that the cloud has issued, and whose it is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._issued: dict[str, tuple[Credentials, Principal]] = {}

    def issue_access_key(self, principal: Principal) -> Credentials:
        """Make a permanent key, as a RAM user has."""
        return self._remember(Credentials(f"LTAI5t{_letters(18)}", _letters(30)), principal)

    def issue_session(self, principal: Principal, duration_seconds: int) -> Credentials:
        """Make temporary credentials, as STS does for a role. A duration of 0 is over already."""
        now = datetime.fromtimestamp(self._clock(), timezone.utc)
        credentials = Credentials(
            access_key_id=f"STS.N{_letters(22)}",
            access_key_secret=_letters(44),
            security_token=secrets.token_urlsafe(240),
            expiration=(now + timedelta(seconds=duration_seconds)).replace(microsecond=0),
        )
        return self._remember(credentials, principal)

    def find(self, access_key_id: str) -> tuple[Credentials, Principal] | None:
        """Return the credentials with this id and their principal; None if never issued."""
        with self._lock:
            return self._issued.get(access_key_id)

    def has_issued_token(self, security_token: str) -> bool:
        """Tell whether any session carries this token."""
        with self._lock:
            return any(c.security_token == security_token for c, _ in self._issued.values())

    def _remember(self, credentials: Credentials, principal: Principal) -> Credentials:
        with self._lock:
            self._issued[credentials.access_key_id] = (credentials, principal)
        return credentials


def developer(policy: Mapping[str, Any] | None = None) -> Principal:
    """
    Describe the RAM user who may invoke functions, assume roles and use OSS; else as given.

    Raises:
        UnsupportedPolicy: the policy says something that devcloud does not evaluate.
    """
    return _user("developer", policy or _DEVELOPER_POLICY)


def deployer(policy: Mapping[str, Any] | None = None) -> Principal:
    """
    Describe the RAM user who may deploy functions, invoke them and give them roles; else as given.

    Raises:
        UnsupportedPolicy: the policy says something that devcloud does not evaluate.
    """
    return _user("deployer", policy or _DEPLOYER_POLICY)


def _user(name: str, policy: Mapping[str, Any]) -> Principal:
    arn = f"acs:ram::{ACCOUNT_ID}:user/{name}"
    return Principal("SubUser", name, arn, (Policy.parse(policy),))


def _letters(length: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))
