"""What an instance of the function remembers: its settings, policies and connections."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from adapters.ens import EnsConnection
from core.errors import InvalidKeyPairName
from core.importing.key_pair_name import check_key_pair_name
from core.keys.trust.policy import KeyPolicy
from core.uploads.rules import UploadRules
from settings import InvalidSetting, read_settings
from triggers.tokens import TokenRules

if TYPE_CHECKING:
    from settings import Settings


@dataclass(frozen=True, slots=True)
class Instance:
    """What stays the same for an instance of the function, and holds nothing of its requests."""

    settings: Settings
    key_policy: KeyPolicy
    upload_rules: UploadRules
    token_rules: TokenRules | None  # None: callers need no token
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
        no_proxy=settings.no_proxy,
    )
    return Instance(
        settings, key_policy(settings), upload_rules(settings), token_rules(settings), ens
    )


def key_policy(settings: Settings) -> KeyPolicy:
    """
    Return which keys are trusted.

    Raises:
        InvalidSetting: the blocklist cannot be used.
    """
    blocklist = None
    if settings.blocklist_path:
        from adapters.blocklist import open_blocklist  # noqa: PLC0415 - few functions have one

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
        InvalidSetting: no object could be one, for receipts never are; or no caller's name could
            begin with CALLER_NAME_PREFIX.
    """
    if settings.receipt_prefix and settings.upload_prefix.startswith(settings.receipt_prefix):
        raise InvalidSetting(
            "UPLOAD_PREFIX", settings.upload_prefix, "a prefix outside of RECEIPT_PREFIX"
        )
    prefix = settings.caller_name_prefix or ""
    try:
        check_key_pair_name(f"{prefix}ab")
    except InvalidKeyPairName as failure:
        raise InvalidSetting(
            "CALLER_NAME_PREFIX", prefix, f"what a KeyPairName can begin with ({failure.reason})"
        ) from None
    return UploadRules(
        settings.upload_prefix,
        settings.upload_suffix,
        settings.receipt_prefix,
        settings.upload_bucket or "",
        reserved=prefix,
    )


def token_rules(settings: Settings) -> TokenRules | None:
    """Return which tokens callers need; None where the trigger asks for none."""
    if settings.jwt_audience and settings.jwt_issuer:
        return TokenRules(settings.jwt_audience, settings.jwt_issuer)
    return None
