"""
The SDK's HTTP session for ENS, and the way its requests go. Imported after the SDK, not before.

The session outlives an invocation, and is worth keeping: it saves the TLS handshake. It is put
where the SDK looks for one, before the SDK makes its own.
"""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any

import certifi
from darabonba.core import DEFAULT_POOL_MAXSIZE, DaraCore
from requests import Session
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy, should_bypass_proxies

LONGEST_IDLE = 20.0  # seconds; gateways on the way may forget a connection soon after


class OneHost(HTTPAdapter):
    """
    The way to one host: one TLS context, one pool of connections.

    Left to themselves, SDK and requests load the CA certificates three times before the first
    request, which takes a tenth of a CPU most of a second, and look the pool up again for each.

    Args:
        base_url: ``https://host``.
        ca_file: the CA certificates, in PEM; None for those of certifi, which requests trusts.
    """

    def __init__(self, base_url: str, ca_file: str | None = None) -> None:
        self._base_url = base_url
        self._tls: dict[str, Any] = {}
        if base_url.startswith("https:"):
            # Verifies the certificate and the host's name; at least TLS 1.2.
            self._tls = {
                "ssl_context": ssl.create_default_context(cafile=ca_file or certifi.where())
            }
        self._pool: Any = None
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = False,  # noqa: FBT001, FBT002 - as requests has it
        **kwargs: Any,
    ) -> None:
        """Let the pool use our context."""
        super().init_poolmanager(connections, maxsize, block, **kwargs, **self._tls)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Send through a proxy, with the same pool."""
        return super().proxy_manager_for(proxy, **kwargs, **self._tls)

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """
        Send, without a proxy where ``no_proxy`` says so.

        The SDK hands its option ``no_proxy`` on among the proxies, where requests ignores it.
        """
        no_proxy = (kwargs.get("proxies") or {}).get("no_proxy")
        if no_proxy and should_bypass_proxies(request.url, no_proxy):
            kwargs["proxies"] = {}
        return super().send(request, *args, **kwargs)

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """
        Leave the connection as it is: our context verifies it, with the certificates it has.

        A certificate that is not trusted, and one of another host, are refused: see
        test_ens_transport.
        """

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Return the pool; the SDK asks for no other host, and redirects are not followed."""
        if proxies and select_proxy(request.url, proxies):
            return super().get_connection_with_tls_context(request, verify, proxies, cert)
        if self._pool is None:
            self._pool = self.poolmanager.connection_from_url(self._base_url)
        return self._pool

    def request_url(self, request: Any, proxies: Any) -> str:
        """Return the target of the request line."""
        return super().request_url(request, proxies) if proxies else str(request.path_url)

    def close(self) -> None:
        """Close the connections; the next request makes new ones."""
        self._pool = None
        super().close()


@cache
def _session(protocol: str, host: str) -> tuple[str, Session]:
    """Return a session, and the name under which the SDK looks for it."""
    base_url = f"{protocol}://{host}"
    session = Session()
    # A redirect would take the role's security token to whomever the answer names.
    session.max_redirects = 0
    session.adapters.clear()
    session.mount(f"{base_url}/", OneHost(base_url))
    # The tests tell when the SDK names its sessions otherwise.
    return f"{base_url}:80:pool={DEFAULT_POOL_MAXSIZE}", session


_last_use = 0.0  # of the session; by the wall clock, for a frozen instance's own may stop


def prepare_session(protocol: str, host: str, now: float) -> None:
    """
    Give the SDK its session for ENS, without dead connections.

    What is sent on a connection that the other side gave up silently, while the instance was
    frozen, looks like a lost answer.

    Args:
        protocol: as in EnsConnection.
        host: the host of ENS.
        now: seconds since the epoch.
    """
    global _last_use  # noqa: PLW0603 - as long-lived as the session it is about
    name, session = _session(protocol, host)
    DaraCore._sessions[name] = session  # noqa: SLF001 - the SDK offers no other way
    if not 0 <= now - _last_use <= LONGEST_IDLE:
        session.close()
    _last_use = now
