"""The table of refusals, row by row: reason, column, and whether a corrected line is given."""

from __future__ import annotations

import gzip
import json
import re
import textwrap
from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest

from core.errors import MalformedPublicKey, RequestRefused
from core.keys.reading import read_public_key
from core.keys.rsa_key import RsaPublicKey
from tests.keys.public_keys import (
    BARE,
    BASE64,
    COMMENT,
    ED25519_BASE64,
    ED25519_LINE,
    LINE,
    OTHER_LINE,
    PKCS1,
    RFC4716,
    SPKI,
    b64,
    der,
    mpint,
    pem,
    read,
    rsa_blob,
    string,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from _pytest.mark.structures import ParameterSet

BLOB = b64decode(BASE64)
MODULUS = int.from_bytes(BLOB[-256:], "big")
E = 65537
SPKI_BASE64 = "".join(SPKI.split("\n")[1:-2])
PKCS1_BASE64 = "".join(PKCS1.split("\n")[1:-2])
RFC4716_BODY = RFC4716.split("\n", 2)[2].partition("\n-")[0]
RFC4716_COMMENT = f"2048-bit RSA, converted by {COMMENT} from OpenSSH"
NBSP, ZWSP, IDEOGRAPHIC = "\u00a0", "\u200b", "\u3000"
UNPADDED = BASE64.rstrip("=")
WITHOUT_PLUS = LINE.replace("+", " ")
DSA_BASE64 = read("dsa.pub").split(" ")[1]
BLANK_IN_PEM = 40 - len("-----BEGIN PUBLIC KEY-----\n") + 1


def row(
    name: str, text: str | bytes, reason: str, column: int | None = None, hint: str = ""
) -> ParameterSet:
    """
    One row. ``column`` is None where no one place is at fault; its line is looked at by what
    stands there (STANDS). ``hint`` says which corrected line is given: none, the key "bare" without
    its comment, "whole", or with another comment.
    """
    corrected = {"": None, "bare": BARE, "whole": LINE}.get(hint, f"{BARE} {hint}")
    return pytest.param(text, reason, column, corrected, id=name)


def column_of(text: str, part: str) -> int:
    return text.index(part) + 1


def broken(character: str, at: int = 100) -> str:
    """LINE with a character put into its base64."""
    return LINE[:at] + character + LINE[at:]


TOO_LONG = [
    row("comment", f"{BARE} {'c' * 257}", "too_long", len(BARE) + 2),
    row("text", "a" * 8193, "too_long"),
    row("text of wide characters", BARE + " " + "\u4e2d" * 3000, "too_long"),
    row("comment with odd blanks", f"{BARE} a{NBSP}{'c' * 256}", "too_long", len(BARE) + 2),
    row("comment behind a tab and blanks", f"{BARE}\t  {'c' * 257}", "too_long", len(BARE) + 4),
    row("header", f"---- BEGIN SSH2 PUBLIC KEY ----\nx-a: {'v' * 1025}\n{BASE64}\n"
        "---- END SSH2 PUBLIC KEY ----", "too_long", 1),
]  # fmt: skip
NOT_TEXT = [
    row("byte that is no UTF-8", b"ssh-rsa \xff\xc0", "not_text", 9),
    row("on the second line", b"# a\n# \xff", "not_text", 3),
    row(
        "blob as binary that is ASCII by chance",
        string("ssh-rsa") + mpint(3) + string("n" * 256),
        "not_text",
        1,
    ),
    row(
        "Latin-1 comment behind a bad key",
        "ssh-rsa AAAAB3Nz Zo\xeb".encode("latin-1"),
        "not_text",
        20,
    ),
    row("blob as binary", BLOB, "not_text"),
    row("DER as binary", b64decode(SPKI_BASE64), "not_text"),
    row("gzip", gzip.compress(LINE.encode(), mtime=0), "not_text"),
    row("overlong", b"ssh-rsa \xc0\xaf", "not_text", 9),
    row("surrogate", "ssh-rsa \ud800", "not_text", 9),
    row("surrogate in a comment", f"{BARE} \udcff", "not_text", len(BARE) + 2),
    row("GBK comment", f"{BARE} \u5f20\u4e09".encode("gbk"), "not_text", len(BARE) + 2, "bare"),
    row("Latin-1 comment", f"{BARE} Zo\xeb".encode("latin-1"), "not_text", len(BARE) + 4, "bare"),
]
UTF16 = [
    row(name, LINE.encode(name), "utf16")
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
] + [row("as text", LINE.encode("utf-16-le").decode(), "utf16")]
CONTROL = [
    row("NUL", broken("\0"), "control_character", 101),
    row("NUL in the comment", f"{BARE} a\0", "control_character", len(BARE) + 3),
    row("ESC", f"\x1b[0m{LINE}", "control_character", 1),
    row("lone CR", f"ssh-rsa\r{BASE64}", "control_character", 8),
    row("VT", f"ssh-rsa\x0b{BASE64}", "control_character", 8),
    row("FF", f"{LINE}\x0c", "control_character", len(LINE) + 1),
    row("Ctrl-Z", f"{LINE}\r\n\x1a", "control_character", 1),
    row("DEL", broken("\x7f"), "control_character", 101),
    row("C1", f"{BARE} \x85", "control_character", len(BARE) + 2),
    row("line separator", f"{BARE} a\u2028b", "control_character", len(BARE) + 3),
    row("paragraph separator", f"{BARE}\u2029", "control_character", len(BARE) + 1),
    row("bidi override", f"{BARE} \u202eecila", "control_character", len(BARE) + 2),
    row("bidi isolate", f"{BARE} \u2066ecila", "control_character", len(BARE) + 2),
    row("in a header", RFC4716.replace("\n", "\nSubject: a\x07\n", 1), "control_character", 11),
    row(
        "a direction in a header",
        RFC4716.replace("\n", "\nSubject: \u202ea\n", 1),
        "control_character",
        10,
    ),
    row("on a later line, BOM not counted", f"\ufeff{RFC4716[:-1]}\x07", "control_character", 30),
]
WHITESPACE = [
    row("no-break as separator", f"ssh-rsa{NBSP}{BASE64} {COMMENT}", "bad_whitespace", 8, "whole"),
    row("ideographic as separator", f"ssh-rsa{IDEOGRAPHIC}{BASE64}", "bad_whitespace", 8, "bare"),
    row("no-break before the comment", f"{BARE}{NBSP}{COMMENT}", "bad_whitespace",
        len(BARE) + 1, "whole"),
    row("zero-width in front", f"{ZWSP}{LINE}", "bad_whitespace", 1, "whole"),
    row("BOM twice", f"\ufeff\ufeff{LINE}", "bad_whitespace", 1, "whole"),
    row("in the base64", broken(ZWSP), "bad_whitespace", 101, "whole"),
    row("soft hyphen in the base64", broken("\u00ad"), "bad_whitespace", 101, "whole"),
    row("direction mark", f"\u200e{LINE}", "bad_whitespace", 1, "whole"),
    row("in PEM", SPKI.replace("\n", f"\n{ZWSP}", 1), "bad_whitespace", 1, "bare"),
    row("no blank at all", LINE.replace(" ", "", 1), "bad_whitespace", 8, "whole"),
]  # fmt: skip
MISSING_TYPE = [
    row("blob", BASE64, "missing_key_type", 1, "bare"),
    row("blob and comment", f"{BASE64} {COMMENT}", "missing_key_type", 1, "whole"),
    row("wrapped blob", "\n".join(textwrap.wrap(BASE64, 76)), "missing_key_type", 1, "bare"),
    row("SubjectPublicKeyInfo", SPKI_BASE64, "missing_key_type", None, "bare"),
    row("PKCS#1", PKCS1_BASE64, "missing_key_type", None, "bare"),
    row("wrapped DER", "\n".join(textwrap.wrap(SPKI_BASE64, 64)), "missing_key_type", None, "bare"),
]
X509 = [
    row("certificate", read("certificate.pem"), "x509", 1),
    row("request", read("request.pem"), "x509", 1),
    row("PKCS#7", pem("PKCS7", bytes(40)), "x509", 1),
    row("body of a certificate", "".join(read("certificate.pem").split("\n")[1:-2]), "x509", 1),
    row("body of a request", "".join(read("request.pem").split("\n")[1:-2]), "x509", 1),
    row("certificate behind ssh-rsa",
        "ssh-rsa " + "".join(read("certificate.pem").split("\n")[1:-2]), "x509", 1),
    row("two certificates", read("certificate.pem") * 2, "x509", 1),
]  # fmt: skip
CERT_BASE64 = read("rsa-cert.pub").split(" ")[1]
CERTIFICATE = [
    row("outside and inside", read("rsa-cert.pub"), "certificate", 1),
    row("inside only", f"ssh-rsa {CERT_BASE64}", "certificate", 1),
    row("outside only", f"ssh-rsa-cert-v01@openssh.com {BASE64}", "certificate", 1),
    row("bare", CERT_BASE64, "certificate", 1),
    row("inside another type", f"ssh-ed25519 {CERT_BASE64}", "certificate", 1),
    row("in RFC 4716", RFC4716.replace(RFC4716_BODY, CERT_BASE64), "certificate", 1),
]
RSA_SHA2 = b64(rsa_blob(MODULUS, key_type="rsa-sha2-256"))
SIGNATURE = [
    row("outside", LINE.replace("ssh-rsa", "rsa-sha2-256"), "signature_algorithm", 1, "whole"),
    row("outside, 512", LINE.replace("ssh-rsa", "rsa-sha2-512"), "signature_algorithm", 1,
        "whole"),
    row("inside", f"ssh-rsa {RSA_SHA2} {COMMENT}", "signature_algorithm", 1, "whole"),
    row("both", f"rsa-sha2-256 {RSA_SHA2} {COMMENT}", "signature_algorithm", 1, "whole"),
    row("bare", RSA_SHA2, "signature_algorithm", 1, "bare"),
    row("alone", "rsa-sha2-512", "signature_algorithm", 1),
    row("before another key", f"rsa-sha2-256 {ED25519_BASE64}", "signature_algorithm", 1),
]  # fmt: skip
SK_BLOB = string("sk-ssh-ed25519@openssh.com") + string(bytes(32)) + string("ssh:")
WRONG_TYPE = [
    row("ed25519", ED25519_LINE, "wrong_key_type", 1),
    row("dropbearkey -y", f"Public key portion is:\n{ED25519_LINE}\nFingerprint: SHA256:GYRM",
        "wrong_key_type"),
    row("ecdsa", read("ecdsa.pub"), "wrong_key_type", 1),
    row("dsa", read("dsa.pub"), "wrong_key_type", 1),
    row("sk", f"sk-ssh-ed25519@openssh.com {b64(SK_BLOB)} token", "wrong_key_type", 1),
    row("type alone", "ssh-ed25519", "wrong_key_type", 1),
    row("bare ed25519", ED25519_BASE64, "wrong_key_type", 1),
    row("EC PEM", read("ec.spki.pem"), "wrong_key_type", 1),
    row("Ed25519 PEM", read("ed25519.spki.pem"), "wrong_key_type", 1),
    row("RSA-PSS PEM", read("rsa-pss.spki.pem"), "wrong_key_type", 1),
    row("DSA label", pem("DSA PUBLIC KEY", bytes(9)), "wrong_key_type", 1),
    row("body of EC PEM", "".join(read("ec.spki.pem").split("\n")[1:-2]), "wrong_key_type", 1),
    row("ed25519 in RFC 4716", RFC4716.replace(RFC4716_BODY, ED25519_BASE64), "wrong_key_type", 1),
    row("unknown type, unknown blob", f"ssh-foo {b64(string('ssh-foo') + bytes(40))}",
        "wrong_key_type", 1),
    row("unknown type, RSA inside", f"rsa {BASE64} {COMMENT}", "wrong_key_type", 1, "whole"),
    row("upper case", LINE.replace("ssh-rsa", "SSH-RSA"), "wrong_key_type", 1, "whole"),
    row("full width", LINE.replace("ssh-rsa", "\uff53\uff53\uff48\uff0d\uff52\uff53\uff41"),
        "wrong_key_type", 1, "whole"),
    row("typographic hyphen", LINE.replace("ssh-rsa", "ssh\u2013rsa"), "wrong_key_type", 1,
        "whole"),
]  # fmt: skip
MISMATCH = [
    row("ssh-rsa, ed25519 inside", f"ssh-rsa {ED25519_BASE64}", "type_mismatch", 1),
    row("ssh-ed25519, RSA inside", f"ssh-ed25519 {BASE64} {COMMENT}", "type_mismatch", 1,
        "whole"),
    row("ssh-ed25519, DSA inside", f"ssh-ed25519 {DSA_BASE64}", "type_mismatch", 1),
    row("ssh-rsa, unknown inside", f"ssh-rsa {b64(string('ssh-foo') + bytes(40))}",
        "type_mismatch", 1),
    row("PKCS#1 label on SubjectPublicKeyInfo", SPKI.replace("PUBLIC", "RSA PUBLIC"),
        "type_mismatch", 1, "bare"),
    row("SubjectPublicKeyInfo label on PKCS#1", PKCS1.replace("RSA ", ""), "type_mismatch", 1,
        "bare"),
    row("PEM label on a blob", pem("PUBLIC KEY", BLOB), "type_mismatch", 1, "bare"),
    row("ssh-rsa before DER", f"ssh-rsa {SPKI_BASE64} {COMMENT}", "type_mismatch", 1, "whole"),
    row("RFC 4716 around DER", RFC4716.replace(RFC4716_BODY, SPKI_BASE64), "type_mismatch", 1,
        RFC4716_COMMENT),
]  # fmt: skip
OPTIONS = [
    row("no-pty", f"no-pty {LINE}", "options", 1),
    row("command", f'command="/bin/date" {LINE}', "options", 1),
    row("several", f'from="10.0.0.0/8,*.example.com",restrict {LINE}', "options", 1),
    row("quotes and blanks", f'command="echo \\"a b\\"" {LINE}', "options", 1),
    row("HTML-escaped", f"command=&quot;/bin/date&quot; {LINE}", "options", 1),
    row("cert-authority", f"cert-authority {LINE}", "options", 1),
    row("before another type", f"no-pty {ED25519_LINE}", "options", 1),
    row("below a comment", f"# laptop\nno-pty {LINE}", "options", 1),
]
KNOWN_HOSTS = [
    row("name", f"github.com {LINE}", "known_hosts", 1),
    row("names and address", f"github.com,140.82.112.3 {BARE}", "known_hosts", 1),
    row("port", f"[example.com]:2222 {BARE}", "known_hosts", 1),
    row("IPv6", f"2001:db8::1 {BARE}", "known_hosts", 1),
    row("hashed", f"|1|{b64(bytes(20))}|{b64(bytes(20))} {BARE}", "known_hosts", 1),
    row("authority", f"@cert-authority *.example.com {BARE}", "known_hosts", 1),
    row("revoked", f"@revoked * {BARE}", "known_hosts", 1),
    row(
        "ssh-keyscan", f"# example.com:22 SSH-2.0-OpenSSH_9.2\nexample.com {BARE}", "known_hosts", 1
    ),
    row("another type", f"example.com {ED25519_LINE}", "known_hosts", 1),
]
COMMENT_LINE = [
    row("before the key", f"# my laptop\n{LINE}", "comment_line", 1, "whole"),
    row("commented out", f"#{LINE}", "comment_line", 1, "whole"),
    row("another type commented out", f"#{ED25519_LINE}", "comment_line", 1),
    row("commented out with a blank", f"  # {LINE}", "comment_line", 3, "whole"),
]
MULTIPLE = [
    row("two lines", f"{LINE}\n{OTHER_LINE}", "multiple_keys", 1),
    row("the same twice", f"{LINE}\n{LINE}", "multiple_keys", 1),
    row("on one line", f"{LINE} {OTHER_LINE}", "multiple_keys", 400),
    row("glued", f"{BARE}{OTHER_LINE}", "multiple_keys", 381),
    row("short second key in the comment", f"{BARE} {ED25519_LINE}", "multiple_keys", 382),
    row("another type", f"{LINE}\n{ED25519_LINE}", "multiple_keys", 1),
    row("second line", f"{LINE}\nThanks, Alice", "multiple_keys", 1, "whole"),
    row("second line, indented", f"{LINE}\n\n  Thanks, Alice\n", "multiple_keys", 3, "whole"),
    row("comment below", f"{LINE}\n# my laptop", "multiple_keys", 1, "whole"),
    row("two blocks", RFC4716 * 2, "multiple_keys", 1),
    row("two PEM", SPKI + PKCS1, "multiple_keys", 1),
    row("line and PEM", f"{LINE}\n{SPKI}", "multiple_keys", 1),
    row("two ENDs", SPKI + "-----END PUBLIC KEY-----", "multiple_keys", 1, "bare"),
    row("text after END", SPKI + "hello", "multiple_keys", 1, "bare"),
    row("text after END, on its line", SPKI.strip() + " hello", "multiple_keys", 26, "bare"),
    row("wrapped, and a line", f"{LINE[:100]}\n{LINE[100:]}\nThanks", "multiple_keys", 1, "whole"),
    row("text after the END of RFC 4716", RFC4716 + "hello", "multiple_keys", 1, RFC4716_COMMENT),
    row("with options", f"no-pty {LINE}\nno-pty {OTHER_LINE}", "multiple_keys", 8),
    row("escaped line break between", rf"{LINE}\n{OTHER_LINE}", "multiple_keys", 401),
    row("percent-encoded", quote(f"{LINE}\n{OTHER_LINE}", safe=""), "multiple_keys", 426),
]
PLUS_LOST = [
    row("line", WITHOUT_PLUS, "plus_lost", column_of(BASE64, "+") + 8, "whole"),
    row("no comment", BARE.replace("+", " "), "plus_lost", column_of(LINE, "+"), "bare"),
    row("comment of as many letters",
        f"{BARE} {'r' * BASE64.count('+')}".replace("+", " "),
        "plus_lost",
        column_of(LINE, "+"),
        "r" * BASE64.count("+"),
    ),
    row("PEM", SPKI.replace("+", " "), "plus_lost", 2, "bare"),
    row("RFC 4716", RFC4716.replace("+", " "), "plus_lost", 54, RFC4716_COMMENT),
    row("bare base64", BASE64.replace("+", " "), "plus_lost", column_of(BASE64, "+"), "bare"),
]  # fmt: skip
PERCENT = [
    row("whole", quote(LINE, safe=""), "percent_encoded", 8, "whole"),
    row("as a form", quote_plus(LINE), "percent_encoded", 8, "whole"),
    row("base64 only", LINE.replace("+", "%2B"), "percent_encoded",
        column_of(LINE, "+"), "whole"),
    row("at the very end", f"{LINE}%0A", "percent_encoded", len(LINE) + 1, "whole"),
    row("PEM", quote(SPKI, safe=""), "percent_encoded", 11, "bare"),
    row("twice", quote(quote(LINE, safe=""), safe=""), "percent_encoded", 8, "whole"),
]  # fmt: skip
ESCAPED = [
    row("slash", LINE.replace("/", r"\/"), "escaped", column_of(LINE, "/"), "whole"),
    row("plus", LINE.replace("+", r"\u002B"), "escaped", column_of(LINE, "+"), "whole"),
    row("at the very end", rf"{LINE}\n", "escaped", len(LINE) + 1, "whole"),
    row("CRLF at the very end", rf"{LINE}\r\n", "escaped", len(LINE) + 1, "whole"),
    row("PEM", SPKI.replace("\n", r"\n"), "escaped", 27, "bare"),
    row("backslash-newline", f"{LINE[:80]}\\\n{LINE[80:]}", "escaped", 81, "whole"),
]
QUOTED = [
    row("double", f'"{LINE}"', "quoted", 1, "whole"),
    row("single", f"'{LINE}'", "quoted", 1, "whole"),
    row("backtick", f"`{LINE}`", "quoted", 1, "whole"),
    row("typographic", f"\u201c{LINE}\u201d", "quoted", 1, "whole"),
    row("guillemets", f"\u00ab{LINE}\u00bb", "quoted", 1, "whole"),
    row("HTML", f"&quot;{LINE}&quot;", "quoted", 1, "whole"),
    row("in front only", f'"{LINE}', "quoted", 1, "whole"),
    row("with a comma", f'"{LINE}",', "quoted", 1, "whole"),
    row("around PEM", f'"{SPKI}"', "quoted", 1, "bare"),
    row("around the base64", f'ssh-rsa "{BASE64}" {COMMENT}', "quoted", 9, "whole"),
    row("and escaped", json.dumps(f"{LINE}\n").replace("/", r"\/"), "quoted", 1, "whole"),
]
DOUBLE = [
    row("line", b64(LINE), "double_base64", 1, "whole"),
    row("with its line break, wrapped", "\n".join(textwrap.wrap(b64(f"{LINE}\n"), 76)),
        "double_base64", 1, "whole"),
    row("PEM", b64(SPKI), "double_base64", 1, "bare"),
]  # fmt: skip
SURROUNDED = [
    row("e-mail", f"> {LINE}", "surrounding_text", 1, "whole"),
    row("e-mail, wrapped", "> " + "\n> ".join(textwrap.wrap(LINE, 72)), "surrounding_text", 1,
        "whole"),
    row("fence", f"```\n{LINE}\n```", "surrounding_text", 1, "whole"),
    row("fence with a language", f"```text\n{LINE}\n```", "surrounding_text", 1, "whole"),
    row("assignment", f"SSH_KEY={LINE}", "surrounding_text", 1, "whole"),
    row("quoted assignment", f'export SSH_KEY="{LINE}"', "surrounding_text", 1, "whole"),
    row("YAML", f"ssh_key: {LINE}", "surrounding_text", 1, "whole"),
    row("YAML list", f"  - {LINE}", "surrounding_text", 3, "whole"),
    row("heredoc", f"cat >> keys <<EOF\n{LINE}\nEOF", "surrounding_text", 1, "whole"),
    row("prompt", f"$ {LINE}", "surrounding_text", 1, "whole"),
    row("command and output", f"alice@laptop:~$ cat .ssh/id_rsa.pub\n{LINE}", "surrounding_text",
        1, "whole"),
    row("HTML", f"<p>{LINE}</p>", "surrounding_text", 1, "whole"),
    row("JSON", json.dumps({"key": LINE}), "surrounding_text", 1, "whole"),
    row("comment line and prose", f"# laptop\nmy key is here:\n{LINE}", "surrounding_text", 1,
        "whole"),
    row("prose", f"Hello, here is my key: {BARE}\nThanks!", "surrounding_text", 1, "bare"),
    row("prose that begins like an option", f"from my laptop: {LINE}", "surrounding_text", 1,
        "whole"),
    row("before PEM", f"my key:\n{SPKI}", "surrounding_text", 1, "bare"),
]  # fmt: skip
BAD_BASE64 = [
    row("foreign character", broken("*"), "bad_base64", 101, "whole"),
    row("backslash", broken("\\"), "bad_base64", 101, "whole"),
    row("non-ASCII letter", broken("\u00e9"), "bad_base64", 101, "whole"),
    row("replaced character", LINE[:100] + "!" + LINE[101:], "bad_base64", 101),
    row("URL-safe", LINE.replace("+", "-").replace("/", "_"), "bad_base64",
        min(column_of(LINE, "+"), column_of(LINE, "/")), "whole"),
    row("comma glued behind", f"{BARE}, {COMMENT}", "bad_base64", len(BARE) + 1, "whole"),
    row("semicolon", f"{BARE};", "bad_base64", len(BARE) + 1, "bare"),
    row("HTML entity", LINE.replace("+", "&#43;"), "bad_base64", column_of(LINE, "+"), "whole"),
    row("too much padding", f"{BARE}= {COMMENT}", "bad_base64", len(BARE) + 1, "whole"),
    row("data behind the end", "ssh-rsa " + UNPADDED + "==" + "AAAA", "bad_base64",
        len("ssh-rsa " + UNPADDED) + 1, "bare"),
    row("blanks at unequal widths", f"{LINE[:50]} {LINE[50:130]} {LINE[130:]}", "bad_base64", 51,
        "whole"),
    row("blanks, and line breaks", f"{LINE[:50]} {LINE[50:99]}\n{LINE[99:]}", "bad_base64", 51,
        "whole"),
    row("blank in PEM", SPKI[:40] + " " + SPKI[40:], "bad_base64", BLANK_IN_PEM, "bare"),
    row("blank in PEM, indented", (SPKI[:40] + " " + SPKI[40:]).replace("\n", " \n  "),
        "bad_base64", BLANK_IN_PEM + 2, "bare"),
    row("blanks in PEM on one line", (SPKI[:40] + " " + SPKI[40:]).replace("\n", " "), "bad_base64",
        41, "bare"),
    row("blank in RFC 4716", RFC4716.replace(RFC4716_BODY, f" {BASE64[:9]}\t{BASE64[9:60]}\n"
        f"{BASE64[60:]}"), "bad_base64", 11, RFC4716_COMMENT),
    row("PEM headers", SPKI.replace("\n", "\nComment: alice\n\n", 1), "bad_base64", 8, "bare"),
    row("first letter missing", f"ssh-rsa {BASE64[1:]}", "bad_base64", 9),
    # The place is known in what was unwrapped only, and that is not the text as received.
    row("replaced character, percent-encoded", quote(f"{LINE[:100]}!{LINE[101:]}", safe=""),
        "bad_base64", 107),
    row("replaced character, base64 twice", b64(f"{LINE[:100]}!{LINE[101:]}"), "bad_base64"),
    row("replaced character, quoted", f'"{LINE[:100]}!{LINE[101:]}"', "bad_base64", 102),
]  # fmt: skip
TRUNCATED = [
    row("cut", LINE[:200], "truncated", 201),
    row("no modulus", f"ssh-rsa {b64(string('ssh-rsa') + mpint(E))}", "truncated", 33),
    row("one byte short", f"ssh-rsa {b64(BLOB[:-1])}", "truncated", 381),
    row("first letters only", "ssh-rsa AAAAB3Nza", "truncated", 18),
    row("type alone", "ssh-rsa", "truncated", 8),
    row("BEGIN without END", SPKI[:200], "truncated", 44),
    row("RFC 4716 without END", RFC4716[:200], "truncated", 29),
    row("in RFC 4716", RFC4716.replace(RFC4716_BODY, b64(BLOB[:-2])), "truncated", 373),
]
STRUCTURE = [
    row("trailing byte", f"ssh-rsa {b64(BLOB + bytes(1))}", "trailing_data", 381),
    row("key twice in one blob", f"ssh-rsa {b64(BLOB + BLOB)}", "trailing_data", 381),
    row("negative", f"ssh-rsa {b64(string('ssh-rsa') + mpint(E) + string(BLOB[-256:]))}",
        "bad_mpint"),
    row("zero", f"ssh-rsa {b64(string('ssh-rsa') + string(b'') + mpint(MODULUS))}", "bad_mpint"),
    row("zero byte",
        f"ssh-rsa {b64(string('ssh-rsa') + string(bytes(1)) + mpint(MODULUS))}", "bad_mpint"),
    row("padded",
        f"ssh-rsa {b64(string('ssh-rsa') + mpint(E) + string(bytes(2) + BLOB[-256:]))}",
        "bad_mpint"),
    row("padded, in quotes",
        f'"ssh-rsa {b64(string("ssh-rsa") + mpint(E) + string(bytes(2) + BLOB[-256:]))}"',
        "bad_mpint"),
    row("DER with a byte behind", pem("PUBLIC KEY", b64decode(SPKI_BASE64) + bytes(1)), "bad_der"),
    row("DER cut off", pem("PUBLIC KEY", b64decode(SPKI_BASE64)[:-1]), "bad_der"),
    row("DER of two numbers too few", pem("RSA PUBLIC KEY", der(0x30, bytes(9))), "bad_der"),
    row("bare DER cut off", b64(b64decode(SPKI_BASE64)[:-1]), "bad_der"),
]  # fmt: skip
NO_KEY = [
    row("SHA-256 fingerprint", "SHA256:GYRMsPJzHUGEta2kt+q4XdE1qzNElih6M8UMxzY548U", "not_a_key"),
    row("ssh-keygen -l", "2048 SHA256:GYRMsPJzHUGEta2kt+q4XdE1qzNElih6M8UMxzY548U a (RSA)",
        "not_a_key"),
    row("puttygen -l", "ssh-rsa 2048 SHA256:GYRMsPJzHUGEta2kt+q4XdE1qzNElih6M8UMxzY548U",
        "not_a_key"),
    row("puttygen -l, as it was", "ssh-dss 1024 f1:f9:73:9b:a8:0c:77:24:72:a0:71:ee:fd:93:94:25",
        "not_a_key"),
    row("MD5 fingerprint", "f1:f9:73:9b:a8:0c:77:24:72:a0:71:ee:fd:93:94:25", "not_a_key"),
    row("path", "~/.ssh/id_rsa.pub", "not_a_key"),
    row("Windows path", r"C:\new\keys\id_rsa.pub", "not_a_key"),
    row("URL", "https://github.com/alice.keys", "not_a_key"),
    row("JWK", json.dumps({"kty": "RSA", "n": "AQAB", "e": "AQAB"}), "not_a_key"),
    row("SSH-1", f"1024 65537 {'7' * 309} alice", "not_a_key"),
    row("sentence", "please add my key", "not_a_key"),
    row("word", "key", "not_a_key"),
    row("nothing in quotes", '""', "not_a_key"),
    row("command", "$(cat ~/.ssh/id_rsa.pub)", "not_a_key"),
    row("stars", "ssh-rsa AAAAB3NzaC1yc2E****", "not_a_key", 24),
    row("dots", f"{LINE[:40]}...{LINE[-40:]}", "not_a_key", 41),
    row("angle brackets", "ssh-rsa <key>", "not_a_key", 9),
    row("brackets alone", "<your public key>", "not_a_key"),
    row("age", f"age1{'q' * 58}", "not_a_key"),
    row("minisign", f"untrusted comment: minisign public key\nRW{'Q' * 54}", "not_a_key"),
    row("WireGuard", b64(bytes(range(32))), "not_a_key"),
    row("PGP public", pem("PGP PUBLIC KEY BLOCK", bytes(50)), "not_a_key"),
    row("another armoured file", pem("SSH SIGNATURE", bytes(50)), "not_a_key"),
    row("DNSKEY", f"example.com. IN DNSKEY 257 3 8 {b64(bytes(60))}", "not_a_key"),
    row("randomart", "+---[RSA 2048]----+\n|  . o+*=         |\n+----[SHA256]-----+", "not_a_key"),
    row("typographic dashes", RFC4716.replace("----", "\u2014\u2014"), "not_a_key", 1),
    row("typographic dashes, indented", "  " + SPKI.replace("--", "\u2013"), "not_a_key", 3),
    row("base64 of something", b64(bytes(range(100))), "not_a_key"),
]  # fmt: skip
TABLE = [
    *TOO_LONG, *NOT_TEXT, *UTF16, *CONTROL, *WHITESPACE, *MISSING_TYPE, *X509, *CERTIFICATE,
    *SIGNATURE, *WRONG_TYPE, *MISMATCH, *OPTIONS, *KNOWN_HOSTS, *COMMENT_LINE, *MULTIPLE,
    *PLUS_LOST, *PERCENT, *ESCAPED, *QUOTED, *DOUBLE, *SURROUNDED, *BAD_BASE64, *TRUNCATED,
    *STRUCTURE, *NO_KEY,
]  # fmt: skip


# A byte order mark, and the bytes of a blob: behind spaces they are something else.
ONLY_AT_THE_START = {
    "BOM twice",
    "on a later line, BOM not counted",
    "blob as binary that is ASCII by chance",
}
# What must be found at the place that is told, by the reason.
STANDS = {
    "too_long": "c|a\u00a0|x-a",
    "not_text": "[\udc80-\udcff\ud800\u00ff\u00c0\u00d5\u00eb\0]",
    "control_character": "[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|$",  # a CR ends its line
    "bad_whitespace": "[\u00a0\u00ad\u200b\u200e\u3000\ufeff]|AAAA",
    "missing_key_type": "AAAA",
    "x509": "-----BEGIN|MII|ssh-rsa MII",
    "certificate": "ssh-rsa-cert|ssh-(rsa|ed25519) AAAAHHNzaC1yc2EtY2VydC|AAAAHHNz|---- BEGIN",
    "signature_algorithm": "rsa-sha2|(ssh-rsa )?AAAADHJzYS1zaGEy",
    "wrong_key_type": "ssh-(ed|dss|foo)|ecdsa|sk-|AAAAC3|-----BEGIN|---- BEGIN|MFkw|rsa |SSH-RSA"
    "|\uff53|ssh\u2013",
    "type_mismatch": "ssh-rsa (AAAAC3|AAAAB3NzaC1mb2|MII)|ssh-ed25519 AAAAB3|-{4,5} ?BEGIN",
    "options": "no-pty|command=|from=|cert-authority",
    "known_hosts": r"[a-z]+\.com|\[|2001:|\|1\||@",
    "comment_line": "#",
    "multiple_keys": "ssh-(rsa|ed25519)( |%20)AAAA|AAAA|-----(BEGIN|END)|Thanks|# my|hello",
    "plus_lost": " [A-Za-z0-9+/]",
    "percent_encoded": "%[0-9A-F]{2}|\\+",
    "escaped": r"\\",
    "quoted": "[\"'`\u201c\u00ab]|&quot;",
    "double_base64": "c3NoLXJzYSBB|LS0tLS1CRUdJTi",
    "surrounding_text": "[^s]|ssh_key|SSH_KEY",
    "bad_base64": r"[*\\!\u00e9_,;&=:-]| [A-Za-z0-9+/]|\t|%21|AAAB3|$",
    "truncated": r"\Z|\n-",
    "trailing_data": "AA",
    "not_a_key": r"\*\*|\.\.|<|\u2014|\u2013",
}


def refusal(body: str | bytes) -> MalformedPublicKey:
    with pytest.raises(MalformedPublicKey) as raised:
        read_public_key(body)
    return raised.value


@pytest.mark.parametrize(("text", "reason", "column", "corrected"), TABLE)
def test_refuses(text: str | bytes, reason: str, column: int | None, corrected: str | None) -> None:
    """What is not exactly one key is refused, and told why, where, and what would be right."""
    refused = refusal(text)

    assert (reason, column, corrected) == (refused.reason, refused.column, refused.corrected_line)


@pytest.mark.parametrize(
    ("text", "reason"),
    [pytest.param(*row.values[:2], id=row.id) for row in TABLE if row.values[2]],
)
def test_the_place_is_where_it_goes_wrong(text: str | bytes, reason: str) -> None:
    """Opened at the line and column that are told, what was sent shows what is wrong."""
    refused = refusal(text)
    assert refused.line
    assert refused.column
    sent = text.decode(errors="surrogateescape") if isinstance(text, bytes) else text
    lines = re.split("\r\n|\n|\r", sent.removeprefix("\ufeff"))
    there = lines[refused.line - 1][refused.column - 1 :]

    assert re.match(STANDS[reason], there), ascii(there[:20])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(row.values[0], id=row.id)
        for row in TABLE
        if row.values[2] and row.id not in ONLY_AT_THE_START
    ],
)
@pytest.mark.parametrize("lead", ["\n\n \t", " " * 1000], ids=["lines", "spaces"])
def test_spaces_in_front_move_the_place(lead: str, text: str | bytes) -> None:
    """What is wrong stays what it is, as far behind them as it was from the start."""
    alone = refusal(text)
    behind = refusal(lead.encode() + text if isinstance(text, bytes) else lead + text)
    lines, _, indent = lead.rpartition("\n")
    added = len(lines) + 1 if lines else 0
    assert alone.line
    assert alone.column
    expected = alone.line + added, alone.column + len(indent) * (alone.line == 1)

    assert (alone.reason, *expected) == (behind.reason, behind.line, behind.column)
    assert alone.corrected_line == behind.corrected_line


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_lines_are_counted_as_they_were_sent(line_end: str, mark: str) -> None:
    """A carriage return of its own ends a line for an editor; a byte order mark is not shown."""
    sent = f"{mark}\n# laptop\nno-pty {LINE}\n".replace("\n", line_end)
    refused = refusal(sent)
    lines = re.split("\r\n|\n|\r", sent.removeprefix("\ufeff"))

    assert "options" == refused.reason
    assert (1, lines.index(f"no-pty {LINE}") + 1) == (refused.column, refused.line)
    assert (refused.line, refused.column) == (
        refusal(sent.encode()).line, refusal(sent.encode()).column,
    )  # fmt: skip


