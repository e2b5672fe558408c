"""Wiring: settings and context in; what core asks for, with the cloud's means, out."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cloud.credentials import role_credentials
from cloud.ens import EnsConnection, EnsKeyPairs
from core.delivery import Delivery
from core.errors import InternalError
from core.upload import UploadRules
from core.weak_keys import KeyPolicy
from settings import InvalidSetting, read_settings

if TYPE_CHECKING:
    from cloud.ens import EnsCall
    from core.import_key_pair import ValidKeyPair
    from logs import InvocationLog
    from settings import Settings

DEFAULT_TIMEOUT = 30.0  # seconds; for a context that names none
TIME_TO_ANSWER = 1.0  # seconds of the function's time-out that are kept for log and answer


class SystemClock:
    """The time of this machine."""

    now = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Instance:
    """What stays the same for an instance of the function, and holds nothing of its requests."""

    settings: Settings
    key_policy: KeyPolicy
    upload_rules: UploadRules
    ens: EnsConnection


@cache
def this_instance() -> Instance:
    """
    Read the environment, which stays as it was when the instance started.

    Raises:
        InvalidSetting: at the first value that is not allowed.
    """
    settings = read_settings(os.environ)
    ens = EnsConnection(
        protocol=settings.ens_endpoint.protocol,
        host=settings.ens_endpoint.host,
        connect_timeout_ms=settings.ens_connect_timeout_ms,
        read_timeout_ms=settings.ens_read_timeout_ms,
    )
    return Instance(settings, key_policy(settings), upload_rules(settings), ens)


def key_policy(settings: Settings) -> KeyPolicy:
    """
    Return which keys are trusted.

    Raises:
        InvalidSetting: the blocklist cannot be used.
    """
    blocklist = None
    if settings.blocklist_path:
        from cloud.blocklist import open_blocklist  # noqa: PLC0415 - few functions have one

        try:
            blocklist = open_blocklist(settings.blocklist_path)
        except ValueError as error:
            raise InvalidSetting(
                "BLOCKLIST_PATH", settings.blocklist_path, f"a blocklist of badkeys, but {error}"
            ) from None
    return KeyPolicy(
        min_bits=settings.min_rsa_bits,
        max_bits=settings.max_rsa_bits,
        weak_keys=settings.weak_keys,
        blocklist=blocklist,
    )


def upload_rules(settings: Settings) -> UploadRules:
    """
    Return which objects are key uploads.

    Raises:
        InvalidSetting: no object could be one, for receipts never are.
    """
    if settings.receipt_prefix and settings.upload_prefix.startswith(settings.receipt_prefix):
        raise InvalidSetting(
            "UPLOAD_PREFIX", settings.upload_prefix, "a prefix outside of RECEIPT_PREFIX"
        )
    return UploadRules(settings.upload_prefix, settings.upload_suffix, settings.receipt_prefix)


def deadline_of(context: object, started: float) -> float:
    """Return the reading of the clock by which every call must have ended."""
    function = getattr(context, "function", None)
    timeout = float(getattr(function, "timeout", None) or DEFAULT_TIMEOUT)
    return started + timeout - TIME_TO_ANSWER


def delivery(instance: Instance, context: object, log: InvocationLog, started: float) -> Delivery:
    """Wire a delivery to ENS, as the function's role, within the time that the function has."""

    def observe(call: EnsCall) -> None:
        log.count("attempts" if call.action == "ImportKeyPair" else "look_ups")
        if log.is_verbose:
            log.write(
                "debug",
                "ENS was called",
                action=call.action,
                result=call.result,
                ens_request_id=call.request_id,
                duration_ms=round(call.duration_ms, 3),
            )

    return Delivery(
        key_pairs=EnsKeyPairs(role_credentials(context, os.environ), instance.ens, observe),
        clock=CLOCK,
        deadline=deadline_of(context, started),
        max_attempts=instance.settings.ens_max_attempts,
    )


def internal_error() -> InternalError:
    """Return what a caller is told of a bug of ours."""
    return InternalError(
        "An error inside the function. Its log has the details, under this RequestId.",
        reason="internal_error",
    )


def key_pair_fields(key_pair: ValidKeyPair) -> dict[str, object]:
    """Return what a log line tells of a name and a key, once they are known to be such."""
    fields = {
        "key_pair_name": key_pair.name,
        "fingerprint": key_pair.md5_fingerprint,
        "fingerprint_sha256": key_pair.sha256_fingerprint,
        "bits": key_pair.key.bits,
    }
    return {**fields, "warnings": list(key_pair.warnings)} if key_pair.warnings else fields
