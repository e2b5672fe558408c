"""The decision table: in the docstring of exactly_once, in the documents, and in what it does."""

from __future__ import annotations

from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING

import pytest

from core.errors import ImportFailure, ServiceUnavailable
from core.importing import exactly_once
from tests.core.importing.deliveries import MD5, OTHER_MD5, deliver, ens_with
from tests.fakes import faults
from tests.fakes.key_pairs import IMPORT, LOOK_UP, Fault
from tests.paths import PROJECT

if TYPE_CHECKING:
    from core.importing.request import ImportOutcome

FAULTS: dict[str, tuple[Fault | None, ...]] = {
    "a key pair": (None,),
    "no permission, bad credentials, InvalidPublicKeyBody*": (
        faults.no_permission(),
        faults.bad_credentials(),
        faults.refusal("InvalidPublicKeyBody.Malformed"),
    ),
    "throttled; nothing was sent": (faults.throttled(), faults.unreachable()),
    "5xx, no answer, unreadable answer": (
        faults.server_error(500),
        faults.server_error(503),
        faults.lost_request(),
        Fault(lambda: ServiceUnavailable("?", reason="unreadable_answer", outcome_unknown=True)),
    ),
    "ens.interface.error": (faults.interface_error(),),
    "CallInterface": (faults.call_interface_error(),),
    "any other 4xx": (faults.refusal("QuotaExceeded.KeyPair"), faults.refusal("Odd")),
}

HEAD = "| ImportKeyPair ended with |"


def rows(text: str) -> list[list[str]]:
    """The cells of the table's rows, without its head."""
    lines = iter(text.splitlines())
    from_its_head = dropwhile(lambda line: not line.startswith(HEAD), lines)
    table = list(takewhile(lambda line: line.startswith("|"), from_its_head))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


TABLE = rows(exactly_once.__doc__ or "")


class Run:
    """One import on an ENS that holds keys of these fingerprints under the name."""

    def __init__(self, *import_faults: Fault | None, held: tuple[str, ...], attempts: int) -> None:
        ens = ens_with("refused", *held)
        ens.fail_next(IMPORT, *import_faults)
        self.outcome: ImportOutcome | None = None
        self.failure: ImportFailure | None = None
        try:
            self.outcome = deliver(ens, attempts=attempts)
        except ImportFailure as failure:
            self.failure = failure
        self.actions = ens.actions
        self.waited = any(ens.clock.slept)

    @property
    def result(self) -> str:
        if self.outcome:
            return self.outcome.outcome
        name_taken = self.failure is not None and self.failure.reason == "name_taken"
        return "name_taken" if name_taken else "raise"

    def after(self, call: int) -> str:
        """Say what followed the call of this number, from 0."""
        if len(self.actions) <= call + 1:
            return self.result
        return {IMPORT: "send again", LOOK_UP: "look up"}[self.actions[call + 1]]


def observed(fault: Fault | None) -> list[str]:
    """Fill a row's cells by what the code does."""
    free = Run(fault, held=(), attempts=3)
    following = free.after(0)
    if following not in {"look up", "send again"}:
        return ["yes" if free.outcome else "no", following, "", "", ""]
    following = f"wait, {following}" if free.waited else following
    if "send again" in following:
        last = Run(faults.lost_request(), fault, held=(), attempts=2).failure
        alone = Run(fault, held=(), attempts=1).failure
        assert (last and last.reason, alone is not None) == ("no_answer", True)
        return ["no", following, "", "", "raise the last unknown, else this"]
    in_use = Run(fault, held=(OTHER_MD5,), attempts=3)
    assert "already_imported" == Run(fault, held=(MD5,), attempts=3).result
    cells = [free.after(1), in_use.after(1)]
    lasting = Run(*[fault] * 4, held=(OTHER_MD5,), attempts=4)
    if lasting.result == "name_taken" and lasting.actions.count(IMPORT) == 2:
        cells[1] = "once more"
    ends = [Run(fault, held=held, attempts=1).result for held in ((), (OTHER_MD5,))]
    last_attempt = "; ".join(dict.fromkeys(ends)) if "send again" in cells else ""
    return ["unknown", following, *cells, last_attempt]


@pytest.mark.parametrize("page", ["adr/0004-exactly-once.md", "how-it-works.md"])
def test_the_documents_have_the_same_table(page: str) -> None:
    """Who changes the policy changes them all."""
    assert TABLE == rows((PROJECT / "docs" / page).read_text("utf-8"))


def test_every_row_is_tried() -> None:
    """No row is prose alone."""
    assert list(FAULTS) == [row[0] for row in TABLE]


@pytest.mark.parametrize(
    ("fault", "cells"),
    [
        pytest.param(fault, row[1:], id=f"{row[0]}, {number}")
        for row in TABLE
        for number, fault in enumerate(FAULTS.get(row[0], ()), start=1)
    ],
)
def test_the_code_does_what_the_table_says(fault: Fault | None, cells: list[str]) -> None:
    """Each cell is what is observed on an ENS in memory."""
    assert cells == observed(fault)
