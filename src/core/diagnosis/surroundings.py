"""Explain what stands around a key: options, a host, a comment, prose, code."""

from __future__ import annotations

import re
from html import unescape

from core.containers import PEM_LABELS, RFC4716_BEGIN
from core.diagnosis.encoding import QUOTES, SPACES
from core.diagnosis.finding import Finding, first_key_in
from core.diagnosis.key_types import TYPE_TOKEN

# sshd(8), AUTHORIZED_KEYS FILE FORMAT
OPTIONS = frozenset(
    {
        "agent-forwarding", "cert-authority", "command", "environment", "expiry-time", "from",
        "no-agent-forwarding", "no-port-forwarding", "no-pty", "no-touch-required", "no-user-rc",
        "no-x11-forwarding", "permitlisten", "permitopen", "port-forwarding", "principals", "pty",
        "restrict", "tunnel", "user-rc", "verify-required", "x11-forwarding",
    }
)  # fmt: skip
SHELL_WORDS = frozenset({"cat", "echo", "export", "key", "printf", "set"})

_OPTION = re.compile("[A-Za-z0-9-]{2,24}(?=[=, \t]|$)")
_MARKER = re.compile("@(?:cert-authority|revoked)(?=[ \t])")
_HOST = re.compile(r"\|1\|[A-Za-z0-9+/=|]+|[!\[]?[A-Za-z0-9*?][A-Za-z0-9*?!.,:\[\]_-]*(?<![:,])")
_RSA_KEY = re.compile(r"ssh-rsa[ \t]+AAAA[A-Za-z0-9+/]+={0,2}")
_QUOTE_PREFIX = re.compile("(?m)^[ \t]*(?:[>|][ \t]?)+")
_CUT = re.compile(f"[{QUOTES}<>{{}}\\\\]")
_ODD_SPACES = re.compile(f"[{SPACES}]+")  # told as such, elsewhere
_ARMOURS = (RFC4716_BEGIN, *(f"-----BEGIN {label}-----" for label in PEM_LABELS))


def explain_lead(text: str) -> Finding | None:
    """Explain what stands in front of the key type; None if nothing does or there is no type."""
    found = TYPE_TOKEN.search(text) or re.search(r"#ssh-(?=rsa[ \t])", text)
    if found is None:
        return None
    lines = text[: found.start()].split("\n")
    lead = lines[-1].strip(" \t")
    return _options(lead) or _known_hosts(lead) or _comment_line(text, found)


def _options(lead: str) -> Finding | None:
    first = _OPTION.match(unescape(lead))
    name = first.group().lower() if first else ""
    if name not in OPTIONS:
        return None
    return Finding(
        "options",
        f"In front of the key there are options of an authorized_keys file ({name}). ENS keeps "
        "none: leave out everything before ssh-rsa.",
    )


def _known_hosts(lead: str) -> Finding | None:
    is_host = (
        _HOST.fullmatch(lead) and lead.lower() not in SHELL_WORDS and any(map(str.isalnum, lead))
    )
    if not _MARKER.match(lead) and not is_host:
        return None
    return Finding(
        "known_hosts",
        "This is a line of known_hosts, or of ssh-keyscan: the key of a host, not of a user. "
        "Send your own: cat ~/.ssh/id_rsa.pub",
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
        "A line that begins with # is a comment. Leave it out; in front of the key, leave out the "
        "# alone.",
        start,
        first_key_in(text[key_line:].lstrip("# \t")),
    )


def explain_surroundings(text: str) -> Finding | None:
    """Find one RSA key among other text; None if there is none to read out."""
    armour = next((text.find(begin) for begin in _ARMOURS if begin in text), -1)
    key = _RSA_KEY.search(text)
    start = armour if armour >= 0 else key.start() if key else -1
    if start < 0:
        return None
    lead = _ODD_SPACES.sub("", text[:start]).strip(" \t\n")
    unquoted = _QUOTE_PREFIX.sub("", text)
    readable = first_key_in(*_candidates(text, start, key), unquoted)
    if not lead or readable is None:
        return None
    return Finding(
        "surrounding_text",
        "There is other text around the key: a quote mark, a prompt, a name, a sentence, or code. "
        "Send the line of the key alone.",
        len(text) - len(text.lstrip(" \t\n")),
        readable,
    )


def _candidates(text: str, start: int, key: re.Match[str] | None) -> list[str]:
    """List what may be the key alone, the fullest reading first."""
    rest = text[start:]
    if key is None or start != key.start():
        end = rest.find("-----END") if "-----END" in rest else rest.find("---- END")
        stop = rest.find("--", rest.find("KEY", end)) if end >= 0 else -1
        dashes = len(rest[:5].rstrip(" B"))
        return [rest[: stop + dashes]] if stop >= 0 else []
    line = rest.partition("\n")[0]
    cut = _CUT.search(line)
    return [line[: cut.start()] if cut else line.rstrip(" \t,;)]"), key.group(), rest]
