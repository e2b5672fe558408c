"""Every public RSA key among cryptography's vectors is accepted, or refused for a listed reason."""

from __future__ import annotations

import re
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key, load_ssh_public_key

from core.errors import MalformedPublicKey
from core.keys.reading import read_public_key
from core.keys.rsa_key import RsaPublicKey

FOLDER = Path(cryptography_vectors.__file__).parent / "asymmetric"
VECTORS = sorted(
    str(path.relative_to(FOLDER))
    for path in FOLDER.rglob("*")
    if path.suffix in {".pem", ".pub"}
    and re.search(rb"^ssh-rsa|BEGIN (RSA )?PUBLIC KEY", path.read_bytes())
)
# Not plain RSA keys, whatever their names say.
REFUSED = {
    "OpenSSH/rsa-nopsw.key-cert.pub": "certificate",
    "PEM_Serialization/rsa_wrong_delimiter_public_key.pem": "type_mismatch",
}
ACCEPTED = {
    "OpenSSH/rsa-nopsw.key.pub",
    "OpenSSH/rsa-psw.key.pub",
    "PEM_Serialization/rsa_public_key.pem",
    "PKCS8/unenc-rsa-pkcs8.pub.pem",
    "public/PKCS1/rsa.pub.pem",
}


def test_there_are_vectors() -> None:
    """The lists below are of this many files; a new release of the vectors may bring more."""
    assert {*REFUSED, *ACCEPTED} <= set(VECTORS)


@pytest.mark.parametrize("name", VECTORS)
def test_vector(name: str) -> None:
    """The numbers are those that cryptography reads; what it reads and we do not is listed."""
    content = (FOLDER / name).read_bytes()
    if name in ACCEPTED:
        load = load_ssh_public_key if content.startswith(b"ssh-") else load_pem_public_key
        loaded = load(content)
        assert isinstance(loaded, RSAPublicKey)
        numbers = loaded.public_numbers()
        key = read_public_key(content)
        assert RsaPublicKey.from_numbers(numbers.e, numbers.n, key.comment) == key
        return
    with pytest.raises(MalformedPublicKey) as refusal:
        read_public_key(content)
    assert REFUSED.get(name, "wrong_key_type") == refusal.value.reason


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=str(path.relative_to(FOLDER)))
        for path in sorted(FOLDER.rglob("*"))
        if path.is_file() and b"PRIVATE KEY-----" in path.read_bytes()
    ],
)
def test_private_vector(path: Path) -> None:
    """Every armoured private key among the vectors is told as such."""
    with pytest.raises(MalformedPublicKey) as refusal:
        read_public_key(path.read_bytes())

    assert "private_key" == refusal.value.reason
