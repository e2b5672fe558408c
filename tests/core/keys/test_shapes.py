"""
Shapes that people paste, each made of keys of two sizes, with a comment and without, LF and CRLF.

A shape is a function, so that no row depends on the letters of one key.
"""

from __future__ import annotations

import itertools
import quopri
import re
import textwrap
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from core.errors import MalformedPublicKey
from core.keys.reading import read_public_key
from tests.keys.public_keys import ED25519_BASE64, ED25519_LINE, b64, der, pem, read

if TYPE_CHECKING:
    from collections.abc import Callable

COMMENT = "alice@example.com"
RUN = "".join(chr(ord("a") + number % 26) for number in range(60))
DSA_BASE64 = read("dsa.pub").split(" ")[1]
# RFC 4716, section 3.6: the header of its second example, which goes on in the next line.
CONTINUED = "Comment: This is my public key for use on \\\nservers which I don't like.\n"
ONE_LINE = "Comment: This is my public key for use on servers which I don't like.\n"


@dataclass(frozen=True)
class Sample:
    """One key, with a comment or without, and how the lines around it end."""

    base64: str
    comment: str
    line_end: str

    @property
    def bare(self) -> str:
        return f"ssh-rsa {self.base64}"

    @property
    def line(self) -> str:
        return f"{self.bare} {self.comment}".strip()

    @property
    def tail(self) -> str:
        """The comment with a space in front, or nothing."""
        return f" {self.comment}" if self.comment else ""


SAMPLES = [
    pytest.param(
        Sample(read(f"rsa-{bits}.pub").split(" ")[1], comment, line_end),
        id=f"{bits}-{'comment' if comment else 'bare'}-{name}",
    )
    for bits, comment, (name, line_end) in itertools.product(
        (2048, 4096), (COMMENT, ""), (("LF", "\n"), ("CRLF", "\r\n"))
    )
]


def sent(shape: Callable[[Sample], str], sample: Sample) -> str:
    """The text as it is sent, its lines ended as the sample says."""
    return shape(sample).replace("\n", sample.line_end)


def wrapped(text: str, width: int = 70, joint: str = "\n") -> str:
    """Text cut at a width, wherever that is."""
    return joint.join(text[at : at + width] for at in range(0, len(text), width))


def ssh2(content: str, dashes: str = "----", space: str = " ") -> str:
    return (
        f"{dashes}{space}BEGIN SSH2 PUBLIC KEY{space}{dashes}\n{content}\n"
        f"{dashes}{space}END SSH2 PUBLIC KEY{space}{dashes}\n"
    )


def spki_of(sample: Sample) -> str:
    """The same key as PEM, by the numbers in the file of its size."""
    for bits in (2048, 4096):
        if read(f"rsa-{bits}.pub").split(" ")[1] == sample.base64:
            return read(f"rsa-{bits}.spki.pem")
    raise AssertionError


def spki_der(sample: Sample) -> bytes:
    return b64decode("".join(spki_of(sample).split("\n")[1:-2]))


ACCEPTED: dict[str, Callable[[Sample], str]] = {
    "whole on the next line": lambda key: f"ssh-rsa\n{key.base64}{key.tail}\n",
    "on the next line, no line break behind": lambda key: f"ssh-rsa\n{key.base64}{key.tail}",
    "a space in front": lambda key: f"ssh-rsa\n {key.base64}{key.tail}\n",
    "a tab in front": lambda key: f"ssh-rsa\n\t{key.base64}{key.tail}\n",
    "a carriage return in front": lambda key: f"ssh-rsa\n\r{key.base64}{key.tail}\n",
    "a space behind the type": lambda key: f"ssh-rsa \n{key.base64}{key.tail}\n",
    "an empty line between": lambda key: f"ssh-rsa\n\n{key.base64}{key.tail}\n",
    "several spaces before the comment": lambda key: f"ssh-rsa\n{key.base64}  {key.tail}\n",
    "a carriage return at the end": lambda key: f"{key.line}\r",
    "carriage returns at the end": lambda key: f"{key.line}\r\r",
    "a carriage return behind the last line break": lambda key: f"{key.line}\n\r",
    "a carriage return at the end of RFC 4716": lambda key: ssh2(key.base64 + "\n").strip() + "\r",
}


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("shape", ACCEPTED.values(), ids=ACCEPTED)
def test_accepts(shape: Callable[[Sample], str], sample: Sample) -> None:
    """Where the base64 holds no space there is no second reading."""
    text = sent(shape, sample)
    expected = sample.bare if "SSH2" in text else sample.line

    assert expected == read_public_key(text).line
    assert expected == read_public_key(text.encode()).line


