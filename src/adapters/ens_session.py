"""
The SDK's HTTP session for ENS, and the way its requests go. Imported after the SDK, not before.

The session outlives an invocation. It is put where the SDK looks for one, before the SDK makes its
own.
"""

from __future__ import annotations

from collections import deque
from functools import cache, partial
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from darabonba.core import DEFAULT_POOL_MAXSIZE, DaraCore
from requests import Session
from requests.exceptions import ConnectionError as NotConnected
from requests.utils import select_proxy, should_bypass_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from adapters.transport import Idle, SharedTls, tls_context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Answer(NamedTuple):
    """What the SDK reads of an answer."""

    status_code: int
    reason: str | None
    headers: Mapping[str, str]
    content: bytes


class OneHost:
    """
    A session for one host, which sends what the SDK has prepared, and nothing else.

    A session of requests looks for hooks, cookies, redirects and proxies at each request, and
    urllib3's pool walks through the URL, with the key in it, byte by byte: together as much as
    all that is done here with a key. This has urllib3's connections and nothing above them. Where
    there is a proxy, requests sends.

    Args:
        base_url: ``https://host``.
        ca_file: the CA certificates, in PEM; None for those of certifi.
    """

    def __init__(self, base_url: str, ca_file: str | None = None) -> None:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        tls = tls_context(ca_file) if parts.scheme == "https" else None
        self._connect: Callable[[], Any] = (
            partial(HTTPSConnection, host, parts.port, ssl_context=tls)
            if tls
            else partial(HTTPConnection, host, parts.port)
        )
        self._idle: deque[Any] = deque()
        self._by_proxy = Session()
        # A redirect would take the role's security token to whomever the answer names.
        self._by_proxy.max_redirects = 0
        self._by_proxy.adapters.clear()
        self._by_proxy.mount(f"{base_url}/", SharedTls(tls, pool_connections=1, pool_maxsize=1))

    def send(
        self,
        request: Any,
        *,
        timeout: tuple[float, float],
        proxies: Mapping[str, str],
        **_verify_and_cert: Any,
    ) -> Any:
        """
        Send a request and read its answer; the SDK calls this.

        The SDK hands its option ``no_proxy`` on among the proxies, where requests ignores it.

        Raises:
            RequestException: what urllib3, http.client or the socket said is among its causes.
        """
        if proxies and not _is_excepted(request.url, proxies):
            return self._by_proxy.send(request, timeout=timeout, proxies=dict(proxies))
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            answer = _exchange(connection, request, *timeout)
        except (HTTPError, HTTPException, OSError) as error:
            connection.close()
            raise NotConnected from error
        self._idle.append(connection)
        return answer

    def close(self) -> None:
        """Close the connections; the next request makes new ones."""
        while self._idle:
            self._idle.pop().close()
        self._by_proxy.close()


def _exchange(connection: Any, request: Any, connect_timeout: float, read_timeout: float) -> Answer:
    """Send a request over a connection that is new, kept, or kept and closed by the other side."""
    if not connection.is_connected:
        connection.close()
        connection.timeout = connect_timeout
        connection.connect()
    connection.timeout = read_timeout
    connection.request(request.method, request.path_url, body=request.body, headers=request.headers)
    answer = connection.getresponse()
    return Answer(answer.status, answer.reason, answer.headers, answer.data)


def _is_excepted(url: str, proxies: Mapping[str, str]) -> bool:
    """Tell whether a URL is reached without a proxy."""
    no_proxy = proxies.get("no_proxy")
    if no_proxy and should_bypass_proxies(url, no_proxy):
        return True
    return not select_proxy(url, dict(proxies))


@cache
def _session(protocol: str, host: str) -> tuple[str, OneHost]:
    """Return a session, and the name under which the SDK looks for it."""
    base_url = f"{protocol}://{host}"
    # The tests tell when the SDK names its sessions otherwise.
    return f"{base_url}:80:pool={DEFAULT_POOL_MAXSIZE}", OneHost(base_url)


_idle = Idle()


def prepare_session(protocol: str, host: str, now: float) -> None:
    """
    Give the SDK its session for ENS, without dead connections.

    Args:
        protocol: as in EnsConnection.
        host: the host of ENS.
        now: seconds since the epoch.
    """
    name, session = _session(protocol, host)
    DaraCore._sessions[name] = session  # noqa: SLF001 - the SDK offers no other way
    if _idle.too_long(now):
        session.close()
