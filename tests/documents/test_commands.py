"""
What documents say to type is what the tools take: `aliyun`, `ossutil` and `s`.

`aliyun` and `ossutil` lines are held against what the tools' own sources accept (tools/*.json, by
tools/read_metadata.py). `s` lines are run by the real CLI, in test_commands_of_s.py.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest

from tests.documents.markdown import DOCUMENTS
from tests.paths import PROJECT

TOOLS = PROJECT / "tests" / "documents" / "tools"
ALIYUN: dict[str, Any] = json.loads((TOOLS / "aliyun.json").read_text(encoding="utf-8"))
OSSUTIL: dict[str, Any] = json.loads((TOOLS / "ossutil.json").read_text(encoding="utf-8"))
PRODUCTS = {code.lower(): product for code, product in ALIYUN["products"].items()}
COMMANDS = sorted({command for document in DOCUMENTS for command in document.commands()})
# The shell's own: their values are known when they are typed.
SUBSTITUTIONS = re.compile(r"\$(\([^()]*\)|\w+)")


def lines_of(tool: str) -> list[str]:
    return [command for command in COMMANDS if command.startswith(f"{tool} ")]


def words_of(line: str) -> list[str]:
    """Return a line's words as the tool gets them, with SHELL for what the shell puts in."""
    return shlex.split(SUBSTITUTIONS.sub("SHELL", line))


def wrong_with_aliyun(line: str) -> str:
    """Return why `aliyun` would refuse a line; nothing if it would not."""
    _, product, *rest = words_of(line)
    if product == "configure":
        return "" if not rest else "configure asks for what it needs"
    if product not in PRODUCTS:
        return f"no product {product}"
    api, *flags = rest
    forced = "--force" in flags
    values = iter(flag for flag in flags if flag != "--force")
    options = {flag.removeprefix("--") for flag, _ in zip(values, values, strict=True)}
    known = PRODUCTS[product]["apis"].get(api)
    if known is None:
        return "" if forced and "version" not in options else f"no API {api} of {product}"
    parameters = {each.rstrip("!") for each in known}
    mandatory = {each.rstrip("!") for each in known if each.endswith("!")}
    if unknown := options - parameters - set(ALIYUN["flags"]):
        return f"{api} has no {', '.join(sorted(unknown))}"
    if absent := mandatory - options:
        return f"{api} needs {', '.join(sorted(absent))}"
    return ""


def wrong_with_ossutil(line: str) -> str:
    """Return why `ossutil` would refuse a line; nothing if it would not."""
    _, command, *rest = words_of(line)
    if command not in OSSUTIL["commands"]:
        return f"no command {command}"
    options = {word for word in rest if word.startswith("-")}
    unknown = options - set(OSSUTIL["commands"][command])
    return f"{command} has no {', '.join(sorted(unknown))}" if unknown else ""


def test_there_are_lines() -> None:
    """The patterns that find them still do."""
    assert len(lines_of("aliyun")) >= 10
    assert len(lines_of("ossutil")) >= 4


@pytest.mark.parametrize("line", lines_of("aliyun"))
def test_aliyun(line: str) -> None:
    """Product, API and parameters are those that the CLI checks a line against."""
    assert "" == wrong_with_aliyun(line)


@pytest.mark.parametrize("line", lines_of("ossutil"))
def test_ossutil(line: str) -> None:
    """The command is there, and takes these options."""
    assert "" == wrong_with_ossutil(line)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("aliyun mns-open CreateQueue --RegionId cn-hangzhou --QueueName q", "no API CreateQueue"),
        (
            "aliyun mns-open CreateQueue --region r --QueueName q --force --version 2022-01-19",
            "no API",
        ),
        ("aliyun mns CreateQueue --QueueName q", "no product mns"),
        ("aliyun ens ImportKeyPair --KeyPairName alice", "needs PublicKeyBody"),
        ("aliyun ens AttachKeyPair --InstanceId i-1 --KeyPairId k", "has no InstanceId"),
        ("aliyun ram CreateRole --RoleName r --AssumeRolePolicy {}", "has no AssumeRolePolicy"),
        ("aliyun ram MakeRole --RoleName r", "no API MakeRole"),
        ("ossutil make oss://bucket", "no command make"),
        ("ossutil mb oss://bucket --zone z", "mb has no --zone"),
    ],
)
def test_a_wrong_line_is_noticed(line: str, reason: str) -> None:
    """Those that stood in documents once, and their like."""
    wrong = wrong_with_aliyun(line) if line.startswith("aliyun") else wrong_with_ossutil(line)

    assert reason in wrong


@pytest.mark.parametrize("table", [ALIYUN, OSSUTIL], ids=["aliyun", "ossutil"])
def test_the_tables_say_where_they_come_from(table: dict[str, Any]) -> None:
    """The repository, the commit and its day."""
    for source in table["sources"]:
        assert re.fullmatch("aliyun/[a-z-]+", source["repository"])
        assert re.fullmatch("[0-9a-f]{40}", source["commit"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", source["day"])
