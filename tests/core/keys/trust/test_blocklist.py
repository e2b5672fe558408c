"""The blocklist finds what badkeys finds in the same bytes."""

from __future__ import annotations

import random
from hashlib import sha256

import pytest
from badkeys.allkeys import block

from core.keys.trust.blocklist import Blocklist

SOURCE = random.Random(20240101)  # noqa: S311 - seeded, so that a failure can be repeated
MODULI = [SOURCE.getrandbits(1024) | 1 << 1023 for _ in range(200)]
LISTED, OTHERS = MODULI[:100], MODULI[100:]


def record(modulus: int, source: int) -> bytes:
    return sha256(modulus.to_bytes(128, "big")).digest()[:15] + bytes([source])


RECORDS = b"".join(sorted(record(modulus, number) for number, modulus in enumerate(LISTED)))


def found_by_badkeys(modulus: int) -> int | None:
    found = block._checkbl(RECORDS, record(modulus, 0)[:15])
    return found["blid"] if found else None


@pytest.fixture(autouse=True)
def _no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give no names to the sources: badkeys asks a downloaded file for them."""
    monkeypatch.setitem(vars(block), "_blmeta", {})


def test_finds_what_badkeys_finds() -> None:
    """Each listed key is found with its source, and no other."""
    blocklist = Blocklist(RECORDS)
    found = [blocklist.source_of(modulus) for modulus in MODULI]

    assert [*range(100), *[None] * 100] == found
    assert [found_by_badkeys(modulus) for modulus in MODULI] == found


@pytest.mark.parametrize("size", range(6))
def test_finds_in_short_lists(size: int) -> None:
    """The bisection has no edge that it falls off."""
    records = sorted(record(modulus, 1) for modulus in LISTED[:size])
    blocklist = Blocklist(b"".join(records))

    assert [1] * size == [blocklist.source_of(modulus) for modulus in LISTED[:size]]
    assert {None} == {blocklist.source_of(modulus) for modulus in OTHERS}


@pytest.mark.parametrize(
    ("records", "message"),
    [
        pytest.param(RECORDS[:-1], "multiple of 16", id="wrong length"),
        pytest.param(RECORDS[16:] + RECORDS[:16], "not sorted", id="not sorted"),
    ],
)
def test_refuses_what_cannot_be_looked_up_in(records: bytes, message: str) -> None:
    """A bisection would find nothing, silently."""
    with pytest.raises(ValueError, match=message):
        Blocklist(records)
