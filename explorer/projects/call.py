"""The call that a program is made for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from explorer.loopback import is_loopback

ENS = "https://ens.aliyuncs.com"

Target = Literal["ens", "function"]
Authorization = Literal["signature", "token", "none"]
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/?")


class NotPossible(ValueError):
    """Raised where a language cannot make a call; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Call:
    """
    One ImportKeyPair call.

    Args:
        key_pair_name: KeyPairName, any text.
        public_key_body: PublicKeyBody, any text.
        url: of ENS, or of the function; ``https``, or ``http`` on this machine.
        target: what is at the URL.
        dry_run: DryRun. The function knows it; ENS does not, so there it must be False.
        authorization: how the function knows its caller: by a signature, as ENS always does; by a
            token of an identity provider; or not at all, as the local runner.

    Raises:
        ValueError: the URL is none, or the choices contradict each other.
    """

    key_pair_name: str
    public_key_body: str
    url: str = ENS
    target: Target = "ens"
    dry_run: bool = False
    authorization: Authorization = "signature"

    def __post_init__(self) -> None:
        if self.target == "ens" and self.authorization != "signature":
            raise ValueError("ENS accepts signed calls only.")
        if self.target == "ens" and self.dry_run:
            raise ValueError("ENS has no DryRun: it would import the key.")
        for text in (self.key_pair_name, self.public_key_body):
            try:
                text.encode()
            except UnicodeEncodeError:
                # What was raised shows the text.
                raise ValueError("A parameter holds half of a surrogate pair.") from None
        self._check_url()

    @property
    def host(self) -> str:
        """The host, with its port where the URL has one: what an SDK calls its endpoint."""
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        """The path, empty or without a slash at its end."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def is_plain_http(self) -> bool:
        """Whether it goes over HTTP without TLS."""
        return self.url.startswith("http:")

    @property
    def endpoint(self) -> str:
        """
        The host, for an SDK.

        Raises:
            NotPossible: the URL has a path, and SDKs call the path / only.
        """
        if self.path:
            raise NotPossible("An SDK calls the path / only, and this address has another path.")
        return self.host

    def _check_url(self) -> None:
        # What is let through needs no escape in any language.
        parts = urlsplit(self.url)
        try:
            port = f":{parts.port}" if parts.port is not None else ""
        except ValueError:
            raise ValueError("The port of the URL is no number of a port.") from None
        host = parts.hostname or ""
        written = f"{parts.scheme}://{host}{port}{parts.path}"
        if (
            parts.scheme not in {"http", "https"}
            or not _HOST.fullmatch(host)
            or not _PATH.fullmatch(parts.path)
            or written.lower() != self.url.lower()
        ):
            raise ValueError(f"{self.url!r} is no URL of a service: https://HOST, nothing behind.")
        if parts.scheme == "http" and not is_loopback(host):
            raise ValueError("The URL must begin with https: only this machine is called by http.")
