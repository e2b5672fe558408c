"""Every program of every language: it parses, it holds the parameters, and nothing secret."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from explorer.projects import Call, NotPossible, archive, languages, project
from tests.explorer.projects.grammars import GRAMMARS, parse
from tests.explorer.projects.running import language

if TYPE_CHECKING:
    from explorer.projects import Language

NAME, KEY = 'it\'s "中"', "ssh-rsa AAAAB3Nza+/== \\ $HOME `id` {$x} ${y} 🔑 */ «url» \u202e\r\n#"
LOCAL = "http://127.0.0.1:9000"
REMOTE = "https://x.cn-hangzhou.fcapp.run"
CALLS = {
    "ens": Call(NAME, KEY),
    "ens, local": Call(NAME, KEY, LOCAL),
    "signature": Call(NAME, KEY, REMOTE, "function"),
    "signature, dry run": Call(NAME, KEY, LOCAL, "function", dry_run=True),
    "token": Call(NAME, KEY, f"{REMOTE}/keys", "function", authorization="token"),
    "token, dry run": Call(NAME, KEY, REMOTE, "function", dry_run=True, authorization="token"),
    "none": Call(NAME, KEY, LOCAL, "function", authorization="none"),
    "none, dry run": Call(NAME, KEY, LOCAL, "function", dry_run=True, authorization="none"),
}


def _all() -> list[object]:
    return [
        pytest.param(language, call, id=f"{language.name}: {name}")
        for language in languages()
        for name, call in CALLS.items()
        if language.name != "aliyun-cli" or call.target == "ens"
    ]


def _is_whole(name: str, program: str) -> bool:
    """Tell whether a program parses, by its own language where that is Python."""
    if name != "python":
        return not parse(name, program).has_error
    try:
        ast.parse(program)
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize(("language", "call"), _all())
def test_parses(language: Language, call: Call) -> None:
    """Also with parameters that are made to break it."""
    program = project(language, call)[language.main]
    assert _is_whole(language.name, program)
    assert ["«url»"] == re.findall("«[a-z_]+»", program)  # the key's own; no place is left over
    assert all(len(line) <= 120 for line in program.splitlines() if "AAAAB3" not in line)


@pytest.mark.parametrize("broken", ["cut", "quote"])
@pytest.mark.parametrize("name", [*GRAMMARS, "python"])
def test_a_broken_program_is_told(name: str, broken: str) -> None:
    """The check above can fail: a program that is cut short or has a quote too many fails it."""
    chosen = language(name)
    program = project(chosen, CALLS["ens"])[chosen.main]
    begin, call, end = program.rpartition("KeyPairName")
    quote = "'" if name == "php" else '"'
    spoilt = {"cut": begin, "quote": f"{begin}{quote}{call}{end}"}[broken]
    if name in {"curl", "aliyun-cli"} and broken == "cut":
        spoilt = program[: program.rindex("fi\n")]

    assert not _is_whole(name, spoilt)


@pytest.mark.parametrize(("language", "call"), _all())
def test_makes_this_very_call(language: Language, call: Call) -> None:
    """Where it goes, whether it is a dry run, and how it says who calls."""
    files = project(language, call)
    program = files[language.main]

    assert call.host in program
    assert call.dry_run == ("DryRun" in program)
    assert (call.authorization == "token") == ("Bearer" in program)
    if call.authorization == "signature" and call.is_plain_http and language.name != "curl":
        assert re.search("[\"']HTTP[\"']|--insecure", program)
    if not call.is_plain_http:
        assert not re.search("[\"']HTTP[\"']|--insecure|http://", program)


@pytest.mark.parametrize(("language", "call"), _all())
def test_holds_no_secret(language: Language, call: Call) -> None:
    """Credentials come from the default chain, a token from a file; git ignores both files."""
    files = project(language, call)
    program = files[language.main]

    assert not re.search(r"""access_?key_?(id|secret)\W{1,4}["'][^"']""", program, re.IGNORECASE), (
        program
    )
    assert {"token", ".env"} <= set(files[".gitignore"].splitlines())


@pytest.mark.parametrize(("language", "call"), _all())
def test_readme(language: Language, call: Call) -> None:
    """How to run it, where credentials are looked for, what is called; no parameter is in it."""
    text = project(language, call)["README.md"]

    assert text.startswith(f"# Import a key pair: {language.title}\n")
    assert call.host in text
    assert {"## Run it", "## Credentials"} <= set(text.splitlines())
    assert "no one can restore it" in text
    assert {
        "signature": "`ens:ImportKeyPair`" if call.target == "ens" else "`fc:InvokeFunction`",
        "token": "`TOKEN_FILE`",
        "none": "accepts everyone",
    }[call.authorization] in text
    assert call.dry_run == ("dry run" in text)
    assert "None was tried on the real cloud." in text
    by_sdk = language.name != "curl" and call.target == "function"
    assert (by_sdk and call.authorization == "signature") == ("an SDK's is likely" in text)
    assert not re.search("AAAAB3|«", text)


@pytest.mark.parametrize(("language", "call"), _all())
def test_ends_with_what_it_says(language: Language, call: Call) -> None:
    """The members of an answer and of a refusal are named, and the three ways to end are there."""
    program = project(language, call)[language.main]
    if language.name in {"curl", "aliyun-cli"}:  # they print the answer as it is
        assert {"exit 1", "exit 2"} <= set(re.findall(r"exit \d", program))
        return
    for member in ("Code", "Message", "Description", "RequestId", "KeyPairFingerPrint"):
        assert member in program
    assert {"0", "1", "2"} <= set(re.findall(r"return (?:refused \? )?(\d)", program)) | (
        {"0", "1"} if "refused ? 1 : 0" in program else set()
    )


def test_what_an_sdk_cannot_do_is_told() -> None:
    """An address with a path, in a sentence for the page to show; curl can do it."""
    call = Call(NAME, KEY, f"{REMOTE}/keys", "function")
    for chosen in languages():
        if chosen.name == "curl":
            assert "/keys/" in project(chosen, call)[chosen.main]
        elif chosen.name != "aliyun-cli":
            with pytest.raises(NotPossible, match="another path"):
                project(chosen, call)


def test_the_cli_does_not_call_functions() -> None:
    """It signs in the query, which Function Compute does not accept."""
    for call in CALLS.values():
        if call.target == "function":
            with pytest.raises(NotPossible, match="calls ENS alone"):
                archive(language("aliyun-cli"), call)
