"""What RAM refuses: callers who are not who they say they are, and documents it does not know."""

import enum


class Rejection(enum.Enum):
    """Why a claim does not hold. Each API has its own status, code and message for it."""

    UNKNOWN_ACCESS_KEY = "no such access key"
    UNKNOWN_SECURITY_TOKEN = "a security token that was never issued"
    FOREIGN_SECURITY_TOKEN = "the security token of another access key"
    EXPIRED_SECURITY_TOKEN = "the session is over"
    SKEWED_CLOCK = "signed more than 15 minutes from now"
    WRONG_SIGNATURE = "not made with the secret of this access key"
    USED_NONCE = "the nonce came before"


class NotAuthentic(Exception):
    """A claim does not hold."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.value)
        self.rejection = rejection


class UnsupportedPolicy(ValueError):
    """The document is no RAM policy, or says something that devcloud does not evaluate."""
