"""
Private keys of every kind, made when they are asked for: none is in a file.

Where no library writes a kind, it is put together here from the numbers of a key, as the program's
own sources or manuals describe it. The witnesses are the programs themselves.
"""

from __future__ import annotations

import json
import textwrap
from base64 import b64decode, b64encode
from functools import cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from tests.keys.public_keys import BARE, mpint, string

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

PASSWORD = BestAvailableEncryption(b"password")
FORMATS = {
    "openssh": (Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
    "pkcs8": (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    "pkcs8 encrypted": (Encoding.PEM, PrivateFormat.PKCS8, PASSWORD),
    "traditional": (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    "traditional encrypted": (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, PASSWORD),
}


@cache
def made_keys() -> dict[str, PrivateKeyTypes]:
    """One key of each type."""
    return {
        "rsa": rsa.generate_private_key(65537, 2048),
        "ec": ec.generate_private_key(ec.SECP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
        "dsa": dsa.generate_private_key(2048),
    }


@cache
def armoured() -> dict[str, str]:
    """Every form of PEM that cryptography writes of them."""
    made = {}
    for name, key in made_keys().items():
        for form, arguments in FORMATS.items():
            if name == "dsa" and form == "openssh":
                continue  # deprecated there
            if name == "ed25519" and form.startswith("traditional"):
                continue  # there is none
            made[f"{name} {form}"] = key.private_bytes(*arguments).decode()
    return made


def body_of(pem: str) -> str:
    """The base64 of a PEM file, on one line."""
    return "".join(pem.strip().split("\n")[1:-1])


def armour(label: str, body: str, dashes: str = "-----") -> str:
    return f"{dashes}BEGIN {label}{dashes}\n{body}\n{dashes}END {label}{dashes}\n"


def rsa_key() -> rsa.RSAPrivateKey:
    key = made_keys()["rsa"]
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def rsa_numbers() -> rsa.RSAPrivateNumbers:
    return rsa_key().private_numbers()


def jwk() -> dict[str, str]:
    """RFC 7518, section 6.3."""
    numbers = rsa_numbers()

    def number(value: int) -> str:
        data = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return b64encode(data, b"-_").rstrip(b"=").decode()

    public = numbers.public_numbers
    return {
        "kty": "RSA",
        "n": number(public.n),
        "e": number(public.e),
        "d": number(numbers.d),
        "p": number(numbers.p),
        "q": number(numbers.q),
    }


def little(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little")


@cache
def texts() -> dict[str, str]:
    """Every kind that is a text, PEM and others."""
    body = body_of(armoured()["rsa traditional"])
    wrapped = textwrap.fill(body, 64)
    numbers = rsa_numbers()
    ppk = (
        f"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: alice\nPublic-Lines: 6\n"
        f"{textwrap.fill(BARE.split(' ')[1], 64)}\nPrivate-Lines: 14\n{wrapped}\n"
        f"Private-MAC: {'0' * 64}\n"
    )

    def hexed(number: int) -> str:
        pairs = number.to_bytes(number.bit_length() // 8 + 1, "big").hex(":")
        return "\n    ".join(textwrap.wrap(pairs, 45))

    first_half = (
        f"Private-Key: (2048 bit, 2 primes)\nmodulus:\n    {hexed(numbers.public_numbers.n)}\n"
        f"publicExponent: 65537 (0x10001)\nprivateExponent:\n    {hexed(numbers.d)}\n"
    )
    second_half = (
        f"prime1:\n    {hexed(numbers.p)}\nprime2:\n    {hexed(numbers.q)}\n"
        f"exponent1:\n    {hexed(numbers.dmp1)}\nexponent2:\n    {hexed(numbers.dmq1)}\n"
        f"coefficient:\n    {hexed(numbers.iqmp)}\n"
    )
    members = f"<Modulus>{body[:300]}</Modulus><Exponent>AQAB</Exponent><P>{body[:172]}</P>"
    prefixed = members.replace("<", "<ds:").replace("<ds:/", "</ds:")
    key = jwk()
    return {
        **armoured(),
        "PPK": ppk,
        "PPK, its private part": ppk[ppk.index("Private-Lines") :],
        "JWK": json.dumps(key),
        "JWK, as Python shows it": repr(key),
        "JWK in YAML": "".join(f"{name}: {value}\n" for name, value in key.items()),
        "PGP": armour("PGP PRIVATE KEY BLOCK", "\n" + wrapped),
        "SSH2": armour("SSH2 ENCRYPTED PRIVATE KEY", textwrap.fill(body, 70), "---- ").replace(
            "KEY---- ", "KEY ----"
        ),
        "DNSSEC": "Private-key-format: v1.3\nAlgorithm: 8 (RSASHA256)\n"
        f"PrivateExponent: {body[:300]}",
        "DNSSEC, its second half": f"Prime1: {body[:172]}\nPrime2: {body[172:344]}\n",
        "age": "AGE-SECRET-" + "KEY-1" + "Q" * 58,
        "minisign": f"untrusted comment: minisign encrypted secret key\nRWRT{'a' * 200}",
        "WireGuard": f"[Interface]\nPrivateKey = {body[:43]}=",
        "XML": f"<RSAKeyValue>{members}<D>{body[:340]}</D></RSAKeyValue>",
        "XML with an attribute": '<RSAKeyValue xmlns="http://www.w3.org/2000/09/xmldsig#">'
        f"{members}</RSAKeyValue>",
        "XML with a prefix": f"<ds:RSAKeyValue>{prefixed}</ds:RSAKeyValue>",
        "XML, a DSA key": f"<DSAKeyValue><P>{body[:344]}</P><X>{body[:28]}</X></DSAKeyValue>",
        "GnuPG": f"(private-key (rsa (n #00{'A7' * 64}#)(d #00{'B3' * 64}#)))",
        "openssl -text": first_half + second_half,
        "openssl -text, its second half": second_half,
        "openssl asn1parse, encrypted": "    0:d=0  hl=4 l=1325 cons: SEQUENCE          \n"
        "    4:d=1  hl=2 l=  87 cons: SEQUENCE          \n"
        "    6:d=2  hl=2 l=   9 prim: OBJECT            :PBES2\n",
        "openssl -text of a curve": f"priv:\n    {':'.join(['a7'] * 32)}\n",
        "openssl -text of DH": f"DH Private-Key:\nprivate-key:\n    {hexed(numbers.d)}\n",
        "openssl asn1parse": "    0:d=0  hl=2 l=  46 cons: SEQUENCE          \n"
        "    2:d=1  hl=2 l=   1 prim: INTEGER           :00\n"
        "    5:d=1  hl=2 l=   5 cons: SEQUENCE          \n"
        "    7:d=2  hl=2 l=   3 prim: OBJECT            :ED25519\n"
        f"   12:d=1  hl=2 l=  34 prim: OCTET STRING      [HEX DUMP]:0420{'A7' * 32}\n",
        "puttygen -O text": f'key_type="RSA"\nprivate_exponent={numbers.d:#x}\n',
    }


@cache
def binaries() -> dict[str, bytes]:
    """Every kind that is a file of bytes."""
    numbers = rsa_numbers()
    public = numbers.public_numbers
    n, e, d, p, q = public.n, public.e, numbers.d, numbers.p, numbers.q
    dss = made_keys()["dsa"]
    curve = made_keys()["ec"]
    ed = made_keys()["ed25519"]
    assert isinstance(dss, dsa.DSAPrivateKey)
    assert isinstance(curve, ec.EllipticCurvePrivateKey)
    assert isinstance(ed, ed25519.Ed25519PrivateKey)
    dss_numbers = dss.private_numbers()
    group = dss_numbers.public_numbers.parameter_numbers
    point = curve.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    seed, ed_public = ed.private_bytes_raw(), ed.public_key().public_bytes_raw()

    rsa_public = string("ssh-rsa") + mpint(e) + mpint(n)
    dss_public = string("ssh-dss") + b"".join(
        map(mpint, (group.p, group.q, group.g, dss_numbers.public_numbers.y))
    )
    ecdsa_public = string("ecdsa-sha2-nistp256") + string("nistp256") + string(point)
    scalar = mpint(curve.private_numbers().private_value)
    comment = string("alice@laptop")
    checks, padding = bytes(range(4)) * 2, bytes(range(1, 8))
    capi = (
        b"RSA2"
        + little(2048, 4)
        + little(e, 4)
        + little(n, 256)
        + b"".join(little(each, 128) for each in (p, q, numbers.dmp1, numbers.dmq1, numbers.iqmp))
        + little(d, 256)
    )
    key_blob = b"\x07\x02\0\0\0\xa4\0\0" + capi
    lengths = b"".join(little(each, 4) for each in (2048, 3, 256, 128, 128))
    cng = lengths + e.to_bytes(3, "big") + n.to_bytes(256, "big") + p.to_bytes(128, "big")
    java_key = bytes.fromhex("3082010030 0e 060a 2b060104012a02110101 0500".replace(" ", ""))
    java_entry = b"\0\x05alice" + bytes(8) + len(java_key).to_bytes(4, "big") + java_key
    certificate = b"\0\0\0\x02\0\x02ca" + bytes(8) + b"\0\x05X.509\0\0\0\x04" + bytes(4)
    pems = armoured()
    return {
        **{
            f"{name} in DER": b64decode(body_of(pems[name]))
            for name in pems
            if name != "rsa openssh" and "traditional encrypted" not in name
        },
        "OpenSSH in binary": b64decode(body_of(pems["rsa openssh"])),
        "PKCS#12": serialize_key_and_certificates(b"a", rsa_key(), None, None, PASSWORD),
        "SSH2 in binary": b"\x3f\x6f\xf9\xeb" + mpint(d),
        "PGP packet": b"\x95\x03\x98\x04\x65\x00\x00\x00\x01" + mpint(d),
        "Dropbear, rsa": rsa_public + mpint(d) + mpint(p) + mpint(q),
        "Dropbear, rsa without primes": rsa_public + mpint(d),
        "Dropbear, dss": dss_public + mpint(dss_numbers.x),
        "Dropbear, ecdsa": ecdsa_public + scalar,
        "Dropbear, ed25519": string("ssh-ed25519") + string(seed + ed_public),
        "inner section, rsa": checks
        + string("ssh-rsa")
        + b"".join(map(mpint, (n, e, d, numbers.iqmp, p, q)))
        + comment
        + padding,
        "inner section, dss": checks + dss_public + mpint(dss_numbers.x) + comment + padding,
        "inner section, ecdsa": checks + ecdsa_public + scalar + comment + padding,
        "inner section, ed25519": checks
        + string("ssh-ed25519")
        + string(ed_public)
        + string(seed + ed_public)
        + comment
        + padding,
        "PuTTY's private numbers": b"".join(map(mpint, (d, p, q, numbers.iqmp))),
        "CAPI": key_blob,
        "CAPI, to sign": key_blob.replace(b"\xa4", b"\x24", 1),
        "CNG": b"RSA2" + cng,
        "CNG, full": b"RSA3" + cng + q.to_bytes(128, "big") + d.to_bytes(256, "big"),
        "CNG, a curve": b"ECS2" + little(32, 4) + point[1:] + scalar[-32:],
        "PVK": b"\x1e\xf1\xb5\xb0" + bytes(4) + little(1, 4) + bytes(8) + little(596, 4) + key_blob,
        "Java store": b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01\0\0\0\x01" + java_entry,
        "Java store, a certificate first": b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x02"
        + certificate
        + b"\0\0\0\x01"
        + java_entry,
        "JCEKS": b"\xce\xce\xce\xce\0\0\0\x02\0\0\0\x01\0\0\0\x01" + java_entry,
    }
