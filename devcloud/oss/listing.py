"""
ListObjects in both versions: what is asked for, what of a bucket is shown, and how the next page
is found. The first version goes on after a key, the second by a token.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from devcloud.oss import exceptions
from devcloud.oss.documents import Content
from devcloud.oss.models import StoredObject
from devcloud.oss.parameters import encoded, iso, optional_number, url_encoding
from devcloud.ram.models import ACCOUNT_ID

DEFAULT_MAX_KEYS = 100
MAX_MAX_KEYS = 1000
_OF_BOTH = frozenset({"prefix", "delimiter", "max-keys", "encoding-type"})
PARAMETERS_V1 = _OF_BOTH | {"marker"}
PARAMETERS_V2 = _OF_BOTH | {"list-type", "start-after", "continuation-token", "fetch-owner"}


@dataclass(frozen=True, slots=True)
class Listing:
    """One request, read; empty strings for what was not given."""

    bucket: str
    version: int
    prefix: str
    delimiter: str
    begin: str  # shown is what comes after this key: marker, or start-after
    token: str
    max_keys: int
    as_url: bool
    with_owner: bool

    @classmethod
    def of_v1(cls, bucket: str, parameters: Mapping[str, str]) -> "Listing":
        """
        Read the parameters of ListObjects, which shows the owner of each object.

        Raises:
            ServiceError: InvalidArgument.
        """
        return cls._of(bucket, parameters, 1, parameters.get("marker", ""), with_owner=True)

    @classmethod
    def of_v2(cls, bucket: str, parameters: Mapping[str, str]) -> "Listing":
        """
        Read the parameters of ListObjectsV2.

        Raises:
            ServiceError: InvalidArgument.
        """
        if (version := parameters["list-type"]) != "2":
            raise exceptions.invalid_argument("list-type", version, "It is 2.")
        owner = parameters.get("fetch-owner", "false")
        if owner not in {"true", "false"}:
            raise exceptions.invalid_argument("fetch-owner", owner, "It is true or false.")
        begin = parameters.get("start-after", "")
        return cls._of(bucket, parameters, 2, begin, with_owner=owner == "true")

    @classmethod
    def _of(
        cls,
        bucket: str,
        parameters: Mapping[str, str],
        version: int,
        begin: str,
        *,
        with_owner: bool,
    ) -> "Listing":
        return cls(
            bucket=bucket,
            version=version,
            prefix=parameters.get("prefix", ""),
            delimiter=parameters.get("delimiter", ""),
            begin=begin,
            token=parameters.get("continuation-token", ""),
            max_keys=optional_number(parameters, "max-keys", DEFAULT_MAX_KEYS, 1, MAX_MAX_KEYS),
            as_url=url_encoding(parameters),
            with_owner=with_owner,
        )

    def page(self, objects: Iterable[StoredObject]) -> Content:
        """
        Describe the page that these objects, in the order of their keys, make.

        Keys that agree up to the first delimiter after the prefix become one common prefix, which
        counts as one entry.
        """
        begin = _last_shown(self.token) if self.token else self.begin
        entries: dict[str, StoredObject | None] = {}  # None: a common prefix
        for stored in objects:
            if not stored.key.startswith(self.prefix):
                continue
            common = self._common_prefix(stored.key)
            if (common or stored.key) > begin:
                entries[common or stored.key] = None if common else stored
        shown = dict(list(entries.items())[: self.max_keys])
        last = list(shown)[-1] if len(entries) > len(shown) else ""
        content = {
            "Name": self.bucket,
            "Prefix": self._encoded(self.prefix),
            "Delimiter": self._encoded(self.delimiter),
            "EncodingType": "url" if self.as_url else "",
            "MaxKeys": str(self.max_keys),
            "IsTruncated": "true" if last else "false",
            **(self._paging_v2(last, len(shown)) if self.version == 2 else self._paging_v1(last)),
        }
        return {
            **{name: value for name, value in content.items() if value},
            "Contents": [self._description(each) for each in shown.values() if each],
            "CommonPrefixes": [
                {"Prefix": self._encoded(name)} for name, each in shown.items() if not each
            ],
        }

    def _paging_v1(self, last: str) -> dict[str, str]:
        return {"Marker": self._encoded(self.begin), "NextMarker": self._encoded(last)}

    def _paging_v2(self, last: str, count: int) -> dict[str, str]:
        return {
            "StartAfter": self._encoded(self.begin),
            "ContinuationToken": self.token,
            "KeyCount": str(count),
            "NextContinuationToken": _token(last) if last else "",
        }

    def _common_prefix(self, key: str) -> str:
        if not self.delimiter:
            return ""
        head, found, _ = key[len(self.prefix) :].partition(self.delimiter)
        return f"{self.prefix}{head}{found}" if found else ""

    def _description(self, stored: StoredObject) -> Mapping[str, Content]:
        owner = {"Owner": {"ID": ACCOUNT_ID, "DisplayName": ACCOUNT_ID}} if self.with_owner else {}
        return {
            "Key": self._encoded(stored.key),
            "LastModified": iso(stored.last_modified),
            "ETag": f'"{stored.etag}"',
            "Type": stored.object_type,
            "Size": str(stored.size),
            "StorageClass": "Standard",
            **owner,
        }

    def _encoded(self, text: str) -> str:
        return encoded(text, as_url=self.as_url)


def _token(last_shown: str) -> str:
    return base64.urlsafe_b64encode(last_shown.encode()).decode()


def _last_shown(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError:
        message = "It is no token of a listing."
        raise exceptions.invalid_argument("continuation-token", token, message) from None