@pytest.mark.parametrize(
    "corrected", [pytest.param(row.values[3], id=row.id) for row in TABLE if row.values[3]]
)
def test_a_corrected_line_is_accepted(corrected: str) -> None:
    """A hint, pasted back, is accepted as it is."""
    assert corrected == read_public_key(corrected).line


@pytest.mark.parametrize("text", [pytest.param(row.values[0], id=row.id) for row in TABLE])
def test_a_refusal_hangs_on_nothing_else(text: str | bytes) -> None:
    """No other exception is its cause or context: those hold what was sent."""
    refused = refusal(text)

    assert (None, None) == (refused.__cause__, refused.__context__)


@pytest.mark.parametrize("text", [pytest.param(row.values[0], id=row.id) for row in TABLE])
def test_a_description_holds_nothing_of_the_text(text: str | bytes) -> None:
    """What was sent comes back in the corrected line alone."""
    described = refusal(text).description
    sent = text.decode("latin-1") if isinstance(text, bytes) else text

    assert described
    assert not any(sent[at : at + 16] in described for at in range(100, min(400, len(sent) - 16)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [pytest.param(*row.values[:2], id=row.id) for row in TABLE if row.values[3]],
)
def test_no_hint_for_a_key_that_policy_refuses(text: str | bytes, reason: str) -> None:
    """A corrected line that would be refused next is no help."""
    with pytest.raises(MalformedPublicKey) as raised:
        read_public_key(text, acceptable=lambda _: False)

    assert (reason, None) == (raised.value.reason, raised.value.corrected_line)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(f"no-pty {LINE}\n{OTHER_LINE}", "multiple_keys", id="over options"),
        pytest.param(f"example.com {ED25519_LINE}", "known_hosts", id="over wrong_key_type"),
        pytest.param(f"# a\nexample.com {BARE}", "known_hosts", id="over comment_line"),
        pytest.param(f"ssh-ed25519 {RSA_SHA2}", "signature_algorithm", id="over type_mismatch"),
        pytest.param(CERT_BASE64, "certificate", id="over missing_key_type"),
        pytest.param(f"ssh-rsa {BASE64.rstrip('=')[:-1]}", "truncated", id="over bad_base64"),
        pytest.param(f"{LINE}*{'c' * 300}", "too_long", id="comment, not base64"),
        pytest.param(f"\x1b{'a' * 9000}", "too_long", id="over control_character"),
        pytest.param(LINE.encode("utf-16") * 12, "too_long", id="over utf16"),
        pytest.param(f"\x1b{LINE}\n{LINE}", "control_character", id="over multiple_keys"),
        pytest.param(f'"{ED25519_LINE}"', "wrong_key_type", id="what is inside, over quoted"),
        pytest.param(f'"{LINE}\n{OTHER_LINE}"', "multiple_keys", id="over quoted"),
    ],
)
def test_the_most_useful_reason_wins(text: str | bytes, reason: str) -> None:
    """Where two rows fit, the order is written down."""
    assert reason == refusal(text).reason


