"""
The `s` lines of the documents, run by the real Serverless Devs CLI.

Its fc3 component is deploy/fc3_stand_in, which reads and refuses options as the real one does. A
part of `make smoke`, which installs the CLI; a line costs it a second.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from deploy import serverless_devs
from tests.documents.markdown import DOCUMENTS
from tests.paths import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.node
S_LINE = re.compile(r"(^|\| )s ")
EVENT = '{"KeyPairName": "alice"}'
ASKS = {"s config add"}  # what it asks for is typed; it is run with the answers as options
IN_TEXT = re.compile("`(s [^`]*)`")
MENTIONED = {"s invoke -f"}  # in passing: an option without its value
WRONG = {
    "s invoke -f event.json --invocation-type async": "Allowed values are: Sync, Async",
    "s invoke -f absent.json": "Cannot find event-file",
    "s call -f event.json": "was not found",
    "s deploy -t s.https.yaml": "does not exist",
    "s remove --trigger https": "has no trigger",
}


BLOCKS = {line for page in DOCUMENTS for line in page.commands() if S_LINE.search(line)}
TEXTS = {line for page in DOCUMENTS for line in IN_TEXT.findall(page.prose)}
DOCUMENTED = sorted((BLOCKS | TEXTS) - MENTIONED)
needs_jq = pytest.mark.skipif(not shutil.which("jq"), reason="jq is not at hand")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the lines need, whose `make build` makes a package in no time."""
    folder = tmp_path_factory.mktemp("project")
    for file in PROJECT.glob("s*.yaml"):
        shutil.copy(file, folder)
    (folder / "Makefile").write_text(
        "build:\n\tmkdir -p .build\n\techo handler.py >.build/function.zip\n"
    )
    (folder / "event.json").write_text(EVENT)
    return folder


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, subprocess.CompletedProcess[str]]:
    """What each line printed; two at a time, for each starts Node."""
    cli = serverless_devs.install_cli()

    def run(line: str) -> subprocess.CompletedProcess[str]:
        # Lines that change the CLI's settings have a home of their own.
        home = folder / f"home-{abs(hash(line))}"
        home.mkdir()
        if line in ASKS:
            line += " -f -a other --AccountID 1 --AccessKeyID 2 --AccessKeySecret 3"
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=folder,
            env={
                **serverless_devs.environment(home),
                **serverless_devs.TOKENS,
                "PATH": f"{cli.parent}:{os.environ['PATH']}",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    lines = [*DOCUMENTED, *WRONG]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(lines, pool.map(run, lines), strict=True))


def test_there_are_lines() -> None:
    """The patterns that find them still do."""
    assert len(BLOCKS) >= 8
    assert len(TEXTS) >= 4
    assert MENTIONED <= TEXTS


@pytest.mark.parametrize(
    "line", [pytest.param(line, marks=needs_jq if "| jq" in line else ()) for line in DOCUMENTED]
)
def test_the_cli_takes_the_line(
    results: dict[str, subprocess.CompletedProcess[str]], line: str
) -> None:
    """It ends well, and knew the command."""
    ended = results[line]

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert "was not found" not in ended.stdout


@needs_jq
@pytest.mark.parametrize("line", [line for line in DOCUMENTED if "jq -r .body" in line])
def test_the_answer_is_all_that_is_printed(
    results: dict[str, subprocess.CompletedProcess[str]], line: str
) -> None:
    """No log around it, so that it can be read by a program."""
    assert {"event": EVENT, "kind": "Sync"} == json.loads(results[line].stdout)


@pytest.mark.parametrize("line", [line for line in DOCUMENTED if "--invocation-type A" in line])
def test_events_are_sent_without_waiting(
    results: dict[str, subprocess.CompletedProcess[str]], line: str
) -> None:
    """So that FC retries them as it does uploads; what is not silent has a log around it."""
    assert "Logs begin" in results[line].stdout
    assert '"kind": "Async"' in results[line].stdout


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_line_is_noticed(
    results: dict[str, subprocess.CompletedProcess[str]], line: str
) -> None:
    """Those that stood in documents once, and their like."""
    ended = results[line]

    assert WRONG[line] in ended.stdout + ended.stderr
