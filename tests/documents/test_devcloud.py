"""devcloud's README against devcloud: what its tables list is what there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from devcloud import DevCloud
from devcloud.__main__ import _parser
from devcloud.state.planning import KINDS
from devcloud.state.responses import ANSWERS
from tests.devcloud.test_state import ARGUMENTS
from tests.documents.markdown import Document, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Document("devcloud/README.md")
ACTION = re.compile(r"\b(?:[A-Z][a-z0-9]+){2,}\b")


@pytest.fixture(scope="module")
def answered() -> Iterator[dict[str, set[str]]]:
    """The actions that each service finds an operation for."""
    with DevCloud(allow_deploy=True) as cloud:
        services: dict[str, Any] = {name: server.service for name, server in cloud._servers.items()}
        yield {
            "ENS": set(services["ens"]._product.operations),
            "STS": set(services["sts"]._product.operations),
            "OSS": set(services["oss"]._operations),
            "Function Compute": {each.name for each in services["fc"]._operations},
        }


@pytest.mark.parametrize("service", ["ENS", "STS", "OSS", "Function Compute"])
def test_the_actions_listed_are_those_answered(answered: dict[str, set[str]], service: str) -> None:
    """In the rows that begin with "actions"; everything else is answered with 501."""
    rows = [row for row in README.table(service) if row[0].startswith("actions")]

    assert answered[service] == {name for row in rows for name in ACTION.findall(row[1])}


def test_the_faults_listed_are_those_there_are() -> None:
    """Each with whether the action is carried out first."""
    listed = {
        name: performs == "yes"
        for names, _, performs in README.table("Faults")
        for name in re.findall(r"`(\w+)\(", names)
    }

    assert {
        kind: make(**ARGUMENTS.get(kind, {})).performs for kind, make in KINDS.items()
    } == listed


def test_the_options_listed_are_those_of_the_command() -> None:
    """As ``--help`` names them."""
    options = {name for action in _parser()._actions for name in action.option_strings}
    first_table = rows_of(README.text)[0]
    listed = {name for row in first_table for name in re.findall(r"`(--[\w-]+)", row[0])}

    assert options - {"-h", "--help"} == listed


def test_the_members_of_the_state_are_those_listed() -> None:
    """Method and path; ``test_state`` has a test for each."""
    listed = {(row[0], row[1].strip("`")) for row in README.table("State, over HTTP")}

    assert set(ANSWERS) == listed


SECTIONS = ["HTTP, at every service", "ENS", "Callers: signatures and permissions", "STS", "OSS"]


@pytest.mark.parametrize("section", [*SECTIONS, "Function Compute"])
def test_every_row_says_where_it_comes_from(section: str) -> None:
    """Documented, a guess or different: a reader knows what to rely on."""
    for row in README.table(section):
        assert 3 == len(row), row
        if row[0] != "a bug of devcloud":
            assert row[2], row