@dataclass(frozen=True)
class Refused:
    """
    What becomes of a shape.

    Args:
        shape: makes the text.
        reason: why it is refused.
        corrected: what the answer gives back: nothing, the key "bare", or the "whole" line.
        stands: what stands at the place that is told; None where none is.
    """

    shape: Callable[[Sample], str]
    reason: str
    corrected: str = ""
    stands: str | None = None


REFUSED: dict[str, Refused] = {
    # a second line
    "fmt": Refused(
        lambda key: f"ssh-rsa\n{key.base64}\nalice@example.com", "multiple_keys", "bare", "alice@"
    ),
    "a word of base64 letters below": Refused(
        lambda key: f"ssh-rsa\n{key.base64}\nroot", "multiple_keys", "bare", "root"
    ),
    "a word below the line": Refused(
        lambda key: f"{key.line}\nroot\n", "multiple_keys", "whole", "root"
    ),
    "two lines below": Refused(
        lambda key: f"ssh-rsa\n{key.base64}\nThanks,\nAlice\n", "multiple_keys", "bare", "Thanks,"
    ),
    "wrapped, and a line below": Refused(
        lambda key: f"ssh-rsa {wrapped(key.base64)}\nThanks\n", "multiple_keys", "bare", "Thanks"
    ),
    "wrapped, and two lines below": Refused(
        lambda key: f"ssh-rsa {wrapped(key.base64)}\nroot\nroot\n", "multiple_keys", "bare", "root"
    ),
    "text behind END": Refused(
        lambda key: f"{spki_of(key)}hello\n", "multiple_keys", "bare", "hello"
    ),
    # a comment that may be a part of a private key
    "60 letters of base64 in the comment": Refused(
        lambda key: f"{key.bare} x {RUN}", "surrounding_text", "bare", RUN
    ),
    "60 letters and signs": Refused(
        lambda key: f"{key.bare} {'a+/Z' * 15}", "surrounding_text", "bare", "a+/Z"
    ),
    "hex and one letter more": Refused(
        lambda key: f"{key.bare} {'0f' * 32}g", "surrounding_text", "bare", "0f0f"
    ),
    "60 letters in a Comment header": Refused(
        lambda key: ssh2(f"Comment: {RUN}\n{wrapped(key.base64)}"), "surrounding_text", "bare", RUN
    ),
    "60 letters behind a wrapped key": Refused(
        lambda key: f"ssh-rsa {wrapped(key.base64)} {RUN}", "surrounding_text", "bare", RUN
    ),
    # RFC 4716, a whole line inside, and the wrong dashes
    "a line inside RFC 4716": Refused(
        lambda key: ssh2(key.line), "surrounding_text", "whole", "---- BEGIN"
    ),
    "a line inside RFC 4716, behind a header": Refused(
        lambda key: ssh2(f'Comment: "x"\n{key.line}'), "surrounding_text", "whole", "---- BEGIN"
    ),
    "a wrapped line inside RFC 4716": Refused(
        lambda key: ssh2(wrapped(key.line)), "surrounding_text", "whole", "---- BEGIN"
    ),
    "a line inside PEM": Refused(
        lambda key: f"-----BEGIN PUBLIC KEY-----\n{key.line}\n-----END PUBLIC KEY-----\n",
        "surrounding_text", "whole", "-----BEGIN",
    ),
    "a line inside PKCS#1": Refused(
        lambda key: f"-----BEGIN RSA PUBLIC KEY-----\n{key.line}\n-----END RSA PUBLIC KEY-----\n",
        "surrounding_text", "whole", "-----BEGIN",
    ),
    "an Ed25519 line inside RFC 4716": Refused(
        lambda _: ssh2(ED25519_LINE), "wrong_key_type", "", "ssh-ed25519"
    ),
    "an Ed25519 line inside PEM": Refused(
        lambda _: f"-----BEGIN PUBLIC KEY-----\n{ED25519_LINE}\n-----END PUBLIC KEY-----\n",
        "wrong_key_type", "", "ssh-ed25519",
    ),
    "a damaged line inside RFC 4716, after a header": Refused(
        lambda key: ssh2(f"Comment: x\nssh-rsa {key.base64[:50]}!{key.base64[51:]}{key.tail}"),
        "bad_base64", "", "!",
    ),
    "a cut line inside RFC 4716": Refused(
        lambda key: ssh2(f"ssh-rsa {key.base64[:200]}"), "truncated", "", ""
    ),
    "a sentence, and a line wrapped with empty lines": Refused(
        lambda key: f"Hello,\nssh-rsa {wrapped(key.base64, 70, f'{chr(10)} {chr(10)}')}\n",
        "surrounding_text", "bare", "Hello,",
    ),
    "five dashes and spaces around SSH2": Refused(
        lambda key: ssh2(wrapped(key.base64), "-----"), "not_a_key", "bare", "----- BEGIN"
    ),
    "five dashes around SSH2": Refused(
        lambda key: ssh2(wrapped(key.base64), "-----", ""), "not_a_key", "bare", "-----BEGIN"
    ),
    "four dashes around PEM": Refused(
        lambda key: spki_of(key).replace("-----", "----"), "not_a_key", "bare", "----BEGIN"
    ),
    # a number, a sentence, a hash in front
    "cat -n": Refused(lambda key: f"     1\t{key.line}\n", "surrounding_text", "whole", "1\t"),
    "a number and a dot": Refused(lambda key: f"1. {key.line}", "surrounding_text", "whole", "1."),
    "a number in brackets": Refused(
        lambda key: f"[1] {key.line}", "surrounding_text", "whole", "[1]"
    ),
    "a number and a bracket": Refused(
        lambda key: f"12) {key.line}", "surrounding_text", "whole", "12)"
    ),
    "a number and a colon": Refused(
        lambda key: f"3: {key.line}", "surrounding_text", "whole", "3:"
    ),
    "a host is none of these": Refused(
        lambda key: f"example.com {key.line}", "known_hosts", "", "example.com"
    ),
    "a port is none of these": Refused(
        lambda key: f"[10.0.0.1]:22 {key.line}", "known_hosts", "", "[10."
    ),
    "a sentence": Refused(lambda _: "my ssh-rsa key", "not_a_key"),
    "Cisco's hash": Refused(lambda _: f"key-hash ssh-rsa {'1A2B' * 8}", "not_a_key"),
    "the name of a file, percent-encoded": Refused(
        lambda _: "%2Froot%2F.ssh%2Fid_rsa.pub", "not_a_key"
    ),
    "zero bytes": Refused(lambda _: f"ssh-rsa {b64(bytes(279))}", "not_a_key"),
    "zero bytes, bare": Refused(lambda _: b64(bytes(279)), "not_a_key"),
    "zero bytes in RFC 4716": Refused(lambda _: ssh2(b64(bytes(279))), "not_a_key"),
    # files of other programs
    "LDIF": Refused(
        lambda key: f"sshPublicKey: {wrapped(key.line, 64, f'{chr(10)} ')}\n",
        "surrounding_text", "whole", "sshPublicKey",
    ),
    "LDIF, an entry": Refused(
        lambda key: "dn: uid=alice,dc=example,dc=com\nuid: alice\n"
        f"sshPublicKey: {wrapped(key.line, 64, f'{chr(10)} ')}\nsn: Alice\n",
        "surrounding_text", "whole", "dn:",
    ),
    "LDIF in base64": Refused(
        lambda key: f"sshPublicKey:: {wrapped(b64(key.line), 61, f'{chr(10)} ')}\n",
        "double_base64", "whole", "sshPublicKey",
    ),
    "LDIF in base64, an entry": Refused(
        lambda key: "dn: uid=alice,dc=example,dc=com\n"
        f"sshPublicKey:: {wrapped(b64(key.line), 61, f'{chr(10)} ')}\nsn: Alice\n",
        "double_base64", "whole", "sshPublicKey",
    ),
    "YAML, folded by js-yaml": Refused(
        lambda key: "user: alice\nssh_key: >-\n  " + key.line.replace(" ", "\n  ") + "\n",
        "surrounding_text", "whole", "user",
    ),
    "YAML, folded by PyYAML": Refused(
        lambda key: f"ssh_key: ssh-rsa\n  {key.base64}"
        + key.tail.replace(" ", "\n  ") + "\nid: 1\n",
        "surrounding_text", "whole", "ssh_key",
    ),
    "YAML, literal": Refused(
        lambda key: f"ssh_keys:\n  - |\n    {key.line}\nid: 1\n",
        "surrounding_text", "whole", "ssh_keys",
    ),
    "YAML, folded inside the base64": Refused(
        lambda key: "ssh_key: >-\n  ssh-rsa " + wrapped(key.base64, 70, "\n  ") + f"{key.tail}\n",
        "surrounding_text", "whole", "ssh_key",
    ),
    "quoted-printable": Refused(
        lambda key: quopri.encodestring(key.line.encode()).decode(), "escaped", "whole", "="
    ),
    "quoted-printable, signs encoded": Refused(
        lambda key: key.line.replace("=", "=3D").replace("+", "=2B"),
        "escaped", "whole", "=2B",
    ),
    "Cisco IOS": Refused(
        lambda key: "ip ssh pubkey-chain\n  username alice\n   key-string\n    "
        + wrapped(key.line, 72, "\n    ") + "\n   exit\n  exit\n",
        "surrounding_text", "bare", "ip ssh",
    ),
    "Cisco IOS, without the type": Refused(
        lambda key: "ip ssh pubkey-chain\n  username alice\n   key-string\n    "
        + wrapped(key.base64, 72, "\n    ") + "\n   exit\n  exit\n",
        "surrounding_text", "bare", "ip ssh",
    ),
    "Junos": Refused(
        lambda key: f'set system login user alice authentication ssh-rsa "{key.line}"\n',
        "surrounding_text", "whole", "set system",
    ),
    "NX-OS": Refused(
        lambda key: f"username alice sshkey {key.line}\n", "surrounding_text", "whole", "username"
    ),
    "MikroTik": Refused(
        lambda key: f'/user ssh-keys add user=alice key="{key.line}"\n',
        "surrounding_text", "whole", "/user",
    ),
    "a shell's script": Refused(
        lambda key: f"#!/bin/sh\nmkdir -p ~/.ssh\necho '{key.line}' >> ~/.ssh/authorized_keys\n"
        "chmod 600 ~/.ssh/authorized_keys\n",
        "surrounding_text", "whole", "#!/bin/sh",
    ),
    # the numbers of a key, and its bytes in hexadecimal
    "openssl rsa -text": Refused(
        lambda key: "Public-Key: (2048 bit)\nModulus:\n    "
        + wrapped(spki_der(key)[32:-5].hex(":"), 45, "\n    ") + "\nExponent: 65537 (0x10001)\n",
        "not_a_key",
    ),
    "openssl rsa -text, as OpenSSL 1": Refused(
        lambda key: "RSA Public-Key: (2048 bit)\nModulus:\n    "
        + wrapped(spki_der(key)[32:-5].hex(":"), 45, "\n    ") + "\nExponent: 65537 (0x10001)\n",
        "not_a_key",
    ),
    "openssl rsa -modulus": Refused(
        lambda key: f"Modulus={spki_der(key)[33:-5].hex().upper()}\n", "not_a_key"
    ),
    "DER in hexadecimal": Refused(lambda key: spki_der(key).hex(), "not_a_key"),
    "DER in hexadecimal, wrapped": Refused(
        lambda key: wrapped(spki_der(key).hex(), 64), "not_a_key"
    ),
    "DER in hexadecimal, with colons": Refused(lambda key: spki_der(key).hex(":"), "not_a_key"),
    "the blob in hexadecimal": Refused(lambda key: b64decode(key.base64).hex(), "not_a_key"),
    "a Huawei router's hexadecimal": Refused(
        lambda key: wrapped(wrapped(spki_der(key).hex().upper(), 8, " "), 54), "not_a_key"
    ),
}  # fmt: skip
SAID = {
    "five dashes and spaces around SSH2": "five dashes",
    "five dashes around SSH2": "five dashes",
    "four dashes around PEM": "four dashes",
    "Cisco's hash": "Cisco",
    "the name of a file, percent-encoded": "the name of a file",
    "zero bytes": "zero bytes",
    "openssl rsa -text": "ssh-keygen -i -m PKCS8",
    "openssl rsa -modulus": "ssh-keygen -i -m PKCS8",
    "DER in hexadecimal": "xxd -r -p",
    "the blob in hexadecimal": "xxd -r -p",
}


