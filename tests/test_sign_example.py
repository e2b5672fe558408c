"""The signed request of README: what examples/sign.py prints, curl sends, and FC would accept."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from devcloud import Credentials, DevCloud
from examples import sign
from tests.paths import PROJECT
from tests.signing import MAY_INVOKE, environment_of_signer, run_sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.keys.ssh_keys import SshKey

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not there")
EITHER_SIGNATURE = pytest.mark.parametrize(
    "options",
    [pytest.param((), id="documented"), pytest.param(("--sign-body",), id="--sign-body")],
)


class Answer(NamedTuple):
    """What curl got."""

    status: int
    body: dict[str, str]


@pytest.fixture(scope="module")
def guarded() -> Iterator[DevCloud]:
    with DevCloud(
        function=True, enforce_auth=True, role_policy=MAY_INVOKE, project=PROJECT
    ) as cloud:
        yield cloud


@pytest.fixture(params=["a user", "a session"])
def signer(request: pytest.FixtureRequest, guarded: DevCloud) -> Credentials:
    """Somebody who may invoke the function: with a key of their own, or a temporary one."""
    is_user = request.param == "a user"
    return guarded.user_credentials() if is_user else guarded.role_credentials()


@pytest.fixture
def public_file(key: SshKey, tmp_path: Path) -> Path:
    file = tmp_path / "id_rsa.pub"
    file.write_text(key.line, encoding="ascii")
    return file


def configuration(
    signer: Credentials, url: str, file: Path, name: str = "alice", *options: str
) -> str:
    """Return what is printed for curl."""
    token = signer.security_token or ""
    credentials = sign.Credentials(signer.access_key_id, signer.access_key_secret, token)
    request = sign.read_request(url, file, name, dry_run="--dry-run" in options)
    return sign.configuration(request, credentials, with_body="--sign-body" in options)


def sent(printed: str) -> Answer:
    """Send it, with curl."""
    curl = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", "-w", "\n%{http_code}", "-K", "-"],
        input=printed.encode(errors="surrogateescape"),
        capture_output=True,
        check=True,
    )
    body, _, status = curl.stdout.decode().rpartition("\n")
    return Answer(int(status), json.loads(body))


@needs_curl
@EITHER_SIGNATURE
@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)], ids=["import", "dry run"])
def test_is_accepted(
    guarded: DevCloud,
    public_file: Path,
    name: str,
    signer: Credentials,
    options: Sequence[str],
    dry_run: Sequence[str],
) -> None:
    """Whoever may invoke the function imports a key; the file's content is not printed."""
    finished = run_sign(
        environment_of_signer(signer), guarded.function_url, public_file, name, *options, *dry_run
    )
    printed = finished.stdout

    answer = sent(printed)

    assert (200, name) == (answer.status, answer.body["KeyPairName"])
    assert (name in [pair.name for pair in guarded.key_pairs]) is (not dry_run)
    assert public_file.read_text(encoding="ascii").split()[1] not in printed
    assert signer.access_key_secret not in printed
    assert (0, "") == (finished.returncode, finished.stderr)


@needs_curl
@EITHER_SIGNATURE
def test_another_name_than_the_signed_one_is_refused(
    guarded: DevCloud, public_file: Path, options: Sequence[str]
) -> None:
    """The gateway refuses; the function is not reached."""
    user = guarded.user_credentials()
    printed = configuration(user, guarded.function_url, public_file, "signed", *options)

    answer = sent(printed.replace("KeyPairName=signed", "KeyPairName=other"))

    assert (403, "SignatureDoesNotMatch") == (answer.status, answer.body["Code"])


