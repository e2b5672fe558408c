"""Who gets nothing of the page's server, and what its answers tell a browser."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from explorer.guards import MAX_BODY_BYTES
from explorer.server import serving
from tests.explorer.conftest import RecordingTarget
from tests.explorer.page_client import PageClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    Asked = list[Mapping[str, Any]]

CALL = {"KeyPairName": "alice", "PublicKeyBody": "ssh-rsa AAAA", "DryRun": True}


def test_the_page_itself_is_answered(page: PageClient, asked: Asked) -> None:
    """With its token, from its own origin, as JSON."""
    answer = page.post("/api/call", CALL)

    assert (200, [CALL]) == (answer.status_code, asked)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"X-Explorer-Token": None}, 403, id="no token"),
        pytest.param({"X-Explorer-Token": "A" * 43}, 403, id="another token"),
        pytest.param(
            {"X-Explorer-Token": None, "Content-Type": "application/x-www-form-urlencoded"},
            403,
            id="a form, which can send no token",
        ),
        pytest.param({"X-Explorer-Token": "\xe9"}, 403, id="a token beyond ASCII"),
        pytest.param({"Host": "example.com"}, 403, id="a foreign Host: DNS rebinding"),
        pytest.param({"Host": "127.0.0.1"}, 403, id="a Host without the port"),
        pytest.param({"Host": "127.0.0.1.example.com:80"}, 403, id="a Host that begins alike"),
        pytest.param({"Origin": "https://example.com"}, 403, id="a page of another origin"),
        pytest.param({"Origin": "null"}, 403, id="a page without an origin"),
        pytest.param({"Origin": "http://127.0.0.1:1"}, 403, id="another port of this machine"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="another port, to the browser"),
        pytest.param({"Sec-Fetch-Site": "none"}, 403, id="an address that was typed"),
        pytest.param({"Content-Type": "text/plain"}, 415, id="a form of text"),
        pytest.param({"Content-Type": "multipart/form-data; boundary=a"}, 415, id="multipart"),
        pytest.param({"Content-Type": "application/x-www-form-urlencoded"}, 415, id="a form"),
    ],
)
def test_nothing_is_sent_on(
    page: PageClient, asked: Asked, headers: dict[str, str | None], status: int
) -> None:
    """Whatever else is right, a request with one thing wrong does not reach the function."""
    answer = page.post("/api/call", CALL, headers)

    assert (status, []) == (answer.status_code, asked)
    assert ["error"] == list(answer.json())


@pytest.mark.parametrize(
    "path", ["/api/about", "/api/call", "/api/nothing"], ids=lambda path: path.rsplit("/")[-1]
)
def test_every_member_of_the_api_needs_the_token(page: PageClient, path: str) -> None:
    """Those that only read too: another user of the machine can open the page."""
    assert 403 == page.get(path, X_Explorer_Token=None).status_code


def test_the_files_of_the_page_need_no_token(page: PageClient) -> None:
    """The browser asks for them before the script can show it; typed addresses have no site."""
    answer = page.get("/", X_Explorer_Token=None, Sec_Fetch_Site="none", Origin=None)

    assert 200 == answer.status_code


@pytest.mark.parametrize(
    "headers", [{"Sec_Fetch_Site": "cross-site"}, {"Host": "example.com"}, {"Origin": "null"}]
)
def test_the_files_of_the_page_are_for_its_own_origin(
    page: PageClient, headers: dict[str, str]
) -> None:
    """No other page can frame it or read it."""
    assert 403 == page.get("/", **headers).status_code


def test_localhost_is_the_page_too(page: PageClient) -> None:
    """For who types it; the origin has to be that of the Host."""
    own = f"localhost:{urlsplit(page.origin).port}"

    assert 200 == page.get("/api/about", Host=own, Origin=f"http://{own}").status_code
    assert 403 == page.get("/api/about", Host=own).status_code


def test_another_start_has_another_token(page: PageClient) -> None:
    """Of 256 random bits."""
    with serving(RecordingTarget()) as address:
        assert PageClient(address).token != page.token
    assert 43 == len(page.token)  # of base64url


def test_a_body_that_says_it_is_too_large_is_not_read(page: PageClient, asked: Asked) -> None:
    """The answer comes while the client has sent the head alone."""
    head = page.headers({"Content-Length": str(MAX_BODY_BYTES + 1)})

    with send_head(page, head) as connection:
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert [] == asked


def test_a_chunked_body_is_read_up_to_the_limit(page: PageClient, asked: Asked) -> None:
    """Without a length, what is too much is seen only when it comes."""
    head = page.headers({"Transfer-Encoding": "chunked"})

    with send_head(page, head) as connection:
        chunk = b"8000\r\n" + bytes(0x8000) + b"\r\n"
        connection.sendall(chunk * 2 + b"1\r\n\x00\r\n")
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert [] == asked


def send_head(page: PageClient, headers: Mapping[str, str]) -> socket.socket:
    host, _, port = urlsplit(page.origin).netloc.partition(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    lines = ["POST /api/call HTTP/1.1", f"Host: {host}:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


@pytest.mark.parametrize(
    "body",
    [
        pytest.param([], id="a list"),
        pytest.param({"KeyPairName": 1}, id="a number"),
        pytest.param({"DryRun": "false"}, id="a text for a truth"),
        pytest.param({"url": "https://example.com"}, id="another address to call"),
    ],
)
def test_only_the_parameters_are_taken(page: PageClient, asked: Asked, body: object) -> None:
    """Where it calls was chosen at the start; no request can change it."""
    assert (400, []) == (page.post("/api/call", body).status_code, asked)


@pytest.mark.parametrize(
    ("path", "token"),
    [("/", None), ("/page.js", None), ("/api/about", None), ("/nothing", None), ("/api/about", "")],
)
def test_every_answer_has_the_headers(page: PageClient, path: str, token: str | None) -> None:
    """Refusals too: nothing is kept, nothing is loaded from elsewhere, nothing runs inline."""
    own = {} if token is None else {"X_Explorer_Token": token}
    headers = page.get(path, **own).headers

    assert "no-store" == headers["Cache-Control"]
    assert (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ) == headers["Content-Security-Policy"]
    assert "no-referrer" == headers["Referrer-Policy"]
    assert "nosniff" == headers["X-Content-Type-Options"]
    assert "Access-Control-Allow-Origin" not in headers


def test_it_listens_on_one_address_alone(page: PageClient) -> None:
    """On 127.0.0.1: even another loopback address of this machine leads nowhere."""
    port = urlsplit(page.origin).port
    dial = f"import socket, sys; socket.create_connection((sys.argv[1], {port}), 5)"

    assert 0 == subprocess.run([sys.executable, "-c", dial, "127.0.0.1"], check=False).returncode
    other = subprocess.run(
        [sys.executable, "-c", dial, "127.0.0.2"], check=False, capture_output=True, text=True
    )
    assert "ConnectionRefusedError" in other.stderr
