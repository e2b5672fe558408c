"""Logs: one JSON line an invocation, with its context, and with nothing secret in it."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from core.keys.rsa_key import LONG_RUN
from logs import MASK, RUN_IN_NAME, InvocationLog, context_fields, describe_exception
from tests.events.gallery import ALICE_KEY
from tests.fakes.contexts import python310, python312

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = Path(__file__).parent.parent / "src"


def lines_of(use: Callable[[InvocationLog], None], context: object = None) -> list[dict[str, Any]]:
    """Run one invocation's log and return what it wrote, line by line."""
    with redirect_stdout(io.StringIO()) as stdout, InvocationLog(context) as log:
        use(log)
    return [json.loads(line) for line in stdout.getvalue().splitlines()]


def line_of(**fields: object) -> dict[str, Any]:
    """Return the one line of an invocation that adds these fields."""
    (line,) = lines_of(lambda log: log.add(**fields))
    return line


def caught(raise_it: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whichever it is
        raise_it()
    return raised.value


def test_one_line_an_invocation() -> None:
    """What is added stands in one line, with the context of the invocation."""

    def invocation(log: InvocationLog) -> None:
        log.add(trigger="http", code=None)
        log.count("attempts")
        log.count("attempts")
        log.conclude("warning", "key pair not imported", outcome="refused")

    (line,) = lines_of(invocation, python312("R-1"))

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line.pop("timestamp"))
    assert isinstance(line.pop("duration_ms"), float)
    assert isinstance(line.pop("cold_start"), bool)
    assert line == {
        "level": "warning",
        "message": "key pair not imported",
        "service": "ens-key-import",
        "version": "unbuilt",
        "function_name": "ens-key-import",
        "function_version": "LATEST",
        "request_id": "R-1",
        "trigger": "http",
        "outcome": "refused",
        "attempts": 2,
    }


def test_the_last_word_stands() -> None:
    """An invocation has one end."""

    def invocation(log: InvocationLog) -> None:
        log.conclude("error", "first")
        log.conclude("info", "last")

    (line,) = lines_of(invocation)

    assert ("info", "last") == (line["level"], line["message"])


def test_an_invocation_without_an_end_is_an_error() -> None:
    """Whatever broke it off, it must not look like a success."""
    (line,) = lines_of(lambda log: log.add(trigger="http"))

    assert ("error", "no outcome") == (line["level"], line["message"])


def test_a_line_is_written_even_when_the_invocation_is_torn_out() -> None:
    """SystemExit passes the log, and leaves its line behind."""
    with redirect_stdout(io.StringIO()) as stdout, pytest.raises(SystemExit), InvocationLog(None):
        sys.exit(1)

    assert json.loads(stdout.getvalue())["message"] == "no outcome"


def with_function(version_id: str, qualifier: str) -> object:
    """Make python3.12's context, which has both in ``function``."""
    context = python312("R-1")
    context.function = SimpleNamespace(
        **{**vars(context.function), "version_id": version_id, "qualifier": qualifier}
    )
    return context


@pytest.mark.parametrize(
    ("context", "version"),
    [
        pytest.param(python312("R-1"), "LATEST", id="python3.12"),
        pytest.param(python310("R-1"), "LATEST", id="python3.10"),
        pytest.param(python310("R-1", version_id="7"), "7", id="python3.10, a published version"),
        pytest.param(with_function("7", "prod"), "7", id="python3.12, a published version"),
        pytest.param(with_function("", "prod"), "prod", id="python3.12, an alias"),
    ],
)
def test_reads_both_runtimes_contexts(context: object, version: str) -> None:
    """The context's attributes differ; the fields do not. Credentials are none of them."""
    assert {
        "service": "ens-key-import",
        "version": "unbuilt",
        "function_name": "ens-key-import",
        "function_version": version,
        "request_id": "R-1",
    } == context_fields(context)


@pytest.mark.parametrize("context", [None, SimpleNamespace(), SimpleNamespace(function=None)])
def test_a_context_without_attributes_is_no_obstacle(context: object) -> None:
    """A local run may have none."""
    assert {"", "LATEST", "ens-key-import", "unbuilt"} == set(context_fields(context).values())


def test_state_does_not_outlive_the_invocation() -> None:
    """An instance serves many callers; nothing of one appears in the line of the next."""

    def first(log: InvocationLog) -> None:
        log.set_level("DEBUG")
        log.add(key_pair_name="alice", code="X")
        log.count("attempts")

    def second(log: InvocationLog) -> None:
        log.write("debug", "not at INFO")

    lines_of(first, python312("R-1"))
    (line,) = lines_of(second, python312("R-2"))

    assert line["request_id"] == "R-2"
    assert not {"key_pair_name", "code", "attempts"} & set(line)


