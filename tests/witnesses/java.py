"""keytool, of the JDK: stores of keys, each with the certificate of its public half."""

from __future__ import annotations

from tests.witnesses.rows import PASSWORD, Row, private, public

_KEYS = {
    "rsa": "-keyalg RSA -keysize 2048",
    "ec": "-keyalg EC -groupname secp256r1",
    "dsa": "-keyalg DSA -keysize 1024",
    "ed25519": "-keyalg Ed25519",
}
_OTHER_STORES = ("jceks", "pkcs12")
_KEYTOOL = "keytool -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC"  # it starts sooner
_STORE = f"-storepass {PASSWORD} -alias alice"


def _new(name: str) -> Row:
    command = f"{_KEYTOOL} -genkeypair {_STORE} -dname CN=example.com {_KEYS[name]}"
    return private(
        f"{name}.jks",
        f"{command} -storetype jks -keypass {PASSWORD} -keystore {name}.jks",
    )


def _copied(name: str, kind: str) -> Row:
    file = f"{name}.{kind}"
    command = f"{_KEYTOOL} -importkeystore -srckeystore {name}.jks -srcstorepass {PASSWORD}"
    return private(
        file, f"{command} -deststoretype {kind} -deststorepass {PASSWORD} -destkeystore {file}"
    )


ROWS = [
    *(_new(name) for name in _KEYS),
    *(_copied(name, kind) for kind in _OTHER_STORES for name in ("rsa", "ec")),
    public(
        "rsa.pem", "x509", f"{_KEYTOOL} -exportcert -rfc {_STORE} -keystore rsa.jks -file rsa.pem"
    ),
    public(
        "rsa.der",
        "not_text",
        f"{_KEYTOOL} -exportcert {_STORE} -keystore rsa.jks -file rsa.der",
        in_base64="x509",
    ),
    public(
        "certificates.jks",
        "not_text",
        f"{_KEYTOOL} -importcert -noprompt {_STORE} -storetype jks -keystore certificates.jks "
        "-file rsa.pem",
        in_base64="not_a_key",
    ),
    public("rsa.csr", "x509", f"{_KEYTOOL} -certreq {_STORE} -keystore rsa.jks -file rsa.csr"),
]
