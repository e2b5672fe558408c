"""The two halves of an HTTP exchange, as a service sees them: whole, and free of sockets."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

FORM = "application/x-www-form-urlencoded"


class Headers(Mapping[str, str]):
    """
    Header fields, looked up in any case; iteration gives the names as they were sent.

    A name that was sent more than once has its values joined by a comma (RFC 9110, section 5.3).
    """

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: dict[str, tuple[str, str]] = {}
        for name, value in pairs:
            sent_as, earlier = self._fields.get(name.lower(), (name, ""))
            self._fields[name.lower()] = (sent_as, f"{earlier},{value}" if earlier else value)

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (sent_as for sent_as, _ in self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``body`` is empty as long as only the head has been read."""

    method: str
    target: str  # what stood on the request line: path, and query after a question mark
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    protocol: str = "HTTP/1.1"

    @property
    def raw_path(self) -> str:
        """The path, percent-encoded as it was sent."""
        return self.target.partition("?")[0]

    @property
    def raw_query(self) -> str:
        """What stands after the question mark, as it was sent."""
        return self.target.partition("?")[2]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's parameters, decoded, in the order sent."""
        return parse_qsl(self.raw_query, keep_blank_values=True)

    @property
    def form(self) -> list[tuple[str, str]]:
        """The parameters of a form body, decoded; none when the body is no form."""
        content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != FORM:
            return []
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; ``code`` and ``request_id`` are for the record of calls, not for the wire."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    request_id: str = ""

    @classmethod
    def of_json(
        cls, status: int, content: Any, headers: Mapping[str, str] | None = None, **record: str
    ) -> "Response":
        """Make an answer of a JSON value."""
        body = json.dumps(content, ensure_ascii=False).encode()
        everything = {"Content-Type": "application/json;charset=utf-8", **(headers or {})}
        return cls(status, body, everything, **record)


class ServiceError(Exception):
    """
    A service's refusal: status, code, message, in whatever shape the service gives errors.

    An empty message stands for the one that the service documents for this code.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.details = dict(details or {})  # further members of the error document
