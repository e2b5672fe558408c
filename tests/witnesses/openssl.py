"""openssl: all that its commands write of a key."""

from __future__ import annotations

from tests.witnesses.rows import ACCEPTED, PASSWORD, Row, private, public

_KEYS = {
    "rsa": "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
    "rsa-pss": "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048",
    "ec": "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    "ec-explicit": (
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-384 -pkeyopt ec_param_enc:explicit"
    ),
    "ed25519": "-algorithm ED25519",
    "ed448": "-algorithm ED448",
    "x25519": "-algorithm X25519",
    "dsa": "-paramfile dsa.parameters",
    "dh": "-algorithm DH -pkeyopt group:ffdhe2048",
}
_AS_TRADITIONAL = ("rsa", "ec", "ec-explicit", "dsa")
_AS_MICROSOFT = ("rsa", "dsa")
_PASSWORD = f"-passout pass:{PASSWORD}"
_LEGACY = "-provider legacy -provider default"
_PARAMETERS = (
    "openssl genpkey -quiet -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:1024 "
    "-pkeyopt dsa_paramgen_q_bits:160 -out dsa.parameters"
)
_REQUEST = "openssl req -new -key rsa.pem -subj /CN=example.com"


def _forms(name: str) -> dict[str, str]:
    """Return what makes each form of a private key of its PKCS#8, by what the file is called."""
    forms = {
        "der": "pkey -outform DER",
        "text": "pkey -text -noout",
        "text.pem": "pkey -text",
        "asn1": "asn1parse -out .unused",
    }
    for scheme, option in {
        "pbes1": "-v1 PBE-SHA1-3DES",
        "pbes2": "-v2 aes-256-cbc",
        "scrypt": "-scrypt -scrypt_N 1024",
    }.items():
        for form in ("pem", "der"):
            forms[f"{scheme}.{form}"] = f"pkcs8 -topk8 -outform {form} {option} {_PASSWORD}"
    if name in _AS_TRADITIONAL:
        forms["traditional.pem"] = "pkey -traditional"
        forms["traditional.der"] = "pkey -traditional -outform DER"
        forms["traditional.encrypted.pem"] = f"pkey -traditional -aes256 {_PASSWORD}"
    if name in _AS_MICROSOFT:
        forms["msblob"] = f"{name} -outform MSBLOB"
        forms["pvk"] = f"{name} -outform PVK -pvk-none"
        forms["weak.pvk"] = f"{name} -outform PVK -pvk-weak {_PASSWORD} {_LEGACY}"
        forms["strong.pvk"] = f"{name} -outform PVK -pvk-strong {_PASSWORD} {_LEGACY}"
    return forms


def _key(name: str) -> list[Row]:
    """Return the rows of a key: PKCS#8, all other forms, and the public half."""
    pem, der = f"{name}.spki.pem", f"{name}.spki.der"
    expected, bare = (
        (ACCEPTED, "missing_key_type") if name == "rsa" else ("wrong_key_type", "wrong_key_type")
    )
    return [
        private(f"{name}.pem", f"openssl genpkey -quiet {_KEYS[name]} -out {name}.pem"),
        *(
            private(f"{name}.{form}", f"openssl {command} -in {name}.pem > {name}.{form}")
            for form, command in _forms(name).items()
        ),
        public(pem, expected, f"openssl pkey -in {name}.pem -pubout > {pem}"),
        public(
            der,
            "not_text",
            f"openssl pkey -in {name}.pem -pubout -outform DER > {der}",
            in_base64=bare,
        ),
    ]


def _store(file: str, options: str) -> Row:
    command = f"openssl pkcs12 -export -in certificate.pem -inkey rsa.pem {options} {_PASSWORD}"
    return private(file, f"{command} -out {file}")


def _unpacked(file: str, options: str) -> Row:
    command = f"openssl pkcs12 -in store.p12 -passin pass:{PASSWORD} {options}"
    return private(file, f"{command} -out {file}")


ROWS = [
    public("dsa.parameters", "wrong_key_type", _PARAMETERS),
    *(row for name in _KEYS for row in _key(name)),
    public("pkcs1.pem", ACCEPTED, "openssl rsa -in rsa.pem -RSAPublicKey_out -out pkcs1.pem"),
    public(
        "pkcs1.der",
        "not_text",
        "openssl rsa -in rsa.pem -RSAPublicKey_out -outform DER -out pkcs1.der",
        in_base64="missing_key_type",
    ),
    public(
        "public.msblob",
        "not_text",
        "openssl rsa -in rsa.pem -pubout -outform MSBLOB -out public.msblob",
        in_base64="not_a_key",
    ),
    public("public.text", "not_a_key", "openssl pkey -in rsa.pem -text_pub -noout > public.text"),
    public("modulus", "not_a_key", "openssl rsa -in rsa.pem -modulus -noout > modulus"),
    public("certificate.pem", "x509", f"{_REQUEST} -x509 -days 1 -out certificate.pem"),
    public(
        "certificate.der",
        "not_text",
        "openssl x509 -in certificate.pem -outform DER -out certificate.der",
        in_base64="x509",
    ),
    public("request.pem", "x509", f"{_REQUEST} -out request.pem"),
    public(
        "chain.p7b", "x509", "openssl crl2pkcs7 -nocrl -certfile certificate.pem -out chain.p7b"
    ),
    *(
        public(f"{name}.asn1", "not_a_key", f"openssl asn1parse -in {name}.pem > {name}.asn1")
        for name in ("rsa.spki", "pkcs1", "certificate", "request")
    ),
    private("key-and-request.pem", "cat rsa.pem request.pem > key-and-request.pem"),
    private("certificate-and-key.pem", "cat certificate.pem rsa.pem > certificate-and-key.pem"),
    private("public-and-key.pem", "cat pkcs1.pem rsa.pem > public-and-key.pem"),
    _store("store.p12", ""),
    _store("legacy.p12", "-legacy"),
    _store("plain.p12", "-keypbe NONE -certpbe NONE"),
    _store("no-mac.p12", "-nomac"),
    _store("no-certificate.p12", "-nocerts"),
    # A store is encrypted: that it holds certificates alone cannot be told.
    public(
        "certificates.p12",
        "private_key",
        f"openssl pkcs12 -export -nokeys -in certificate.pem {_PASSWORD} -out certificates.p12",
        in_base64="private_key",
    ),
    _unpacked("store.pem", "-noenc"),
    _unpacked("store.encrypted.pem", _PASSWORD),
]
