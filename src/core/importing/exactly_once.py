"""
Put one key pair into ENS exactly once.

ENS's manual does not say what ImportKeyPair does with a name that is in use, and a lost answer says
nothing about what was done. So the name is looked up whenever the outcome is unknown, and a call is
sent again without a look-up only when nothing had been sent or ENS had throttled it.

| ImportKeyPair ended with | done? | next | name is free | another key's | last attempt |
|---|---|---|---|---|---|
| a key pair | yes | imported | | | |
| no permission, bad credentials, InvalidPublicKeyBody* | no | raise | | | |
| throttled; nothing was sent | no | wait, send again | | | raise the last unknown, else this |
| 5xx, no answer, unreadable answer | unknown | wait, look up | send again | send again | raise |
| ens.interface.error | unknown | wait, look up | send again | once more | raise; name_taken |
| CallInterface | unknown | wait, look up | send again | once more | raise; name_taken |
| any other 4xx | unknown | look up | raise | name_taken | |

A look-up that finds this key under the name ends in already_imported. The next two columns say
what follows when it finds nothing, or another key; the last one, what is raised when no attempt is
left: the failure itself, or name_taken where the look-up has found another key. ``once more``: the
same answer to one more call ends in name_taken. name_taken has
ENS's own code and status, comes only after an answer of ENS below 500, and is final: a retry would
find the name in use again.

Where the caller does not wait, the same is done after one look-up. A look-up that ENS refuses to
the role raises the original error; one that cannot be completed raises look_up_failed.

A look-up is unfiltered when its first page holds a name that does not contain ours: ENS lists all
key pairs then, and an account may hold more than can be read in time. Only the look-up before an
invocation's first import is given up for that, and only where no earlier delivery may have
imported the key. After an unknown outcome the pages are read while time lasts.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from core.deadline import backoff, remaining, time_left
from core.errors import (
    EnsError,
    ImportFailure,
    PermissionDenied,
    RoleCredentialsUnusable,
    ServiceUnavailable,
    Throttled,
)
from core.importing.request import ImportOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.deadline import Clock
    from core.importing.request import ValidKeyPair

PAGE_SIZE = 50
MAX_PAGES = 100  # of names that contain ours; nobody has 5,000 of these, so it ends any loop


@dataclass(frozen=True, slots=True)
class ImportedKeyPair:
    """ENS's answer to ImportKeyPair; the fingerprint in ENS's spelling."""

    fingerprint: str
    service_request_id: str


@dataclass(frozen=True, slots=True)
class ListedKeyPair:
    """One entry of ENS's answer to DescribeKeyPairs; the fingerprint is empty if ENS has none."""

    name: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class KeyPairsPage:
    """ENS's answer to DescribeKeyPairs: one page, and how many entries all pages hold."""

    key_pairs: tuple[ListedKeyPair, ...]
    total: int
    service_request_id: str


class KeyPairs(Protocol):
    """
    The key pairs that ENS holds. One method is one call, and is not sent again by itself.

    A call ends in its value or in an EnsError or a ServiceUnavailable. ``time_left`` is the most
    it may take, in seconds.
    """

    def import_key_pair(self, name: str, public_key: str, time_left: float) -> ImportedKeyPair:
        """Import a public key (one ``ssh-rsa`` line) under a name."""

    def describe_key_pairs(
        self, name: str, page_number: int, page_size: int, time_left: float
    ) -> KeyPairsPage:
        """List the key pairs that ENS finds for a name, a page (counted from 1) at a time."""


