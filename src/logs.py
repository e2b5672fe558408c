"""
Logs, the way aws-lambda-powertools' Logger writes them, by structlog: one JSON line an invocation.

The context of the invocation is injected into every line, and ends with it: the logger is bound
again each time, and structlog's global configuration is left alone. Whatever looks like key
material or a credential is masked, wherever it is. Of an exception its types and frames are
written: never its text, never the values of its variables.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from late_imports import stand_ins_for
from version import VERSION

NOT_NEEDED = {
    "asyncio": "asynchronous logging",
    "logging": "the loggers of the standard library",
    "pickle": "the copying of loggers",
    "structlog.dev": "lines for a terminal",
    "structlog.stdlib": "the loggers of the standard library",
    "structlog.testing": "tests of logs",
    "structlog.threadlocal": "contexts of threads; ours is bound to its invocation",
    "structlog.tracebacks": "the texts and variables of exceptions; neither is ever written",
    "structlog.twisted": "Twisted",
    "traceback": "the texts of exceptions",
}
"""Modules that structlog imports at its start, and what it would need them for."""

with stand_ins_for(NOT_NEEDED, deferred=True):
    import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping
    from types import TracebackType

    from typing_extensions import Self

SERVICE = "ens-key-import"
MASK = "***"
# Names whose values are never written, whether ours or of a header or parameter.
SECRET_NAME = re.compile(
    "access_?key|authorization|body$|^event$|public_?key|secret|security[_-]?token", re.IGNORECASE
)
# A run of base64 longer than any fingerprint (a line of PEM has 64), or a public key's first bytes.
LONGEST_RUN = 60
KEY_START = re.compile("AAAA[A-Za-z0-9+/]{12,}")
SECRET_RUN = re.compile(rf"[A-Za-z0-9+/_-]{{{LONGEST_RUN},}}|{KEY_START.pattern}")
# Names, which people choose, may be as long as that with hyphens in them, or as hexadecimal.
NAMES = frozenset({"function_name", "key_pair_name"})
RUN_IN_NAME = re.compile(
    f"(?<![A-Za-z0-9+/])(?![0-9A-Fa-f]+(?![A-Za-z0-9+/]))[A-Za-z0-9+/]{{{LONGEST_RUN},}}"
)
# FC cuts a line at 32 KiB; of an exception, this much tells where it comes from.
MAX_FRAMES, MAX_CAUSES = 20, 8

_cold_start = True  # of this instance; the first invocation makes it False


class InvocationLog:
    """
    The log of one invocation: what is added to it is in its one line, written at the end.

    Args:
        context: FC's context; request_id, function and version are read from it.
    """

    def __init__(self, context: object) -> None:
        global _cold_start  # noqa: PLW0603 - a fact of the instance
        self._context = {**context_fields(context), "cold_start": _cold_start}
        self._logger: structlog.typing.FilteringBoundLogger | None = None  # made when written to
        _cold_start = False
        self._level = "INFO"
        self._fields: dict[str, object] = {}
        self._counts: dict[str, int] = {}
        self._line = ("error", "no outcome")
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def set_level(self, level: str, sample_rate: float = 0.0) -> None:
        """Write lines from this level on; of a share (0 to 1) of invocations, every line."""
        if random.random() < sample_rate:  # noqa: S311 - a sample, not a secret
            level = "DEBUG"
        self._level = level
        self._logger = None

    @property
    def is_verbose(self) -> bool:
        """Whether lines at DEBUG are written."""
        return self._level == "DEBUG"

    def add(self, **fields: object) -> None:
        """Add fields to the line; those that are None are left out."""
        self._fields.update(fields)

    def count(self, name: str) -> None:
        """Add one to a field of the line."""
        self._counts[name] = self._counts.get(name, 0) + 1

    def conclude(self, level: str, message: str, **fields: object) -> None:
        """Say how the invocation ended; the last call counts."""
        self._line = (level, message)
        self.add(**fields)

    def write(self, level: str, message: str, **fields: object) -> None:
        """Write a line of its own, now."""
        if self._logger is None:
            self._logger = logger(self._level, self._context)
        getattr(self._logger, level)(message, **fields)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        level, message = self._line
        self.add(duration_ms=round((time.monotonic() - self._started) * 1000, 3))
        fields = {**self._fields, **self._counts}
        self.write(level, message, **{k: v for k, v in fields.items() if v is not None})


def logger(level: str, context: Mapping[str, object]) -> structlog.typing.FilteringBoundLogger:
    """Return a logger whose lines, from a level on, go to stdout with a context in each."""
    kind: Any = structlog.make_filtering_bound_logger(level)
    bound: structlog.typing.FilteringBoundLogger = kind(
        structlog.WriteLogger(sys.stdout), PROCESSORS, context
    )
    return bound


def context_fields(context: object) -> dict[str, str]:
    """Return what FC's context says of the invocation, on whichever runtime."""
    function = getattr(context, "function", None)
    # python3.10 has the version in `service`, python3.12 in `function`; an alias is a qualifier.
    places = (getattr(context, "service", None), function, context)
    versions = (
        getattr(place, name, None) for name in ("version_id", "qualifier") for place in places
    )
    return {
        "service": SERVICE,
        "version": VERSION,
        "function_name": str(getattr(function, "name", "")),
        "function_version": str(next(filter(None, versions), "LATEST")),
        "request_id": str(getattr(context, "request_id", "")),
    }


