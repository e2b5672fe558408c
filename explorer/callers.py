"""Who calls the function: the headers that a signature or a token becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from alibabacloud_tea_openapi.utils import Utils

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from explorer.projects import Authorization

ALGORITHM = "ACS3-HMAC-SHA256"
MAX_TOKEN_BYTES = 8 << 10


class Unknown(Exception):
    """There is no caller to be: no credentials, no token. The text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key of Alibaba Cloud, with a token if it is temporary."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Signature:
    """
    Signs as Function Compute documents it for authType function.

    The date and the token are signed, the body is not: https protects it on the way.

    Args:
        credentials: gives an access key that has not expired; raises Unknown.
    """

    credentials: Callable[[], Credentials]
    kind: ClassVar[Authorization] = "signature"

    def __call__(self, url: str) -> dict[str, str]:
        """Return the headers of a POST to an address."""
        caller = self.credentials()
        headers = {"x-acs-date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
        if caller.security_token:
            headers["x-acs-security-token"] = caller.security_token
        path = urlsplit(url).path.replace("$", "%24")
        signed = SimpleNamespace(method="POST", pathname=path, query={}, headers=headers)
        headers["Authorization"] = Utils.get_authorization(
            signed, ALGORITHM, "", caller.access_key_id, caller.access_key_secret
        )
        return headers


@dataclass(frozen=True, slots=True)
class Bearer:
    """
    Shows a token of an identity provider (authType jwt).

    Args:
        file: holds the token, and nothing else. It is read for each call: tokens are renewed.
    """

    file: Path
    kind: ClassVar[Authorization] = "token"

    def __call__(self, _url: str) -> dict[str, str]:
        """Return the header, or raise Unknown."""
        try:
            with self.file.open("rb") as opened:
                content = opened.read(MAX_TOKEN_BYTES + 1)
        except OSError as error:
            raise Unknown(f"{self.file} cannot be read: {error.strerror}.") from None
        token = content.decode("ascii", "replace").strip()
        if (
            not token
            or len(token.split()) > 1
            or len(content) > MAX_TOKEN_BYTES
            or "\ufffd" in token
        ):
            raise Unknown(f"{self.file} does not hold one token.")
        return {"Authorization": f"Bearer {token}"}
