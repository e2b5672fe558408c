"""
The function's settings: the only reader of its configuration variables.

Each is an environment variable with a default; docs/operations.md lists them. A bad one fails at
start. Callers learn its name and what is allowed, the log its value too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
WeakKeys = Literal["refuse", "warn", "allow"]
Word = TypeVar("Word", bound=str)

LONGEST_SHOWN = 40  # characters of a value
LOOPBACK = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.ASCII)
HOST = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])(:\d{1,5})?", re.ASCII)


class InvalidSetting(Exception):
    """
    An environment variable has a value that is not allowed.

    The text says which, and what is allowed: FC shows it to callers where the initializer fails.
    The value may be a secret that was put into the wrong variable: it is in ``for_the_log`` alone,
    and of a long one the beginning, which is no secret of a private key.
    """

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(f"The setting {name} is not valid; allowed: {allowed}")
        self.name = name
        shown = value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}..."
        self.for_the_log = f"{name} is {shown!r}; allowed: {allowed}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service is; ``host`` may end in a port, and "http" is for loopback only."""

    protocol: Literal["http", "https"]
    host: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says; times in milliseconds, ``None`` where nothing is set."""

    log_level: LogLevel
    log_sample_rate: float
    ens_endpoint: Endpoint
    ens_connect_timeout_ms: int
    ens_read_timeout_ms: int
    ens_max_attempts: int
    oss_endpoint: Endpoint | None
    upload_bucket: str | None
    upload_prefix: str
    upload_suffix: str
    receipt_prefix: str
    min_rsa_bits: int
    max_rsa_bits: int
    weak_keys: WeakKeys
    blocklist_path: str | None
    jwt_audience: str | None
    jwt_issuer: str | None
    caller_name_prefix: str | None
    no_proxy: str | None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """
    Read the settings from the environment.

    Raises:
        InvalidSetting: at the first value that is not allowed.
    """
    min_rsa_bits = _integer(environ, "MIN_RSA_BITS", 2048, 1024, 16384)
    return Settings(
        log_level=_word(environ, "LOG_LEVEL", "INFO", get_args(LogLevel), str.upper),
        log_sample_rate=_rate(environ, "LOG_SAMPLE_RATE", 0.0),
        ens_endpoint=_endpoint(environ, "ENS_ENDPOINT") or Endpoint("https", "ens.aliyuncs.com"),
        ens_connect_timeout_ms=_integer(environ, "ENS_CONNECT_TIMEOUT_MS", 2000, 1, 60_000),
        ens_read_timeout_ms=_integer(environ, "ENS_READ_TIMEOUT_MS", 5000, 1, 600_000),
        ens_max_attempts=_integer(environ, "ENS_MAX_ATTEMPTS", 3, 1, 10),
        oss_endpoint=_endpoint(environ, "OSS_ENDPOINT"),
        upload_bucket=environ.get("UPLOAD_BUCKET") or None,
        upload_prefix=_prefix(environ, "UPLOAD_PREFIX", "keys/"),
        upload_suffix=environ.get("UPLOAD_SUFFIX", ".pub"),
        receipt_prefix=_prefix(environ, "RECEIPT_PREFIX", "receipts/"),
        min_rsa_bits=min_rsa_bits,
        max_rsa_bits=_integer(environ, "MAX_RSA_BITS", 16384, min_rsa_bits, 16384),
        weak_keys=_word(environ, "WEAK_KEYS", "refuse", get_args(WeakKeys), str.lower),
        blocklist_path=environ.get("BLOCKLIST_PATH") or None,
        jwt_audience=_claim(environ, "JWT_AUDIENCE", "JWT_ISSUER"),
        jwt_issuer=_claim(environ, "JWT_ISSUER", "JWT_AUDIENCE"),
        caller_name_prefix=environ.get("CALLER_NAME_PREFIX") or None,
        no_proxy=environ.get("NO_PROXY") or environ.get("no_proxy") or None,
    )


def disarm_sdk_debug(environ: MutableMapping[str, str]) -> None:
    """Remove DEBUG: with DEBUG=sdk the SDK prints the headers it sends, the security token too."""
    environ.pop("DEBUG", None)


def _integer(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    # Not int(): it accepts spaces, underscores and other scripts' digits too.
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise InvalidSetting(name, text, f"an integer from {least} to {most}")
    return int(text)


def _rate(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{0,9}(\.[0-9]{1,9})?", text) or float(text) > 1:
        raise InvalidSetting(name, text, "a number from 0 to 1")
    return float(text)


def _word(
    environ: Mapping[str, str],
    name: str,
    default: Word,
    allowed: tuple[Word, ...],
    spelling: Callable[[str], str],
) -> Word:
    text = environ.get(name, "")
    if not text:
        return default
    word = spelling(text)
    if word not in allowed:
        raise InvalidSetting(name, text, ", ".join(allowed))
    return word


def _prefix(environ: Mapping[str, str], name: str, default: str) -> str:
    text = environ.get(name, default)
    if text.startswith(("/", "\\")):  # OSS knows no such keys: no object would ever be an upload
        raise InvalidSetting(name, text, "what objects' keys begin with, which is no slash")
    return text


def _claim(environ: Mapping[str, str], name: str, other: str) -> str | None:
    """Read what a claim of a token has to be; one without the other would check half of it."""
    text = environ.get(name, "")
    if not text and environ.get(other):
        raise InvalidSetting(name, text, f"the claim of a token, for {other} is set too")
    if text != text.strip() or not text.isprintable():
        raise InvalidSetting(name, text, "the claim of a token, without spaces around it")
    return text or None


def _endpoint(environ: Mapping[str, str], name: str) -> Endpoint | None:
    text = environ.get(name, "")
    if not text:
        return None
    protocol, separator, host = text.rpartition("://")
    host = host.removesuffix("/")
    if HOST.fullmatch(host):
        if protocol == "https" or not separator:
            return Endpoint("https", host)
        if protocol == "http" and LOOPBACK.fullmatch(host):
            return Endpoint("http", host)
    raise InvalidSetting(name, text, "a host, or https://host; http:// for loopback only")
