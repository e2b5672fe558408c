"""puttygen, of PuTTY."""

from __future__ import annotations

from tests.witnesses.rows import ACCEPTED, PASSWORD, Row, private, public

BEFORE = f"printf '' > .nothing; printf {PASSWORD} > .password"

_NEW = "puttygen -q -C alice --random-device /dev/urandom --new-passphrase .nothing"
_KEYS = {
    "rsa": "-t rsa -b 2048",
    "rsa-3072": "-t rsa -b 3072",
    "dsa": "-t dsa -b 1024",
    "ecdsa": "-t ecdsa -b 256",
    "ed25519": "-t ed25519",
    "ed448": "-t ed448",
}
_V3 = "private --ppk-param version=3,memory=64,passes=1"  # one pass: it is a key for a minute


def _forms(name: str) -> dict[str, str]:
    forms = {"v3": _V3, "v2": "private --ppk-param version=2"}
    if name != "ed448":  # OpenSSH has no such keys
        forms |= {"openssh": "private-openssh", "openssh-new": "private-openssh-new"}
    if name.startswith(("rsa", "dsa")):  # ssh.com's programs had no others
        forms["sshcom"] = "private-sshcom"
    return forms


def _key(name: str) -> list[Row]:
    rows = [private(f"{name}.ppk", f"{_NEW} {_KEYS[name]} -o {name}.ppk")]
    for form, option in _forms(name).items():
        for suffix, passphrase in {"": ".nothing", "-encrypted": ".password"}.items():
            file = f"{name}.{form}{suffix}"
            command = (
                f"puttygen {name}.ppk --old-passphrase .nothing -P --new-passphrase {passphrase}"
            )
            rows.append(private(file, f"{command} -O {option} -o {file}"))
    expected = ACCEPTED if name.startswith("rsa") else "wrong_key_type"
    return [
        *rows,
        private(f"{name}.text", f"puttygen {name}.ppk -O text -o {name}.text"),
        public(f"{name}.pub", expected, f"puttygen {name}.ppk -O public-openssh -o {name}.pub"),
        public(f"{name}.rfc4716", expected, f"puttygen {name}.ppk -O public -o {name}.rfc4716"),
    ]


ROWS = [
    *(row for name in _KEYS for row in _key(name)),
    private("ssh1", f"{_NEW} -t rsa1 -b 2048 -o ssh1"),
    private(
        "ssh1-encrypted", f"{_NEW} -t rsa1 -b 2048 --new-passphrase .password -o ssh1-encrypted"
    ),
    public("ssh1.pub", "not_a_key", "puttygen ssh1 -L -o ssh1.pub"),
    public("public.text", "not_a_key", "puttygen rsa.pub -O text -o public.text"),
    public("fingerprint", "not_a_key", "puttygen rsa.ppk -l -o fingerprint"),
]
