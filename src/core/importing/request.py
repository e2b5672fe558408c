"""One request: what a caller asks for, validated, and the outcome of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import RequestRefused, UntrustedPublicKey
from core.importing.key_pair_name import check_key_pair_name
from core.keys.fingerprint import md5_fingerprint, sha256_fingerprint
from core.keys.private_keys import find_private_key, private_key_refused
from core.keys.reading import read_public_key
from core.keys.trust.policy import examine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.keys.private_keys import PrivateKeySearch
    from core.keys.rsa_key import RsaPublicKey
    from core.keys.trust.policy import KeyPolicy
    from core.reasons import RequestOutcome


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
    """A name and a key that may be imported, the key's fingerprints, and its warnings."""

    name: str
    key: RsaPublicKey
    fingerprint_md5: str
    fingerprint_sha256: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """
    The outcome of a request that was not refused: validated, imported or already_imported.

    ``fingerprint`` is MD5, in ENS's spelling when ENS answered; ``verified`` says whether it is
    the key's, and is None when ENS was not asked, as is ``service_request_id``.
    """

    outcome: RequestOutcome
    key_pair: ValidKeyPair
    fingerprint: str
    verified: bool | None = None
    service_request_id: str | None = None


def validate(
    request: ImportRequest,
    policy: KeyPolicy,
    *,
    name_prefix: str = "",
    search: PrivateKeySearch | None = None,
) -> ValidKeyPair:
    """
    Return the name and the key, normalised, that a request asks to import.

    Args:
        request: what was asked for.
        policy: which keys are trusted.
        name_prefix: what the name has to begin with.
        search: the request's, for private keys; by default one of its own.

    Raises:
        RequestRefused: of the class or code for what is wrong. A private key is refused before
            anything else is looked at: whoever sent one must be told first.
    """

    def acceptable(key: RsaPublicKey) -> bool:
        try:
            examine(key, policy)
        except UntrustedPublicKey:
            return False
        return True

    if not request.public_key_body:
        raise _missing("PublicKeyBody")
    key = read_public_key(request.public_key_body, acceptable=acceptable, search=search)
    if not request.key_pair_name:
        raise _missing("KeyPairName")
    kind = find_private_key(request.key_pair_name)
    if kind:
        raise private_key_refused(kind, "KeyPairName")
    name = check_key_pair_name(request.key_pair_name, name_prefix)
    warnings = examine(key, policy)
    return ValidKeyPair(
        name, key, md5_fingerprint(key.blob), sha256_fingerprint(key.blob), warnings
    )


def validated(key_pair: ValidKeyPair) -> ImportOutcome:
    """Return the outcome of a dry run, for which ENS is not asked."""
    return ImportOutcome("validated", key_pair, key_pair.fingerprint_md5)


def private_key_first(
    refusal: RequestRefused, texts: Iterable[str | bytes], search: PrivateKeySearch
) -> RequestRefused:
    """
    Return what a caller is told first: that a private key was sent, anywhere; else the refusal.

    Args:
        refusal: what is wrong otherwise.
        texts: all that was sent.
        search: the request's, which has looked at some of it before.
    """
    if refusal.reason == "private_key":
        return refusal
    kind = search.find(*texts)
    return private_key_refused(kind) if kind else refusal


def _missing(parameter: str) -> RequestRefused:
    return RequestRefused(
        f"{parameter} is absent or empty.",
        code="MissingParameter",
        reason="missing_parameter",
        parameter=parameter,
    )
