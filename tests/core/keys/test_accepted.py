"""The table of what is accepted: one key, in every form that has one meaning."""

from __future__ import annotations

import subprocess
import textwrap
from typing import TYPE_CHECKING

import pytest

from core.errors import MalformedPublicKey
from core.keys.fingerprint import md5_fingerprint, sha256_fingerprint
from core.keys.reading import read_public_key
from core.keys.rsa_key import MAX_COMMENT
from tests.keys.public_keys import (
    BARE,
    BASE64,
    COMMENT,
    LINE,
    PKCS1,
    RFC4716,
    SPKI,
    b64,
    read,
    rsa_blob,
)

if TYPE_CHECKING:
    from pathlib import Path

PIECES = textwrap.wrap(BASE64, 70)
RFC4716_COMMENT = f"2048-bit RSA, converted by {COMMENT} from OpenSSH"
BODY = RFC4716.split("\n", 2)[2]
ODD_COMMENT = 'Alice "Al" O\'Hara, a\\b, 50% & more'
PUTTYGEN = f'---- BEGIN SSH2 PUBLIC KEY ----\r\nComment: "rsa-key-20240101"\r\n{BODY}'

TABLE = [
    pytest.param(LINE, COMMENT, id="line"),
    pytest.param(BARE, "", id="line without comment"),
    pytest.param(f"{BARE}   ", "", id="blanks behind"),
    pytest.param(f"{BARE} {ODD_COMMENT}", ODD_COMMENT,
                 id="comment of quotes, backslashes and commas"),
    pytest.param(f"{BARE} Zo\u00eb \u5f20\u4e09 \U0001f511", "Zo\u00eb \u5f20\u4e09 \U0001f511",
                 id="comment of non-ASCII letters"),
    pytest.param(f"{BARE} no\u00a0break zero\u200bwidth", "no\u00a0break zero\u200bwidth",
                 id="odd blanks in the comment"),
    pytest.param(f"ssh-rsa\t{BASE64}\t a\tb \t", "a b", id="tabs"),
    pytest.param(f"ssh-rsa   {BASE64}    a  b", "a  b", id="several blanks"),
    pytest.param(f"{BARE} {'c.' * (MAX_COMMENT // 2)}", "c." * (MAX_COMMENT // 2),
                 id="longest comment"),
    pytest.param(f"{BARE} #1", "#1", id="comment that begins with #"),
    pytest.param(f"{LINE}\r\n", COMMENT, id="CRLF"),
    pytest.param(f"{LINE}\r\r\n", COMMENT, id="CRCRLF"),
    pytest.param(f"\n\r\n \t{LINE} \n\n", COMMENT, id="outer blanks and line breaks"),
    pytest.param(f"\ufeff{LINE}\n", COMMENT, id="byte order mark"),
    pytest.param(RFC4716, RFC4716_COMMENT, id="RFC 4716 of OpenSSH"),
    pytest.param(PUTTYGEN, "rsa-key-20240101", id="RFC 4716 of PuTTYgen"),
    pytest.param(RFC4716.replace("\n", "\r\n"), RFC4716_COMMENT, id="RFC 4716 with CRLF"),
    pytest.param(RFC4716.replace("converted", "conv\\\nerted"), RFC4716_COMMENT,
                 id="RFC 4716 with a continuation line"),
    pytest.param(RFC4716.replace("\nA", "\nSubject: alice\nx-a: b\nA", 1), RFC4716_COMMENT,
                 id="RFC 4716 with more headers"),
    pytest.param(f"---- BEGIN SSH2 PUBLIC KEY ----\n{BASE64}\n---- END SSH2 PUBLIC KEY ----", "",
                 id="RFC 4716 with a line over 72 bytes"),
    pytest.param(f"---- BEGIN SSH2 PUBLIC KEY ---- {' '.join(PIECES)} "
                 "---- END SSH2 PUBLIC KEY ----", "", id="RFC 4716 on one line"),
    pytest.param(f"---- BEGIN SSH2 PUBLIC KEY ----{BASE64}---- END SSH2 PUBLIC KEY ----", "",
                 id="RFC 4716 on one line, newlines lost"),
    pytest.param(textwrap.indent(RFC4716, "  "), RFC4716_COMMENT, id="RFC 4716 indented"),
    pytest.param(SPKI, "", id="SubjectPublicKeyInfo"),
    pytest.param(PKCS1, "", id="PKCS#1"),
    pytest.param(SPKI.replace("\n", "\r\n"), "", id="PEM with CRLF"),
    pytest.param(textwrap.indent(PKCS1, "\t"), "", id="PEM indented"),
    pytest.param(SPKI.replace("\n", ""), "", id="PEM, newlines lost"),
    pytest.param(SPKI.replace("\n", " "), "", id="PEM, newlines blanks"),
    pytest.param("ssh-rsa " + "\n".join(PIECES), "", id="wrapped"),
    pytest.param("ssh-rsa " + "\r\n".join(PIECES) + f" {COMMENT}", COMMENT,
                 id="wrapped, CRLF, comment"),
    pytest.param("ssh-rsa\n    " + "\n    ".join(PIECES), "", id="wrapped and indented"),
    pytest.param(f"{LINE[:20]}\n{LINE[20:33]}\n{LINE[33:]}", COMMENT, id="wrapped unevenly"),
    pytest.param("ssh-rsa " + " ".join(PIECES) + f"  {COMMENT}", COMMENT,
                 id="blanks at equal widths"),
    pytest.param("ssh-rsa\n" + " ".join(PIECES), "", id="line break behind the type"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "comment"), TABLE)
def test_accepts(text: str, comment: str) -> None:
    """What has one meaning is normalised to the one-line form."""
    assert f"{BARE} {comment}".strip() == read_public_key(text).line


@pytest.mark.parametrize(("text", "comment"), TABLE)
def test_accepts_bytes(text: str, comment: str) -> None:
    """The same in UTF-8 is the same."""
    assert comment == read_public_key(text.encode()).comment


@pytest.mark.parametrize(("text", "comment"), TABLE)
def test_openssh_reads_what_is_accepted(text: str, comment: str, tmp_path: Path) -> None:
    """ssh-keygen takes the normalised line, and both print one fingerprint."""
    key = read_public_key(text)
    public = tmp_path / "key.pub"
    public.write_text(f"{key.line}\n")
    printed = subprocess.run(
        ["ssh-keygen", "-lf", public], check=True, capture_output=True, text=True
    ).stdout

    assert comment == key.comment
    assert ["2048", sha256_fingerprint(key.blob)] == printed.split()[:2]


FINGERPRINTS = [line.split("\t") for line in read("fingerprints.tsv").splitlines()]


@pytest.mark.parametrize("form", ["pub", "rfc4716", "spki.pem", "pkcs1.pem"])
@pytest.mark.parametrize(
    ("name", "md5", "sha256"), FINGERPRINTS, ids=[row[0] for row in FINGERPRINTS]
)
def test_fingerprints_are_those_of_openssh(name: str, md5: str, sha256: str, form: str) -> None:
    """Each form of a key has the fingerprints that ssh-keygen printed when it was made."""
    key = read_public_key(read(f"{name}.{form}"))

    assert (int(name.removeprefix("rsa-")), sha256) == (key.bits, sha256_fingerprint(key.blob))
    assert md5.removeprefix("MD5:").replace(":", "") == md5_fingerprint(key.blob)


def test_plus_lost_beats_a_wrapped_key() -> None:
    """
    With two + lost and a comment of two letters the blanks join exactly, to another key.

    Here the pieces are of one width too, as they are by chance: refused all the same.
    """
    start = b64(rsa_blob(0xC1 << (261 * 8)))[:32]
    pieces = [start + "a" * 94, "b" * 126, "c" * 126]
    sent = f"ssh-rsa {'+'.join(pieces)} dd".replace("+", " ")
    another = f"ssh-rsa {''.join(pieces)}dd"

    assert another == read_public_key(another).line
    with pytest.raises(MalformedPublicKey) as refusal:
        read_public_key(sent)
    assert "plus_lost" == refusal.value.reason
    assert f"ssh-rsa {'+'.join(pieces)} dd" == refusal.value.corrected_line


def test_a_key_shows_its_size_alone() -> None:
    """What is shown by accident holds no key."""
    assert "RsaPublicKey(bits=2048)" == repr(read_public_key(LINE))
