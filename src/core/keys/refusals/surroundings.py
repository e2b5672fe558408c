"""Explain what is around a key: options, a host, a comment, prose, code."""

from __future__ import annotations

import re

from core.keys.containers import BLOCKS, LENGTHS_REACH
from core.keys.refusals.encoding import SPACES
from core.keys.refusals.finding import Finding, first_key_in, length_in
from core.keys.refusals.key_types import TYPE_TOKEN
from core.keys.rsa_key import KEY_TYPE
from core.keys.unwrapping import without_entities
from core.keys.wrappings import QUOTES

# sshd(8), AUTHORIZED_KEYS FILE FORMAT: those with a value, and those without.
VALUED_OPTIONS = frozenset(
    {
        "command", "environment", "expiry-time", "from", "permitlisten", "permitopen", "principals",
        "tunnel",
    }
)  # fmt: skip
FLAGS = frozenset(
    {
        "agent-forwarding", "cert-authority", "no-agent-forwarding", "no-port-forwarding", "no-pty",
        "no-touch-required", "no-user-rc", "no-x11-forwarding", "port-forwarding", "pty",
        "restrict", "user-rc", "verify-required", "x11-forwarding",
    }
)  # fmt: skip
SHELL_WORDS = frozenset({"cat", "echo", "export", "key", "printf", "set"})

_OPTION = re.compile("([A-Za-z0-9-]{2,24})(=|(?=[, \t]|$))")
_HASHED_TYPE = re.compile("#(?=(?:ssh|ecdsa|sk)-)")
_MARKER = re.compile("@(?:cert-authority|revoked)(?=[ \t])")
_HOST = re.compile(r"\|1\|[A-Za-z0-9+/=|]+|[!\[]?[A-Za-z0-9*?][A-Za-z0-9*?!.,:\[\]_-]*(?<![:,])")
# A line number, as cat -n and lists have it.
_NUMBER = re.compile(r"[\[(]?[0-9]{1,6}[\])]?[.:)]?")
_KEY_AFTER = re.compile("[ \t\n]+AAAA")
_RSA_KEY = re.compile(KEY_TYPE + r"[ \t]+AAAA[A-Za-z0-9+/]+={0,2}")
_RSA_BLOB = re.compile(r"(?<![A-Za-z0-9+/=])AAAAB3NzaC1yc2E")
_TYPE_ABOVE = re.compile(f"(?<![^ \t\n]){KEY_TYPE}[ \t]*\n[ \t]*$")
_INDENT = re.compile("[ \t]*")
_QUOTE_PREFIX = re.compile("(?m)^[ \t]*(?:[>|][ \t]?)+")
_CUT = re.compile(f"[{QUOTES}<>{{}}\\\\]")
_ODD_SPACES = re.compile(f"[{SPACES}]+")  # told as such, elsewhere


def explain_lead(text: str) -> Finding | None:
    """Explain what comes before the key type; None if nothing does or there is no type."""
    found = TYPE_TOKEN.search(text) or _HASHED_TYPE.search(text)
    if found is None:
        return None
    lead = text[: found.start()].rpartition("\n")[2].strip(" \t")
    at = found.start() - len(text[: found.start()].rpartition("\n")[2].lstrip(" \t"))
    return (
        _options(lead, at)
        or (_known_hosts(lead, at) if _KEY_AFTER.match(text, found.end()) else None)
        or _comment_line(text, found)
    )


def _options(lead: str, at: int) -> Finding | None:
    first = _OPTION.match(without_entities(lead))
    if first is None:
        return None
    name = first[1].lower()
    if name not in (VALUED_OPTIONS if first[2] else FLAGS):
        return None
    return Finding(
        "options",
        f"Before the key there are options of an authorized_keys file ({name}). ENS keeps no "
        f"options: leave out everything before {KEY_TYPE}.",
        at,
    )


def _known_hosts(lead: str, at: int) -> Finding | None:
    is_host = (
        _HOST.fullmatch(lead)
        and lead.lower() not in SHELL_WORDS
        and any(map(str.isalnum, lead))
        and not _NUMBER.fullmatch(lead)
    )
    if not _MARKER.match(lead) and not is_host:
        return None
    return Finding(
        "known_hosts",
        "This is a line of known_hosts, or of ssh-keyscan: the key of a host, not of a user. "
        "Send your own: cat ~/.ssh/id_rsa.pub",
        at,
    )


