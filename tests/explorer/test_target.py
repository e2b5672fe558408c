"""Where the explorer calls, as whom, and what it makes of answers that are none."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from devcloud import DevCloud
from explorer.callers import Bearer, Credentials, Signature, Unknown
from explorer.target import MAX_ANSWER_BYTES, NoAnswer, Target, UnusableUrl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CALL = {"KeyPairName": "alice", "PublicKeyBody": "ssh-rsa AAAA", "DryRun": True}
Answering = "Callable[[http.server.BaseHTTPRequestHandler], None]"


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("https://f.cn-hangzhou.fcapp.run", "https://f.cn-hangzhou.fcapp.run/"),
        ("https://f.cn-hangzhou.fcapp.run/a/b", "https://f.cn-hangzhou.fcapp.run/a/b"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/"),
        ("http://localhost:9000/", "http://localhost:9000/"),
        ("http://[::1]:9000", "http://[::1]:9000/"),
    ],
)
def test_what_can_be_called(url: str, called: str) -> None:
    """TLS anywhere; http on this machine."""
    assert called == Target(url).url


@pytest.mark.parametrize(
    "url",
    [
        "http://f.cn-hangzhou.fcapp.run",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "ftp://127.0.0.1/",
        "f.cn-hangzhou.fcapp.run",
        "https://",
        "https://a:b@example.com",
        "https://example.com/?KeyPairName=alice",
        "https://example.com/#a",
        "https://example.com:port",
        "https://example.com:0",
        "https://[::1",
        "",
    ],
)
def test_what_cannot(url: str) -> None:
    """A key and a signature would go over the network as they are, or somewhere else."""
    with pytest.raises(UnusableUrl, match=r"^The URL "):
        Target(url)


@contextlib.contextmanager
def answering(answer: Callable[[Any], None]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Serve what is no function; yield its address, and the headers of the requests it had."""
    had: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            had.append(dict(self.headers))
            self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", had
        finally:
            server.shutdown()
            thread.join()


def send(handler: Any, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def test_a_redirect_is_not_followed() -> None:
    """It would take the key and the signature along; it is shown as it came."""
    with (
        answering(lambda handler: send(handler, 200, b"{}")) as (elsewhere, had),
        answering(lambda handler: send(handler, 307, b"", Location=elsewhere)) as (url, _),
    ):
        answer = Target(url).call(CALL)

        assert (307, elsewhere) == (answer.status, answer.headers["Location"])
        assert [] == had


def test_a_proxy_and_a_netrc_of_the_environment_are_not_used_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A company's proxy does not reach loopback; .netrc would replace who calls."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login alice password wrong\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    token = tmp_path / "token"
    token.write_text("a.b.c\n", encoding="ascii")
    with answering(lambda handler: send(handler, 200, b"{}")) as (url, had):
        answer = Target(url, Bearer(token)).call(CALL)

    assert 200 == answer.status
    assert ["Bearer a.b.c"] == [each["Authorization"] for each in had]


def test_only_what_matters_is_shown() -> None:
    """X- headers and a few others; not a cookie."""
    headers = {"X-Import-Outcome": "validated", "Set-Cookie": "a=b", "Retry-After": "1"}
    with answering(lambda handler: send(handler, 503, b"\xff", **headers)) as (url, _):
        answer = Target(url).call(CALL)

    assert {"X-Import-Outcome": "validated", "Retry-After": "1"} == answer.headers
    assert (503, "\ufffd") == (answer.status, answer.body)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(
            lambda handler: send(handler, 200, bytes(MAX_ANSWER_BYTES + 1)), "longer", id="long"
        ),
        pytest.param(lambda handler: handler.connection.shutdown(2), "No connection", id="end"),
        pytest.param(
            lambda handler: (
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
                handler.connection.shutdown(2),
            ),
            "broke off",
            id="half",
        ),
    ],
)
def test_an_answer_that_is_none_is_told(answer: Callable[[Any], None], told: str) -> None:
    """In a sentence; the text of a library's exception is not passed on."""
    with answering(answer) as (url, _), pytest.raises(NoAnswer, match=told):
        Target(url).call(CALL)


def test_a_closed_port_is_told() -> None:
    """The function is not running."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(NoAnswer, match="is it running"):
            Target(f"http://127.0.0.1:{closed.getsockname()[1]}/").call(CALL)


@pytest.mark.parametrize(
    "content",
    [b"", b" \n", b"two tokens", b"a" * 9000, "é".encode()],
    ids=["empty", "blank", "two", "long", "no ASCII"],
)
def test_a_token_file_that_holds_none_is_told(tmp_path: Path, content: bytes) -> None:
    """Before anything is sent, and without its content."""
    file = tmp_path / "token"
    file.write_bytes(content)

    with pytest.raises(Unknown, match="does not hold one token"):
        Bearer(file)("https://example.com/")


def test_a_token_is_read_for_each_call(tmp_path: Path) -> None:
    """Identity providers' tokens are renewed every few minutes."""
    file = tmp_path / "token"
    bearer = Bearer(file)
    for token in ("a.b.c", "d.e.f"):
        file.write_text(f"{token}\n", encoding="ascii")
        assert {"Authorization": f"Bearer {token}"} == bearer("https://example.com/")


@pytest.mark.parametrize("with_token", [False, True], ids=["key", "temporary key"])
def test_the_signature_is_the_one_that_fc_documents(with_token: bool) -> None:  # noqa: FBT001
    """The date and the token are signed, the payload's hash is empty; a trigger accepts it."""
    with DevCloud(function=True, enforce_auth=True) as cloud:
        user = cloud.role_credentials() if with_token else cloud.user_credentials()
        caller = Credentials(user.access_key_id, user.access_key_secret, user.security_token or "")
        target = Target(cloud.function_url, Signature(lambda: caller))
        headers = Signature(lambda: caller)(target.url)
        signed = headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0]
        answer = target.call(CALL)

    names = ["x-acs-date", *(["x-acs-security-token"] if with_token else [])]
    assert names == signed.split(";")
    # The role may not invoke functions; its signature is good all the same.
    assert "SignatureDoesNotMatch" not in answer.body
    assert (403 if with_token else 400) == answer.status


def test_credentials_are_not_printed() -> None:
    """In no traceback and no log."""
    shown = repr(Credentials("id", "the-secret", "the-token"))

    assert "the-" not in shown
