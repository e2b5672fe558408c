"""README is true: its tables are the code's, its examples are run, its links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_plus

import pytest

from adapters.ens_failures import PERMISSION_CODES
from core import errors
from core.errors import CODES, EnsError, ImportFailure, InvalidRequest, PermissionDenied, too_large
from devcloud import DevCloud
from settings import Settings, read_settings
from tests.events.gallery import ALICE_KEY, GALLERY
from tests.invocation import environment_of, invoke

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")
PLACEHOLDER = "ssh-rsa AAAA..."
PROSE_DEFAULTS = {"none", "the event's region, internal"}  # of settings that are None


def section(heading: str) -> str:
    """Return what stands between a heading of the second level and the next."""
    (text,) = re.findall(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL
    )
    return str(text)


def table(heading: str) -> list[list[str]]:
    """Return the rows of a section's table, without its head."""
    rows = [line for line in section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


# Errors

ERROR_ROWS = {row[0]: row[1:3] for row in table("Errors")}


def families() -> Iterator[type[ImportFailure]]:
    """Yield each class of the catalogue that is raised and has a code of its own."""
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, ImportFailure) and "code" in vars(kind):
            yield kind


def test_the_error_table_has_every_code() -> None:
    """Those of the function, those that ENS documents, and what becomes of all others."""
    documented = {code for cell in ERROR_ROWS for code in cell.split(", ")}

    assert documented == {
        *(kind.code for kind in families()),
        *CODES,
        *PERMISSION_CODES,
        "any 403 of ENS",
        "any other code of ENS",
    }


@pytest.mark.parametrize("kind", list(families()), ids=lambda kind: kind.code)
def test_the_error_table_says_what_the_function_answers(kind: type[ImportFailure]) -> None:
    """Status, and whether a retry can help."""
    assert [str(kind.status), "yes" if kind.retryable else "no"] == ERROR_ROWS[kind.code]


@pytest.mark.parametrize("code", CODES)
def test_the_error_table_says_what_is_documented(code: str) -> None:
    """ENS documents 400 for all of its own."""
    (row,) = [row for cell, row in ERROR_ROWS.items() if code in cell.split(", ")]

    assert [str(CODES[code].status), "yes" if CODES[code].retryable else "no"] == row


@pytest.mark.parametrize("code", PERMISSION_CODES)
def test_the_error_table_says_that_a_refused_role_is_passed_on(code: str) -> None:
    """Which status a refused role gets is not known."""
    (row,) = [row for cell, row in ERROR_ROWS.items() if code in cell.split(", ")]

    assert ["as ENS sent", "yes" if PermissionDenied.retryable else "no"] == row


def test_the_error_table_says_what_is_passed_on() -> None:
    """5xx and throttling are worth a retry, other codes are not."""
    assert ["as ENS sent", "5xx and Throttling*"] == ERROR_ROWS["any other code of ENS"]
    assert not EnsError("", code="x", message="", status=400).retryable
    assert EnsError("", code="x", message="", status=500).retryable


def test_the_error_table_mentions_413() -> None:
    """The one code with two statuses."""
    (when,) = [row[3] for row in table("Errors") if row[0] == InvalidRequest.code]
    status = too_large("", reason="body_too_large").status

    assert f"{status} when it is too large" in when


# Settings


def test_the_settings_table_has_every_setting() -> None:
    """In the order in which the code has them."""
    names = [name.upper() for name in Settings.__dataclass_fields__]

    assert sorted(names) == sorted(row[0] for row in table("Settings"))


@pytest.mark.parametrize("row", table("Settings"), ids=lambda row: row[0])
def test_the_settings_table_has_the_defaults(row: list[str]) -> None:
    """To set a setting to its default changes nothing."""
    name, default, _ = row

    if default in PROSE_DEFAULTS:
        assert getattr(read_settings({}), name.lower()) is None
    else:
        assert read_settings({}) == read_settings({name: default})


# Examples


class Example(NamedTuple):
    """A command of a console block, and the output that is printed below it."""

    command: str
    output: str


def examples() -> Iterator[Example]:
    """Yield what is typed in README's console blocks."""
    for block in re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            yield Example(command, output)


class Answer(NamedTuple):
    """An HTTP answer."""

    status_line: str
    headers: dict[str, str]
    body: str


