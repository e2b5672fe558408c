from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devcloud import DevCloud
from tests.invocation import ROLE_VARIABLES, environment_of
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[DevCloud]:
    """An ENS, and this process in the environment that FC would give the function beside it."""
    with DevCloud(project=PROJECT) as running:
        for name, value in environment_of(running).items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def no_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without credentials: what gets as far as ENS is refused right before it."""
    for name in ROLE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
