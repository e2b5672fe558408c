"""The key pairs of the account: what ENS keeps, and the rules under which it takes one in."""

import itertools
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from typing import Literal

from devcloud.ens import exceptions
from devcloud.ram.models import Clock

DuplicateNames = Literal["refused", "accepted"]
# Chinese manual: 2 to 128 characters; an English or Chinese letter, then those, digits, : _ -
# That it must not begin with http:// or https:// follows: a slash is never allowed.
_NAME = re.compile(r"[A-Za-z\u4e00-\u9fff][A-Za-z\u4e00-\u9fff0-9:_-]{1,127}")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """One key pair; of the key, only what DescribeKeyPairs shows, and the public line."""

    name: str
    fingerprint: str  # MD5 of the SSH blob, lower-case hex without colons
    id: str
    creation_time: str  # 2020-04-26T15:38:27Z
    public_key: str


class KeyPairs:
    """All key pairs, in the order in which they came."""

    def __init__(
        self, duplicate_names: DuplicateNames, clock: Clock, *, filter_by_name: bool = True
    ) -> None:
        self._duplicate_names = duplicate_names
        self._filter_by_name = filter_by_name
        self._clock = clock
        self._lock = threading.Lock()
        self._by_id: dict[str, KeyPair] = {}
        self._by_name: dict[str, dict[str, KeyPair]] = {}  # by name, then by id
        self._serial = itertools.count(1)

    def __iter__(self) -> Iterator[KeyPair]:
        with self._lock:
            return iter(list(self._by_id.values()))

    def add(self, name: str, public_key: str) -> KeyPair:
        """
        Take in a public key under a name.

        Raises:
            ServiceError: for a name or key that breaks its rule, or a taken name.
        """
        if not _NAME.fullmatch(name):
            raise exceptions.invalid_parameter("KeyPairName")
        fingerprint = _fingerprint(public_key)
        created = datetime.fromtimestamp(self._clock(), timezone.utc)
        with self._lock:
            if name in self._by_name and self._duplicate_names == "refused":
                raise exceptions.duplicate_key_pair_name()
            key_pair = KeyPair(
                name=name,
                fingerprint=fingerprint,
                id=f"ssh-devcloud{next(self._serial):08d}",
                creation_time=created.strftime("%Y-%m-%dT%H:%M:%SZ"),
                public_key=public_key,
            )
            self._by_id[key_pair.id] = key_pair
            self._by_name.setdefault(name, {})[key_pair.id] = key_pair
        return key_pair

    def create(self, name: str) -> tuple[KeyPair, str]:
        """Make a key, keep its public half, and return the private one as PEM (PKCS#1)."""
        from devcloud.ens import rsa_keys  # noqa: PLC0415 - as rsa_keys says

        public_key, private_key = rsa_keys.generate()
        return self.add(name, public_key), private_key

    def listed(self, name: str, key_pair_id: str) -> list[KeyPair]:
        """Return what DescribeKeyPairs lists for this name and this id."""
        return self.matching(name if self._filter_by_name else "", key_pair_id)

    def matching(self, name: str, key_pair_id: str) -> list[KeyPair]:
        """Return those with this name and this id; an empty string matches all."""
        with self._lock:
            found = self._by_name.get(name, {}) if name else self._by_id
            if key_pair_id:
                return [found[key_pair_id]] if key_pair_id in found else []
            return list(found.values())

    def remove(self, key_pairs: list[KeyPair]) -> None:
        """Forget these."""
        with self._lock:
            for key_pair in key_pairs:
                self._by_id.pop(key_pair.id, None)
                namesakes = self._by_name.get(key_pair.name, {})
                namesakes.pop(key_pair.id, None)
                if not namesakes:
                    self._by_name.pop(key_pair.name, None)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._by_id.clear()
            self._by_name.clear()


@lru_cache(maxsize=64)  # tests give one key many names
def _fingerprint(public_key: str) -> str:
    from devcloud.ens import rsa_keys  # noqa: PLC0415 - as rsa_keys says

    try:
        return rsa_keys.fingerprint(public_key)
    except rsa_keys.MalformedPublicKey:
        raise exceptions.malformed_public_key() from None
