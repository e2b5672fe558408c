"""The loggers of the libraries that the SDKs use."""

from __future__ import annotations

import logging

NOISY_LOGGERS = ("darabonba-core", "urllib3")  # they print headers and URLs

_NOBODY = logging.NullHandler()  # with no handler at all, warnings would go to stderr


def silence_loggers() -> None:
    """Silence the libraries that would log what was sent, even if somebody adds a handler."""
    for name in NOISY_LOGGERS:
        logger = logging.getLogger(name)
        if logger.handlers != [_NOBODY] or logger.propagate:
            logger.handlers[:] = [_NOBODY]
            logger.propagate = False
            logger.setLevel(logging.CRITICAL + 1)
