"""The page's server as its page sees it: the address, the token, and requests that pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class PageClient:
    """
    Asks as the page does.

    Args:
        address: as it is printed, ``http://127.0.0.1:PORT/#TOKEN``.
    """

    address: str

    @property
    def origin(self) -> str:
        return self.address.partition("/#")[0]

    @property
    def token(self) -> str:
        return self.address.partition("#")[2]

    def get(self, path: str, **headers: str | None) -> requests.Response:
        """Ask for something; underscores in the names of further headers become hyphens."""
        return requests.get(self.origin + path, headers=self.headers(headers), timeout=60)

    def post(
        self, path: str, content: object, headers: Mapping[str, str | None] | None = None
    ) -> requests.Response:
        """Post a value as JSON."""
        return requests.post(
            self.origin + path, json=content, headers=self.headers(headers or {}), timeout=60
        )

    def headers(self, others: Mapping[str, str | None]) -> dict[str, str]:
        """Return the page's own headers, and others; one that is None is left out."""
        own: dict[str, str | None] = {
            "Content-Type": "application/json",
            "Origin": self.origin,
            "Sec-Fetch-Site": "same-origin",
            "X-Explorer-Token": self.token,
            **{name.replace("_", "-"): value for name, value in others.items()},
        }
        # requests leaves out what is None; its types do not say so.
        return {name: value for name, value in own.items() if value is not None}
