"""
Faults on demand: what an answer becomes when a service, or the way to it, fails.

A fault is a value. ``performs`` tells whether the action is carried out before it strikes:
``Fault.reset_before_answer()`` loses the request, ``Fault.reset_before_answer().after_the_work()``
loses only the answer.
"""

import enum
import random
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace


class Transmission(enum.Enum):
    """What the connection does with the answer."""

    WHOLE = "whole"
    RESET_BEFORE_READING = "reset before the body is read"
    RESET_BEFORE_ANSWER = "reset before the answer"
    RESET_DURING_ANSWER = "reset after half of the answer"
    CUT = "closed after half of the answer"
    SILENCE = "no answer, until the client gives up"
    KILL = "the function's instance that asks is killed"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail. Made by the constructors below; the fields say what the server does."""

    name: str
    performs: bool = False
    transmission: Transmission = Transmission.WHOLE
    delay_seconds: float = 0.0
    status: int = 0  # with an error_code: a refusal in the service's own shape
    error_code: str = ""
    message: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None  # instead of the service's answer
    content_type: str = "application/json"
    altered: tuple[tuple[str, str], ...] = ()  # members of the JSON answer given another value
    altered_headers: tuple[tuple[str, str], ...] = ()

    def after_the_work(self) -> "Fault":
        """Return the same fault, striking only once the action has been carried out."""
        return replace(self, name=f"{self.name} after the work", performs=True)

    @classmethod
    def reset_before_reading(cls) -> "Fault":
        """Reset the connection when the head has told the action, before the body is read."""
        return cls("reset before reading", transmission=Transmission.RESET_BEFORE_READING)

    @classmethod
    def reset_before_answer(cls) -> "Fault":
        """Read the request, then reset the connection."""
        return cls("reset before the answer", transmission=Transmission.RESET_BEFORE_ANSWER)

    @classmethod
    def reset_during_answer(cls) -> "Fault":
        """Carry the action out, send half of the answer, reset the connection."""
        return cls("reset during the answer", True, Transmission.RESET_DURING_ANSWER)

    @classmethod
    def cut_answer(cls) -> "Fault":
        """Carry the action out, send half of the answer, close the connection politely."""
        return cls("answer cut short", True, Transmission.CUT)

    @classmethod
    def never_answer(cls) -> "Fault":
        """Read the request and say nothing: the client's read time-out ends it."""
        return cls("no answer", transmission=Transmission.SILENCE)

    @classmethod
    def kill_instance(cls) -> "Fault":
        """Read the request, then kill the function's instance that sent it, if it was one."""
        return cls("instance killed", transmission=Transmission.KILL)

    @classmethod
    def slow(cls, seconds: float) -> "Fault":
        """Carry the action out, and answer this much later."""
        return cls("slow", True, delay_seconds=seconds)

    @classmethod
    def error(cls, code: str, status: int = 400, message: str = "") -> "Fault":
        """Refuse with an error code; the service adds the message that it documents for it."""
        return cls(code, status=status, error_code=code, message=message)

    @classmethod
    def unavailable(cls, status: int = 503) -> "Fault":
        """Answer 500 InternalError, or another 5xx ServiceUnavailable, as Alibaba Cloud does."""
        code = "InternalError" if status == 500 else "ServiceUnavailable"
        return cls(f"{status} {code}", status=status, error_code=code)

    @classmethod
    def throttled(
        cls, status: int = 400, retry_after_ms: int | None = None, code: str = "Throttling.User"
    ) -> "Fault":
        """Answer that the caller is throttled; ``x-acs-retry-after`` only when it is given."""
        headers = () if retry_after_ms is None else (("x-acs-retry-after", str(retry_after_ms)),)
        return cls(f"{status} {code}", status=status, error_code=code, headers=headers)

    @classmethod
    def answer(
        cls, status: int, body: bytes = b"", content_type: str = "application/json"
    ) -> "Fault":
        """Answer with exactly this."""
        return cls(f"{status} as told", status=status, body=body, content_type=content_type)

    @classmethod
    def html(cls, status: int = 502) -> "Fault":
        """Answer as a proxy does that cannot reach the service."""
        page = b"<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>"
        return replace(cls.answer(status, page, "text/html"), name=f"{status} in HTML")

    @classmethod
    def empty_body(cls, status: int = 200) -> "Fault":
        """Answer with a status and nothing else."""
        return replace(cls.answer(status), name=f"{status} with an empty body")

    @classmethod
    def truncated_json(cls, status: int = 200) -> "Fault":
        """Answer, complete as HTTP goes, with JSON that breaks off."""
        return replace(cls.answer(status, b'{"RequestId": "'), name=f"{status} with truncated JSON")

    @classmethod
    def not_an_object(cls, status: int = 200) -> "Fault":
        """Answer with JSON that is no object."""
        return replace(cls.answer(status, b'["RequestId"]'), name=f"{status} with a JSON list")

    @classmethod
    def altered_answer(cls, member: str, value: str) -> "Fault":
        """Carry the action out, and give one member of the JSON answer another value."""
        return cls(f"another {member}", True, altered=((member, value),))

    @classmethod
    def altered_header(cls, name: str, value: str) -> "Fault":
        """Carry the action out, and give one header of the answer another value."""
        return cls(f"another {name}", True, altered_headers=((name, value),))

    @classmethod
    def wrong_crc64(cls) -> "Fault":
        """Carry the action out, and answer with the checksum of another object."""
        return cls.altered_header("x-oss-hash-crc64ecma", "1")

    @classmethod
    def wrong_fingerprint(cls) -> "Fault":
        """Carry the import out, and answer with the fingerprint of no key at all."""
        return cls.altered_answer("KeyPairFingerPrint", "0" * 32)


@dataclass(slots=True)
class FaultPlan:
    """Which faults are still to strike, action by action. Shared by all services of one cloud."""

    _queued: dict[str, deque[Fault]] = field(default_factory=dict)
    _drawn: dict[str, "_Drawn"] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail_next(self, action: str, fault: Fault, times: int = 1) -> None:
        """Let the next calls of an action fail; several plans for one action follow each other."""
        with self._lock:
            self._queued.setdefault(action, deque()).extend([fault] * times)

    def fail_at_random(
        self, actions: Iterable[str], faults: Sequence[Fault], rate: float, seed: int
    ) -> None:
        """Let a share of the calls of these actions fail, kinds drawn uniformly, repeatably."""
        drawn = _Drawn(tuple(faults), rate, random.Random(seed))  # noqa: S311 - to be repeatable
        with self._lock:
            self._drawn.update(dict.fromkeys(actions, drawn))

    def clear(self) -> None:
        """Let nothing fail any more."""
        with self._lock:
            self._queued.clear()
            self._drawn.clear()

    @property
    def planned(self) -> list[tuple[str, Fault]]:
        """What is still to strike, with its action, in the order planned; without random faults."""
        with self._lock:
            return [(action, fault) for action, queue in self._queued.items() for fault in queue]

    @property
    def random_actions(self) -> list[str]:
        """The actions whose calls fail at random."""
        with self._lock:
            return sorted(self._drawn)

    def take(self, action: str) -> Fault | None:
        """Return the fault that strikes this call, or None."""
        with self._lock:
            if queue := self._queued.get(action):
                return queue.popleft()
            drawn = self._drawn.get(action)
            return drawn.take() if drawn else None


@dataclass(slots=True)
class _Drawn:
    faults: tuple[Fault, ...]
    rate: float
    random: random.Random

    def take(self) -> Fault | None:
        if self.random.random() >= self.rate:
            return None
        return self.random.choice(self.faults)
