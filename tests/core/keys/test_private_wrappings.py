"""One list of wrappings: what is removed to explain a public key never hides a private one."""

from __future__ import annotations

import gzip
import html
import json
import textwrap
import zlib
from base64 import b64decode, b64encode
from binascii import b2a_qp
from codecs import BOM_UTF16
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from core.errors import MalformedPublicKey
from core.keys.private_keys import BUDGET, PrivateKeySearch
from core.keys.reading import read_public_key
from core.keys.wrappings import WRAPPINGS
from tests.keys.private_keys import armoured, binaries, body_of, jwk, texts
from tests.keys.public_keys import (
    BASE64,
    ED25519_LINE,
    LINE,
    PKCS1,
    RFC4716,
    SPKI,
    mpint,
    read,
    rsa_blob,
    string,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def of_text(wrap: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """Wrap a text; bytes that are none go into base64 first, as people send them."""

    def wrapped(data: bytes) -> bytes:
        if not (data.isascii() or data.startswith(BOM_UTF16)):
            data = b64encode(data)
        return wrap(data.decode("latin-1")).encode("latin-1")

    return wrapped


def xxd(data: bytes, grouped: int = 2) -> str:
    """Write what `xxd` prints (grouped=2), or `hexdump -C`'s columns (grouped=1)."""
    lines = []
    for start in range(0, len(data), 16):
        row = data[start : start + 16]
        shown = "".join(chr(each) if 32 <= each < 127 else "." for each in row)
        if grouped == 1:
            columns = f"{row[:8].hex(' ')}  {row[8:].hex(' ')}".ljust(50)
            lines.append(f"{start:08x}  {columns}|{shown}|")
        else:
            lines.append(f"{start:08x}: {row.hex(' ', -2).ljust(39)}  {shown}")
    return "\n".join(lines) + "\n"


def words_of_two(data: bytes) -> str:
    """Write what `hexdump` prints on a little-endian machine."""
    padded = data + bytes(len(data) % 2)
    swapped = bytes(
        byte for at in range(0, len(padded), 2) for byte in (padded[at + 1], padded[at])
    )
    rows = [swapped[at : at + 16] for at in range(0, len(swapped), 16)]
    return "".join(f"{at * 16:07x} {row.hex(' ', -2)}\n" for at, row in enumerate(rows))


# How a text or a file gets into each wrapping of the list, by the wrapping's name.
MAKERS: dict[str, Callable[[bytes], bytes]] = {
    "quotes": lambda data: b'"' + data + b'"',
    "percent-encoding": lambda data: quote(data, safe="").encode(),
    "escapes": lambda data: json.dumps(data.decode("latin-1"))[1:-1].encode(),
    "base64": b64encode,
    "LDIF": lambda data: b"key:: " + b64encode(data).replace(b"\n", b"\n "),
    "quoted-printable": lambda data: b2a_qp(data, istext=False),
    "hexadecimal": lambda data: data.hex().encode(),
    "compression": lambda data: gzip.compress(data, mtime=0),
    "entities": of_text(
        lambda text: html.escape(text).replace("-", "&#45;").replace("+", "&#x2B;")
    ),
    "UTF-16": of_text(lambda text: text.encode("utf-16").decode("latin-1")),
}
KINDS = {**{name: text.encode() for name, text in texts().items()}, **binaries()}
# Of the forms that keys of all types have, that of an RSA key stands for the others, two deep.
ONCE = {name: key for name, key in KINDS.items() if not name.startswith(("ec ", "dsa "))}


def missed(
    wrap: Callable[[bytes], bytes], kinds: Mapping[str, bytes] = MappingProxyType(KINDS)
) -> list[str]:
    """Return the kinds that are not told once they are wrapped."""
    return [name for name, key in kinds.items() if PrivateKeySearch().find(wrap(key)) is None]


def test_each_wrapping_of_the_list_is_made_here() -> None:
    """A row that is added to the list is added to these tests."""
    assert [wrapping.name for wrapping in WRAPPINGS] == list(MAKERS)


@pytest.mark.parametrize("inner", MAKERS)
@pytest.mark.parametrize("outer", MAKERS)
def test_finds_each_kind_in_two_wrappings(outer: str, inner: str) -> None:
    """Whatever is unwrapped to explain is unwrapped in search of private keys, two deep."""
    assert [] == missed(lambda key: MAKERS[outer](MAKERS[inner](key)), ONCE)


def pieces(text: str, width: int, between: str = " ") -> str:
    return between.join(textwrap.wrap("".join(text.split()), width))


PASTED: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda data: data,
    "behind ssh-rsa": lambda data: b"ssh-rsa " + (data if data.isascii() else b64encode(data)),
    "base64, wrapped": lambda data: textwrap.fill(b64encode(data).decode(), 64).encode(),
    "base64 behind ssh-rsa, with a comment": lambda data: b"ssh-rsa " + b64encode(data) + b" a@b",
    "hex behind a name": lambda data: b"key: " + data.hex().encode(),
    "hex with colons": lambda data: data.hex(":").encode(),
    "hex in capitals, wrapped": lambda data: textwrap.fill(data.hex().upper(), 60).encode(),
    "hex, 0x": lambda data: ", ".join(f"0x{each:02x}" for each in data).encode(),
    "hex, \\x": lambda data: "".join(f"\\x{each:02x}" for each in data).encode(),
    "xxd": lambda data: xxd(data).encode(),
    "hexdump -C": lambda data: xxd(data, 1).encode(),
    "hexdump": lambda data: words_of_two(data).encode(),
    "xxd -i": lambda data: (
        "unsigned char key[] = {\n  " + ", ".join(f"0x{each:02x}" for each in data) + "\n};\n"
    ).encode(),
    "gzip in base64": lambda data: b64encode(gzip.compress(data)),
    "zlib": zlib.compress,
    "zlib in base64": lambda data: b64encode(zlib.compress(data)),
    "gzip in base64 in JSON": lambda data: json.dumps(
        {"name": "an-ordinary-name-of-a-key", "data": b64encode(gzip.compress(data)).decode()}
    ).encode(),
    "bytes, as Python shows them": lambda data: repr(data).encode(),
    "base64 in JSON": lambda data: json.dumps({"data": b64encode(data).decode()}).encode(),
    "base64 of UTF-16": lambda data: b64encode(MAKERS["UTF-16"](data)),
    "in a sentence": lambda data: b"Hello, my key is " + b64encode(data) + b" - thanks, Bob",
}  # fmt: skip
# Where base64 comes in pieces, its text is the body of a PEM file, or the file in base64.
PIECES = {
    **{f"pieces of {width}": (width, " ") for width in (1, 2, 3, 5, 10, 15)},
    "lines of 15": (15, "\n"),
    "letters and tabs": (1, "\t"),
    "quoted by mail": (12, "\n> "),
    "strings of a list": (15, '", "'),
    "strings of a program": (15, "'\n  '"),
    "escaped line breaks": (64, "\\n"),
}
BODIES = {
    **{
        name: body_of(text)
        for name, text in armoured().items()
        if "traditional encrypted" not in name
    },
    **{name: b64encode(data).decode() for name, data in binaries().items() if name[:3] != "PGP"},
}


@pytest.mark.parametrize("form", PASTED)
def test_finds_each_kind_as_people_paste_it(form: str) -> None:
    """Each kind is told, as a file and as text."""
    assert [] == missed(PASTED[form])


@pytest.mark.parametrize("lead", ["", "ssh-rsa ", "key "], ids=["alone", "ssh-rsa", "a word"])
@pytest.mark.parametrize("form", PIECES)
def test_finds_base64_in_pieces(form: str, lead: str) -> None:
    """However small the pieces are, down to single letters."""
    width, between = PIECES[form]
    found = {
        name: PrivateKeySearch().find(lead + pieces(body, width, between))
        for name, body in BODIES.items()
    }

    assert [] == [name for name, kind in found.items() if kind is None]


PUBLIC = {
    "line": LINE,
    "bare base64": BASE64,
    "RFC 4716": RFC4716,
    "SubjectPublicKeyInfo": SPKI,
    "PKCS#1": PKCS1,
    "Ed25519": ED25519_LINE,
    "DSA": read("dsa.pub"),
    "ECDSA": read("ecdsa.pub"),
    "OpenSSH certificate": read("rsa-cert.pub"),
    "EC PEM": read("ec.spki.pem"),
    "RSA-PSS PEM": read("rsa-pss.spki.pem"),
    "certificate": read("certificate.pem"),
    "request": read("request.pem"),
    "JWK": json.dumps({name: value for name, value in jwk().items() if name in {"kty", "n", "e"}}),
    "XML": f"<RSAKeyValue><Modulus>{BASE64[30:]}</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>",
    "key twice in one blob": b64encode(b64decode(BASE64) * 2).decode(),
    "blob and a byte": b64encode(b64decode(BASE64) + b"\0").decode(),
    "blob and a comment": b64encode(b64decode(BASE64) + string("a comment of some length or other"))
    .decode(),
    "openssl -text": f"Modulus:\n    {b64decode(BASE64)[-256:].hex(':')}\n"
    "Exponent: 65537 (0x10001)\n",
    "puttygen -O text": f'key_type="RSA"\npublic_modulus=0x{b64decode(BASE64)[-256:].hex()}\n',
    "openssl asn1parse": "    0:d=0  hl=4 l= 266 cons: SEQUENCE          \n"
    f"    4:d=1  hl=4 l= 257 prim: INTEGER           :{b64decode(BASE64)[-256:].hex()}\n",
    "openssl asn1parse of a request": "    0:d=0  hl=4 l= 604 cons: SEQUENCE          \n"
    "    4:d=1  hl=4 l= 324 cons: SEQUENCE          \n"
    "    8:d=2  hl=2 l=   1 prim: INTEGER           :00\n",
    "PUBLICKEYBLOB": b64encode(
        b"\x06\x02\0\0\0\xa4\0\0RSA1\0\x08\0\0\x01\0\1\0" + b64decode(BASE64)[-256:]).decode(),
    "a Java store of certificates": b64encode(
        b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01\0\0\0\x02\0\x02ca"
        + bytes(8) + b"\0\5X.509\0\0\1\0" + b64decode(BASE64)).decode(),
}  # fmt: skip


@pytest.mark.parametrize("inner", MAKERS)
@pytest.mark.parametrize("outer", MAKERS)
def test_finds_nothing_in_public_keys(outer: str, inner: str) -> None:
    """A public key in the same wrappings is no private one."""
    found = {
        name: PrivateKeySearch().find(MAKERS[outer](MAKERS[inner](text.encode())))
        for name, text in PUBLIC.items()
    }

    assert [] == [(name, kind) for name, kind in found.items() if kind]


@pytest.mark.parametrize("form", PASTED)
def test_finds_nothing_in_public_keys_as_people_paste_them(form: str) -> None:
    """Nor in any other form."""
    found = {
        name: PrivateKeySearch().find(PASTED[form](text.encode())) for name, text in PUBLIC.items()
    }

    assert [] == [(name, kind) for name, kind in found.items() if kind]


@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        pytest.param(LINE.encode().hex(), "not_a_key", "hexadecimal", id="hex of the line"),
        pytest.param(xxd(LINE.encode()), "not_a_key", "hexadecimal", id="xxd of the line"),
        pytest.param(xxd(b64decode(BASE64)), "not_a_key", "hexadecimal", id="xxd of the blob"),
        pytest.param(xxd(LINE.encode(), 1), "not_a_key", "hexadecimal", id="hexdump -C"),
        pytest.param(SPKI.encode().hex(":"), "not_a_key", "hexadecimal", id="hex with colons"),
        pytest.param(b64encode(gzip.compress(LINE.encode())).decode(), "not_text", "compressed",
                     id="gzip in base64"),
        pytest.param(b64encode(zlib.compress(SPKI.encode())).decode(), "not_text", "compressed",
                     id="zlib in base64"),
        pytest.param(gzip.compress(LINE.encode()), "not_text", "gzip", id="gzip"),
    ],
)  # fmt: skip
def test_explains_public_keys_in_the_same_wrappings(
    text: str | bytes, reason: str, said: str
) -> None:
    """They are told what is around the key."""
    with pytest.raises(MalformedPublicKey) as refused:
        read_public_key(text)

    assert reason == refused.value.reason
    assert said in refused.value.description


@pytest.mark.parametrize("layers", [1, 2])
def test_all_readings_of_a_request_are_bounded(layers: int) -> None:
    """A bomb of 100 MB, and a second one, are not decompressed."""
    bomb = gzip.compress(bytes(100 * 1024 * 1024))
    for _ in range(layers - 1):
        bomb = gzip.compress(bomb)
    search = PrivateKeySearch()

    assert None is search.find(bomb, bomb + b"x", b64encode(bomb))
    assert search._used <= BUDGET


def test_each_text_is_looked_at_once() -> None:
    """What was looked at before costs nothing."""
    search = PrivateKeySearch()
    search.find(LINE)
    used = search._used

    assert None is search.find(LINE, LINE.encode())
    assert used == search._used


def test_private_numbers_that_are_cut_off_are_told() -> None:
    """A copy that lost its end is a private key all the same."""
    whole = binaries()["Dropbear, rsa"]

    assert PrivateKeySearch().find(whole[: len(whole) - 200])


def test_a_key_of_other_numbers_is_public() -> None:
    """Numbers after a key are private ones only where they are as long."""
    blob = rsa_blob(int.from_bytes(b64decode(BASE64)[-256:], "big"))

    assert None is PrivateKeySearch().find(blob + mpint(65537) * 3)