def curl(command: str, cloud: DevCloud, folder: Path) -> Answer:
    """Send what curl would send; of curl, just the options that README uses."""
    command = command.replace("$URL", cloud.function_url).replace("$GATEWAY", cloud.api_gateway_url)
    arguments = iter(shlex.split(command, comments=True)[1:])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    form: list[str] = []
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
        elif argument == "|":  # jq changes the look, and nothing else
            break
        elif argument not in {"-i", "-s"}:
            target = argument
    request = urllib.request.Request(  # noqa: S310 - a URL of devcloud's
        target, data=body or "&".join(form).encode(), headers=headers
    )
    try:
        response = urllib.request.urlopen(request, timeout=30)  # noqa: S310 - likewise
    except urllib.error.HTTPError as error:
        response = error
    with response:
        status_line = f"HTTP/1.1 {response.status} {response.reason}"
        return Answer(status_line, dict(response.headers), response.read().decode())


def assert_printed(example: Example, body: str) -> None:
    """What README prints is what comes, to the letter but for RequestIds; jq indents it."""
    printed, came = json.loads(example.output[example.output.index("{") :]), json.loads(body)
    assert list(printed) == list(came)
    assert {**printed, "RequestId": came["RequestId"]} == came
    as_printed = json.dumps(printed, indent=2 if example.command.endswith("| jq") else None)
    assert example.output.endswith(f"{as_printed}\n")


@pytest.fixture(scope="module")
def cloud() -> Iterator[DevCloud]:
    with DevCloud(project=PROJECT, function=True) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files that README's examples name."""
    shutil.copy(GALLERY / "alice.pub", tmp_path / "id_rsa.pub")
    ed25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIB" + "example0" * 5 + "ab"
    (tmp_path / "id_ed25519.pub").write_text(f"ssh-ed25519 {ed25519} bob\n", encoding="ascii")
    return tmp_path


CURLS = [example for example in examples() if example.command.startswith("curl")]
INVOCATIONS = [example for example in examples() if example.command.startswith("s invoke -e")]


def test_readme_has_examples() -> None:
    """The patterns that find them still do."""
    assert len(CURLS) >= 4
    assert len(INVOCATIONS) >= 1


@pytest.mark.parametrize("example", CURLS, ids=lambda example: example.command)
def test_curl(cloud: DevCloud, folder: Path, example: Example) -> None:
    """Each curl line does what is printed below it; ``...`` stands for further headers."""
    comment = example.command.partition("  # ")[2].replace(PLACEHOLDER, ALICE_KEY)
    (folder / "request.json").write_text(comment, encoding="utf-8")

    answer = curl(example.command, cloud, folder)

    assert_printed(example, answer.body)
    if " -i " in example.command:
        status_line, *headers, ellipsis = example.output.partition("\n\n")[0].splitlines()
        assert status_line == answer.status_line
        assert "..." == ellipsis
        for name, _, value in (line.partition(": ") for line in headers):
            assert value == answer.headers[name]


@pytest.mark.parametrize("example", INVOCATIONS, ids=lambda example: example.command)
def test_direct_invocation(cloud: DevCloud, example: Example) -> None:
    """``s invoke -e`` takes the event as it stands, and prints the body alone."""
    event = shlex.split(example.command)[3].replace(PLACEHOLDER, ALICE_KEY)

    assert_printed(example, cloud.invoke(event.encode()).body.decode())


@pytest.mark.parametrize(
    "program", re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
)
def test_python(cloud: DevCloud, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """What README shows in Python runs, with what its capitals stand for."""
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

    exec(compile(program, "README.md", "exec"), names)  # noqa: S102 - our own README


# The rest


def test_make_targets_exist() -> None:
    """Every ``make something`` that README names is in the Makefile."""
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:`|\$ )make ([a-z]+)", README))

    assert {"demo", "test"} <= named <= targets


def test_the_fields_of_the_log_are_written(
    monkeypatch: pytest.MonkeyPatch, cloud: DevCloud
) -> None:
    """A first import, a second, and a refusal write every field that README names."""
    for name, value in environment_of(cloud).items():
        monkeypatch.setenv(name, value)
    key = {"PublicKeyBody": ALICE_KEY}
    events = ({**key, "KeyPairName": "frank"}, {**key, "KeyPairName": "frank"}, key)
    written = {name for event in events for name in invoke(json.dumps(event).encode()).line}

    documented = section("Logs").split("At DEBUG")[0]
    assert set(re.findall(r"`(\w+)`", documented)) <= written


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_links_lead_somewhere(target: str) -> None:
    """Files and folders of this tree; whatever is elsewhere is named, not linked."""
    assert (PROJECT / target).exists()


def test_the_two_commands_stand_at_the_top() -> None:
    """Set-up and main job in one command, set-up and tests in another."""
    assert ["make demo", "make test"] == [
        example.command.split("  ")[0].strip() for example in list(examples())[:2]
    ]
