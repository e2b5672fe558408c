"""The loggers of the libraries that the SDKs use."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

NOISY_LOGGERS = ("darabonba-core", "urllib3")  # they print headers and URLs


def silence_loggers() -> None:
    """Silence the libraries that would log what was sent, even if somebody adds a handler."""
    import logging  # noqa: PLC0415 - libraries load it; a refusal does without

    nobody = _null_handler()
    for name in NOISY_LOGGERS:
        logger = logging.getLogger(name)
        if logger.handlers != [nobody] or logger.propagate:
            logger.handlers[:] = [nobody]
            logger.propagate = False
            logger.setLevel(logging.CRITICAL + 1)


@cache
def _null_handler() -> logging.Handler:
    """Return what logs nothing; with no handler at all, warnings would go to stderr."""
    import logging  # noqa: PLC0415 - as above

    return logging.NullHandler()
