"""
Inputs made to be slow: starts of keys and blocks, filled up with one repeated piece.

Each piece is one that a scan, a split, an unescaping or a backtracking pattern could stumble over.
"""

from __future__ import annotations

import gzip
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BOMB = b64encode(gzip.compress(bytes(64 * 1024), mtime=0)).decode()
RSA_START = "AAAAB3NzaC1yc2EAAAADAQABAAABAQ"
PIECES = (
    "A", " ", "\t", "\n", "\r\n", "=", "+", "/", "-", "_", '"', "'", "\\", "\\n", "\\u0041", "%41",
    "%0A", "&", "&quot;", "&#43;", "#", "# \n", ">", "> \n", "`", "*", ".", "<", "{", "|", "\u00a0",
    "\u200b", "\u00e9", "x ", "x\n", "A\n", "A=", "a: b\n", "Comment: \\\n", "ssh-rsa ", "AAAA",
    "AAAAB3NzaC1 ", "BEGIN ", "END ", "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----",
    "---- BEGIN SSH2 PUBLIC KEY ----", "---- END SSH2 PUBLIC KEY ----", "no-pty ", "host ",
    "send private key ", f"-begin {40 * '0'}aprivate key ", "MAAAAAAAAAAAAAAAA ", "QUFB ",
    "LS0tLS1CRUdJTi", "\0", "\ud800", "$(", "11:", "1 ", "%", "%25", "a%41", "\\x41", "&a;", "=41",
    "0123456789abcdef", "30 ", "0x30, ", "00000000: 3082 \n", "M A ", "H4sI", BOMB, "kty{", "priv:",
    "<rsakeyvalue>", "a=b&",
)  # fmt: skip
STARTS = (
    "", "ssh-rsa ", f"ssh-rsa {RSA_START}", "ssh-rsa\n", RSA_START, f"ssh-rsa {RSA_START}AA== ",
    "ssh-ed25519 ", "-----BEGIN PUBLIC KEY-----\n", "---- BEGIN SSH2 PUBLIC KEY ----\n",
    "---- BEGIN SSH2 PUBLIC KEY ----\nComment: ", '"', "command=", "# ", "> ", "{",
)  # fmt: skip
ENDS = ("", "%41&amp;\\u0041x", '"', f"\nssh-rsa {RSA_START}", "-----END PUBLIC KEY-----",
        "---- END SSH2 PUBLIC KEY ----")  # fmt: skip


def inputs(length: int) -> Iterator[tuple[str, str]]:
    """Yield every combination with its name; none is longer than so many bytes."""
    for start in STARTS:
        for piece in PIECES:
            for end in ENDS:
                size = len(piece.encode(errors="surrogatepass"))
                count = (length - len(start) - len(end)) // size
                yield f"{start!r} + {piece!r} ... + {end!r}", start + piece * count + end