@needs_curl
@pytest.mark.parametrize(
    ("options", "status"),
    [
        pytest.param((), 200, id="documented: the key is not signed"),
        pytest.param(("--sign-body",), 403, id="--sign-body"),
    ],
)
def test_another_key_than_the_signed_one(
    guarded: DevCloud,
    public_file: Path,
    another_key: SshKey,
    name: str,
    options: Sequence[str],
    status: int,
) -> None:
    """The documented signature does not cover it: docs/permissions says so, hence https alone."""
    user = guarded.user_credentials()
    printed = configuration(user, guarded.function_url, public_file, name, *options)
    public_file.write_text(another_key.line, encoding="ascii")

    assert status == sent(printed).status


def test_is_signed_as_function_compute_documents_it(guarded: DevCloud, public_file: Path) -> None:
    """
    x-acs-date and x-acs-security-token alone, an empty hash of the body, $ in the path as %24.

    Computed here from the manual's text, by other code than the SDK's.
    """
    session = guarded.role_credentials()
    printed = configuration(session, f"{guarded.function_url}/fc/$x", public_file, "a b")
    headers = dict(re.findall('^header = "([^:]*): (.*)"$', printed, re.MULTILINE))
    canonical = "\n".join(
        [
            "POST",
            "/fc/%24x",
            "KeyPairName=a%20b",
            f"x-acs-date:{headers['x-acs-date']}",
            f"x-acs-security-token:{session.security_token}",
            "",
            "x-acs-date;x-acs-security-token",
            "",
        ]
    )
    to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    secret = session.access_key_secret.encode()

    assert f'url = "{guarded.function_url}/fc/$x?KeyPairName=a%20b"' in printed.splitlines()
    assert headers["Authorization"] == (
        f"ACS3-HMAC-SHA256 Credential={session.access_key_id},"
        "SignedHeaders=x-acs-date;x-acs-security-token,"
        f"Signature={hmac.digest(secret, to_sign.encode(), 'sha256').hex()}"
    )
    assert "x-acs-content-sha256" not in headers


@needs_curl
@pytest.mark.parametrize("path", ["", "/", "/fc/$x", "/a/../b", "/%E5%AF%86"])
def test_any_path(guarded: DevCloud, public_file: Path, path: str) -> None:
    """A route's own path is signed as it is sent."""
    user = guarded.user_credentials()
    printed = configuration(user, guarded.function_url + path, public_file, "alice", "--dry-run")

    assert 200 == sent(printed).status


@needs_curl
@pytest.mark.parametrize(
    "file_name",
    [
        'a "quoted" key.pub',
        "back\\slash\\n.pub",
        "line\nbreak.pub",
        "tab\there.pub",
        "-",
        "@file.pub",
        "#no comment.pub",
        "\u5bc6\u94a5.pub",
        "\udcff.pub",
        "a;type=text.pub",
    ],
)
def test_any_file_name(guarded: DevCloud, key: SshKey, tmp_path: Path, file_name: str) -> None:
    """Curl's configuration has characters of its own; a name holds them, and is a name."""
    file = tmp_path / file_name
    file.write_text(key.line, encoding="ascii")
    user = guarded.user_credentials()

    printed = configuration(user, guarded.function_url, file, "alice", "--dry-run")

    assert (200, "alice") == ((answer := sent(printed)).status, answer.body["KeyPairName"])


# Credentials


def test_credentials_of_the_command_line_tool(public_file: Path, tmp_path: Path) -> None:
    """What `aliyun configure` wrote is used where the environment has none."""
    profile = {
        "name": "mine",
        "mode": "AK",
        "access_key_id": "EXAMPLE7",
        "access_key_secret": "not-a-secret",
    }
    (tmp_path / ".aliyun").mkdir()
    (tmp_path / ".aliyun" / "config.json").write_text(
        json.dumps({"current": "mine", "profiles": [profile]}), encoding="utf-8"
    )

    finished = run_sign({}, "https://fc.example", public_file, "alice", home=tmp_path)

    assert "Credential=EXAMPLE7," in finished.stdout
    assert "not-a-secret" not in finished.stdout + finished.stderr


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        pytest.param({}, "no credentials were found: set ALIBABA_CLOUD_ACCESS_KEY_ID", id="none"),
        pytest.param(
            {"ALIBABA_CLOUD_ACCESS_KEY_ID": "EXAMPLE7"}, "no credentials were found", id="half"
        ),
        pytest.param(
            {
                "ALIBABA_CLOUD_ACCESS_KEY_ID": "EXAMPLE7",
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "not-a-secret\r",
            },
            "the credentials hold a space",
            id="with a line end of Windows",
        ),
    ],
)
def test_without_credentials(public_file: Path, environment: dict[str, str], said: str) -> None:
    """It says what is missing, in one line; nothing is printed for curl."""
    finished = run_sign(environment, "https://fc.example", public_file, "alice")

    assert (2, "") == (finished.returncode, finished.stdout)
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr
    assert "not-a-secret" not in finished.stderr


