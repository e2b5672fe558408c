"""Edges of reading that changes to the code once crossed without a test noticing."""

from __future__ import annotations

import gzip
import textwrap
import zlib
from base64 import b64decode
from functools import reduce
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from core.errors import MalformedPublicKey
from core.keys.private_keys import find_private_key
from core.keys.reading import read_public_key
from core.keys.rsa_key import announced_length
from core.keys.unwrapping import inflate
from core.keys.wrappings import MOST_MARKS
from tests.keys.public_keys import BARE, BASE64, RFC4716, SPKI, b64, mpint, pem, read, string

if TYPE_CHECKING:
    from collections.abc import Callable

BLOB = b64decode(BASE64)
HEAD = string("ssh-rsa") + mpint(65537)


def refusal(text: str | bytes) -> MalformedPublicKey:
    with pytest.raises(MalformedPublicKey) as raised:
        read_public_key(text)
    return raised.value


@pytest.mark.parametrize("head", [b"", HEAD[:-1], HEAD, HEAD + b"\0\0\1"])
def test_no_length_is_announced_by_half_a_length_field(head: bytes) -> None:
    """What is missing is not taken for a number."""
    with pytest.raises(MalformedPublicKey, match="truncated"):
        announced_length(head)


@pytest.mark.parametrize("exponent", [1 << bits | 1 for bits in range(1, 160, 8)])
def test_a_length_is_announced_by_the_fields_alone(exponent: int) -> None:
    """The modulus itself need not be there, and the exponent may have any length."""
    head = string("ssh-rsa") + mpint(exponent)

    assert len(head) + 4 + 257 == announced_length(head + (257).to_bytes(4, "big"))


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


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("character", ["\u00e9", "\u4e2d"])
def test_utf16_is_told_without_a_mark(encoding: str, character: str) -> None:
    """By the NULs of its other letters, also where a letter is no ASCII and the bytes no UTF-8."""
    assert "utf16" == refusal(f"ssh-rsa {BASE64} {character * 3}".encode(encoding)).reason


@pytest.mark.parametrize("bits", [1024, 2048, 3072, 4096])
@pytest.mark.parametrize("comment", ["", " alice"])
def test_padding_is_wrong_where_it_begins(bits: int, comment: str) -> None:
    """Behind the last letter, whatever the size of the key."""
    _, encoded, *_ = read(f"rsa-{bits}.pub").split(" ")
    letters = encoded.rstrip("=")
    found = refusal(f"ssh-rsa {letters}==={comment}")

    assert ("bad_base64", len(f"ssh-rsa {letters}") + 1) == (found.reason, found.column)
    assert f"ssh-rsa {encoded}{comment}" == found.corrected_line


@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_what_is_too_much_is_counted(count: int) -> None:
    """In bytes, so that it can be found."""
    assert f"(bytes: {count})" in refusal(f"ssh-rsa {b64(BLOB + bytes(count))}").description


@pytest.mark.parametrize("count", [1, 2, 4, 5])
def test_wrong_padding_comes_before_what_is_too_much(count: int) -> None:
    """The base64 is looked at before what it encodes, but for a key that is cut off."""
    encoded = b64(BLOB + bytes(count))
    assert encoded.endswith("=")

    assert "bad_base64" == refusal(f"ssh-rsa {encoded.rstrip('=')}").reason


@pytest.mark.parametrize(
    ("value", "comment"),
    [
        ('"alice"', "alice"),
        ('"a" and "b"', 'a" and "b'),
        ("anna", "anna"),
        ("~alice~", "~alice~"),
        ('"alice', '"alice'),
        ('alice"', 'alice"'),
        ('"', '"'),
        ('""', ""),
    ],
)
def test_a_comment_header_is_read_without_its_quotes(value: str, comment: str) -> None:
    """A pair of double quotes around it is no part of it (RFC 4716, section 3.3.2)."""
    block = (
        f"---- BEGIN SSH2 PUBLIC KEY ----\nComment: {value}\n{BASE64}\n"
        "---- END SSH2 PUBLIC KEY ----"
    )

    assert comment == read_public_key(block).comment


LONG_COMMENT = f"Comment: {'c d ' * 65}"
LONG_HEADER = f"x-a: {'v ' * 513}"
CONTINUED_HEADER = "x-b: " + "v:\\\n" * 513
SHORT_HEADERS = ["Subject: alice", "x-c: " + "v " * 500]


@pytest.mark.parametrize("before", [[], SHORT_HEADERS, ["Comment: alice"]])
@pytest.mark.parametrize("after", [[], SHORT_HEADERS])
@pytest.mark.parametrize("header", [LONG_COMMENT, LONG_HEADER, CONTINUED_HEADER])
def test_a_header_that_is_too_long_is_shown(
    header: str, before: list[str], after: list[str]
) -> None:
    """The place is that of the header at fault, wherever it is among the others."""
    if header == LONG_COMMENT and before == ["Comment: alice"]:
        before = ["x-comment: alice"]
    lines = ["---- BEGIN SSH2 PUBLIC KEY ----", *before, header, *after, BASE64]
    found = refusal("\n".join([*lines, "---- END SSH2 PUBLIC KEY ----"]))

    assert ("too_long", len(before) + 2, 1) == (found.reason, found.line, found.column)


