"""What the page's tests need: a server of it, and a function that remembers what it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from explorer.server import serving
from explorer.target import Answer, Target
from tests.explorer.page_client import PageClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class RecordingTarget(Target):
    """A function that does nothing but remember."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1/")
        self.asked: list[Mapping[str, Any]] = []

    def call(self, parameters: Mapping[str, Any]) -> Answer:
        self.asked.append(parameters)
        return Answer(200, {}, "{}", 1)


@pytest.fixture(scope="session")
def _recording() -> Iterator[tuple[RecordingTarget, PageClient]]:
    target = RecordingTarget()
    with serving(target) as address:
        yield target, PageClient(address)


@pytest.fixture
def asked(_recording: tuple[RecordingTarget, PageClient]) -> list[Mapping[str, Any]]:
    """What the function was asked by this test."""
    _recording[0].asked.clear()
    return _recording[0].asked


@pytest.fixture
def page(_recording: tuple[RecordingTarget, PageClient]) -> PageClient:
    return _recording[1]
