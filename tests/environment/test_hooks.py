"""What pre-commit checks at each commit; `make hooks` runs it on all files."""

import re

import pytest
import yaml

from tests.paths import PROJECT

CONFIG = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
HOOKS = {hook["id"]: hook for repo in CONFIG["repos"] for hook in repo["hooks"]}
PROGRAMS = {name: hook for name, hook in HOOKS.items() if hook["language"] == "system"}
FOUND = HOOKS["detect-private-key"]["entry"]


def test_nothing_is_downloaded() -> None:
    """Every hook is a program that set-up has installed, or a pattern."""
    assert {"local"} == {repo["repo"] for repo in CONFIG["repos"]}
    assert {"system", "pygrep"} == {hook["language"] for hook in HOOKS.values()}


@pytest.mark.parametrize("hook", PROGRAMS.values(), ids=PROGRAMS)
def test_each_program_is_one_of_make_check(hook: dict[str, str]) -> None:
    """It is called as the Makefile calls it, but for the files."""
    called = hook["entry"].replace(".venv/bin/", "$(BIN)/").removesuffix(" --force-exclude")
    called = called.removeprefix("make --no-print-directory ")

    assert re.search(
        rf"^(\t{re.escape(called)}( \.)?|{re.escape(called)}: .*)$", MAKEFILE, re.MULTILINE
    )


@pytest.mark.parametrize("kind", ["", "RSA ", "DSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_finds_armour(kind: str) -> None:
    """The first line of a private key, as OpenSSL and OpenSSH write it."""
    assert re.search(FOUND, f"-----BEGIN {kind}PRIVATE KEY-----\n")


@pytest.mark.parametrize(
    "line", ["---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", "PuTTY-User-Key-File-3: ssh-rsa\n"]
)
def test_finds_the_formats_of_other_programs(line: str) -> None:
    """SSH Tectia's and PuTTY's."""
    assert re.search(FOUND, line)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("-----BEGIN PUBLIC KEY-----\n", id="a public key"),
        pytest.param("---- BEGIN SSH2 PUBLIC KEY ----\n", id="a public key of RFC 4716"),
        pytest.param('armour("PRIVATE KEY", BODY)\n', id="a test that makes one"),
        pytest.param("It begins with -----BEGIN PRIVATE KEY-----.\n", id="a sentence"),
    ],
)
def test_finds_nothing_else(line: str) -> None:
    """What is no private key can be committed."""
    assert not re.search(FOUND, line)