def describe_exception(error: BaseException) -> list[dict[str, object]]:
    """
    Describe an exception, and those that led to it, without their texts.

    Returns:
        the outermost first: ``{"type": ..., "frames": ["handler.py:42 in handler", ...]}``, of
        which the last is where it was raised.
    """
    import traceback  # noqa: PLC0415 - for bugs of ours only

    return [
        {
            "type": type(cause).__qualname__,
            "frames": [
                f"{frame.filename.rpartition('/')[2]}:{frame.lineno} in {frame.name}"
                for frame in traceback.extract_tb(cause.__traceback__, limit=-MAX_FRAMES)
            ],
        }
        for cause in islice(_causes(error), MAX_CAUSES)
    ]


def mask(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask what looks like a secret, as a processor of structlog."""
    return {name: _masked(name, value) for name, value in line.items()}


def _masked_text(name: str, text: str) -> str:
    if name in NAMES:
        return MASK if _holds_run(text) else text
    if name == "object_key":  # the parts of a path are no run of base64
        parts = text.split("/")
        return "/".join(
            MASK if KEY_START.search(part) or _holds_run(part) else part for part in parts
        )
    return MASK if _holds_secret(text) else text


def _holds_run(name: str) -> bool:
    return len(name) >= LONGEST_RUN and RUN_IN_NAME.search(name) is not None


def _holds_secret(text: str) -> bool:
    if "PRIVATE KEY" in text:
        return True
    # Few texts come as far as the search: it costs more than all else of a line.
    return (len(text) >= LONGEST_RUN or "AAAA" in text) and SECRET_RUN.search(text) is not None


@lru_cache(maxsize=256)
def _is_secret(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _masked(name: str, value: object) -> object:
    if _is_secret(name):
        return MASK
    if isinstance(value, str):
        return _masked_text(name, value)
    if isinstance(value, dict):
        return {str(key): _masked(str(key), member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked("", member) for member in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return MASK  # bytes and objects: what they print is not known here


_encoder = json.JSONEncoder()  # in ASCII: a log must not fail by stdout's encoding


def to_json(line: object, **_: object) -> str:
    """Render a line; what mask lets pass is JSON already."""
    return _encoder.encode(line)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that led to it; without end where ``from`` tied a circle."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


PROCESSORS = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.EventRenamer("message"),
    mask,
    structlog.processors.JSONRenderer(serializer=to_json),
)
