"""Calls of ENS that end below HTTP's surface: in the connection, its time-outs, its bytes."""

from __future__ import annotations

import gzip
import logging
import ssl
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import requests
from darabonba.core import DaraCore

from adapters.ens_session import OneHost, prepare_session
from adapters.transport import LONGEST_IDLE
from core.errors import ImportFailure, ServiceUnavailable
from tests.adapters.calls import KEY, MD5, SECRETS, Ens, everything_said
from tests.fakes.certificates import certificate_of, server_side
from tests.fakes.raw_server import (
    RawServer,
    hang,
    http,
    in_json,
    send,
    send_and_close,
    send_and_reset,
    send_late,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fakes.raw_server import Answer

IMPORTED = in_json(200, {"KeyPairFingerPrint": MD5, "KeyPairName": "alice", "RequestId": "R-1"})
BODY = IMPORTED.partition(b"\r\n\r\n")[2]


def failure_of(ens: Ens, time_left: float = 10.0) -> ServiceUnavailable:
    """Return what an import fails with; nothing secret hangs on it."""
    with pytest.raises(ServiceUnavailable) as failure:
        ens.import_key(time_left)
    said = everything_said(failure.value)
    assert [] == [secret for secret in SECRETS if secret in said]
    return failure.value


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(send_and_close(b""), id="closed"),
        pytest.param(send_and_reset(b""), id="reset"),
        pytest.param(send_and_close(IMPORTED[:20]), id="closed in the head"),
        pytest.param(send_and_close(IMPORTED[:-20]), id="closed in the body"),
        pytest.param(send_and_reset(IMPORTED[:-20]), id="reset in the body"),
        pytest.param(send_and_close(b"SSH-2.0-OpenSSH_9.2\r\n"), id="another protocol"),
        pytest.param(send_and_close(b"\0" * 99), id="zeros"),
        pytest.param(send_and_close(b"HTTP/1.1 abc OK\r\n\r\n"), id="no status"),
        pytest.param(send_and_close(b"HTTP/1.1 200 OK\r\nA" + b"a" * 70_000), id="a long header"),
        pytest.param(send_and_close(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200), id="many headers"),
        pytest.param(
            send_and_close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
            id="a chunk without length",
        ),
        pytest.param(
            send_and_close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"),
            id="a chunk cut short",
        ),
        pytest.param(send(http(200, b"no gzip", "Content-Encoding: gzip")), id="no gzip"),
        pytest.param(
            send(http(200, gzip.compress(BODY)[:-12], "Content-Encoding: gzip")), id="gzip, cut"
        ),
        pytest.param(send(http(204, b"")), id="204"),
        pytest.param(hang, id="nothing"),
    ],
)
def test_an_answer_that_does_not_come_whole(answer: Answer) -> None:
    """Once the request is on its way, whatever breaks leaves the import in doubt."""
    with RawServer(answer) as server:
        failure = failure_of(Ens(server.host, read_timeout=200))

    assert failure.outcome_unknown
    assert failure.reason in {"no_answer", "unreadable_answer"}
    assert 1 == len(server.requests)


def test_gzip() -> None:
    """An answer may be compressed."""
    compressed = http(200, gzip.compress(BODY), "Content-Encoding: gzip")
    with RawServer(send(compressed)) as server:
        assert MD5 == Ens(server.host).import_key().fingerprint


def test_refused() -> None:
    """Nobody listens: nothing was sent, so it may be sent again at once."""
    with RawServer() as server:
        host = server.host

    failure = failure_of(Ens(host))

    assert ("ens_unreachable", False) == (failure.reason, failure.outcome_unknown)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    """The role's security token goes to ENS and to nobody that an answer names."""
    with RawServer(send(IMPORTED)) as elsewhere:
        redirect = http(status, b"", f"Location: http://{elsewhere.host}/?b=c")
        with RawServer(send(redirect)) as server:
            failure = failure_of(Ens(server.host))

    assert failure.outcome_unknown
    assert [] == elsewhere.requests


@pytest.mark.parametrize("time_left", [0.25, 0.3])
def test_the_time_left_comes_before_the_settings(time_left: float) -> None:
    """Time-outs that are set too long give way to what is left of the invocation."""
    with RawServer(send_late(IMPORTED, 2.0)) as server:
        ens = Ens(server.host, connect_timeout=60_000, read_timeout=600_000)
        failure = failure_of(ens, time_left)

    assert ("no_answer", True) == (failure.reason, failure.outcome_unknown)


def test_a_connection_is_kept() -> None:
    """Two invocations share a connection: that saves the second one the handshake."""
    with RawServer(send(IMPORTED), send(IMPORTED)) as server:
        Ens(server.host).import_key()
        Ens(server.host).import_key()

        assert (1, 2) == (server.connections, len(server.requests))


def test_a_connection_that_ens_closed_meanwhile() -> None:
    """A connection that ENS ended politely between two calls is not used again."""
    with RawServer(send_and_close(IMPORTED), send(IMPORTED)) as server:
        Ens(server.host).import_key()
        assert server.closed_here.acquire(timeout=5)
        Ens(server.host).import_key()

        assert (2, 2) == (server.connections, len(server.requests))


@pytest.mark.parametrize(
    "hours", [pytest.param(1, id="frozen"), pytest.param(-1, id="clock set back")]
)
def test_a_connection_that_slept_is_dropped(hours: int) -> None:
    """A connection from before a freeze may be dead without a word; it is closed, not used."""
    with RawServer(send(IMPORTED), send(IMPORTED)) as server:
        ens = Ens(server.host)
        ens.import_key()
        prepare_session("http", server.host, time.time() + hours * 3600)

        assert server.closed_by_client.acquire(timeout=5)
        ens.import_key()
        assert 2 == server.connections


