"""The SDK's HTTP session for ENS, which outlives an invocation."""

from __future__ import annotations

LONGEST_IDLE = 20.0  # seconds; gateways on the way may forget a connection soon after

_last_use = 0.0  # of the session; by the wall clock, for a frozen instance's own may stand still


def prepare_session(protocol: str, host: str, now: float) -> None:
    """
    Make sure that the SDK's session for ENS has no dead connections, and follows no redirects.

    It outlives an invocation, and is worth keeping: it saves the TLS handshake. But what is sent
    on a connection that the other side gave up without a word, while the instance was frozen,
    looks like a lost answer. And a redirect would take the role's security token to whomever the
    answer names.

    Args:
        protocol: as in EnsConnection.
        host: likewise.
        now: seconds since the epoch.
    """
    global _last_use  # noqa: PLW0603 - as long-lived as the session it is about
    from darabonba.core import DEFAULT_POOL_MAXSIZE, DaraCore  # noqa: PLC0415 - late

    # The SDK offers no other way; the tests tell when it names its sessions otherwise.
    name = f"{protocol}://{host}:80:pool={DEFAULT_POOL_MAXSIZE}"
    session = DaraCore._get_session(name, protocol)  # noqa: SLF001 - see above
    session.max_redirects = 0
    if not 0 <= now - _last_use <= LONGEST_IDLE:
        session.close()
    _last_use = now