def _comment_line(text: str, found: re.Match[str]) -> Finding | None:
    stripped = text.lstrip(" \t\n")
    if not stripped.startswith("#"):
        return None
    start = len(text) - len(stripped)
    key_line = text.rfind("\n", 0, found.start()) + 1
    before = text[start:key_line].split("\n")
    if any(line.strip(" \t") and not line.lstrip(" \t").startswith("#") for line in before):
        return None
    return Finding(
        "comment_line",
        "A line that begins with # is a comment. Leave it out; before the key, leave out the "
        "# alone.",
        start,
        first_key_in(text[key_line:].lstrip("# \t")),
    )


def explain_surroundings(text: str) -> Finding | None:
    """Find one RSA key with something before it; None if there is none to read out."""
    start, candidates = _key_among(text)
    lead = _ODD_SPACES.sub("", text[:start]).strip(" \t\n")
    if not lead:
        return None
    readable = first_key_in(*candidates, _QUOTE_PREFIX.sub("", text))
    if readable is None:
        return None
    return Finding(
        "surrounding_text",
        "There is other text around the key: a quote mark, a prompt, a name, a sentence, or code. "
        "Send the line of the key alone.",
        len(text) - len(text.lstrip(" \t\n")),
        readable,
    )


def _key_among(text: str) -> tuple[int, list[str]]:
    """Find where a key begins, and what it may be alone, the fullest reading first."""
    for opening, closing in BLOCKS.values():
        start = text.find(opening)
        end = text.find(closing, start)
        if 0 <= start < end:
            return start, [text[start : end + len(closing)]]
    key = _RSA_KEY.search(text)
    if key is None:
        return _broken_among(text) if "BEGIN " not in text else (0, [])
    rest = text[key.start() :]
    line = rest.partition("\n")[0]
    cut = _CUT.search(line)
    whole = line[: cut.start()] if cut else line.rstrip(" \t,;)]")
    broken = _whole_lines(text, key.start() + len(KEY_TYPE))
    return key.start(), [*_unfolded(rest), whole, rest, *broken, key.group()]


def _broken_among(text: str) -> tuple[int, list[str]]:
    """The same for a key whose type is missing, or on a line of its own."""
    blob = _RSA_BLOB.search(text)
    if blob is None or text[: blob.start()].rpartition("\n")[2].strip(" \t>|"):
        return 0, []
    key_type = _TYPE_ABOVE.search(text, max(0, blob.start() - 80), blob.start())
    start = key_type.start() if key_type else blob.start()
    folded = _unfolded(text[start:]) if key_type else []
    return start, [*folded, *_whole_lines(text, blob.start())]


def _unfolded(rest: str) -> list[str]:
    """
    Join the lines of a key that a format has folded, without what it put between them.

    LDIF cuts anywhere and begins the next line with one space; YAML cuts at a space and indents.
    """
    first, *lines = rest.split("\n")
    indent = _INDENT.match(lines[0]).group() if lines else ""  # type: ignore[union-attr]
    if not indent:
        return []
    folded = [first]
    for line in lines:
        if not line.startswith(indent) or line[len(indent) :].startswith((" ", "\t")):
            break
        folded.append(line[len(indent) :])
    ldif = ["".join(folded)] if indent == " " else []
    return [*ldif, " ".join(folded)]


def _whole_lines(text: str, start: int) -> list[str]:
    """
    Join lines of base64 until the length that the key announces is reached.

    Only line breaks are joined: a space inside the base64 may be a ``+`` that was lost.
    """
    letters, length = "", None
    for line in text[start:].split("\n"):
        word, _, more = line.strip(" \t").partition(" ")
        if not word:
            continue
        letters += word
        length = length or length_in(letters)
        if length and len(letters) >= length:
            return [f"{KEY_TYPE} {letters}"] if len(letters) == length else []
        if more or (length is None and len(letters) >= LENGTHS_REACH):
            return []
    return []
