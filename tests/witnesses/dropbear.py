"""dropbearkey and dropbearconvert, of Dropbear: the SSH of routers and other small machines."""

from __future__ import annotations

from tests.witnesses.rows import ACCEPTED, Row, private, public

_KEYS = {
    "rsa": "-t rsa -s 2048",
    "rsa-3072": "-t rsa -s 3072",
    "dss": "-t dss",
    "ecdsa-256": "-t ecdsa -s 256",
    "ecdsa-384": "-t ecdsa -s 384",
    "ecdsa-521": "-t ecdsa -s 521",
    "ed25519": "-t ed25519",
}


def _key(name: str) -> list[Row]:
    shown, expected = (
        ("surrounding_text", ACCEPTED)
        if name.startswith("rsa")
        else ("wrong_key_type", "wrong_key_type")
    )
    return [
        private(name, f"dropbearkey {_KEYS[name]} -f {name} > .unused 2>&1"),
        private(f"{name}.openssh", f"dropbearconvert dropbear openssh {name} {name}.openssh"),
        private(f"{name}.line", f"(printf 'ssh-rsa '; base64 -w 0 {name}) > {name}.line"),
        public(f"{name}.shown", shown, f"dropbearkey -y -f {name} > {name}.shown"),
        public(f"{name}.pub", expected, f"grep ^[es] {name}.shown > {name}.pub"),
    ]


ROWS = [row for name in _KEYS for row in _key(name)]
