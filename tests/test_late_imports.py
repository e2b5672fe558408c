"""Stand-ins, packages that are looked up, large stacks: on modules made for each test."""

import gc
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from late_imports import (
    look_up_on_first_use,
    stand_ins_for,
    without_collector,
)


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
    with stand_ins_for(["gc"]):
        assert gc is import_module("gc")

    assert gc is import_module("gc")


def test_models_are_looked_up(tmp_path: Path, package: str) -> None:
    """A model is imported when it is asked for, and only that one."""
    init = "from ._first import First\nfrom ._second import Second\n__all__ = [First, Second]\n"
    models = write_models(tmp_path, package, init)

    look_up_on_first_use(models)

    assert "First" == import_module(models).First.__name__
    assert not hasattr(import_module(models), "__wrapped__")
    assert f"{models}._second" not in sys.modules
    assert import_module(package).models is import_module(models)
    assert 2 == len(import_module(models).__all__)


def test_models_written_otherwise_load_whole(tmp_path: Path, package: str) -> None:
    """Where the source does not say which module has a model, the package loads as written."""
    init = "from ._first import (\n    First,\n)\nfrom ._second import Second\n"
    models = write_models(tmp_path, package, init)

    look_up_on_first_use(models)

    assert "First" == import_module(models).First.__name__
    assert f"{models}._second" in sys.modules
    with pytest.raises(AttributeError, match="Third"):
        _ = import_module(models).Third


def test_models_that_are_loaded_stay(tmp_path: Path, package: str) -> None:
    """A package that is loaded already is left alone."""
    models = write_models(tmp_path, package, "from ._first import First\n")
    loaded = import_module(models)

    look_up_on_first_use(models)

    assert loaded is import_module(models)


def test_models_that_are_missing(package: str) -> None:
    """An SDK without its models is not an SDK."""
    import_module(package)

    with pytest.raises(ModuleNotFoundError, match=f"{package}.models"):
        look_up_on_first_use(f"{package}.models")


def test_a_version_is_known_without_the_module(package: str) -> None:
    """Where that is all that a library asks for."""
    name = f"{package}.missing"
    with stand_ins_for([name], {name: "3.1.4"}):
        module = import_module(name)

    assert "3.1.4" == module.__version__


def test_what_is_deferred_is_called_on_first_use(tmp_path: Path, package: str) -> None:
    """A library that makes objects of such a module while it is imported makes them later."""
    name = f"{package}.costly"
    (tmp_path / package / "costly.py").write_text(
        "class Greeter:\n"
        "    def __init__(self, word): self.word = word\n"
        "    def __call__(self, name): return f'{self.word} {name}'\n"
    )
    (tmp_path / package / "user.py").write_text(
        f"from {name} import Greeter\nGREET = Greeter('hello')\n"
    )

    with stand_ins_for([name], deferred=True):
        greet = import_module(f"{package}.user").GREET
        assert name not in sys.modules or not hasattr(sys.modules[name], "__file__")

    assert "hello alice" == greet("alice")
    assert "hello" == greet.word


def test_the_collector_rests_while_modules_load() -> None:
    """And is on again afterwards, whatever happens; what was loaded is left to itself."""
    frozen = gc.get_freeze_count()

    was_on = []

    def load() -> None:
        was_on.append(gc.isenabled())
        raise ImportError

    with pytest.raises(ImportError), without_collector():
        load()

    assert ([False], True) == (was_on, gc.isenabled())
    assert gc.get_freeze_count() > frozen
    gc.unfreeze()


def test_a_collector_that_is_off_stays_off() -> None:
    """It is somebody else's decision."""
    gc.disable()
    try:
        with without_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


DEEP = """
import resource, sys
from late_imports import loads_modules

def work(depth, calls):
    if depth:
        return work(depth - 1, calls)
    for _ in range(calls):
        leaf()

def leaf():
    pass

leaf.__code__ = leaf.__code__.replace(co_stacksize=256)  # 2 KiB, as a call with much in it has

def faults_at_worst(run):
    worst = 0
    for depth in range(100, 300):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        run(depth)
        worst = max(worst, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    return worst

sys.setrecursionlimit(5000)
plain = faults_at_worst(lambda depth: work(depth, 500))
large = faults_at_worst(lambda depth: loads_modules(lambda: work(depth, 500))())
print(plain, large)
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 keeps frames elsewhere")
def test_a_large_stack_has_no_edge_in_it() -> None:
    """A loop of calls just at the end of a piece of stack maps and unmaps memory at each call."""
    run = subprocess.run(
        [sys.executable, "-c", DEEP],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[1] / "src")},
    )
    plain, large = map(int, run.stdout.split())

    assert large < 500 < plain
