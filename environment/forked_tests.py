"""
Run tests in forks of this process, so that neither pytest nor the tests are loaded each time.

A fork inherits what is loaded, and what it changes is lost with it. Time is processor time, so that
a busy machine makes nothing too slow.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    Result = TypeVar("Result")

_FORK = multiprocessing.get_context("fork")
# A change can make a loop endless: a test may take so many times what it takes else, in seconds.
PATIENCE = 10
AT_LEAST = 1.0
SLOW = 0.1  # a test that takes more comes after the others
LOADING = 120.0
OPTIONS = ("-qq", "--no-header", "--no-summary", "-p", "no:randomly", "-p", "no:cacheprovider")


def in_fork(function: Callable[[], Result]) -> Result | None:
    """
    Return what a function returns in a fork; None if a signal ended that.

    Raises:
        RuntimeError: if the function raises; what, is on stderr.
    """
    receiving, sending = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=lambda: sending.send(function()))
    process.start()
    sending.close()
    result: Result | None = None
    with contextlib.suppress(EOFError):
        result = receiving.recv()
    process.join()
    if process.exitcode is None or process.exitcode > 0:
        raise RuntimeError(f"a fork ended with {process.exitcode}")
    return result


class ForkedTests:
    """A plugin of pytest: once the tests are collected, a function decides what is run."""

    def __init__(self, run: Callable[[ForkedTests], Any]) -> None:
        self._run = run
        self.items: list[pytest.Item] = []
        self.failed = ""

    def start(self, *arguments: str) -> str:
        """Collect the tests, and let the function run them; name what failed first, if any did."""
        signal.setitimer(signal.ITIMER_PROF, LOADING)
        status = pytest.main([*OPTIONS, *arguments], plugins=[self])
        loaded = status in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        return self.failed or ("" if loaded and self.items else "the tests cannot be loaded")

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(
        self, items: list[pytest.Item]
    ) -> Generator[None, None, None]:
        """
        Put tests last that take long when they fail, or always.

        A failure of random examples takes long to make small.
        """
        yield
        last = {"hypothesis", "long"}
        items.sort(key=lambda item: not last.isdisjoint(each.name for each in item.iter_markers()))

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Take the place of pytest's own loop, unless some tests could not be loaded."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        if session.testsfailed:
            return None
        plugins = session.config.pluginmanager
        plugins.unregister(plugins.getplugin("terminalreporter"))
        self.items = session.items
        self._run(self)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what failed first."""
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def run(
        self,
        items: Sequence[pytest.Item],
        took: Mapping[str, float] | None = None,
        before: Callable[[str], object] = lambda _: None,
    ) -> dict[str, float]:
        """
        Run tests until one fails, which ``failed`` then names.

        Args:
            items: the tests.
            took: the seconds that each takes else; this process ends at one that takes far longer.
            before: called before each test, with its name.

        Returns:
            The seconds that each took.
        """
        seconds: dict[str, float] = {}
        if took is not None:
            items = sorted(items, key=lambda item: took.get(item.nodeid, 0.0) > SLOW)
        for item, following in zip(items, [*items[1:], None], strict=False):
            if took is not None:
                allowed = max(AT_LEAST, took.get(item.nodeid, 0.0)) * PATIENCE
                signal.setitimer(signal.ITIMER_PROF, allowed)
            before(item.nodeid)
            began = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            seconds[item.nodeid] = time.process_time() - began
            if self.failed:
                break
        signal.setitimer(signal.ITIMER_PROF, 0)
        return seconds