@dataclass(frozen=True, slots=True)
class ExactlyOnce:
    """
    How key pairs are put into ENS during one invocation.

    Args:
        key_pairs: ENS.
        clock: time.
        deadline: the clock's reading by which every call must have ended.
        max_attempts: how often an import, and each look-up, is sent at most.
        look_up_first: look the name up before importing. For a caller who does not wait: what is
            asked for may have been done already, for FC delivers such an event at least once.
        jitter: returns a number from 0 to 1, another at each call; it spreads the waits of many
            instances.
        on_unfiltered: told when the look-up before the import is given up, because ENS lists key
            pairs of other names.
    """

    key_pairs: KeyPairs
    clock: Clock
    deadline: float
    max_attempts: int = 3
    look_up_first: bool = False
    jitter: Callable[[], float] = field(default=random.random)
    on_unfiltered: Callable[[], None] = lambda: None

    def import_key_pair(
        self, key_pair: ValidKeyPair, *, may_be_imported: bool = False
    ) -> ImportOutcome:
        """
        Make sure that ENS holds a key under its name: imported, or already_imported.

        Args:
            key_pair: the name and the key.
            may_be_imported: whether an earlier delivery may have imported it, so that the look-up
                before the import must not be given up.

        Raises:
            EnsError: ENS refuses.
            ServiceUnavailable: no usable answer, within the attempts and the time.
        """
        if self.look_up_first:
            found = self._look_up(key_pair, to_the_end=may_be_imported)
            if found.given_up:
                self.on_unfiltered()
            if found.match:
                return found.match

        doubts: list[EnsError | ServiceUnavailable] = []
        try:
            return self._import_or_find(key_pair, doubts)
        except ImportFailure as failure:
            failure.outcome_unknown = failure.outcome_unknown or bool(doubts)
            raise

    def _import_or_find(
        self, key_pair: ValidKeyPair, doubts: list[EnsError | ServiceUnavailable]
    ) -> ImportOutcome:
        """Import as the table says; ``doubts`` gets each failure that may have been a success."""
        attempt = 1
        in_use = False  # ENS has refused once, while another key had the name
        while True:
            try:
                return self._import(key_pair)
            except (RoleCredentialsUnusable, PermissionDenied):
                raise
            except (EnsError, ServiceUnavailable) as failure:
                if nothing_was_done(failure):
                    raised = doubts[-1] if doubts else failure
                    self._wait_to_send_again(attempt, failure, otherwise=raised)
                else:
                    if failure.code.startswith("InvalidPublicKeyBody"):
                        raise
                    doubts.append(failure)
                    found = self._find_out(failure, attempt, key_pair)
                    if found.match:
                        return found.match
                    last = attempt >= self.max_attempts or not failure.retryable
                    in_use = _may_be_sent_again(failure, found, key_pair, last=last, in_use=in_use)
                attempt += 1

    def _import(self, key_pair: ValidKeyPair) -> ImportOutcome:
        answer = self.key_pairs.import_key_pair(key_pair.name, key_pair.key.line, self._time_left())
        return ImportOutcome(
            "imported",
            key_pair,
            answer.fingerprint,
            verified=same_fingerprint(answer.fingerprint, key_pair.fingerprint_md5),
            service_request_id=answer.service_request_id,
        )

    def _find_out(
        self, failure: EnsError | ServiceUnavailable, attempt: int, key_pair: ValidKeyPair
    ) -> _Found:
        """Find out what a failed import has done."""
        if failure.retryable:
            # A call that is still under way in ENS gets time to end before it is looked for; at
            # most half of what is left, for the look-up takes some too.
            self.clock.sleep(min(backoff(attempt, self.jitter), max(0.0, self._remaining() / 2)))
        try:
            return self._look_up(key_pair, to_the_end=True)
        except PermissionDenied:
            raise failure from None

    def _look_up(self, key_pair: ValidKeyPair, *, to_the_end: bool) -> _Found:
        """Find what ENS holds under exactly this name; sent again whenever that can help."""
        attempt = 1
        while True:
            try:
                found = self._pages(key_pair, to_the_end=to_the_end)
            except (RoleCredentialsUnusable, PermissionDenied):
                raise
            except (EnsError, ServiceUnavailable) as failure:
                if not failure.retryable:
                    raise _look_up_failed(failure) from None
                self._wait_to_send_again(attempt, failure, otherwise=_look_up_failed(failure))
                attempt += 1
            else:
                if not found.complete and not found.given_up:
                    raise _look_up_failed()
                return found

    def _pages(self, key_pair: ValidKeyPair, *, to_the_end: bool) -> _Found:
        """Read the pages of one look-up; to_the_end: also where ENS lists all key pairs."""
        other = None
        complete = True
        seen = page_number = 0
        unfiltered = False
        while unfiltered or page_number < MAX_PAGES:
            page_number += 1
            page = self.key_pairs.describe_key_pairs(
                key_pair.name, page_number, PAGE_SIZE, self._time_left()
            )
            for listed in page.key_pairs:
                if listed.name != key_pair.name:  # the manual does not say that ENS matches exactly
                    continue
                if not listed.fingerprint:  # ENS does not say which key it holds
                    complete = False
                    continue
                if same_fingerprint(listed.fingerprint, key_pair.fingerprint_md5):
                    match = ImportOutcome(
                        "already_imported",
                        key_pair,
                        listed.fingerprint,
                        verified=True,
                        service_request_id=page.service_request_id,
                    )
                    return _Found(match=match)
                other = listed.fingerprint
            seen += len(page.key_pairs)
            if not page.key_pairs or seen >= page.total:
                return _Found(other=other, complete=complete)
            if page_number == 1:
                unfiltered = any(key_pair.name not in listed.name for listed in page.key_pairs)
            if unfiltered and not to_the_end:
                return _Found(given_up=True)
        return _Found(other=other, complete=False)

    def _wait_to_send_again(
        self, attempt: int, failure: EnsError | ServiceUnavailable, otherwise: ImportFailure
    ) -> None:
        """Wait before the next attempt; when there is none to be made, raise what else to say."""
        seconds = backoff(attempt, self.jitter)
        if isinstance(failure, Throttled) and failure.retry_after is not None:
            seconds += failure.retry_after
        if attempt >= self.max_attempts or seconds > self._remaining():
            raise otherwise
        self.clock.sleep(seconds)

    def _remaining(self) -> float:
        return remaining(self.clock, self.deadline)

    def _time_left(self) -> float:
        return time_left(
            self.clock,
            self.deadline,
            "The function's time was used up before ENS could be asked. Repeating is safe.",
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """
    What ENS holds under a name: this key, or the fingerprint of another, or nothing.

    ``complete`` is False when there were more pages than are read, or an entry under the name
    without a fingerprint, and so nothing is known; ``given_up`` is True when the rest was not
    read, because ENS lists key pairs of other names.
    """

    match: ImportOutcome | None = None
    other: str | None = None
    complete: bool = True
    given_up: bool = False


def nothing_was_done(failure: ImportFailure) -> bool:
    """Tell whether a failed call has certainly changed nothing, so that it may be sent again."""
    if isinstance(failure, ServiceUnavailable):
        return not failure.outcome_unknown
    return isinstance(failure, Throttled)


def same_fingerprint(one: str, other: str) -> bool:
    """Compare two MD5 fingerprints: ENS's sample prints bare hex, RFC 4716 has colons."""
    return one.replace(":", "").lower() == other.replace(":", "").lower()


def _may_be_sent_again(
    failure: EnsError | ServiceUnavailable,
    found: _Found,
    key_pair: ValidKeyPair,
    *,
    last: bool,
    in_use: bool,
) -> bool:
    """
    Return whether ENS has now refused while another key had the name; it has once if ``in_use``.

    Raises:
        ImportFailure: it must not be sent again: name_taken, which is final, or the failure.
    """
    if isinstance(failure, EnsError) and failure.status < 500 and found.other is not None:
        if not (last or in_use):
            return True
        taken = failure.explained(
            f"The name is in use for another key: ENS holds one with the MD5 fingerprint "
            f"{found.other}, this key has {key_pair.fingerprint_md5}. Choose another name, or "
            f"delete that key pair in ENS first.",
            reason="name_taken",
        )
        taken.retryable = False  # a retry would find the name in use again
        raise taken
    if last:
        raise failure
    return in_use


def _look_up_failed(failure: ImportFailure | None = None) -> ServiceUnavailable:
    return ServiceUnavailable(
        "ENS could not be asked whether it holds the key pair already. It may have been imported "
        "all the same; repeating is safe.",
        reason="look_up_failed",
        outcome_unknown=True,
        service_request_id=failure.service_request_id if failure else None,
    )
