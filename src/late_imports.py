"""
Import libraries without what one call of ours never uses of them, and without slow accidents.

Nothing of a library is changed or copied. It is imported by ordinary import statements while

* names in a table are answered by stand-ins, which load the real module when first used, and
* a package that only collects names looks each up on first use, instead of importing all at once.

So what is left out is late, not missing: it still works where it is installed, and is only slower
the first time. A module that is already loaded is left alone, and no stand-in stays in
``sys.modules`` under its own name: who imports such a module afterwards gets it.

Measurements, and what was not chosen: docs/adr/0005-import-diet.md.
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec, module_from_spec
from threading import Lock
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Loaded = TypeVar("Loaded")

STACK_ITEMS = 1 << 15  # of 8 bytes: room for the frames of 200 nested imports, and more
_loading = Lock()


def loads_modules(load: Callable[[], Loaded]) -> Callable[[], Loaded]:
    """
    Let a function import much, as a decorator.

    From 3.11 on, Python keeps frames in pieces of 16 KiB, and gives one back as soon as it is
    empty. At the edge of a piece, each call of a loop asks for a new one and returns it: where the
    edge is depends on how deep the caller is. A frame that says it needs a large stack gets a
    large piece, and all that it calls finds room there.

    The collector would walk through what was loaded again and again, and find nothing to collect.
    """
    assert isinstance(load, FunctionType)  # noqa: S101 - for mypy: it has a code object
    load.__code__ = load.__code__.replace(co_stacksize=STACK_ITEMS)

    @wraps(load)
    def loading() -> Loaded:
        with _loading, without_collector():
            loaded: Loaded = load()
            return loaded

    return loading


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector off; what is there at the end is not looked at any more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.enable()


@contextmanager
def stand_ins_for(
    names: Iterable[str], versions: Mapping[str, str] | None = None, *, deferred: bool = False
) -> Iterator[None]:
    """
    Answer imports of these modules by stand-ins, but for those already loaded.

    Args:
        names: of the modules.
        versions: ``__version__`` by module, where a library asks for that alone.
        deferred: what is called while the library is imported is called on first use.
    """
    known = versions or {}
    stand_ins = {
        name: _StandIn(name, known.get(name), deferred=deferred)
        for name in names
        if name not in sys.modules
    }
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            stand_in.is_importing = False
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


class _StandIn(ModuleType):
    """In place of a module: ``import x`` and ``from x import y`` succeed, use loads the module."""

    def __init__(self, name: str, version: str | None, *, deferred: bool) -> None:
        super().__init__(name)
        self.is_importing = True
        self.is_deferred = deferred
        self.__path__: list[str] = []  # so that a submodule can have a stand-in, too
        if version:
            self.__version__ = version

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.is_importing:
            return _Later(self, lambda: getattr(_real_module(self.__name__), name))
        return getattr(_real_module(self.__name__), name)


class _Later:
    """
    In place of an object of such a module, imported while only the stand-in was there.

    It can be called, have its attributes read, and be used in an annotation. It cannot have a
    subclass: a library that begins to need one fails at import, and so in the tests.
    """

    def __init__(self, module: _StandIn, load: Callable[[], Any]) -> None:
        self._module = module
        self._load = load

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._module.is_importing and self._module.is_deferred:
            return _Later(self._module, lambda: self._load()(*args, **kwargs))
        return self._load()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._load(), name)


def _real_module(name: str) -> ModuleType:
    """Import a module in spite of its stand-in, if that is still there."""
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
    return import_module(name)


def look_up_on_first_use(package: str) -> None:
    """
    Put a package into ``sys.modules`` that imports a class's module when the class is asked for.

    Which module that is, the package's own source says, one ``from ._module import Class`` a line.
    A name that is not found so makes the package load as it was written, whole.
    """
    if package in sys.modules:
        return
    parent, _, child = package.rpartition(".")
    spec = find_spec(package)
    if spec is None or not isinstance(spec.loader, SourceFileLoader):
        raise ModuleNotFoundError(f"No package named {package!r}", name=package)
    loader = spec.loader
    module = module_from_spec(spec)
    source = "\n" + loader.get_data(loader.path).decode()

    def look_up(name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        before, found, _ = source.partition(f" import {name}\n")
        if not found:
            vars(module).pop("__getattr__", None)
            loader.exec_module(module)
            return getattr(module, name)
        submodule = before.rpartition("\nfrom ")[2]
        model = getattr(import_module(submodule, package), name)
        setattr(module, name, model)
        return model

    vars(module)["__getattr__"] = look_up
    sys.modules[package] = module
    setattr(sys.modules[parent], child, module)
