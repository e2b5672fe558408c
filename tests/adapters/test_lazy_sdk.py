"""
The diet against the SDK as it comes: each way in a process of its own.

A new version of the SDK that moves a module, needs one at its start that is left out, or brings a
heavy one more, fails here and not in a deployment.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import pytest

from adapters import lazy_sdk
from adapters.lazy_sdk import MODELS, NOT_NEEDED, load_ens_sdk, stand_ins_for

SRC = Path(lazy_sdk.__file__).parents[1]
LOADED_PACKAGES = {
    "Tea",
    "alibabacloud_credentials",
    "alibabacloud_credentials_api",
    "alibabacloud_ens20171110",
    "alibabacloud_gateway_spi",
    "alibabacloud_tea_openapi",
    "certifi",
    "charset_normalizer",
    "adapters",
    "cryptography",  # its empty top, for the stand-ins below it
    "darabonba",
    "idna",
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


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Make an empty package that can be imported, and is forgotten afterwards."""
    name = "".join(filter(str.isalpha, tmp_path.name))
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    for module in [m for m in sys.modules if m.partition(".")[0] == name]:
        del sys.modules[module]


def write_models(tmp_path: Path, package: str, init: str) -> str:
    """Write the sub-package ``models`` of a package, with two models in a module each."""
    models = tmp_path / package / "models"
    models.mkdir()
    (models / "__init__.py").write_text(init)
    (models / "_first.py").write_text("class First: pass\n")
    (models / "_second.py").write_text("class Second: pass\n")
    import_module(package)
    return f"{package}.models"


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


def test_a_stand_in_gives_way(tmp_path: Path, package: str) -> None:
    """After the block, the module is imported as ever; names taken from the stand-in use it."""
    name = f"{package}.costly"
    (tmp_path / package / "costly.py").write_text(
        "LEVEL = {'high': 3}\ndef double(number): return 2 * number\n"
    )

    with stand_ins_for([name]):
        stand_in = import_module(name)
        double, level = stand_in.double, stand_in.LEVEL

    assert name not in sys.modules

    assert 8 == double(4)
    assert 3 == level.get("high")
    assert stand_in.double is import_module(name).double


def test_a_stand_in_used_at_once_loads(tmp_path: Path, package: str) -> None:
    """Code that uses such a module while it is imported loads it, and is only slower."""
    name = f"{package}.costly"
    (tmp_path / package / "costly.py").write_text("def double(number): return 2 * number\n")
    (tmp_path / package / "user.py").write_text(f"from {name} import double\nEIGHT = double(4)\n")

    with stand_ins_for([name]):
        assert 8 == import_module(f"{package}.user").EIGHT

    assert "costly.py" in str(import_module(name).__file__)


def test_inspection_loads_nothing(package: str) -> None:
    """Who looks for special attributes, as debuggers and decorators do, finds none there."""
    with stand_ins_for([f"{package}.missing"]):
        stand_in = import_module(f"{package}.missing")
        name = stand_in.name

    assert not hasattr(stand_in, "__wrapped__")
    assert not hasattr(name, "__wrapped__")


def test_a_missing_module_says_so(package: str) -> None:
    """Where a module was left out of the installation, its use says which one is missing."""
    with stand_ins_for([f"{package}.missing"]):
        stand_in = import_module(f"{package}.missing")

    with pytest.raises(ModuleNotFoundError, match=f"{package}.missing"):
        _ = stand_in.anything


def test_loaded_modules_get_no_stand_in() -> None:
    """What is loaded already stays as it is, inside the block and after it."""
    with stand_ins_for(["json"]):
        assert json is import_module("json")

    assert json is import_module("json")


def test_models_are_looked_up(tmp_path: Path, package: str) -> None:
    """A model is imported when it is asked for, and only that one."""
    init = "from ._first import First\nfrom ._second import Second\n__all__ = [First, Second]\n"
    models = write_models(tmp_path, package, init)

    lazy_sdk._look_up_on_first_use(models)

    assert "First" == import_module(models).First.__name__
    assert not hasattr(import_module(models), "__wrapped__")
    assert f"{models}._second" not in sys.modules
    assert import_module(package).models is import_module(models)
    assert 2 == len(import_module(models).__all__)


def test_models_written_otherwise_load_whole(tmp_path: Path, package: str) -> None:
    """Where the source does not say which module has a model, the package loads as written."""
    init = "from ._first import (\n    First,\n)\nfrom ._second import Second\n"
    models = write_models(tmp_path, package, init)

    lazy_sdk._look_up_on_first_use(models)

    assert "First" == import_module(models).First.__name__
    assert f"{models}._second" in sys.modules
    with pytest.raises(AttributeError, match="Third"):
        _ = import_module(models).Third


def test_models_that_are_loaded_stay(tmp_path: Path, package: str) -> None:
    """A package that is loaded already is left alone."""
    models = write_models(tmp_path, package, "from ._first import First\n")
    loaded = import_module(models)

    lazy_sdk._look_up_on_first_use(models)

    assert loaded is import_module(models)


def test_models_that_are_missing(package: str) -> None:
    """An SDK without its models is not an SDK."""
    import_module(package)

    with pytest.raises(ModuleNotFoundError, match=f"{package}.models"):
        lazy_sdk._look_up_on_first_use(f"{package}.models")
