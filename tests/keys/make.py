"""
Make the public keys of this folder, with ssh-keygen and openssl alone.

    python tests/keys/make.py

Every file is what the tool wrote, but for the name of the user it ran as; fingerprints.tsv is what
`ssh-keygen -lf` printed for it. The private halves are made in a folder that is gone when the
script ends.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
COMMENT = "alice@example.com"
RSA_BITS = (1024, 2048, 3072, 4096)
FORMS = {"rfc4716": "RFC4716", "spki.pem": "PKCS8", "pkcs1.pem": "PEM"}


def run(*command: str | Path) -> str:
    """Run a tool, and return what it printed."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def keygen(name: str, folder: Path, *options: str) -> Path:
    """Make a pair and keep its public half; return the private one."""
    private = folder / name
    run("ssh-keygen", "-q", "-N", "", "-C", COMMENT, "-f", private, *options)
    shutil.copy(private.with_suffix(".pub"), HERE / f"{name}.pub")
    return private


def main(folder: Path) -> None:
    """Make them all."""
    for bits in RSA_BITS:
        private = keygen(f"rsa-{bits}", folder, "-t", "rsa", "-b", str(bits))
        for suffix, form in FORMS.items():
            text = run("ssh-keygen", "-e", "-m", form, "-f", private.with_suffix(".pub"))
            # The tool names the user and host that it runs as; those are nobody's business.
            text = re.sub(r"by \S+ from", f"by {COMMENT} from", text)
            (HERE / f"rsa-{bits}.{suffix}").write_text(text)
    for name in ("ed25519", "ecdsa", "dsa"):
        keygen(name, folder, "-t", name)
    authority = keygen("ca", folder, "-t", "rsa", "-b", "2048")
    user = keygen("signed", folder, "-t", "rsa", "-b", "2048")
    run("ssh-keygen", "-q", "-s", authority, "-I", "alice", user.with_suffix(".pub"))
    shutil.copy(folder / "signed-cert.pub", HERE / "rsa-cert.pub")
    for stem in ("ca", "signed"):
        (HERE / f"{stem}.pub").unlink()
    pem_forms(folder)
    fingerprints = []
    for path in sorted(HERE.glob("rsa-[0-9]*.pub")):
        sums = [run("ssh-keygen", "-E", kind, "-lf", path).split()[1] for kind in ("md5", "sha256")]
        fingerprints.append("\t".join([path.stem, *sums]))
    (HERE / "fingerprints.tsv").write_text("\n".join(fingerprints) + "\n")


def pem_forms(folder: Path) -> None:
    """Make what else is armoured and is no RSA public key."""
    for name, options in {
        "ec": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
        "ed25519": ("-algorithm", "ED25519"),
        "rsa-pss": ("-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"),
        "x509": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    }.items():
        private = folder / f"{name}.pem"
        run("openssl", "genpkey", *options, "-out", private)
        if name == "x509":
            request = ("openssl", "req", "-new", "-key", private, "-subj", "/CN=example.com")
            run(*request, "-x509", "-days", "1", "-out", HERE / "certificate.pem")
            run(*request, "-out", HERE / "request.pem")
        else:
            run("openssl", "pkey", "-in", private, "-pubout", "-out", HERE / f"{name}.spki.pem")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(made))
