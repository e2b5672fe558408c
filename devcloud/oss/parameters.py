"""Values that many requests hold: whole numbers, yes and no, encodings, times."""

from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from devcloud.oss import exceptions

_MAX_DIGITS = 19  # of 2**63; Python itself refuses to read 5,000 digits


def whole_number(name: str, text: str, lowest: int, highest: int, what: str = "") -> int:
    """
    Read a number from ``lowest`` to ``highest``; ``what`` describes it to the caller.

    Raises:
        ServiceError: InvalidArgument.
    """
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    if not is_number or not lowest <= int(text) <= highest:
        message = what or f"It is a number, {lowest} to {highest}."
        raise exceptions.invalid_argument(name, text, message)
    return int(text)


def optional_number(
    parameters: Mapping[str, str], name: str, default: int, lowest: int, highest: int
) -> int:
    """Read a number that may be absent or empty, as ``whole_number`` does."""
    text = parameters.get(name) or str(default)
    return whole_number(name, text, lowest, highest)


def is_true(headers: Mapping[str, str], name: str) -> bool:
    """
    Read a header that is true or false; absent, it is false.

    Raises:
        ServiceError: InvalidArgument.
    """
    value = headers.get(name, "false").lower()
    if value not in {"true", "false"}:
        raise exceptions.invalid_argument(name, value, "It is true or false.")
    return value == "true"


def url_encoding(parameters: Mapping[str, str]) -> bool:
    """
    Tell whether keys in the answer are to be percent-encoded.

    Raises:
        ServiceError: InvalidArgument.
    """
    encoding = parameters.get("encoding-type", "")
    if encoding not in {"", "url"}:
        raise exceptions.invalid_argument("encoding-type", encoding, "It is url.")
    return encoding == "url"


def encoded(text: str, *, as_url: bool) -> str:
    """Write a key, or a part of one, as the request's encoding-type asks for."""
    return quote(text, safe="") if as_url else text


def http_date(text: str) -> float | None:
    """Read ``Wed, 25 Nov 2026 04:20:59 GMT`` as seconds since the epoch; None for no date."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp()


def iso(instant: float) -> str:
    """Write a time as OSS's documents do, without its fraction."""
    moment = datetime.fromtimestamp(instant, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
