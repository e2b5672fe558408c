"""The credentials that Alibaba Cloud's SDKs find by themselves."""

from __future__ import annotations

import logging

from alibabacloud_credentials.client import Client
from alibabacloud_credentials.exceptions import CredentialException

from explorer.callers import Credentials, Unknown

NOWHERE = (
    "There are no credentials. Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET,"
    " or run aliyun configure. A function with tokens: --bearer-file FILE."
)


# The library prints the traceback of each place where it finds nothing.
logging.getLogger("credentials").disabled = True


class DefaultChain:
    """
    The chain of alibabacloud_credentials.

    It looks at the environment, the profile of Alibaba Cloud CLI, ~/.alibabacloud, the metadata of
    an ECS instance and ALIBABA_CLOUD_CREDENTIALS_URI, and renews what expires.
    """

    def __init__(self) -> None:
        self._client = Client()

    def __call__(self) -> Credentials:
        """Return credentials that have not expired, or raise Unknown."""
        try:
            found = self._client.get_credential()
        except (CredentialException, OSError, ValueError):
            raise Unknown(NOWHERE) from None
        if not found.access_key_id or not found.access_key_secret:
            raise Unknown(NOWHERE)
        return Credentials(found.access_key_id, found.access_key_secret, found.security_token or "")
