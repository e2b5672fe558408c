"""The function that is called: where it is, how its caller is known, and what it answers."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies

from explorer.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.projects import Authorization

CONNECT_SECONDS, READ_SECONDS = 10, 90  # s.yaml gives the function 30 s
MAX_ANSWER_BYTES = 256 << 10
# What a function sends, and what Function Compute adds when it did not get that far.
SHOWN_HEADERS = ("x-", "retry-after", "content-type", "location", "allow")


class Caller(Protocol):
    """Makes the headers that say who calls."""

    kind: ClassVar[Authorization]

    def __call__(self, url: str, /) -> Mapping[str, str]:
        """Make them for a POST to an address, or raise Unknown."""


class NoAnswer(Exception):
    """No answer could be had; the text is a sentence for the person at the page."""


class UnusableUrl(ValueError):
    """The address is not one that can be called; the text says what is right."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the headers that are shown, the body as text, the time."""

    status: int
    headers: Mapping[str, str]
    body: str
    milliseconds: int


class Target:
    """
    One function, called at one address only.

    Args:
        url: of the HTTP trigger; https, unless it is on this machine.
        authorize: makes the headers that say who calls, for an address; raises Unknown. None for a
            function that accepts everyone.
    """

    def __init__(self, url: str, authorize: Caller | None = None) -> None:
        self.url = checked(url)
        self.authorize = authorize

    @property
    def authorization(self) -> Authorization:
        """How the function knows its caller."""
        return self.authorize.kind if self.authorize else "none"

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(urlsplit(self.url).hostname or "")

    def call(self, parameters: Mapping[str, Any]) -> Answer:
        """
        Send the parameters as a JSON object.

        Raises:
            NoAnswer: the function could not be reached, or did not answer like one.
        """
        body = json.dumps(parameters).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "ens-key-import-explorer"}
        if self.authorize:
            headers.update(self.authorize(self.url))
        begin = time.perf_counter()
        # A redirect would take the key and the signature elsewhere. The environment's .netrc would
        # replace the signature; of the environment, proxies alone count.
        with requests.Session() as session:
            session.trust_env = False
            proxies = {} if self.is_local else get_environ_proxies(self.url)
            try:
                response = session.post(
                    self.url, body, headers=headers, proxies=proxies, stream=True,
                    timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False,
                )  # fmt: skip
            except requests.exceptions.SSLError:
                raise NoAnswer("The certificate of the function's address is not valid.") from None
            except requests.ConnectionError:
                raise NoAnswer("No connection to the function: is it running?") from None
            except requests.RequestException:
                raise NoAnswer("The function did not answer in time.") from None
            with response:
                content = _read(response)
        return Answer(
            response.status_code,
            {k: v for k, v in response.headers.items() if k.lower().startswith(SHOWN_HEADERS)},
            content.decode("utf-8", "replace"),
            round((time.perf_counter() - begin) * 1000),
        )


def _read(response: requests.Response) -> bytes:
    content = b""
    try:
        for piece in response.iter_content(MAX_ANSWER_BYTES):
            content += piece
            if len(content) > MAX_ANSWER_BYTES:
                raise NoAnswer("The answer is longer than any of this function.")
    except requests.RequestException:
        raise NoAnswer("The function's answer broke off.") from None
    return content


def checked(url: str) -> str:
    """
    Return the address as it is called.

    Raises:
        UnusableUrl: with a sentence that says what is right.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise UnusableUrl("The URL looks like https://HOST, as s deploy prints it (system_url).")
    if parts.scheme == "http" and not is_loopback(host):
        raise UnusableUrl("The URL begins with https:// unless the function is on this machine.")
    if parts.username is not None or parts.query or parts.fragment:
        raise UnusableUrl("The URL has no user, no ? and no #.")
    return parts._replace(path=parts.path or "/").geturl()
