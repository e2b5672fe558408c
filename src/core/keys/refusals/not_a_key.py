"""Say what a text looks like that holds no key."""

from __future__ import annotations

import re
from urllib.parse import unquote

from core.keys.refusals.finding import Finding
from core.keys.refusals.key_types import OTHER_KEY_TYPES, TYPE_TOKEN
from core.keys.refusals.sentences import SEND_THE_FILE, not_an_rsa_key

LOOK = 600  # characters from the start that are looked at
_BEFORE = r"(?:(?:[a-z][a-z0-9@.-]{2,50} )?\d{3,5} )?"  # a fingerprint: type and bits
# Tried in this order; each looks at the start of the text, or for text that is found nowhere else.
_LOOKS = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (rf"\A{_BEFORE}(?:SHA256:[A-Za-z0-9+/=]{{20,44}}|MD5:[0-9a-f:]{{20}})", "a fingerprint"),
        (rf"\A{_BEFORE}(?:[0-9a-f]{{2}}:){{7,31}}[0-9a-f]{{2}}(?![0-9a-f:])", "a fingerprint"),
        (r"\A[0-9a-f]{32}\Z|\A[0-9a-f]{40}\Z|\A[0-9a-f]{64}\Z", "a fingerprint"),
        (r"\A\+-{2,}\[", "the picture of a fingerprint (randomart)"),
        (r"\A(?:https?|ftp|ssh|git|oss|s3|file)://", "a URL"),
        (r"\A[\w.-]{1,64}@[\w.-]{1,64}:", "an address"),
        (r"\A(?:~|\.{1,2}|[a-z]:|/[\w.-]{1,64}|\\\\[\w.-]{1,64})[/\\]", "the name of a file"),
        (r"\A[\w.-]{1,100}\.(?:pub|pem|key|txt)\Z", "the name of a file"),
        (r'"kty"', "a JSON Web Key"),
        (r"<rsakeyvalue>", "an RSA key in XML"),
        (r"\$\(|\A`|\A(?:cat|type|ssh-keygen|ssh-copy-id) ", "a shell command that has not run"),
        (r"\$\{|\{\{|\A\$\w|\A%\w{1,40}%", "a variable that has not been filled in"),
        (
            r"\A(?:\[object Object\]|undefined|null|none|nan|true|false)\Z",
            "a program's empty value",
        ),
        (r"\A[<\[{].{0,60}[>\]}]\Z|\.\.\.|\u2026|\*\*|x{6}|\byour[ _-]", "a placeholder"),
        (r"\A\d{3,5} \d{1,10} \d{50}", "a key of SSH protocol 1, which is no longer in use"),
        (r"\Aage1[0-9a-z]{20}", "an age recipient"),
        (r"\Auntrusted comment:|\ARW[A-Za-z0-9+/]{54}\Z", "a minisign or signify key"),
        (r"\A[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\Z", "a WireGuard key"),
        (r"\bkey-hash\b", "the hash of a key in the configuration of a Cisco router"),
        (r"\bDNSKEY\b", "a DNSKEY record"),
        (r"\bSSHFP\b", "an SSHFP record, a fingerprint in DNS"),
        (r"\A[<{\[]", "structured data, JSON or HTML"),
        (r"\A[A-Za-z0-9+/=\s]{60,}\Z", "base64 of something else"),
        (r"\S[ \t\n]+\S", "a sentence"),
    )
)


# What openssl prints of a key has no comment and no end that could be told: its file is what helps.
_NUMBERS = re.compile(r"\A(?:RSA )?Public-Key: \(\d|\AModulus(?: \(\d{1,5} bit\))?[:=]")
# A key of another type with a text around it, as Dropbear prints it.
_OTHER_KEY = re.compile(rf"({TYPE_TOKEN.pattern})[ \t]{{1,9}}AAAA")
_ENCODED = re.compile("(?:[^%]|%[0-9A-Fa-f]{2})*")


def explain_no_key(text: str) -> Finding:
    """Tell what it looks like, and what to send instead."""
    start = text.strip(" \t\n")[:LOOK]
    if _NUMBERS.match(start):
        return Finding(
            "not_a_key",
            "These are the numbers of a key, as openssl rsa -text or -modulus prints them. Send "
            "the file that openssl has read, if it says BEGIN PUBLIC KEY, or make a line of it: "
            "ssh-keygen -i -m PKCS8 -f key.pem",
        )
    other = _OTHER_KEY.search(text)
    if other and other[1] in OTHER_KEY_TYPES:
        return not_an_rsa_key(OTHER_KEY_TYPES[other[1]])
    if "%" in start and _ENCODED.fullmatch(start):
        start = unquote(start)
    for pattern, name in _LOOKS:
        if pattern.search(start):
            return Finding(
                "not_a_key", f"This looks like {name}, not like an SSH key. {SEND_THE_FILE}"
            )
    return Finding("not_a_key", f"This is not a public key. {SEND_THE_FILE}")
