"""
What requests' sessions for Alibaba Cloud have in common. Imported after an SDK, not before.

Connections outlive an invocation: that saves a TLS handshake each. And TLS has one context an
instance, for to load the certificates of all CAs takes a tenth of a CPU a third of a second; left
to themselves, an SDK and requests do so three times before the first request, and OSS's SDK again
for each client.
"""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any

import certifi
from requests.adapters import HTTPAdapter

LONGEST_IDLE = 20.0  # seconds; gateways on the way may forget a connection soon after


@cache
def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """
    Return the context that verifies a server's certificate and its host's name; at least TLS 1.2.

    Args:
        ca_file: the CA certificates, in PEM; None for those of certifi, which requests trusts.
    """
    return ssl.create_default_context(cafile=ca_file or certifi.where())


class SharedTls(HTTPAdapter):
    """
    A way to servers over one TLS context.

    Args:
        tls: the context; None where no server is reached over TLS.
        options: HTTPAdapter's.
    """

    def __init__(self, tls: ssl.SSLContext | None, **options: Any) -> None:
        self._tls = {"ssl_context": tls} if tls else {}
        super().__init__(**options)

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = False,  # noqa: FBT001, FBT002 - as requests has it
        **kwargs: Any,
    ) -> None:
        """Let the pools use our context."""
        super().init_poolmanager(connections, maxsize, block, **kwargs, **self._tls)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Let the pools of a proxy use it, too."""
        return super().proxy_manager_for(proxy, **kwargs, **self._tls)

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """
        Leave the connection as it is: our context verifies it, with the certificates it has.

        A certificate that is not trusted, and one of another host, are refused: see
        test_ens_transport and test_oss_transport.
        """

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        """Name a pool by its host: certificates that requests would name are in our context."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {name: value for name, value in pool.items() if not name.startswith("ca_")}


class Idle:
    """
    Tell whether connections slept too long to be used again.

    What is sent on a connection that the other side gave up silently, while the instance was
    frozen, looks like a lost answer.
    """

    def __init__(self) -> None:
        self._last_use = 0.0  # by the wall clock, for a frozen instance's own may stop

    def too_long(self, now: float) -> bool:
        """Note a use, at ``now`` in seconds since the epoch; tell whether the last is too old."""
        idle = now - self._last_use
        self._last_use = now
        return not 0 <= idle <= LONGEST_IDLE
