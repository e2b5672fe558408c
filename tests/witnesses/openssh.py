"""ssh-keygen, of OpenSSH."""

from __future__ import annotations

from tests.witnesses.rows import ACCEPTED, PASSWORD, Row, private, public

_NEW = "ssh-keygen -q -a 1 -C alice"
_SIZES = {1024: "too_few_bits", 2048: ACCEPTED, 3072: ACCEPTED, 4096: ACCEPTED}
_TYPES = {
    "rsa-2048": ACCEPTED,
    "ecdsa-256": "wrong_key_type",
    "ecdsa-384": "wrong_key_type",
    "ecdsa-521": "wrong_key_type",
    "dsa": "wrong_key_type",
    "ed25519": "wrong_key_type",
}


def _sizes() -> list[Row]:
    """RSA keys of each size, whose public halves are in every form."""
    rows = []
    for bits, expected in _SIZES.items():
        name = f"rsa{bits}"
        rows.append(private(name, f"{_NEW} -t rsa -b {bits} -N '' -f {name}"))
        rows.append(public(f"{name}.pub", expected))
        for form in ("RFC4716", "PKCS8", "PEM"):
            file = f"{name}.{form}"
            command = f"ssh-keygen -e -m {form} -f {name}.pub > {file}"
            rows.append(public(file, expected, command))
    return rows


def _forms(key_type: str, expected: str) -> list[Row]:
    """A private half in each form, with a password and without one, and the public one."""
    name, _, bits = key_type.partition("-")
    options = f"-t {name} -b {bits}" if bits else f"-t {name}"
    rows = []
    # RFC4716 is what OpenSSH's own form of a private key is asked for by. Ed25519 has no other.
    for form in ("RFC4716", "PEM", "PKCS8") if name != "ed25519" else ("RFC4716",):
        for suffix, password in {"": "", "-encrypted": PASSWORD}.items():
            file = f"{key_type}-{form}{suffix}"
            rows.append(private(file, f"{_NEW} {options} -m {form} -N '{password}' -f {file}"))
            rows.append(public(f"{file}.pub", expected))
    return rows


def _converted(source: str, form: str) -> Row:
    file = f"{source}.{form}"
    command = f"ssh-keygen -e -m {form} -f {source}-RFC4716.pub > {file}"
    return public(file, "wrong_key_type", command)


ROWS = [
    *_sizes(),
    *(row for key_type, expected in _TYPES.items() for row in _forms(key_type, expected)),
    _converted("ed25519", "RFC4716"),
    _converted("ecdsa-256", "PKCS8"),
    _converted("ecdsa-256", "PEM"),
    _converted("dsa", "PKCS8"),
    public("rsa2048-cert.pub", "certificate", "ssh-keygen -q -s rsa3072 -I alice rsa2048.pub"),
    public("known_hosts", "known_hosts", "sed 's/^/example.com /' rsa2048.pub > known_hosts"),
    public(
        "hashed",
        "known_hosts",
        "cp known_hosts hashed && ssh-keygen -q -H -f hashed && mv hashed.old .hashed.old",
    ),
    public("fingerprint", "not_a_key", "ssh-keygen -l -f rsa2048.pub > fingerprint"),
    public("randomart", "not_a_key", "ssh-keygen -lv -f rsa2048.pub > randomart"),
    public(
        "signature", "not_a_key", "ssh-keygen -q -Y sign -n file -f rsa2048 < hashed > signature"
    ),
]
