"""A row of a program's table: a file that it writes, and the result of sending that."""

from __future__ import annotations

from typing import Literal, NamedTuple

ACCEPTED = "accepted"
PASSWORD = "password"  # of what is encrypted; keytool wants six characters at least


class Row(NamedTuple):
    """
    A file, and the result of sending it.

    Names that begin with a dot are for files that commands need, and that are not sent.

    Args:
        file: its name.
        half: which half of a key it holds.
        expected: ACCEPTED, or the reason of the refusal.
        command: what makes the file, for sh, in the folder of the program's files so far; empty
            where a command of an earlier row makes it.
        in_base64: the same for the base64 of a file that is no text, pasted.
    """

    file: str
    half: Literal["public", "private"]
    expected: str
    command: str
    in_base64: str


def private(file: str, command: str = "") -> Row:
    """Return the row of a private half: it is refused as that, however it is sent."""
    return Row(file, "private", "private_key", command, "private_key")


def public(file: str, expected: str, command: str = "", *, in_base64: str = "") -> Row:
    """Return the row of a public half, or of what belongs to one: a certificate, a fingerprint."""
    return Row(file, "public", expected, command, in_base64)