# What is refused


def refused(*arguments: str | Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what is said; nothing is printed for curl."""
    with pytest.raises(SystemExit) as end:
        sign.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    assert (2, "") == (end.value.code, printed.out)
    return printed.err


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("http://fc.example", "http:// is for this machine only", id="no TLS"),
        pytest.param("http://127.0.0.1.fc.example", "this machine only", id="a name like it"),
        pytest.param("http://128.0.0.1", "this machine only", id="another address"),
        pytest.param("http://[fe80::1]", "this machine only", id="IPv6"),
        pytest.param("http://localhost@fc.example", "https://HOST", id="a user name"),
        pytest.param("https://a:b@fc.example", "https://HOST", id="a password"),
        pytest.param("fc.example", "https://HOST", id="no scheme"),
        pytest.param("ftp://fc.example", "https://HOST", id="another scheme"),
        pytest.param("https://", "https://HOST", id="no host"),
        pytest.param("https://fc.example?x=1", "without a query", id="a query"),
        pytest.param("https://fc.example/#x", "without a query", id="a fragment"),
        pytest.param('https://fc.example/"', "percent-encoded", id="a quote"),
        pytest.param("https://fc.example/a b", "percent-encoded", id="a space"),
        pytest.param("https://fc.example/{a,b}", "percent-encoded", id="what curl expands"),
        pytest.param("https://fc.example/ ", "percent-encoded", id="a space after it"),
        pytest.param("https://f\u00e7.example", "https://HOST", id="not ASCII"),
        pytest.param("https://[", "cannot be read", id="half an address"),
    ],
)
def test_addresses(
    public_file: Path, capsys: pytest.CaptureFixture[str], url: str, said: str
) -> None:
    """Over a network with TLS alone: who is on the way could exchange the key."""
    assert said in refused(url, public_file, "alice", capsys=capsys)


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.1.2.3/", "http://[::1]:1"])
def test_loopback_needs_no_tls(url: str) -> None:
    """There is no way on which somebody could be."""
    assert url.startswith(sign.read_address(url)[0])


def test_a_private_key(key: SshKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The wrong half of a pair goes nowhere, and nothing of it is shown."""
    file = tmp_path / "id_rsa"
    file.write_text(key.private, encoding="ascii")

    said = refused("https://fc.example", file, "alice", capsys=capsys)

    assert "holds a private key" in said
    assert key.private.splitlines()[1] not in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "cannot be read: No such file", id="no file"),
        pytest.param(b"a" * (64 * 1024 + 1), "larger than 64 KiB", id="too large"),
    ],
)
def test_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, said: str
) -> None:
    """A clear sentence instead of a traceback."""
    file = tmp_path / "id_rsa.pub"
    if content is not None:
        file.write_bytes(content)

    assert said in refused("https://fc.example", file, "alice", capsys=capsys)


@pytest.mark.parametrize("name", ["a\nb", "\udcff"], ids=["two lines", "no text"])
def test_names(public_file: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """The function judges a name; what is no text cannot be sent to it."""
    assert "printable" in refused("https://fc.example", public_file, name, capsys=capsys)
