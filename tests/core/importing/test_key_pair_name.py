"""The naming rule, part by part."""

from __future__ import annotations

import pytest

from core.errors import InvalidKeyPairName
from core.importing.key_pair_name import check_key_pair_name
from tests.keys.public_keys import BARE, BASE64


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("ab", id="the shortest"),
        pytest.param("a" * 128, id="the longest"),
        pytest.param("\u5bc6\u94a5" * 64, id="128 Chinese letters, 384 bytes"),
        pytest.param("team:alice_laptop-2", id="all that is allowed"),
        pytest.param("\u4e00\u9fff", id="the first and the last Chinese letter"),
        pytest.param("Zz", id="capital"),
        pytest.param("http:x", id="no URL yet"),
        pytest.param("https", id="the word alone"),
    ],
)
def test_allows(name: str) -> None:
    """A name that keeps the rule is returned as it is."""
    assert name == check_key_pair_name(name)


@pytest.mark.parametrize(
    ("name", "reason", "column"),
    [
        pytest.param("a", "name_too_short", None, id="one letter"),
        pytest.param("", "name_too_short", None, id="none"),
        pytest.param("a" * 129, "name_too_long", 129, id="129 letters"),
        pytest.param("1a", "name_bad_start", 1, id="digit first"),
        pytest.param("_a", "name_bad_start", 1, id="underscore first"),
        pytest.param(" a", "name_bad_start", 1, id="blank first"),
        pytest.param("\u00e9a", "name_bad_start", 1, id="accented letter first"),
        pytest.param("\uff41b", "name_bad_start", 1, id="full-width letter first"),
        pytest.param("\u4dffa", "name_bad_start", 1, id="before the Chinese letters"),
        pytest.param("\ua000a", "name_bad_start", 1, id="behind the Chinese letters"),
        pytest.param("my key", "name_bad_character", 3, id="blank"),
        pytest.param("ab.c", "name_bad_character", 3, id="dot"),
        pytest.param("ab\uff1ac", "name_bad_character", 3, id="full-width colon"),
        pytest.param("ab\u0663", "name_bad_character", 3, id="digit of another script"),
        pytest.param("ab\n", "name_bad_character", 3, id="line break at the end"),
        pytest.param("ab\ud800", "name_bad_character", 3, id="surrogate"),
        pytest.param("\U00020000a", "name_bad_start", 1, id="a rare Chinese letter"),
        pytest.param("http://a", "name_is_url", 1, id="http"),
        pytest.param("https://a", "name_is_url", 1, id="https"),
        pytest.param(BARE, "name_bad_character", 8, id="a key"),
    ],
)
def test_refuses(name: str, reason: str, column: int | None) -> None:
    """The part that is broken is told, and at which character."""
    with pytest.raises(InvalidKeyPairName) as refusal:
        check_key_pair_name(name)

    assert (reason, column) == (refusal.value.reason, refusal.value.column)


@pytest.mark.parametrize("name", [BARE, BASE64 + ".", f"-----BEGIN {BASE64}", BASE64])
def test_echoes_no_more_than_a_code_point(name: str) -> None:
    """People paste keys into the wrong field."""
    with pytest.raises(InvalidKeyPairName) as refusal:
        check_key_pair_name(name)

    assert "AAAA" not in refusal.value.description
    assert "BEGIN" not in refusal.value.description


@pytest.mark.parametrize("name", ["app:a", "app:", "app:\u5bc6\u94a5"])
def test_a_name_with_the_prefix(name: str) -> None:
    """The prefix is enough of a name."""
    assert name == check_key_pair_name(name, "app:")


@pytest.mark.parametrize("name", ["root-admin", "App:a", "app", "xapp:a", "ap:p:a"])
def test_a_name_without_the_prefix(name: str) -> None:
    """Exactly so, in the same case, at the start; the Description says which prefix it is."""
    with pytest.raises(InvalidKeyPairName) as refusal:
        check_key_pair_name(name, "app:")

    assert ("name_without_prefix", 1) == (refusal.value.reason, refusal.value.column)
    assert "app:" in refusal.value.description
    assert name not in refusal.value.description.replace("app:", "")


def test_the_rule_comes_before_the_prefix() -> None:
    """A name that is none at all is told as that."""
    with pytest.raises(InvalidKeyPairName) as refusal:
        check_key_pair_name("my key", "app:")

    assert "name_bad_character" == refusal.value.reason
