"""What documents show is what comes: each command is run, and its output compared."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_plus

import pytest
import requests

from devcloud import DevCloud
from tests.documents.markdown import PAGES, README, Example
from tests.events.gallery import ALICE_KEY, GALLERY
from tests.paths import PROJECT
from tests.signing import environment_of_signer, run_sign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REQUESTS = PAGES["requests"]
PLACEHOLDER = "ssh-rsa AAAA..."
CURLS = [example for example in REQUESTS.examples() if example.command.startswith("curl")]
SIGNED = [example for example in README.examples() if "examples.sign" in example.command]
INVOCATIONS = [example for example in REQUESTS.examples() if example.command.startswith("s invoke")]


class Answer(NamedTuple):
    """An HTTP answer."""

    status_line: str
    headers: dict[str, str]
    body: str


def send(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - a URL of devcloud's
    try:
        response = urllib.request.urlopen(request, timeout=30)  # noqa: S310 - as above
    except urllib.error.HTTPError as error:
        response = error
    with response:
        status_line = f"HTTP/1.1 {response.status} {response.reason}"
        return Answer(status_line, dict(response.headers), response.read().decode())


def curl(command: str, cloud: DevCloud, folder: Path) -> Answer:
    """Send what curl would send; of curl, just the options that the documents use."""
    command = command.replace("$URL", cloud.function_url).replace("$GATEWAY", cloud.api_gateway_url)
    arguments = iter(shlex.split(command, comments=True)[1:])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    form: list[str] = []
    fields: list[tuple[str, tuple[str | None, bytes]]] = []
    body, target = b"", ""
    for argument in arguments:
        if argument == "-H":
            name, _, value = next(arguments).partition(": ")
            headers[name] = value
        elif argument in {"-d", "--data-binary"}:
            body = (folder / next(arguments).removeprefix("@")).read_bytes()
        elif argument == "--data-urlencode":
            name, kind, value = re.split("([=@])", next(arguments), maxsplit=1)
            text = value if kind == "=" else (folder / value).read_text(encoding="utf-8")
            form.append(f"{name}={quote_plus(text)}")
        elif argument == "-F":
            name, _, value = next(arguments).partition("=")
            is_file = value.startswith("@")
            content = (folder / value[1:]).read_bytes() if is_file else value.encode()
            fields.append((name, (value[1:] if is_file else None, content)))
        elif argument not in {"-i", "-s"}:
            target = argument
    if fields:
        sent = requests.Request("POST", target, files=fields).prepare()
        assert isinstance(sent.body, bytes)
        return send(target, sent.body, {"Content-Type": sent.headers["Content-Type"]})
    return send(target, body or "&".join(form).encode(), headers)


def curl_with_configuration(printed: str) -> Answer:
    """Send what ``curl -K -`` would send."""
    (url,) = re.findall('^url = "(.*)"$', printed, re.MULTILINE)
    (file,) = re.findall('^data-binary = "@(.*)"$', printed, re.MULTILINE)
    headers = dict(re.findall('^header = "([^:]*): (.*)"$', printed, re.MULTILINE))
    return send(url, (PROJECT / file).read_bytes(), headers)


def assert_printed(example: Example, body: str) -> None:
    """What is printed is what comes, to the letter but for RequestIds; jq indents it."""
    printed, came = json.loads(example.output[example.output.index("{") :]), json.loads(body)
    assert list(printed) == list(came)
    assert {**printed, "RequestId": came["RequestId"]} == came
    indented = example.command.partition("  # ")[0].strip().endswith("| jq")
    as_printed = json.dumps(printed, indent=2 if indented else None)
    assert example.output.endswith(f"{as_printed}\n")


def assert_answered(example: Example, answer: Answer) -> None:
    """Body, status and the headers that are shown; ``...`` is for further headers."""
    assert_printed(example, answer.body)
    if " -i " in example.command:
        status_line, *headers, ellipsis = example.output.partition("\n\n")[0].splitlines()
        assert status_line == answer.status_line
        assert "..." == ellipsis
        for name, _, value in (line.partition(": ") for line in headers):
            assert value == answer.headers[name]


@pytest.fixture(scope="module")
def cloud() -> Iterator[DevCloud]:
    with DevCloud(project=PROJECT, function=True) as running:
        yield running


@pytest.fixture(scope="module")
def cloud_that_checks() -> Iterator[DevCloud]:
    with DevCloud(project=PROJECT, function=True, enforce_auth=True) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files that examples name."""
    shutil.copy(GALLERY / "alice.pub", tmp_path / "id_rsa.pub")
    ed25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIB" + "example0" * 5 + "ab"
    (tmp_path / "id_ed25519.pub").write_text(f"ssh-ed25519 {ed25519} bob\n", encoding="ascii")
    return tmp_path


def test_there_are_examples() -> None:
    """The patterns that find them still do."""
    assert len(CURLS) >= 4
    assert len(SIGNED) == 2
    assert len(INVOCATIONS) == 2


def event_of(example: Example) -> str:
    """Return the comment after a command: what is in the file that it sends."""
    return example.command.partition("  # ")[2].replace(PLACEHOLDER, ALICE_KEY)


@pytest.mark.parametrize("example", CURLS, ids=lambda example: example.command)
def test_curl(cloud: DevCloud, folder: Path, example: Example) -> None:
    """Each curl line does what is printed below it."""
    (folder / "request.json").write_text(event_of(example), encoding="utf-8")

    assert_answered(example, curl(example.command, cloud, folder))


@pytest.mark.parametrize("example", SIGNED, ids=lambda example: example.command)
def test_signed_request(cloud_that_checks: DevCloud, folder: Path, example: Example) -> None:
    """A trigger that demands signatures accepts what README says to send."""
    signer = environment_of_signer(cloud_that_checks.user_credentials())
    python, _, module, url, file, name = shlex.split(example.command.partition(" | ")[0])

    assert (".venv/bin/python", "examples.sign", "$URL") == (python, module, url)
    finished = run_sign(signer, cloud_that_checks.function_url, folder / file, name)

    assert_answered(example, curl_with_configuration(finished.stdout))


@pytest.mark.parametrize("example", INVOCATIONS, ids=lambda example: example.output)
def test_direct_invocation(cloud: DevCloud, example: Example) -> None:
    """``s invoke -f`` sends the file, and jq takes the body out of what it prints."""
    answer = cloud.invoke(event_of(example).encode())

    assert_printed(example, answer.body.decode())


@pytest.mark.parametrize("program", REQUESTS.blocks("python"))
def test_python(cloud: DevCloud, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """What is shown in Python runs, with what its capitals mean."""
    monkeypatch.chdir(PROJECT)
    user = cloud.user_credentials()
    protocol, _, host = cloud.function_url.partition("://")
    names = {
        "KEY_ID": user.access_key_id,
        "KEY_SECRET": user.access_key_secret,
        "FUNCTION_HOST": host,
        "PROTOCOL": protocol,
        "PUBLIC_KEY": ALICE_KEY,
    }

    exec(compile(program, REQUESTS.path, "exec"), names)  # noqa: S102 - our own document
