"""What validating hands back: a key that may be imported, or the line that would have been one."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from core.errors import MalformedPublicKey, UntrustedPublicKey
from core.importing.request import ImportRequest, validate, validated
from core.keys.trust.policy import KeyPolicy
from tests.keys.public_keys import BARE, rsa_line
from tests.keys.weak_numbers import good_modulus

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = rsa_line(good_modulus(1))
WEAK = rsa_line(3 << 2046 | 3)  # a multiple of 3
LENIENT = KeyPolicy(min_bits=1024, weak_keys="warn")

every_slip = pytest.mark.parametrize(
    ("reason", "slip"),
    [
        pytest.param("quoted", lambda line: f'"{line}"', id="quoted"),
        pytest.param("percent_encoded", lambda line: quote(line, safe=""), id="percent-encoded"),
        pytest.param("missing_key_type", lambda line: line.partition(" ")[2], id="bare"),
        pytest.param("surrounding_text", lambda line: f"> {line}", id="from an e-mail"),
        pytest.param(
            "double_base64", lambda line: base64.b64encode(line.encode()).decode(), id="base64"
        ),
    ],
)
untrusted = pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param(SMALL, "too_few_bits", id="1024 bits"),
        pytest.param(WEAK, "weak_modulus", id="weak"),
    ],
)


def refusal(body: str, policy: KeyPolicy) -> MalformedPublicKey:
    with pytest.raises(MalformedPublicKey) as raised:
        validate(ImportRequest("alice", body), policy)
    return raised.value


@every_slip
def test_a_good_key_is_given_back(reason: str, slip: Callable[[str], str]) -> None:
    """Whoever slipped gets the line to paste."""
    refused = refusal(slip(BARE), KeyPolicy())

    assert (reason, BARE) == (refused.reason, refused.corrected_line)


@every_slip
@untrusted
def test_a_key_that_would_be_refused_next_is_not(
    reason: str, slip: Callable[[str], str], line: str, why: str
) -> None:
    """The corrected line would be refused as well: only its shape is spoken of."""
    with pytest.raises(UntrustedPublicKey) as unwrapped:
        validate(ImportRequest("alice", line), KeyPolicy())
    refused = refusal(slip(line), KeyPolicy())

    assert why == unwrapped.value.reason
    assert (reason, None) == (refused.reason, refused.corrected_line)


@every_slip
@untrusted
def test_the_policy_in_force_decides(
    reason: str, slip: Callable[[str], str], line: str, why: str
) -> None:
    """Where such a key is let in, with a warning, its corrected line is given."""
    refused = refusal(slip(line), LENIENT)

    assert (reason, line) == (refused.reason, refused.corrected_line)
    warning = {"too_few_bits": "unusual_size", "weak_modulus": "weak_modulus"}[why]
    assert (warning,) == validate(ImportRequest("alice", line), LENIENT).warnings


def test_a_dry_run_ends_with_the_keys_own_fingerprint() -> None:
    """ENS is not asked, so nothing of it is known."""
    key_pair = validate(ImportRequest("alice", SMALL), LENIENT)
    outcome = validated(key_pair)

    assert ("validated", key_pair) == (outcome.outcome, outcome.key_pair)
    assert key_pair.fingerprint_md5 == outcome.fingerprint
    assert (None, None) == (outcome.verified, outcome.service_request_id)