def test_cold_start_is_the_first_invocation_of_a_process() -> None:
    """One line of a fresh process is cold; told by a process of its own, for this one is warm."""
    program = (
        "from logs import InvocationLog\nfor _ in range(3):\n    with InvocationLog(None): pass\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=SOURCE, check=True, capture_output=True, text=True
    )

    assert [True, False, False] == [
        json.loads(line)["cold_start"] for line in run.stdout.splitlines()
    ]
    assert run.stderr == ""


@pytest.mark.parametrize(
    ("level", "rate", "written"),
    [
        ("DEBUG", 0.0, ["debug", "info"]),
        ("INFO", 0.0, ["info"]),
        ("WARNING", 0.0, []),
        ("CRITICAL", 0.0, []),
        ("INFO", 1.0, ["debug", "info"]),
        ("CRITICAL", 1.0, ["debug", "info"]),
    ],
)
def test_levels_and_samples(level: str, rate: float, written: list[str]) -> None:
    """From a level on; of a sampled invocation, every line, whatever the level."""

    def invocation(log: InvocationLog) -> None:
        log.set_level(level, rate)
        log.write("debug", "a call")
        log.conclude("info", "done")

    assert written == [line["level"] for line in lines_of(invocation, python312())]


def test_a_sample_is_a_share() -> None:
    """With a rate between 0 and 1, some invocations are sampled and some are not."""

    def invocation(log: InvocationLog) -> None:
        log.set_level("INFO", 0.5)
        log.write("debug", "a call")

    # All alike has a probability of 2 to the power of -199.
    assert {1, 2} == {len(lines_of(invocation)) for _ in range(200)}


def test_every_line_has_the_context() -> None:
    """A line written on the way can be found by the same request id."""

    def invocation(log: InvocationLog) -> None:
        log.write("warning", "on the way", attempt=1)

    first, last = lines_of(invocation, python312("R-1"))

    assert ("R-1", 1) == (first["request_id"], first["attempt"])
    assert ("R-1", first["cold_start"]) == (last["request_id"], last["cold_start"])


def test_leaves_the_configuration_of_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    """The global configuration of structlog, and the logging module, are not ours."""
    before = structlog.get_config()
    caplog.set_level(logging.DEBUG)

    line_of(trigger="http")

    assert before == structlog.get_config()
    assert [] == caplog.records


def test_writes_ascii() -> None:
    """A log must not fail by the encoding of stdout, nor by half a character of ENS's."""
    with redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="ascii")) as stdout:
        with InvocationLog(None) as log:
            log.add(key_pair_name="阿里", message_of_ens="\ud800")
        stdout.seek(0)
        line = json.loads(stdout.read())

    assert ("阿里", "\ud800") == (line["key_pair_name"], line["message_of_ens"])


@pytest.mark.parametrize(
    "name",
    [
        "access_key_id",
        "access_key_secret",
        "AccessKeySecret",
        "Authorization",
        "authorization",
        "body",
        "PublicKeyBody",
        "public_key",
        "public_key_body",
        "security_token",
        "SecurityToken",
        "X-Acs-Security-Token",
    ],
)
def test_masks_by_name(name: str) -> None:
    """A field of such a name has no business in a log, whatever is in it."""
    assert MASK == line_of(**{name: "x"})[name]
    assert {name: MASK} == line_of(headers={name: {"a": 1}})["headers"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ALICE_KEY, id="a public key"),
        pytest.param(ALICE_KEY.split()[1][:40], id="how a public key begins"),
        pytest.param(f"say: {ALICE_KEY.split()[1][100:200]} ...", id="a piece of base64"),
        pytest.param("-----BEGIN OPENSSH" + " PRIVATE KEY-----", id="the mark of a private key"),
        pytest.param("MIIEpAIBAAKCAQEA" + "x9" * 24, id="a line of a private key in PEM"),
        pytest.param("x_-9" * 80, id="a security token"),
    ],
)
def test_masks_by_pattern(text: str) -> None:
    """What looks like key material or a token is masked, wherever it is."""
    line = line_of(detail=text, items=[text, (text,)], nested={"a": [{"b": text}]})

    assert [MASK, [MASK, [MASK]], {"a": [{"b": MASK}]}] == [
        line["detail"],
        line["items"],
        line["nested"],
    ]


