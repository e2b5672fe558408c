"""A small soak on each kind of ENS; ``make soak`` runs the large one."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from core.errors import ImportFailure, too_large
from core.importing.request import ImportRequest, validate
from core.keys.trust.policy import KeyPolicy
from core.uploads.bucket import MAX_OBJECT_SIZE
from core.uploads.rules import UploadRules
from tests.fakes.key_pairs import DUPLICATE_NAMES
from tests.paths import PROJECT
from tests.soak.soak import Soak
from tests.soak.uploads import BAD_WAYS, SoakUpload, uploads

if TYPE_CHECKING:
    from devcloud.ens.models import DuplicateNames

SEED = 4


@pytest.mark.long
@pytest.mark.parametrize("duplicate_names", DUPLICATE_NAMES)
def test_nothing_is_lost_or_misnamed(duplicate_names: DuplicateNames) -> None:
    """
    Each valid upload has one key pair and a success, each bad one its refusal, told why.

    One that is given up, in onFailure and with a receipt that says so, may be among them: no seed
    tells the moments at which threads and processes meet. The large soak counts them.
    """
    soak = Soak(
        seed=SEED,
        uploads=40,
        duplicate_names=duplicate_names,
        calls_per_second=40,
        instances=4,
        longest=120,
    )

    aftermath = soak.run(PROJECT)

    assert [] == aftermath.wrong
    assert len(aftermath.lost) <= 1
    if duplicate_names == "refused":
        assert [] == aftermath.doubled


@pytest.mark.parametrize("upload", uploads(SEED, 100), ids=lambda each: each.key)
def test_the_uploads_are_what_they_are_said_to_be(upload: SoakUpload) -> None:
    """Without any soak, good ones are valid and bad ones are refused for their reason."""
    rules = UploadRules()

    def check() -> str:
        if len(upload.content) > MAX_OBJECT_SIZE:
            raise too_large("Too large.", reason="object_too_large")
        name = rules.key_pair_name(upload.key)
        return validate(ImportRequest(name, upload.content), KeyPolicy()).name

    if upload.name:
        assert upload.name == check()
        return
    with pytest.raises(ImportFailure) as refusal:
        check()
    assert upload.reason == refusal.value.reason


def test_every_bad_way_has_its_turn() -> None:
    """A hundred uploads hold each kind once; the same seed brings the same again."""
    drawn = uploads(SEED, 100)

    assert len(BAD_WAYS) == len({each.reason for each in drawn if each.reason})
    assert drawn == uploads(SEED, 100)


def test_the_large_soak_starts_as_it_is_typed() -> None:
    """`python -m benchmarks.soak`, with no PYTHONPATH: src is found."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "benchmarks.soak", "--help"]

    asked = subprocess.run(
        command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True
    )

    assert "--permissions-after" in asked.stdout
