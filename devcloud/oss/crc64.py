"""CRC-64/XZ: the polynomial of ECMA-182, bit-reversed, as OSS sends it in x-oss-hash-crc64ecma."""

from collections.abc import Callable

import crcmod

_WITH_ITS_HIGHEST_BIT = 0x142F0E1EBA9EA3693
_ALL_ONES = 0xFFFFFFFFFFFFFFFF

crc64: Callable[[bytes], int] = crcmod.mkCrcFun(_WITH_ITS_HIGHEST_BIT, initCrc=0, xorOut=_ALL_ONES)
