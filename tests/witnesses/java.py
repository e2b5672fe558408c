"""keytool, of the JDK: stores of keys, each with the certificate of its public half."""

from __future__ import annotations

from tests.witnesses.rows import PASSWORD, Row, private, public

_KEYS = {
    "rsa": "-keyalg RSA -keysize 2048",
    "ec": "-keyalg EC -groupname secp256r1",
    "dsa": "-keyalg DSA -keysize 1024",
    "ed25519": "-keyalg Ed25519",
}
_STORES = {
    "jks": ("rsa", "ec", "dsa", "ed25519"),
    "jceks": ("rsa", "ec"),
    "pkcs12": ("rsa", "ec"),
}
_KEYTOOL = f"keytool -J-XX:TieredStopAtLevel=1 -storepass {PASSWORD} -alias alice"


def _store(name: str, kind: str) -> Row:
    file = f"{name}.{kind}"
    command = f"{_KEYTOOL} -genkeypair -dname CN=example.com {_KEYS[name]} -storetype {kind}"
    return private(file, f"{command} -keypass {PASSWORD} -keystore {file}")


ROWS = [
    *(_store(name, kind) for kind, names in _STORES.items() for name in names),
    public("rsa.pem", "x509", f"{_KEYTOOL} -exportcert -rfc -keystore rsa.jks -file rsa.pem"),
    public(
        "rsa.der",
        "not_text",
        f"{_KEYTOOL} -exportcert -keystore rsa.jks -file rsa.der",
        in_base64="x509",
    ),
    public("rsa.csr", "x509", f"{_KEYTOOL} -certreq -keystore rsa.jks -file rsa.csr"),
]
