"""Edges of reading that changes to the code once crossed without a test noticing."""

from __future__ import annotations

import textwrap
from functools import reduce
from urllib.parse import quote

import pytest

from core.errors import MalformedPublicKey
from core.keys.reading import read_public_key
from core.keys.rsa_key import announced_length
from tests.keys.public_keys import BARE, BASE64, RFC4716, SPKI, mpint, pem, string

HEAD = string("ssh-rsa") + mpint(65537)


def refusal(text: str) -> MalformedPublicKey:
    with pytest.raises(MalformedPublicKey) as raised:
        read_public_key(text)
    return raised.value


@pytest.mark.parametrize("head", [b"", HEAD[:-1], HEAD, HEAD + b"\0\0\1"])
def test_no_length_is_announced_by_half_a_length_field(head: bytes) -> None:
    """What is missing is not taken for a number."""
    with pytest.raises(MalformedPublicKey, match="truncated"):
        announced_length(head)


def test_a_length_is_announced_by_the_fields_alone() -> None:
    """The number itself need not be there."""
    assert len(HEAD) + 4 + 257 == announced_length(HEAD + (257).to_bytes(4, "big"))


@pytest.mark.parametrize("label", ["PGP PUBLIC KEY BLOCK", "PGP SIGNATURE"])
def test_pgp_is_named(label: str) -> None:
    """It is told from other armoured files."""
    assert "This is PGP" in refusal(pem(label, bytes(60))).description
    assert "This is PGP" not in refusal(pem("SSH SIGNATURE", bytes(60))).description


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(SPKI.replace("END PUBLIC KEY", "END PUBLIC KEX"), id="PEM"),
        pytest.param(RFC4716.replace("END SSH2", "END SSH3"), id="RFC 4716"),
    ],
)
def test_a_block_ends_as_it_began(block: str) -> None:
    """An END of another label, of as many letters, is no end."""
    assert "truncated" == refusal(block).reason


@pytest.mark.parametrize("comment", ["a b c", "a  b   c", "two words"])
@pytest.mark.parametrize("width", [40, 64, 70])
def test_a_comment_behind_a_broken_line_is_kept(comment: str, width: int) -> None:
    """Its spaces are its own."""
    text = "ssh-rsa " + "\n".join(textwrap.wrap(BASE64, width)) + f" {comment}"

    assert f"{BARE} {comment}" == read_public_key(text).line


@pytest.mark.parametrize(("layers", "reason"), [(2, "percent_encoded"), (3, "not_a_key")])
def test_two_wrappings_are_removed_and_no_third(layers: int, reason: str) -> None:
    """What is wrapped more often is not looked into."""
    text = reduce(lambda inner, _: quote(inner, safe=""), range(layers), BARE)
    found = refusal(text)

    assert (reason, layers == 2) == (found.reason, found.corrected_line is not None)


def test_a_percent_sign_in_a_sentence_encodes_nothing() -> None:
    """A text is decoded to tell what it is only where all of it is encoded."""
    assert "looks like a sentence" in refusal("%7E/id_rsa is 100%").description


@pytest.mark.parametrize("comment", ["", " alice", " two words"])
def test_a_single_space_in_the_base64_is_removed(comment: str) -> None:
    """Where the key ends is told by its length fields."""
    found = refusal(f"ssh-rsa {BASE64[:20]} {BASE64[20:]}{comment}")

    assert ("bad_base64", 29) == (found.reason, found.column)
    assert f"{BARE}{comment}" == found.corrected_line


@pytest.mark.parametrize("body", [b"\xe9", b"\xe9\xe9\xe9", b"\xe9" * 40])
def test_undecodable_bytes_without_nuls_are_no_utf16(body: bytes) -> None:
    """However few they are."""
    with pytest.raises(MalformedPublicKey) as raised:
        read_public_key(body)

    assert "not_text" == raised.value.reason
