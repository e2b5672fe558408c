"""
The types of the SSH wire that an RSA public key is made of (RFC 4251, section 5).

Each reader takes the data and the offset to read at, and returns the value and the offset after
it. What is read has exactly one encoding: a number in two spellings would be one key with two
fingerprints.
"""

from __future__ import annotations

from core.errors import MalformedPublicKey

LENGTH_BYTES = 4
SIGN_BIT = 0x80
MOST_FIELDS = 6  # that are counted; an RSA private key has no more before its comment
LONGEST_FIELD = 8192  # bytes; what announces more is no field of a key

WRITE_AGAIN = (
    "The program that wrote the key is at fault; have OpenSSH write it: ssh-keygen -y -f id_rsa > "
    "id_rsa.pub"
)


def read_string(data: bytes, start: int) -> tuple[bytes, int]:
    """
    Read a ``string``: a ``uint32`` length, and that many bytes.

    Raises:
        MalformedPublicKey: truncated, if the data ends before the string does.
    """
    content = start + LENGTH_BYTES
    end = content + int.from_bytes(data[start:content], "big")
    if end > len(data):
        raise MalformedPublicKey(
            "The key is cut off: its length fields ask for more bytes than there are. "
            "Copy the whole line.",
            reason="truncated",
        )
    return data[content:end], end


def read_mpint(data: bytes, start: int) -> tuple[int, int]:
    """
    Read a positive ``mpint``.

    Raises:
        MalformedPublicKey: truncated; bad_mpint, if it is negative, zero or padded. Each of these
            would give one number two encodings, and so one key two fingerprints.
    """
    content, end = read_string(data, start)
    if not content or content[0] & SIGN_BIT:
        raise MalformedPublicKey(
            f"A number inside the key is zero or negative. {WRITE_AGAIN}",
            reason="bad_mpint",
        )
    if content[0] == 0 and not (len(content) > 1 and content[1] & SIGN_BIT):
        raise MalformedPublicKey(
            f"A number inside the key has needless leading zeros. {WRITE_AGAIN}",
            reason="bad_mpint",
        )
    return int.from_bytes(content, "big"), end


def field_sizes(data: bytes, start: int) -> tuple[list[int], int]:
    """
    Return how long the fields from an offset on are, by their own lengths, and where they end.

    The last may be cut off. What is no field, such as the padding at the end, ends them.
    """
    sizes: list[int] = []
    while len(sizes) < MOST_FIELDS and start + LENGTH_BYTES <= len(data):
        size = int.from_bytes(data[start : start + LENGTH_BYTES], "big")
        if not 0 < size <= LONGEST_FIELD:
            break
        sizes.append(size)
        start += LENGTH_BYTES + size
    return sizes, start


def write_string(content: bytes) -> bytes:
    """Write a ``string``."""
    return len(content).to_bytes(LENGTH_BYTES, "big") + content


def write_mpint(number: int) -> bytes:
    """Write a positive ``mpint``: the shortest form whose first bit is clear."""
    return write_string(number.to_bytes(number.bit_length() // 8 + 1, "big"))
