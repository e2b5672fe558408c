"""The key types of SSH, and how they are called in sentences."""

from __future__ import annotations

import re
import unicodedata

from core.keys.rsa_key import KEY_TYPE

MAKE_RSA = "Make an RSA key with: ssh-keygen -t rsa -b 3072, and send the file that ends in .pub"

# Key types that are known, and are not KEY_TYPE.
OTHER_KEY_TYPES = {
    "ssh-ed25519": "an Ed25519 key",
    "ssh-ed448": "an Ed448 key",
    "ssh-dss": "a DSA key",
    "ecdsa-sha2-nistp256": "an ECDSA key",
    "ecdsa-sha2-nistp384": "an ECDSA key",
    "ecdsa-sha2-nistp521": "an ECDSA key",
    "sk-ssh-ed25519@openssh.com": "an Ed25519 key on a security token",
    "sk-ecdsa-sha2-nistp256@openssh.com": "an ECDSA key on a security token",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com": "an ECDSA key on a security token",
    "ssh-xmss@openssh.com": "an XMSS key",
}
# Names of signatures that RSA keys make (RFC 8332); people confuse them with key types.
SIGNATURE_ALGORITHMS = ("rsa-sha2-256", "rsa-sha2-512")

CERTIFICATE = re.compile(r"[a-z0-9-]{1,40}-cert-v0[01]@openssh\.com")
# A key type at the start of a line or after a space.
TYPE_TOKEN = re.compile(
    r"(?<![^ \t\n])(?:ssh-(?:rsa|dss|ed25519|ed448|xmss)|ecdsa-sha2-nistp(?:256|384|521)"
    r"|(?:webauthn-)?sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)|rsa-sha2-(?:256|512))"
    r"(?:-cert-v0[01])?(?:@openssh\.com)?(?=[ \t\n])"
)
_HYPHENS = dict.fromkeys(
    map(ord, "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"), "-"
)


def looks_like_ssh_rsa(token: str) -> bool:
    """Tell whether a token is ``ssh-rsa`` but for its case, width or hyphen."""
    # Four characters may fold into at most one letter; a longer token is something else.
    if len(token) > 16:
        return False
    folded = unicodedata.normalize("NFKC", token.translate(_HYPHENS)).casefold()
    return folded == KEY_TYPE