@pytest.mark.parametrize("bits", range(2008, 2072, 8))
def test_padding_alone_is_bad_base64(bits: int) -> None:
    """Where only = is missing the key is whole, and can be given back."""
    key = RsaPublicKey.from_numbers(65537, (1 << bits) - 1)
    unpadded = key.line.rstrip("=")
    expected = "bad_base64" if unpadded != key.line else None

    if expected:
        refused = refusal(unpadded)
        assert (expected, key.line) == (refused.reason, refused.corrected_line)
    else:
        assert key == read_public_key(unpadded)


@pytest.mark.parametrize("bits", [2056, 2064])
def test_pad_bits_must_be_zero(bits: int) -> None:
    """The last letter has spare bits; a key with others there would have two spellings."""
    key = RsaPublicKey.from_numbers(65537, (1 << bits) - 1)
    letters = key.line.rstrip("=")
    spare = f"{letters[:-1]}{chr(ord(letters[-1]) + 1)}{'=' * (len(key.line) - len(letters))}"
    refused = refusal(spare)

    assert ("bad_base64", key.line) == (refused.reason, refused.corrected_line)


@pytest.mark.parametrize("blank", ["", " ", "\t", "\r\n", "\ufeff", "\ufeff \n"])
@pytest.mark.parametrize("encode", [str, str.encode], ids=["text", "bytes"])
def test_blank_is_a_missing_parameter(blank: str, encode: Callable[[str], str | bytes]) -> None:
    """Nothing is not a malformed key."""
    with pytest.raises(RequestRefused) as refusal:
        read_public_key(encode(blank))

    assert "MissingParameter" == refusal.value.code
