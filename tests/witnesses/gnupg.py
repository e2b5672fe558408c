"""gpg, of GnuPG. Its private keys are its agent's, whose files are sent too."""

from __future__ import annotations

from tests.witnesses.rows import ACCEPTED, PASSWORD, Row, private, public

# A password's hash takes a tenth of a second else, with which every key is decrypted and encrypted.
BEFORE = "mkdir -m 700 $GNUPGHOME; echo s2k-count 65536 > $GNUPGHOME/gpg-agent.conf"
AFTER = "gpgconf --kill all"

_KEYS = {
    "rsa": ("rsa2048 cert,sign,auth", "rsa2048"),
    "dsa": ("dsa1024 cert,sign", "elg1024"),
    "ed25519": ("ed25519 cert,sign,auth", "cv25519"),
    "nistp256": ("nistp256 cert,sign,auth", "nistp256"),
}
_AS_SSH = {"rsa": ACCEPTED, "ed25519": "wrong_key_type", "nistp256": "wrong_key_type"}
_GPG = "gpg --batch --quiet --no-tty --pinentry-mode loopback"


def _key(name: str, password: str) -> list[Row]:
    who = f"{name}-encrypted" if password else name
    user = f"{who}@example.com"
    gpg = f"{_GPG} --passphrase '{password}'"
    usage, subkey = _KEYS[name]
    listed = (
        f"gpg --list-keys --with-colons --with-keygrip {user} | "
        "sed -n '/^RECORD/{s///;s/:.*//;p;q}'"
    )
    fingerprint, keygrip = (listed.replace("RECORD", f"{each}:*") for each in ("fpr", "grp"))
    return [
        private(
            f"{who}.secret.asc",
            f"{gpg} --quick-generate-key {user} {usage} never; "
            f"{gpg} --quick-add-key $({fingerprint}) {subkey} encr never; "
            f"{gpg} --armor --export-secret-keys {user} > {who}.secret.asc",
        ),
        private(f"{who}.secret.gpg", f"{gpg} --export-secret-keys {user} > {who}.secret.gpg"),
        private(
            f"{who}.subkeys.asc",
            f"{gpg} --armor --export-secret-subkeys {user} > {who}.subkeys.asc",
        ),
        private(f"{who}.subkeys.gpg", f"{gpg} --export-secret-subkeys {user} > {who}.subkeys.gpg"),
        private(
            f"{who}.agent.key", f"cp $GNUPGHOME/private-keys-v1.d/$({keygrip}).key {who}.agent.key"
        ),
    ]


def _public(name: str) -> list[Row]:
    export = f"{_GPG} --export {name}@example.com"
    rows = [
        public(
            f"{name}.asc", "not_a_key", f"{_GPG} --armor --export {name}@example.com > {name}.asc"
        ),
        public(f"{name}.gpg", "not_text", f"{export} > {name}.gpg", in_base64="not_a_key"),
    ]
    if name in _AS_SSH:
        command = f"{_GPG} --export-ssh-key {name}@example.com > {name}.pub"
        rows.append(public(f"{name}.pub", _AS_SSH[name], command))
    return rows


ROWS = [
    *(row for name in _KEYS for password in ("", PASSWORD) for row in _key(name, password)),
    *(row for name in _KEYS for row in _public(name)),
]