def refusal(text: str | bytes) -> MalformedPublicKey:
    with pytest.raises(MalformedPublicKey) as raised:
        read_public_key(text)
    return raised.value


def opened_at(text: str, line: int, column: int) -> str:
    """What is at a place, as an editor shows it: a BOM is no character, a lone CR ends a line."""
    lines = re.split("\r\n|\n|\r", text.removeprefix("\ufeff"))
    return lines[line - 1][column - 1 :]


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_refuses(row: Refused, sample: Sample) -> None:
    """The reason is right, and the place that is told is where it stands in what was sent."""
    text = sent(row.shape, sample)
    refused = refusal(text)
    corrected = {"": None, "bare": sample.bare, "whole": sample.line}[row.corrected]

    assert (row.reason, corrected) == (refused.reason, refused.corrected_line)
    if row.stands is None:
        assert (None, None) == (refused.line, refused.column)
    else:
        assert refused.line is not None
        assert refused.column is not None
        assert opened_at(text, refused.line, refused.column).startswith(row.stands)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_a_corrected_line_is_accepted(row: Refused, sample: Sample) -> None:
    """Pasted back, it is read as it stands."""
    corrected = refusal(sent(row.shape, sample)).corrected_line

    assert corrected is None or corrected == read_public_key(corrected).line


