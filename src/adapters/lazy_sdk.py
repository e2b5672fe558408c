"""
Load the official ENS SDK without what one synchronous call never uses.

A plain import of the SDK takes three times as long as the imports this function needs: it loads
1,083 model modules where two requests are made, and aiohttp for asynchronous calls. Nothing of the
SDK is changed or copied here. It is imported by ordinary import statements while

* names in NOT_NEEDED are answered by stand-ins, which load the real module when first used, and
* the package of models looks up each model on first use, instead of importing all at the start.

So what is left out is late, not missing: an asynchronous call, an RSA signature or any other
model still works, and is only slower the first time. A module that is already loaded is left
alone, and no stand-in stays in ``sys.modules``: who imports aiohttp afterwards gets aiohttp.

Measurements, and what was not chosen: docs/adr/0005-import-diet.md.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec, module_from_spec
from threading import Lock
from types import ModuleType
from typing import Any, NamedTuple

NOT_NEEDED = {
    "aiofiles": "asynchronous reading of credential files",
    "aiohttp": "asynchronous calls",
    "apscheduler.schedulers.background": "the refreshing of an ECS instance's credentials",
    "cryptography.hazmat.primitives.asymmetric.padding": "RSA signatures; ours are HMAC",
    "cryptography.hazmat.primitives.hashes": "RSA signatures",
    "cryptography.hazmat.primitives.serialization": "RSA signatures",
    "websocket": "WebSocket APIs",
    "websocket._abnf": "WebSocket APIs",
    "xml.etree.ElementTree": "XML answers; those of ENS are JSON",
}
"""Modules that the SDK imports at its start, and what it would need them for."""

MODELS = "alibabacloud_ens20171110.models"

_loading = Lock()


class EnsSdk(NamedTuple):
    """What the adapter uses of the SDK, under the SDK's own names."""

    Client: Any
    Config: Any
    RuntimeOptions: Any
    ImportKeyPairRequest: Any
    DescribeKeyPairsRequest: Any
    AlibabaCloudException: Any
    RetryError: Any
    UnretryableException: Any


@cache
def load_ens_sdk() -> EnsSdk:
    """Import the SDK; the first call takes the time, later ones none."""
    with _loading, stand_ins_for(NOT_NEEDED):
        _look_up_on_first_use(MODELS)
        from alibabacloud_ens20171110 import client, models  # noqa: PLC0415 - the point of it all
        from alibabacloud_tea_openapi import exceptions, utils_models  # noqa: PLC0415 - as above
        from darabonba.exceptions import RetryError, UnretryableException  # noqa: PLC0415
        from darabonba.runtime import RuntimeOptions  # noqa: PLC0415 - as above

    return EnsSdk(
        Client=client.Client,
        Config=utils_models.Config,
        RuntimeOptions=RuntimeOptions,
        ImportKeyPairRequest=models.ImportKeyPairRequest,
        DescribeKeyPairsRequest=models.DescribeKeyPairsRequest,
        AlibabaCloudException=exceptions.AlibabaCloudException,
        RetryError=RetryError,
        UnretryableException=UnretryableException,
    )


@contextmanager
def stand_ins_for(names: Iterable[str]) -> Iterator[None]:
    """Answer imports of these modules by stand-ins, but for those already loaded."""
    stand_ins = {name: _StandIn(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


class _StandIn(ModuleType):
    """In place of a module: ``import x`` and ``from x import y`` succeed, use loads the module."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            return _Later(self.__name__, name)
        return getattr(_real_module(self.__name__), name)


class _Later:
    """
    In place of an object of such a module, imported while only the stand-in was there.

    It can be called, have its attributes read, and be used in an annotation. It cannot have a
    subclass: an SDK that begins to need one fails at import, and so in the tests.
    """

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._load()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._load(), name)

    def _load(self) -> Any:
        return getattr(_real_module(self._module), self._name)


def _real_module(name: str) -> ModuleType:
    """Import a module in spite of its stand-in, if that is still there."""
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
    return import_module(name)


def _look_up_on_first_use(package: str) -> None:
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
