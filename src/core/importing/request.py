"""The use case of one request: validate, deliver, describe the outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.errors import MissingParameter, UntrustedPublicKey
from core.importing.key_pair_name import check_key_pair_name
from core.keys.fingerprint import md5_fingerprint, sha256_fingerprint
from core.keys.reading import read_public_key
from core.keys.trust.policy import examine

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.importing.exactly_once import Delivery
    from core.keys.rsa_key import PublicKey
    from core.keys.trust.policy import KeyPolicy


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """
    What a caller asks for, as it came; empty or absent is the same.

    The body is not shown in a repr: it may be a private key.
    """

    key_pair_name: str = field(repr=False)
    public_key_body: str | bytes = field(repr=False)
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ValidKeyPair:
    """A name and a key that may be imported."""

    name: str
    key: PublicKey
    md5_fingerprint: str
    sha256_fingerprint: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """
    What became of a request.

    ``fingerprint`` is MD5, in ENS's spelling when ENS answered; ``verified`` says whether it is
    the key's, and is None when ENS was not asked, as is ``request_id``.
    """

    outcome: Literal["imported", "already-imported", "validated"]
    key_pair: ValidKeyPair
    fingerprint: str
    verified: bool | None = None
    request_id: str | None = None


def import_key_pair(
    request: ImportRequest,
    policy: KeyPolicy,
    start_delivery: Callable[[ValidKeyPair], Delivery],
) -> ImportOutcome:
    """
    Import one public key under one name.

    Args:
        request: what is asked for.
        policy: which keys are trusted.
        start_delivery: called with what is to be delivered, once there is something: a refusal
            needs neither ENS's SDK nor credentials.

    Raises:
        ImportFailure: of the class that core.errors lists for what went wrong.
    """
    key_pair = validate(request, policy)
    if request.dry_run:
        return ImportOutcome("validated", key_pair, key_pair.md5_fingerprint)
    delivered = start_delivery(key_pair).deliver(
        key_pair.name, key_pair.key.line, key_pair.md5_fingerprint
    )
    return ImportOutcome(
        delivered.outcome,
        key_pair,
        delivered.fingerprint,
        delivered.verified,
        delivered.request_id,
    )


def validate(request: ImportRequest, policy: KeyPolicy) -> ValidKeyPair:
    """
    Return the name and the key, normalised, that a request asks to import.

    Raises:
        RequestRefused: of the class for what is wrong. A private key is refused before anything
            else is looked at: whoever sent one must learn of it first.
    """

    def acceptable(key: PublicKey) -> bool:
        try:
            examine(key, policy)
        except UntrustedPublicKey:
            return False
        return True

    if not request.public_key_body:
        raise _missing("PublicKeyBody")
    key = read_public_key(request.public_key_body, acceptable=acceptable)
    if not request.key_pair_name:
        raise _missing("KeyPairName")
    name = check_key_pair_name(request.key_pair_name)
    warnings = examine(key, policy)
    return ValidKeyPair(
        name, key, md5_fingerprint(key.blob), sha256_fingerprint(key.blob), warnings
    )


def _missing(parameter: str) -> MissingParameter:
    return MissingParameter(f"{parameter} is absent or empty.", reason="missing_parameter")
