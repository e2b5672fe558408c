"""
Fakes of the ports of core.importing.exactly_once: an ENS in memory, and the clock it runs on.

They are held to the same contract as devcloud's ENS and the real one (tests/contract).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import random
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeVar

from core.errors import EnsError, ImportFailure
from core.importing.exactly_once import ImportedKeyPair, KeyPairsPage, ListedKeyPair
from core.importing.request import ValidKeyPair
from core.keys.rsa_key import RsaPublicKey

if TYPE_CHECKING:
    from collections.abc import Callable

DuplicateNames = Literal["refused", "accepted"]
DUPLICATE_NAMES: tuple[DuplicateNames, ...] = ("refused", "accepted")
IMPORT, LOOK_UP = "ImportKeyPair", "DescribeKeyPairs"  # the actions that are called
Answer = TypeVar("Answer")

BLOB_HEAD = b"\0\0\0\x07ssh-rsa"
SECONDS_A_CALL = 0.05
OVERSLEPT = 0.001  # seconds; nobody wakes up to the instant


@dataclass(slots=True)
class FakeClock:
    """Time that passes when somebody sleeps, and while a fake call is under way."""

    seconds: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass; refuses what time.sleep refuses."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self.slept.append(seconds)
        self.seconds += seconds + (OVERSLEPT if seconds else 0)


@dataclass(frozen=True, slots=True)
class Fault:
    """
    How one call ends otherwise than it should.

    Args:
        raised: makes what the caller gets instead of an answer.
        performed: whether ENS has done by then what it was asked.
        seconds: how long the call takes, though never longer than it is allowed to.
        done_later: seconds after which ENS does it all the same, unseen by the caller.
    """

    raised: Callable[[], ImportFailure]
    performed: bool = False
    seconds: float = SECONDS_A_CALL
    done_later: float | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call that ENS saw; ``time_left`` is what it was allowed to take, in seconds."""

    action: str
    at: float
    time_left: float


@dataclass(slots=True)
class FakeKeyPairs:
    """
    An ENS in memory.

    Args:
        clock: advanced by each call.
        duplicate_names: what becomes of an import under a name that is taken.
        matches_prefixes: whether a look-up finds every name that starts with the one asked for;
            the manual does not say that names are matched exactly.
        filters: whether a look-up leaves out any name at all.
    """

    clock: FakeClock
    duplicate_names: DuplicateNames = "refused"
    matches_prefixes: bool = False
    filters: bool = True
    held: list[ListedKeyPair] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    before_call: Callable[[int], None] = lambda _number: None  # told which call it is, from 1
    _faults: dict[str, deque[Fault | None]] = field(default_factory=lambda: defaultdict(deque))
    _under_way: list[tuple[float, str, str]] = field(default_factory=list)

    @property
    def actions(self) -> list[str]:
        """The calls that ENS saw, by name."""
        return [call.action for call in self.calls]

    def fail_next(self, action: str, *faults: Fault | None) -> None:
        """Let the next calls of an action end so, one after the other; None: as they should."""
        self._faults[action].extend(faults)

    def fingerprints(self, name: str) -> list[str]:
        """Return what is held under exactly this name."""
        self._finish_what_is_under_way()
        return [key_pair.fingerprint for key_pair in self.held if key_pair.name == name]

    def import_key_pair(self, name: str, public_key: str, time_left: float) -> ImportedKeyPair:
        def perform() -> ImportedKeyPair:
            return ImportedKeyPair(self._add(name, public_key), self._request_id())

        return self._call("ImportKeyPair", time_left, perform, (name, public_key))

    def describe_key_pairs(
        self, name: str, page_number: int, page_size: int, time_left: float
    ) -> KeyPairsPage:
        def perform() -> KeyPairsPage:
            found = self.held
            if self.filters:
                found = [pair for pair in found if self._matches(name, pair.name)]
            shown = found[(page_number - 1) * page_size : page_number * page_size]
            return KeyPairsPage(tuple(shown), len(found), self._request_id())

        return self._call("DescribeKeyPairs", time_left, perform, ("", ""))

    def _call(
        self,
        action: str,
        time_left: float,
        perform: Callable[[], Answer],
        asked: tuple[str, str],
    ) -> Answer:
        self.before_call(len(self.calls) + 1)
        self._finish_what_is_under_way()
        self.calls.append(Call(action, self.clock.now(), time_left))
        fault = self._faults[action].popleft() if self._faults[action] else None
        if fault is None:
            self.clock.seconds += min(SECONDS_A_CALL, time_left)
            return perform()
        if fault.performed:
            perform()
        if fault.done_later is not None:
            self._under_way.append((self.clock.now() + fault.done_later, *asked))
        self.clock.seconds += min(fault.seconds, time_left)
        raise fault.raised()

    def _finish_what_is_under_way(self) -> None:
        due = [import_ for import_ in self._under_way if import_[0] <= self.clock.now()]
        self._under_way = [import_ for import_ in self._under_way if import_ not in due]
        for _, name, public_key in due:
            try:
                self._add(name, public_key)
            except EnsError:
                continue  # nobody waits for this answer any more

    def _add(self, name: str, public_key: str) -> str:
        fingerprint = _fingerprint(public_key)
        taken = any(pair.name == name for pair in self.held)
        if taken and self.duplicate_names == "refused":
            raise refused("InvalidKeyPairName.Duplicate", "The specified name is taken.")
        self.held.append(ListedKeyPair(name, fingerprint))
        return fingerprint

    def _matches(self, asked: str, name: str) -> bool:
        return name.startswith(asked) if self.matches_prefixes else name == asked

    def _request_id(self) -> str:
        return f"REQUEST-{len(self.calls)}"


def refused(code: str, message: str = "", status: int = 400) -> EnsError:
    """Make an error that ENS answers with."""
    return EnsError(
        "ENS answered with this error.",
        code=code,
        message=message,
        status=status,
        service_request_id="REQUEST-OF-REFUSAL",
    )


def made_up_key(seed: int = 1) -> tuple[str, str]:
    """Make an ``ssh-rsa`` line that is well formed as far as ENS looks, and its MD5."""
    blob = BLOB_HEAD + random.Random(seed).randbytes(64)  # noqa: S311 - to be repeatable
    return f"ssh-rsa {base64.b64encode(blob).decode()}", _md5(blob)


def valid_pair(name: str, line: str, md5: str) -> ValidKeyPair:
    """Make what is imported of an ``ssh-rsa`` line, which need hold no real key."""
    _, encoded, *comment = line.split(" ", maxsplit=2)
    key = RsaPublicKey(base64.b64decode(encoded), 1, 1, "".join(comment))
    return ValidKeyPair(name, key, md5, "SHA256:made-up", ())


def _fingerprint(public_key: str) -> str:
    """Fingerprint a line as RFC 4716 says, or refuse it as ENS does."""
    key_type, _, encoded = public_key.partition(" ")
    try:
        blob = base64.b64decode(encoded.split(" ")[0], validate=True)
    except binascii.Error:
        blob = b""
    if key_type != "ssh-rsa" or not blob.startswith(BLOB_HEAD):
        raise refused("InvalidPublicKeyBody.Malformed")
    return _md5(blob)


def _md5(blob: bytes) -> str:
    return hashlib.md5(blob, usedforsecurity=False).hexdigest()
