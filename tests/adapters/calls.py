"""Calls of the adapter against whatever listens, with credentials that must not be seen again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.credentials import Credentials
from adapters.ens import EnsCall, EnsConnection, EnsKeyPairs
from tests.fakes.key_pairs import made_up_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.importing.exactly_once import ImportedKeyPair, KeyPairsPage

KEY, MD5 = made_up_key(7)
PLANTED = Credentials("planted-key-id", "planted-secret", "planted-token")
SECRETS = (KEY.split()[1], "planted-secret", "planted-token")


@dataclass(slots=True)
class Ens:
    """The adapter, with time-outs in milliseconds, and what it observed."""

    host: str
    connect_timeout: int = 1000
    read_timeout: int = 1000
    protocol: str = "http"
    no_proxy: str | None = None
    observed: list[EnsCall] = field(default_factory=list)

    def key_pairs(self) -> EnsKeyPairs:
        connection = EnsConnection(
            self.protocol, self.host, self.connect_timeout, self.read_timeout, self.no_proxy
        )
        return EnsKeyPairs(PLANTED, connection, self.observed.append)

    def import_key(self, time_left: float = 10.0) -> ImportedKeyPair:
        return self.key_pairs().import_key_pair("alice", KEY, time_left)

    def look_up(self, time_left: float = 10.0) -> KeyPairsPage:
        return self.key_pairs().describe_key_pairs("alice", 1, 50, time_left)


def everything_said(error: BaseException) -> str:
    """Return every word of an exception and of all that hang on it."""
    return "\n".join(
        f"{type(one).__name__} {one} {one!r} {one.args!r} {getattr(one, '__notes__', '')}"
        for one in chain(error)
    )


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and every one that is reached from it by cause or context."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting.extend(e for e in (one.__cause__, one.__context__) if e is not None)
