"""ListObjectsV2: what is asked for, what of a bucket is shown, and how the next page is found."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import quote

from devcloud.oss import exceptions
from devcloud.oss.documents import document
from devcloud.oss.models import StoredObject

DEFAULT_MAX_KEYS = 100
MAX_MAX_KEYS = 1000
PARAMETERS = frozenset(
    {
        "list-type",
        "prefix",
        "delimiter",
        "start-after",
        "continuation-token",
        "max-keys",
        "encoding-type",
        "fetch-owner",
    }
)


@dataclass(frozen=True, slots=True)
class Listing:
    """One request, read; empty strings for what was not given."""

    bucket: str
    prefix: str
    delimiter: str
    start_after: str
    token: str
    max_keys: int
    encoding: str

    @classmethod
    def of(cls, bucket: str, parameters: Mapping[str, str]) -> "Listing":
        """
        Read the parameters.

        Raises:
            ServiceError: InvalidArgument.
        """
        encoding = parameters.get("encoding-type", "")
        if encoding not in {"", "url"}:
            raise exceptions.invalid_argument("encoding-type", encoding, "It is url.")
        if parameters.get("fetch-owner", "false") != "false":
            raise exceptions.not_implemented("fetch-owner")
        limit = parameters.get("max-keys") or str(DEFAULT_MAX_KEYS)
        if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= MAX_MAX_KEYS:
            raise exceptions.invalid_argument("max-keys", limit, f"It is 1 to {MAX_MAX_KEYS}.")
        return cls(
            bucket=bucket,
            prefix=parameters.get("prefix", ""),
            delimiter=parameters.get("delimiter", ""),
            start_after=parameters.get("start-after", ""),
            token=parameters.get("continuation-token", ""),
            max_keys=int(limit),
            encoding=encoding,
        )

    def page(self, objects: Iterable[StoredObject]) -> bytes:
        """
        Write the page that these objects, in the order of their keys, make.

        Keys that agree up to the first delimiter behind the prefix become one common prefix, which
        counts as one entry.
        """
        begin = _last_shown(self.token) if self.token else self.start_after
        entries: dict[str, StoredObject | None] = {}  # None: a common prefix
        for stored in objects:
            if not stored.key.startswith(self.prefix):
                continue
            common = self._common_prefix(stored.key)
            if (common or stored.key) > begin:
                entries[common or stored.key] = None if common else stored
        shown = dict(list(entries.items())[: self.max_keys])
        next_token = _token(list(shown)[-1]) if len(entries) > len(shown) else ""
        content = {
            "Name": self.bucket,
            "Prefix": self._encoded(self.prefix),
            "Delimiter": self._encoded(self.delimiter),
            "StartAfter": self._encoded(self.start_after),
            "ContinuationToken": self.token,
            "EncodingType": self.encoding,
            "MaxKeys": str(self.max_keys),
            "KeyCount": str(len(shown)),
            "IsTruncated": "true" if next_token else "false",
            "NextContinuationToken": next_token,
        }
        return document(
            "ListBucketResult",
            {
                **{name: value for name, value in content.items() if value},
                "Contents": [self._description(each) for each in shown.values() if each],
                "CommonPrefixes": [
                    {"Prefix": self._encoded(name)} for name, each in shown.items() if not each
                ],
            },
        )

    def _common_prefix(self, key: str) -> str:
        if not self.delimiter:
            return ""
        head, found, _ = key[len(self.prefix) :].partition(self.delimiter)
        return f"{self.prefix}{head}{found}" if found else ""

    def _description(self, stored: StoredObject) -> dict[str, str]:
        return {
            "Key": self._encoded(stored.key),
            "LastModified": iso(stored.last_modified),
            "ETag": f'"{stored.etag}"',
            "Type": "Normal",
            "Size": str(stored.size),
            "StorageClass": "Standard",
        }

    def _encoded(self, text: str) -> str:
        return quote(text, safe="") if self.encoding else text


def iso(instant: float) -> str:
    """Write a time as OSS's documents do, without its fraction."""
    moment = datetime.fromtimestamp(instant, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _token(last_shown: str) -> str:
    return base64.urlsafe_b64encode(last_shown.encode()).decode()


def _last_shown(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError:
        message = "It is no token of a listing."
        raise exceptions.invalid_argument("continuation-token", token, message) from None
