"""
The diet against the SDK as it comes: each way in a process of its own.

A new version of the SDK that moves a module, needs one at its start that is left out, or brings a
heavy one more, fails here and not in a deployment.
"""

import json
import os
import subprocess
import sys
from importlib.machinery import PathFinder
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from adapters import lazy_sdk
from adapters.lazy_sdk import MODELS, NOT_NEEDED, VERSIONS, load_ens_sdk

SRC = Path(lazy_sdk.__file__).parents[1]
LOADED_PACKAGES = {
    "Tea",
    "alibabacloud_credentials",
    "alibabacloud_credentials_api",
    "alibabacloud_ens20171110",
    "alibabacloud_gateway_spi",
    "alibabacloud_tea_openapi",
    "certifi",
    "adapters",
    "cryptography",  # its empty top, for the stand-ins below it
    "darabonba",
    "idna",
    "late_imports",
    "requests",
    "urllib3",
}


def in_a_new_process(*command: str) -> Any:
    """Run Python with src on its path; return the JSON that it prints."""
    run = subprocess.run(
        [sys.executable, *command],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )
    return json.loads(run.stdout)


def modules_after(statement: str) -> set[str]:
    """Tell which modules a new process has loaded after a statement."""
    code = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    return set(in_a_new_process("-c", code))


@pytest.fixture(scope="module")
def diet() -> set[str]:
    """What a process has loaded after loading the SDK through the diet."""
    return modules_after("from adapters.lazy_sdk import load_ens_sdk; load_ens_sdk()")


def test_behaves_the_same() -> None:
    """Requests, answers, exceptions, models, even what was left out: the same with and without."""
    script = str(Path(__file__).with_name("sdk_behaviour.py"))

    plain = in_a_new_process(script, "plain")
    diet = in_a_new_process(script, "diet")

    assert plain == diet


def test_what_is_not_needed_is_what_the_sdk_loads() -> None:
    """Each name in the table is one that a plain import of the SDK loads: none is stale."""
    plain = modules_after("import alibabacloud_ens20171110.client")

    assert set() == NOT_NEEDED.keys() - plain


def test_what_is_not_needed_is_not_loaded(diet: set[str]) -> None:
    """What stands in the table is not loaded, nor is a stand-in left in its place."""
    assert set() == NOT_NEEDED.keys() & diet


def test_versions_are_those_installed() -> None:
    """What requests is told of a library is so."""
    assert VERSIONS == {name: version(name) for name in VERSIONS}


def test_loads_two_models(diet: set[str]) -> None:
    """Of the 1,083 modules of models, the two requests' are loaded."""
    expected = {f"{MODELS}._{call}_request" for call in ("import_key_pair", "describe_key_pairs")}

    assert expected == {module for module in diet if module.startswith(f"{MODELS}.")}


def test_loads_no_other_package(diet: set[str]) -> None:
    """A new version that brings another package is looked at before it is taken."""
    at_start = modules_after("pass")
    loaded = {module.partition(".")[0] for module in diet - at_start}

    assert LOADED_PACKAGES == {
        name for name in loaded - sys.stdlib_module_names if PathFinder.find_spec(name)
    }


def test_answers_need_few_models() -> None:
    """Reading an answer finds the models inside models without loading all."""
    loaded = modules_after(
        "from adapters.lazy_sdk import *; load_ens_sdk();"
        "from alibabacloud_ens20171110 import models;"
        "models.DescribeKeyPairsResponse().from_map({'body': {'KeyPairs': {'KeyPair': [{}]}}})"
    )

    assert 4 == len([module for module in loaded if module.startswith(f"{MODELS}.")])


def test_leaves_a_loaded_sdk_alone() -> None:
    """A process that has imported the SDK already gets the classes that it has."""
    assert in_a_new_process(
        "-c",
        "import json, aiohttp, alibabacloud_ens20171110.client as client;"
        "from alibabacloud_ens20171110 import models;"
        "from adapters.lazy_sdk import load_ens_sdk;"
        "sdk = load_ens_sdk(); import aiohttp as after;"
        "print(json.dumps([sdk.Client is client.Client, after is aiohttp,"
        "sdk.ImportKeyPairRequest is models.ImportKeyPairRequest]))",
    ) == [True, True, True]


def test_loads_once() -> None:
    """Later calls return what the first one loaded."""
    assert load_ens_sdk() is load_ens_sdk()
