"""CRC-64/XZ: the polynomial of ECMA-182, bit-reversed, as OSS sends it in x-oss-hash-crc64ecma."""

_POLYNOMIAL = 0xC96C5795D7870F42
_ALL_ONES = 0xFFFFFFFFFFFFFFFF


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = tuple(_entry(byte) for byte in range(256))


def crc64(data: bytes) -> int:
    """Compute the checksum; plain Python does some 10 MB a second, enough for what is kept here."""
    checksum = _ALL_ONES
    for byte in data:
        checksum = _TABLE[(checksum ^ byte) & 0xFF] ^ (checksum >> 8)
    return checksum ^ _ALL_ONES
