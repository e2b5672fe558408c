"""What holds for every key and every text."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import (
    InvalidKeyPairName,
    MalformedPublicKey,
    RequestRefused,
    UntrustedPublicKey,
)
from core.importing.key_pair_name import check_key_pair_name
from core.keys.fingerprint import md5_fingerprint, sha256_fingerprint
from core.keys.reading import read_public_key
from core.keys.rsa_key import parse_blob, parse_line
from core.keys.ssh_wire import read_mpint, read_string, write_mpint, write_string
from core.keys.trust.policy import KeyPolicy, examine
from tests.keys.strategies import nearly_keys, public_keys

if TYPE_CHECKING:
    from core.keys.rsa_key import RsaPublicKey

pytestmark = pytest.mark.no_cover
ANY_SIZE = KeyPolicy(min_bits=1)


def read_or_refuse(body: str | bytes) -> RsaPublicKey | None:
    """Read a key and examine it; only the catalogue's errors may be raised."""
    try:
        key = read_public_key(body)
    except RequestRefused as raised:
        refusal = raised
        assert isinstance(refusal, MalformedPublicKey) or refusal.code == "MissingParameter"
    else:
        with contextlib.suppress(UntrustedPublicKey):
            examine(key, ANY_SIZE)
        return key
    assert (None, None) == (refusal.__cause__, refusal.__context__)
    if refusal.corrected_line:
        assert refusal.corrected_line == read_public_key(refusal.corrected_line).line
    return None


def ssh_keygen(line: str, kind: str) -> str:
    """The fingerprint that OpenSSH prints."""
    with tempfile.TemporaryDirectory() as folder:
        public = Path(folder) / "key.pub"
        public.write_text(f"{line}\n", "utf-8")
        printed = subprocess.run(
            ["ssh-keygen", "-E", kind, "-lf", public], check=True, capture_output=True
        ).stdout
    return printed.split()[1].decode()


@pytest.mark.long
@given(st.one_of(st.text(), st.binary(), nearly_keys(), nearly_keys().map(
    lambda text: text.encode(errors="surrogatepass"))))  # fmt: skip
@settings(max_examples=400)
def test_any_text_ends_in_a_key_or_an_error_of_the_catalogue(body: str | bytes) -> None:
    """Nothing foreign is raised, and every corrected line is accepted as it is."""
    key = read_or_refuse(body)

    if key is not None:
        assert key == read_public_key(key.line)


@given(public_keys())
def test_a_rendered_key_reads_as_itself(key: RsaPublicKey) -> None:
    """parse(render(key)) == key."""
    assert key == parse_line(key.line)
    assert key == read_public_key(f"{key.line}\n".encode())


@given(public_keys(), st.data())
def test_every_strict_prefix_of_a_blob_is_refused(key: RsaPublicKey, data: st.DataObject) -> None:
    """No part of a key is a key."""
    length = data.draw(st.integers(0, len(key.blob) - 1))

    with pytest.raises(MalformedPublicKey):
        parse_blob(key.blob[:length])


@given(public_keys(), st.binary(min_size=1, max_size=8))
def test_nothing_may_follow_a_blob(key: RsaPublicKey, more: bytes) -> None:
    """A key and something is not a key."""
    with pytest.raises(MalformedPublicKey, match="trailing_data"):
        parse_blob(key.blob + more)


@pytest.mark.long
@given(public_keys())
@settings(max_examples=30)
def test_openssh_reads_what_is_accepted(key: RsaPublicKey) -> None:
    """ssh-keygen takes it too, and both print one fingerprint."""
    accepted = read_public_key(key.line)

    assert ssh_keygen(accepted.line, "sha256") == sha256_fingerprint(accepted.blob)
    md5 = ssh_keygen(accepted.line, "md5").removeprefix("MD5:").replace(":", "")
    assert md5 == md5_fingerprint(accepted.blob)


@pytest.mark.long
@given(nearly_keys())
@settings(max_examples=200)
def test_openssh_reads_what_is_accepted_of_nearly_keys(text: str) -> None:
    """The same for whatever passes of texts that are nearly keys."""
    key = read_or_refuse(text)

    if key is not None and key.bits >= 1024:
        assert ssh_keygen(key.line, "sha256") == sha256_fingerprint(key.blob)


@given(st.integers(1, 1 << 600), st.binary(max_size=9))
def test_the_wire_reads_what_it_writes(number: int, content: bytes) -> None:
    """Both types round-trip, with the offset behind them."""
    written = write_mpint(number) + write_string(content)
    read, end = read_mpint(written, 0)

    assert number == read
    assert (content, len(written)) == read_string(written, end)


@given(st.text(max_size=140))
def test_any_name_is_returned_or_refused(name: str) -> None:
    """A name is its own self, or an error of the catalogue."""
    with contextlib.suppress(InvalidKeyPairName):
        assert name == check_key_pair_name(name)
