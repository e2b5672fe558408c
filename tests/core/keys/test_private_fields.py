"""Private numbers of the SSH wire are told by their lengths; what is public beside them is not."""

from __future__ import annotations

import pytest

from core.keys.private_keys import find_private_key
from tests.keys.public_keys import string

RSA, DSS, ED25519 = "ssh-rsa", "ssh-dss", "ssh-ed25519"


def fields(*sizes: int) -> bytes:
    """Fields of such lengths, whose content does not matter."""
    return b"".join(string(b"\1" * size) for size in sizes)


def ecdsa(curve: int, *sizes: int) -> tuple[str, bytes]:
    """A curve's name and fields: a point has twice the bytes of a coordinate, and one more."""
    return f"ecdsa-sha2-nistp{curve}", string(f"nistp{curve}") + fields(*sizes)


@pytest.mark.parametrize(
    ("key_type", "content", "is_private"),
    [
        pytest.param(RSA, fields(3, 257), False, id="rsa, public"),
        *[
            pytest.param(RSA, fields(*public, size), is_private, id=f"rsa, {public}, {size}")
            for public in ((3, 257), (257, 3))
            for size, is_private in ((240, False), (241, True), (258, True), (259, False))
        ],
        pytest.param(RSA, fields(3, 32, 32), True, id="rsa, the shortest"),
        pytest.param(RSA, fields(3, 31, 31), False, id="rsa, of no use"),
        pytest.param(DSS, fields(129, 21, 128, 128), False, id="dss, public"),
        *[
            pytest.param(DSS, fields(129, 21, 128, 128, size), is_private, id=f"dss, {size}")
            for size, is_private in ((16, False), (17, True), (22, True), (23, False), (42, False))
        ],
        pytest.param(DSS, fields(129, 4, 128, 128, 4), False, id="dss, of no use"),
        *[
            pytest.param(*ecdsa(curve, 1 + 2 * size, size + more), is_private,
                         id=f"ecdsa, {curve}, {more:+}")
            for curve, size in ((256, 32), (384, 48), (521, 66))
            for more, is_private in ((-5, False), (-4, True), (0, True), (1, True), (2, False))
        ],
        pytest.param(*ecdsa(256, 65), False, id="ecdsa, public"),
        pytest.param(ED25519, fields(32), False, id="ed25519, public"),
        pytest.param(ED25519, fields(64), True, id="ed25519, both halves"),
        pytest.param(ED25519, fields(32, 64), True, id="ed25519, as OpenSSH has it"),
        pytest.param(ED25519, fields(32, 63), False, id="ed25519, one less"),
        pytest.param(ED25519, fields(33, 64), False, id="ed25519, one more"),
    ],
)  # fmt: skip
def test_numbers_after_a_public_key(key_type: str, content: bytes, *, is_private: bool) -> None:
    """A number as long as the private one of its kind is taken for it, and no other."""
    found = find_private_key(string(key_type) + content)

    assert ("a private key of Dropbear or OpenSSH" if is_private else None) == found


@pytest.mark.parametrize(
    ("sizes", "padding", "is_private"),
    [
        pytest.param((256, 129, 129, 128), 0, True, id="as PuTTY writes them"),
        pytest.param((512, 257, 257, 256), 0, True, id="of 4096 bits"),
        pytest.param((2048, 1025, 1025, 1024), 0, True, id="of 16384 bits"),
        pytest.param((256, 129, 129, 128), 15, True, id="with padding"),
        pytest.param((256, 129, 129, 128), 16, False, id="with more than padding"),
        pytest.param((242, 129, 129, 113), 0, True, id="short numbers"),
        pytest.param((241, 129, 129, 128), 0, False, id="d too short"),
        pytest.param((259, 129, 129, 130), 0, True, id="long numbers"),
        pytest.param((260, 129, 129, 128), 0, False, id="d too long"),
        pytest.param((256, 129, 129, 112), 0, False, id="the inverse too short"),
        pytest.param((256, 129, 129, 131), 0, False, id="the inverse too long"),
        pytest.param((64, 32, 32, 32), 0, True, id="the shortest"),
        pytest.param((62, 31, 31, 31), 0, False, id="of no use"),
        pytest.param((256, 129, 129), 0, False, id="three"),
        pytest.param((256, 129, 129, 128, 128), 0, False, id="five"),
    ],
)
def test_the_private_half_of_a_putty_key(
    sizes: tuple[int, ...], padding: int, *, is_private: bool
) -> None:
    """Four numbers and nothing else: d, the primes, and an inverse of one of them."""
    found = find_private_key(fields(*sizes) + bytes(padding))

    assert ("the private half of a PuTTY key" if is_private else None) == found
