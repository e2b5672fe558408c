"""The loggers of the libraries that the SDKs stand on."""

from __future__ import annotations

import logging

NOISY_LOGGERS = ("darabonba-core", "urllib3")  # they print headers and URLs

_NOBODY = logging.NullHandler()  # with no handler at all, warnings would go to stderr


def silence_loggers() -> None:
    """Take the voice from libraries that would log what was sent, if anyone gave it back."""
    for name in NOISY_LOGGERS:
        logger = logging.getLogger(name)
        if logger.handlers != [_NOBODY] or logger.propagate:
            logger.handlers[:] = [_NOBODY]
            logger.propagate = False
            logger.setLevel(logging.CRITICAL + 1)