def test_a_continued_header_is_as_long_as_its_value() -> None:
    """Its tag does not count (RFC 4716, section 3.3), nor do the backslashes."""
    header = f"{'x' * 64}: " + "v\\\n" * 1023 + "v"
    block = (
        f"---- BEGIN SSH2 PUBLIC KEY ----\n{header}\nComment: alice\n{BASE64}\n"
        "---- END SSH2 PUBLIC KEY ----"
    )

    assert "alice" == read_public_key(block).comment
    assert "too_long" == refusal(block.replace("\nComment", "v\nComment")).reason


@pytest.mark.parametrize("lead", [[], ["x-a: " + "r" * 70, "Subject: alice"]])
def test_a_comment_header_is_told_where_its_fault_is(lead: list[str]) -> None:
    """A long run of letters has its own place, anything else that of the header."""
    lines = ["---- BEGIN SSH2 PUBLIC KEY ----", *lead, f"Comment: a {'r' * 70}", BASE64]
    run = refusal("\n".join([*lines, "---- END SSH2 PUBLIC KEY ----"]))
    lines[-2] += r"\n"
    escaped = refusal("\n".join([*lines, "---- END SSH2 PUBLIC KEY ----"]))

    assert ("surrounding_text", BARE) == (run.reason, run.corrected_line)
    assert (len(lead) + 2, 12) == (run.line, run.column)
    assert ("escaped", None) == (escaped.reason, escaped.corrected_line)
    assert (len(lead) + 2, 1) == (escaped.line, escaped.column)


@pytest.mark.parametrize("marks", [1, MOST_MARKS, 2 * MOST_MARKS])
def test_a_place_in_a_wrapping_does_not_depend_on_what_follows(marks: int) -> None:
    """However much of it is encoded."""
    wrong = quote(f"{BARE[:100]}!{BARE[101:]}", safe="")
    found = refusal(wrong + "%0A" * marks)

    assert ("bad_base64", wrong.index("%21") + 1) == (found.reason, found.column)


def test_a_place_far_inside_a_wrapping_is_not_told() -> None:
    """To count so many marks would take long; the reason is told all the same."""
    found = refusal("%0A" * MOST_MARKS + quote(f"{BARE[:100]}!{BARE[101:]}", safe=""))

    assert ("bad_base64", None) == (found.reason, found.column)


PUBLIC_JWK = '{"kty": "RSA", "n": "sXch", "e": "AQAB"}'
OTHER_OBJECT = '{"d": "abcdefghijklmnopqrst"}'
PRIVATE_JWK = '{"kty": "RSA", "n": "sXch", "e": "AQAB", "d": "abcdefghijklmnopqrst"}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PUBLIC_JWK, None),
        (f"[{PUBLIC_JWK}, {OTHER_OBJECT}]", None),
        (f"[{OTHER_OBJECT}, {PUBLIC_JWK}]", None),
        (f"[{PUBLIC_JWK}, {PRIVATE_JWK}]", "a private key as JWK"),
        (f"[{PRIVATE_JWK}, {PUBLIC_JWK}]", "a private key as JWK"),
        (PRIVATE_JWK.rstrip("}"), "a private key as JWK"),
    ],
)
def test_a_jwk_is_private_by_its_own_members(text: str, expected: str | None) -> None:
    """Those of another object say nothing of it."""
    assert expected == find_private_key(text)


@pytest.mark.parametrize("comment", ["alice", "100%25 alice%41", "%41%41%41%41"])
def test_a_mark_in_a_header_is_none_of_the_wrapping(comment: str) -> None:
    """What a comment says is left as it is, and is not counted when a place is told."""
    wrong = f"{BASE64[:50]}!{BASE64[51:]}".replace("+", "%2B").replace("/", "%2F")
    lines = ["---- BEGIN SSH2 PUBLIC KEY ----", f"Comment: {comment}", wrong]
    found = refusal("\n".join([*lines, "---- END SSH2 PUBLIC KEY ----"]))

    assert ("bad_base64", 3, wrong.index("!") + 1) == (found.reason, found.line, found.column)


@pytest.mark.parametrize("count", [1, 4, 5, 100])
@pytest.mark.parametrize(
    ("mark", "reason"),
    [("%0A", "percent_encoded"), ("%0d%0a", "percent_encoded"), (r"\n", "escaped")],
)
def test_encoded_line_breaks_at_the_end_are_shown_where_they_begin(
    mark: str, reason: str, count: int
) -> None:
    """After the comment, however many they are."""
    found = refusal(f"{BARE} alice{mark * count}\n")

    assert (reason, len(BARE) + 7) == (found.reason, found.column)
    assert f"{BARE} alice" == found.corrected_line


@pytest.mark.parametrize(("mark", "reason"), [("%0A", "percent_encoded"), ("=20", "escaped")])
def test_a_mark_before_the_headers_is_none_of_them(mark: str, reason: str) -> None:
    """Only what is in the headers is left as it is."""
    found = refusal(f"{mark}{RFC4716}")

    assert (reason, 1, 1) == (found.reason, found.line, found.column)
    assert read_public_key(RFC4716).line == found.corrected_line


@pytest.mark.parametrize("limit", [1, 100, 1000, 30_000])
@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_nothing_is_decompressed_beyond_the_limit(
    compress: Callable[[bytes], bytes], limit: int
) -> None:
    """Also where the first part of it hardly shrinks, and what follows shrinks a thousandfold."""
    content = b"".join(sha256(bytes([each])).digest() for each in range(13)) + bytes(100_000)

    assert content[:limit] == inflate(compress(content), limit)
