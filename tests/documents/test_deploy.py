"""docs/deploy.md is true: regions and sizes are those that are built and deployed."""

from __future__ import annotations

import re

import pytest

from deploy.runtimes import REGIONS_WITHOUT, RUNTIMES
from devcloud.fc.s_yaml import read_s_yaml
from settings import read_settings
from tests.documents.markdown import PAGES
from tests.paths import PROJECT

PAGE = PAGES["deploy"]
REGION = re.compile(r"\b[a-z]{2}-[a-z]+(?:-\d+)?\b")
ROWS = PAGE.table("Regions")


def regions_of(row: list[str]) -> set[str]:
    return set(REGION.findall(row[0]))


def test_no_region_is_in_two_rows() -> None:
    """Each says one thing of a region."""
    every = [region for row in ROWS for region in regions_of(row)]

    assert len(every) == len(set(every)) >= 21


def test_other_runtimes_are_for_the_regions_that_the_build_refuses() -> None:
    """What the table tells to export is what `make build` wants there, and nowhere else."""
    others = {region for row in ROWS if row[1] != "python3.12" for region in regions_of(row)}

    assert REGIONS_WITHOUT["python3.12"] == others
    assert {row[1] for row in ROWS} <= set(RUNTIMES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_endpoint_is_taken(row: list[str]) -> None:
    """As the setting that it is exported for."""
    assert row[2] == read_settings({"ENS_ENDPOINT": row[2]}).ens_endpoint.host


def test_one_region_has_another_endpoint() -> None:
    """ENS's manual has two public ones; the example is of the second."""
    (row,) = [row for row in ROWS if row[2] != read_settings({}).ens_endpoint.host]
    (region,) = regions_of(row)

    assert f"export REGION={region} RUNTIME={row[1]} ENS_ENDPOINT={row[2]}" in PAGE.commands()


def test_the_sizes_are_those_of_s_yaml() -> None:
    """Each row has the name and the value."""
    document = read_s_yaml(PROJECT / "s.yaml")
    function = document["resources"]["ens_key_import"]["props"]
    deployed = {**function, **function["concurrencyConfig"], **document["vars"]["httpTrigger"]}

    for names, values, _ in PAGE.table("Size"):
        said = dict(zip(names.split(", "), values.split(", "), strict=True))
        assert said == {name: str(deployed[name]).lower() for name in said}
