"""Calls of OSS below HTTP's surface: connections that are kept, and TLS."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from alibabacloud_oss_v2.exceptions import RequestError
from alibabacloud_oss_v2.transport import RequestsHttpClient
from alibabacloud_oss_v2.types import HttpRequest

from adapters.oss import Oss, http_client
from adapters.transport import LONGEST_IDLE, Idle, SharedTls, tls_context
from tests.adapters.calls import PLANTED
from tests.fakes.certificates import certificate_of, server_side
from tests.fakes.raw_server import RawServer, http, send, send_and_close

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = b"ssh-rsa AAAA alice"
FOUND = http(200, CONTENT, 'ETag: "A"')


@pytest.fixture(autouse=True)
def _no_connections_of_other_tests() -> Iterator[None]:
    http_client(is_tls=False).close()
    yield
    http_client(is_tls=False).close()


def read(server: RawServer) -> bytes:
    """Read an object as another invocation of the same instance would."""
    oss = Oss(PLANTED, f"http://{server.host}", lambda _: None)
    return oss.objects("cn-hangzhou", "uploads").read("keys/alice.pub", None, 10.0)


def test_a_connection_is_kept() -> None:
    """Invocations share it: that saves each a handshake, and the certificates of all CAs."""
    with RawServer(send(FOUND), send(FOUND)) as server:
        assert [CONTENT, CONTENT] == [read(server), read(server)]
        assert (1, 2) == (server.connections, len(server.requests))


def test_a_connection_that_oss_closed_meanwhile() -> None:
    """One that was ended politely between two invocations is not used again."""
    with RawServer(send_and_close(FOUND), send(FOUND)) as server:
        read(server)
        assert server.closed_here.acquire(timeout=5)

        assert CONTENT == read(server)
        assert 2 == server.connections


def test_a_connection_that_slept_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """One from before a freeze may be dead without a word; it is closed, not used."""
    with RawServer(send(FOUND), send(FOUND)) as server:
        read(server)
        later = time.time() + 2 * LONGEST_IDLE
        monkeypatch.setattr("adapters.oss.time.time", lambda: later)

        assert CONTENT == read(server)
        assert 2 == server.connections


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.0, "used"), (LONGEST_IDLE, "used"), (LONGEST_IDLE + 0.1, "dropped"), (-0.1, "dropped")],
)
def test_how_long_a_connection_may_sleep(seconds: float, expected: str) -> None:
    """As long as gateways remember it; a clock that was set back says nothing."""
    idle = Idle()
    idle.too_long(1000.0)

    assert expected == ("dropped" if idle.too_long(1000.0 + seconds) else "used")


def test_one_context_for_all() -> None:
    """ENS's session and OSS's client verify by the same certificates, which are loaded once."""
    adapter: Any = http_client(is_tls=True).adapter

    assert tls_context() is tls_context()
    assert tls_context() is adapter.poolmanager.connection_pool_kw["ssl_context"]
    assert "ssl_context" not in http_client(is_tls=False).adapter.poolmanager.connection_pool_kw


def get(client: RequestsHttpClient, server: RawServer) -> bytes:
    """Send as the SDK sends."""
    return bytes(client.send(HttpRequest("GET", f"https://{server.host}/", headers={})).content)


def trusting(certificate: Path) -> RequestsHttpClient:
    """Return a client as uploads have it, for which this certificate is a CA's."""
    return RequestsHttpClient(adapter=SharedTls(tls_context(str(certificate))))


def test_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    """One of the CAs has signed it, and it is for the host that is called."""
    certificate = certificate_of("127.0.0.1", tmp_path)
    with (
        RawServer(send(FOUND), send(FOUND), tls=server_side(certificate)) as server,
        trusting(certificate) as client,
    ):
        assert [CONTENT, CONTENT] == [get(client, server), get(client, server)]
        assert 1 == server.connections


def test_a_certificate_of_another_host(tmp_path: Path) -> None:
    """Trusted, but another's: nothing is sent."""
    certificate = certificate_of("127.0.0.2", tmp_path)
    with (
        RawServer(send(FOUND), tls=server_side(certificate)) as server,
        trusting(certificate) as client,
    ):
        with pytest.raises(RequestError, match="IP address mismatch"):
            get(client, server)

        assert [] == server.requests


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    """Whoever is not OSS is told nothing, whatever the environment names as certificates."""
    tls = server_side(certificate_of("127.0.0.1", tmp_path))
    with RawServer(send(FOUND), tls=tls) as server:
        with pytest.raises(RequestError, match="CERTIFICATE_VERIFY_FAILED"):
            get(http_client(is_tls=True), server)

        assert [] == server.requests
