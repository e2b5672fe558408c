"""
If-Match and its three companions: on reading, and under other names on copying.

Each is judged by itself. "GetObject" and "CopyObject" document 412 for If-Match and
If-Unmodified-Since, and 304 for If-None-Match and If-Modified-Since.
"""

from collections.abc import Mapping

from devcloud.oss import exceptions
from devcloud.oss.models import StoredObject
from devcloud.oss.parameters import http_date

NAMES = frozenset({"if-match", "if-none-match", "if-modified-since", "if-unmodified-since"})
COPY_PREFIX = "x-oss-copy-source-"
COPY_NAMES = frozenset(f"{COPY_PREFIX}{name}" for name in NAMES)


def is_unmodified(headers: Mapping[str, str], stored: StoredObject, prefix: str = "") -> bool:
    """
    Judge the conditions of a request; True asks for 304 instead of the object.

    Times have whole seconds; one that cannot be read is no condition (RFC 9110, section 13.1.3).

    Raises:
        ServiceError: PreconditionFailed.
    """
    modified = int(stored.last_modified)
    if (tag := headers.get(f"{prefix}if-match")) and not _names(tag, stored):
        raise exceptions.precondition_failed("If-Match")
    limit = http_date(headers.get(f"{prefix}if-unmodified-since", ""))
    if limit is not None and modified > limit:
        raise exceptions.precondition_failed("If-Unmodified-Since")
    since = http_date(headers.get(f"{prefix}if-modified-since", ""))
    if since is not None and modified <= since:
        return True
    return _names(headers.get(f"{prefix}if-none-match", ""), stored)


def _names(condition: str, stored: StoredObject) -> bool:
    """Compare ETags, quoted or not: the manual does not say which OSS wants."""
    return condition.strip().strip('"').upper() == stored.etag