def test_masks_the_part_of_a_path() -> None:
    """Someone names a file like the key that is in it."""
    line = line_of(object_key="keys/AAAAB3NzaC1yc2EAAAADAQABAAABAQ.pub")

    assert f"keys/{MASK}" == line["object_key"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("a-very-long-name-" * 7, "a-very-long-name-" * 7, id="words"),
        pytest.param("x9" * 30, MASK, id="60 letters and digits"),
        pytest.param("x9" * 29 + "x", "x9" * 29 + "x", id="59"),
        pytest.param("0f" * 32, "0f" * 32, id="a digest"),
        pytest.param("team:" + "x9" * 30, MASK, id="behind a colon"),
    ],
)
def test_masks_names_and_paths_alike(name: str, shown: str) -> None:
    """People choose both; 60 characters of base64 in a row may be a part of a private key."""
    line = line_of(key_pair_name=name, object_key=f"keys/{name}/{name}")

    assert (shown, f"keys/{shown}/{shown}") == (line["key_pair_name"], line["object_key"])


def test_a_run_is_the_same_everywhere() -> None:
    """A comment is refused for what a name is masked for."""
    assert LONG_RUN.pattern == RUN_IN_NAME.pattern


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"bytes", id="bytes"),
        pytest.param(object(), id="an object"),
        pytest.param({"a"}, id="a set"),
        pytest.param(SimpleNamespace(a=1), id="a namespace"),
    ],
)
def test_masks_what_it_cannot_look_into(value: object) -> None:
    """What bytes and objects print is not known."""
    assert MASK == line_of(detail=value)["detail"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("key_pair_name", "a" * 128),
        ("key_pair_name", "AAAAbbbbccccddddeeee"),
        ("key_pair_name", "阿里_alice"),
        (
            "object_key",
            "keys/logistics-division/warehouse-automation/conveyor-maintenance/alice.pub",
        ),
        ("fingerprint_md5", "5c" * 16),
        ("fingerprint_md5", ":".join(["5c"] * 16)),
        ("fingerprint_sha256", "SHA256:" + "a/b+" * 10 + "abc"),
        ("service_request_id", "5C7A2F1E-83AF-4E0C-8D2B-4BDA2D6E9C10"),
        ("code", "InvalidSecurityGroupId.NotFound"),
        ("share", 1.5),
        ("verified", True),
        ("attempts", 3),
        ("nothing", [None]),
    ],
)
def test_does_not_mask_what_a_log_is_for(name: str, value: object) -> None:
    """Valid names of any length, fingerprints and request ids stay searchable."""
    assert value == line_of(**{name: value})[name]


def test_the_function_name_may_be_long() -> None:
    """FC allows 64 characters."""
    context = SimpleNamespace(function=SimpleNamespace(name="ens-key-import-" + "x" * 49))

    (line,) = lines_of(lambda log: log.add(), context)

    assert line["function_name"] == "ens-key-import-" + "x" * 49


def test_describes_an_exception_by_types_and_frames() -> None:
    """The outermost first; no text, and no value of a variable."""

    def inner(secret: str) -> None:
        raise KeyError(secret)

    def outer() -> None:
        try:
            inner("planted-secret")
        except KeyError as error:
            raise ValueError(f"hidden: {error}") from error

    description = describe_exception(caught(outer))

    assert ["ValueError", "KeyError"] == [part["type"] for part in description]
    assert re.fullmatch(
        r"test_logs\.py:\d+ in inner",
        description[1]["frames"][-1],  # type: ignore[index]
    )
    assert "secret" not in json.dumps(description)
    assert "hidden" not in json.dumps(description)


def test_describes_what_led_to_an_exception_without_being_its_cause() -> None:
    """``from None`` hides a cause from a reader of tracebacks; the log of a bug needs it."""

    def hiding() -> None:
        try:
            next(iter(()))
        except StopIteration:
            raise ValueError from None

    assert ["ValueError", "StopIteration"] == [
        part["type"] for part in describe_exception(caught(hiding))
    ]


def test_an_exception_that_led_to_itself_is_described_all_the_same() -> None:
    """Python lets ``from`` tie a circle."""
    one, other = ValueError(), KeyError()
    one.__cause__, other.__cause__ = other, one

    assert {"type": "ValueError", "frames": []} == describe_exception(one)[0]


def test_a_deep_stack_fits_into_a_line() -> None:
    """FC cuts a line at 32 KiB, and half a line of JSON is none."""

    def recurse_until_the_stack_is_full() -> None:
        recurse_until_the_stack_is_full()

    (line,) = lines_of(
        lambda log: log.add(exception=describe_exception(caught(recurse_until_the_stack_is_full)))
    )

    assert line["exception"][0]["type"] == "RecursionError"
    assert line["exception"][0]["frames"][-1].endswith("in recurse_until_the_stack_is_full")
    assert len(json.dumps(line)) < 32_000
