"""What many tests need: keys as ssh-keygen makes them, and clouds that are started once."""

from __future__ import annotations

import itertools
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from devcloud import DevCloud
from tests.callers import TIMEOUTS_MS
from tests.invocation import new_instance
from tests.keys.ssh_keys import SshKey, make_rsa_key
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.fakes.key_pairs import DuplicateNames


def _settings(*, is_patient: bool) -> dict[str, str]:
    connect_timeout_ms, read_timeout_ms = TIMEOUTS_MS[is_patient]
    return {
        "ENS_CONNECT_TIMEOUT_MS": str(connect_timeout_ms),
        "ENS_READ_TIMEOUT_MS": str(read_timeout_ms),
        "ENS_MAX_ATTEMPTS": "2",
        "LOG_LEVEL": "DEBUG",
    }


PATIENT, IMPATIENT = _settings(is_patient=True), _settings(is_patient=False)
# Every test talks to loopback, where the proxy of a company does not lead.
for _variable in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[_variable]
# How long an example takes tells how busy the machine is, and nothing of the code.
settings.register_profile(
    "any machine", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
_serial = itertools.count(1)


@pytest.hookimpl(trylast=True)  # after the random order, which stays within either part
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take long, so that at the end no process waits for another's."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def _new_instance() -> None:
    new_instance()


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> SshKey:
    return make_rsa_key(tmp_path_factory.mktemp("key"))


@pytest.fixture(scope="session")
def another_key(tmp_path_factory: pytest.TempPathFactory) -> SshKey:
    return make_rsa_key(tmp_path_factory.mktemp("another-key"))


@pytest.fixture(scope="session")
def package_of_this_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the package, made of what is installed; nobody writes into it."""
    from tests.test_rehearsal import package_of_what_is_installed

    return package_of_what_is_installed(tmp_path_factory.mktemp("package"))


@contextmanager
def _clouds(settings: Mapping[str, str]) -> Iterator[Mapping[DuplicateNames, DevCloud]]:
    with (
        DevCloud(
            duplicate_names="refused", function=True, function_env=settings, project=PROJECT
        ) as refusing,
        DevCloud(
            duplicate_names="accepted", function=True, function_env=settings, project=PROJECT
        ) as accepting,
    ):
        yield {"refused": refusing, "accepted": accepting}


@pytest.fixture(scope="session")
def clouds() -> Iterator[Mapping[DuplicateNames, DevCloud]]:
    """The function, in front of an ENS of either kind; what ENS holds is all tests' together."""
    with _clouds(PATIENT) as started:
        yield started


@pytest.fixture(scope="session")
def impatient_clouds() -> Iterator[Mapping[DuplicateNames, DevCloud]]:
    """The same, with time-outs that tests wait for."""
    with _clouds(IMPATIENT) as started:
        yield started


@pytest.fixture
def name() -> str:
    """A key pair name that is no other test's."""
    return f"key-{next(_serial)}"


@pytest.fixture
def default_signals() -> Iterator[None]:
    """Jobs in the background ignore SIGINT, nohup SIGHUP, and so does what they start."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGHUP)}
    for each in before:
        signal.signal(each, signal.default_int_handler)  # a program starts with the default again
    yield
    for each, handler in before.items():
        signal.signal(each, handler)