def test_a_short_pause_drops_nothing() -> None:
    """Between calls that follow each other the connection stays."""
    with RawServer(send(IMPORTED), send(IMPORTED)) as server:
        key_pairs = Ens(server.host).key_pairs()
        key_pairs.import_key_pair("alice", KEY, 10.0)
        prepare_session("http", server.host, time.time() + LONGEST_IDLE / 2)
        key_pairs.import_key_pair("alice", KEY, 10.0)

        assert 1 == server.connections


def test_the_session_leads_to_ens_and_nowhere_else() -> None:
    """The SDK sends by the session that it was given, which knows one host, whatever is asked."""
    with RawServer(send(IMPORTED), send(IMPORTED)) as server:
        Ens(server.host).import_key()
        (session,) = [kept for name, kept in DaraCore._sessions.items() if server.host in name]

        elsewhere = requests.Request("POST", "http://127.0.0.1:1/elsewhere").prepare()
        session.send(elsewhere, timeout=(5.0, 5.0), proxies={})

        assert [b"POST /?", b"POST /e"] == [asked[:7] for asked in server.requests]


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that refuses the connection has sent nothing on."""
    with RawServer() as gone:
        monkeypatch.setenv("HTTP_PROXY", f"http://{gone.host}")
    with RawServer(send(IMPORTED)) as server:
        failure = failure_of(Ens(server.host))

    assert ("ens_unreachable", False) == (failure.reason, failure.outcome_unknown)
    assert [] == server.requests


def post(session: OneHost, server: RawServer) -> int:
    """Send as the SDK sends; return the status."""
    request = requests.Request("POST", f"https://{server.host}/").prepare()
    status: int = session.send(request, timeout=(5.0, 5.0), proxies={}).status_code
    return status


@contextmanager
def trusting(server: RawServer, certificate: Path) -> Iterator[OneHost]:
    """Return a session as ENS has it, for which this certificate is a CA's."""
    session = OneHost(f"https://{server.host}", str(certificate))
    yield session
    session.close()


def test_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    """One of the CAs has signed it, and it is for the host that is called."""
    certificate = certificate_of("127.0.0.1", tmp_path)
    with RawServer(send(IMPORTED), send(IMPORTED), tls=server_side(certificate)) as server:
        with trusting(server, certificate) as session:
            assert [200, 200] == [post(session, server) for _ in range(2)]

        assert 1 == server.connections


def test_a_certificate_of_another_host(tmp_path: Path) -> None:
    """Trusted, but another's: nothing is sent."""
    certificate = certificate_of("127.0.0.2", tmp_path)
    with RawServer(send(IMPORTED), tls=server_side(certificate)) as server:
        with trusting(server, certificate) as session:
            with pytest.raises(requests.ConnectionError) as refused:
                post(session, server)
            assert isinstance(refused.value.__cause__, ssl.SSLCertVerificationError)

        assert [] == server.requests


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    """Whoever is not ENS is told nothing, so nothing was sent."""
    untrusted = server_side(certificate_of("127.0.0.1", tmp_path))
    with RawServer(send(IMPORTED), tls=untrusted) as server:
        failure = failure_of(Ens(server.host, protocol="https"))

    assert ("ens_unreachable", False) == (failure.reason, failure.outcome_unknown)
    assert [] == server.requests


def test_no_tls_behind_https() -> None:
    """A plain server on the port of TLS gets no request out of us."""
    with RawServer(send_and_close(IMPORTED)) as server:
        failure_of(Ens(server.host, 200, 200, protocol="https"))

    assert [] == server.requests


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(send(IMPORTED), id="a success"),
        pytest.param(send(in_json(400, {"Code": "NoPermission"})), id="a refusal"),
        pytest.param(send_and_reset(b""), id="a reset"),
        pytest.param(send(http(200, BODY, "Broken header without colon")), id="a broken header"),
    ],
)
def test_libraries_are_silent(
    answer: Answer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """No library logs URLs or headers, though every logger were told to say all."""
    talkative = [
        "urllib3",
        "urllib3.connection",
        "urllib3.connectionpool",
        "darabonba-core",
        "requests",
        "Tea",
    ]
    levels = {name: logging.getLogger(name).level for name in talkative}
    with caplog.at_level(logging.DEBUG), RawServer(answer) as server:
        for name in talkative:
            logging.getLogger(name).setLevel(logging.DEBUG)
        with suppress(ImportFailure):
            Ens(server.host).import_key()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)

    said = caplog.text + "".join(capfd.readouterr())
    assert [] == [secret for secret in (*SECRETS, "PublicKeyBody") if secret in said]


@pytest.mark.parametrize("excepted", ["127.0.0.1", "ens.example,127.0.0.1", "*", "127.0.0.0/8"])
def test_a_host_in_no_proxy_is_reached_without_the_proxy(
    monkeypatch: pytest.MonkeyPatch, excepted: str
) -> None:
    """The SDK reads HTTP_PROXY itself; that ENS is excepted from it, only we tell it."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # refuses
    with RawServer(send(IMPORTED)) as server:
        excepting = Ens(server.host, no_proxy=excepted)

        assert MD5 == excepting.import_key().fingerprint
        failure_of(Ens(server.host))
        failure_of(Ens(server.host, no_proxy="ens.example"))