@pytest.mark.parametrize("shape", SAID)
def test_says(shape: str) -> None:
    """What was sent is named, with what helps."""
    sample = SAMPLES[0].values[0]
    assert isinstance(sample, Sample)

    assert SAID[shape] in refusal(sent(REFUSED[shape].shape, sample)).description


HEADERS: dict[str, Callable[[str, Sample], str]] = {
    "Ed25519": lambda header, _: ssh2(header + ED25519_BASE64),
    "DSA": lambda header, _: ssh2(header + wrapped(DSA_BASE64)),
    "cut": lambda header, key: ssh2(header + wrapped(key.base64)[:200]),
    "without END": lambda header, key: ssh2(header + wrapped(key.base64))[:-33],
    "+ lost": lambda header, key: ssh2(header + wrapped(key.base64)).replace("+", " "),
    "quoted by mail": lambda header, key: textwrap.indent(
        ssh2(header + wrapped(key.base64)), "> "
    ),
    "quoted by mail, an empty line below": lambda header, key: textwrap.indent(
        ssh2(header + wrapped(key.base64)), "> "
    ) + ">\n",
    "a foreign character": lambda header, key: ssh2(
        header + wrapped(f"{key.base64[:100]}*{key.base64[101:]}")
    ),
    "a sentence behind": lambda header, key: ssh2(header + wrapped(key.base64)) + "Thanks\n",
    "in quotes": lambda header, key: f'"{ssh2(header + wrapped(key.base64))}"',
}  # fmt: skip


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("shape", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize(
    "header",
    [
        pytest.param(CONTINUED, id="RFC 4716's own"),
        pytest.param("Subject: a\nComment: This is my \\\npublic key for us\\\ne on servers "
                     "which I don't like.\n", id="twice, behind another"),
    ],
)  # fmt: skip
def test_a_header_that_goes_on_in_the_next_line(
    header: str, shape: Callable[[str, Sample], str], sample: Sample
) -> None:
    """What is wrong in the block is told as with a header of one line."""
    one_line = refusal(shape(ONE_LINE, sample).replace("\n", sample.line_end))
    continued = refusal(shape(header, sample).replace("\n", sample.line_end))

    assert one_line.reason == continued.reason
    assert one_line.description == continued.description
    assert one_line.corrected_line == continued.corrected_line
    assert one_line.column == continued.column


@pytest.mark.parametrize(
    ("shape", "reason"),
    [("Ed25519", "wrong_key_type"), ("DSA", "wrong_key_type"), ("cut", "truncated"),
     ("+ lost", "plus_lost"), ("quoted by mail", "surrounding_text")],
)  # fmt: skip
def test_what_is_wrong_below_a_header(shape: str, reason: str) -> None:
    """The reasons, once each."""
    sample = SAMPLES[0].values[0]
    assert isinstance(sample, Sample)

    assert reason == refusal(HEADERS[shape](ONE_LINE, sample)).reason


@pytest.mark.parametrize(
    "comment",
    [
        pytest.param("0f" * 128, id="hex alone, as long as a comment may be"),
        pytest.param("0F" * 32, id="hex alone, in capitals"),
        pytest.param(RUN[:59], id="59 letters"),
        pytest.param(f"{RUN[:40]}@{RUN[:50]}", id="letters in two runs"),
        pytest.param("laptop " * 30 + "x", id="many words"),
    ],
)
@pytest.mark.parametrize("sample", SAMPLES)
def test_comments_that_are_no_part_of_a_key(comment: str, sample: Sample) -> None:
    """A fingerprint, a long name and a long sentence are comments."""
    assert comment == read_public_key(f"{sample.bare} {comment}{sample.line_end}").comment


def test_a_whole_der_is_used() -> None:
    """The offsets with which numbers are taken out of DER above are right."""
    sample = SAMPLES[0].values[0]
    assert isinstance(sample, Sample)
    modulus = spki_der(sample)[33:-5]

    assert b64decode(sample.base64).endswith(modulus)
    assert der(0x02, b"\0" + modulus) in spki_der(sample)
    assert ED25519_LINE.split(" ")[1] == ED25519_BASE64
    assert spki_of(sample) == pem("PUBLIC KEY", spki_der(sample))
