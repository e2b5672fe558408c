"""
A soak of uploads through devcloud's whole chain, and the verdict on what it left behind.

Files are put into OSS, which tells FC, whose queue runs the function in instances of its own,
which call OSS and ENS over HTTP; calls fail, events are delivered twice, instances are killed,
and the role's permissions may come into force late, one after the other.
What is random is drawn from one seed. Threads and processes run as they will, so a seed brings
the same uploads and kinds of faults again, and not the same moment.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from devcloud import DevCloud
from tests.soak import faults
from tests.soak.uploads import uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from devcloud.ens.models import DuplicateNames
    from tests.soak.uploads import SoakUpload

REFUSED_FOR_PERMISSION = {
    fault.name for fault in (*faults.NO_PERMISSION_AT_ENS, *faults.NO_PERMISSION_AT_OSS)
}
FAULTY_CALLS = 0.1  # of the calls of either service
DOUBLED_DELIVERIES = 0.05  # of the events
SERVICES = {
    "ens": (["ImportKeyPair", "DescribeKeyPairs"], faults.ENS, faults.NO_PERMISSION_AT_ENS),
    "oss": (["GetObject", "PutObject"], faults.OSS, faults.NO_PERMISSION_AT_OSS),
}
LOST_IN_THE_END = 0.01  # of the uploads, at most, may end in onFailure


@dataclass(frozen=True, slots=True)
class Soak:
    """
    What is let loose.

    Args:
        seed: for all that is random.
        uploads: how many.
        duplicate_names: what ENS does with a name that is taken.
        calls_per_second: what ENS admits.
        instances: how many of the function may run at once.
        longest: seconds after which the queue must have come to rest.
        permissions_after: seconds from the first call until the last of the role's permissions is
            in force. FC's retries go on for 3.5 s, so that less loses nothing.
    """

    seed: int
    uploads: int
    duplicate_names: DuplicateNames
    calls_per_second: float
    instances: int
    longest: float
    permissions_after: float = 0.0

    def run(self, project: Path, progress: Callable[[str], None] = lambda _: None) -> Aftermath:
        """Let it loose, and wait until it is over."""
        files = uploads(self.seed, self.uploads)
        with DevCloud(
            project=project,
            function=True,
            function_env={"ENS_READ_TIMEOUT_MS": "400", "LOG_LEVEL": "WARNING"},
            duplicate_names=self.duplicate_names,
            throttle_per_second=self.calls_per_second,
            max_instances=self.instances,
            retry_pace=1.0 if self.permissions_after else 0.2,
        ) as cloud:
            for number, (actions, kinds, _) in enumerate(SERVICES.values()):
                cloud.faults.fail_at_random(actions, kinds, FAULTY_CALLS, self.seed + number)
            cloud.async_queue.duplicate_at_random(DOUBLED_DELIVERIES, self.seed + 2)
            with self._permissions_come_late(cloud):
                started = time.monotonic()
                for file in files:
                    cloud.put_upload(file.key, file.content)
                self._wait(cloud, started, progress)
            return Aftermath.of(cloud, files, time.monotonic() - started)

    @contextmanager
    def _permissions_come_late(self, cloud: DevCloud) -> Iterator[None]:
        """Refuse every call until its permission is in force, each at a moment of its own."""
        seeded = random.Random(self.seed)  # noqa: S311 - to be repeatable
        moments = []
        for actions, kinds, refusals in SERVICES.values() if self.permissions_after else ():
            for action in actions:
                cloud.faults.fail_at_random([action], refusals, 1.0, self.seed)
                moments.append((seeded.uniform(0.2, 1.0) * self.permissions_after, action, kinds))
        over = threading.Event()

        def put_in_force() -> None:
            while not cloud.calls_of("oss") and not over.wait(0.05):
                pass  # the first instance is still starting
            elapsed = 0.0
            for moment, action, kinds in sorted(moments, key=lambda each: each[0]):
                over.wait(moment - elapsed)
                elapsed = moment
                cloud.faults.fail_at_random([action], kinds, FAULTY_CALLS, self.seed)

        thread = threading.Thread(target=put_in_force, name="late-permissions")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _wait(self, cloud: DevCloud, started: float, progress: Callable[[str], None]) -> None:
        while True:
            try:
                cloud.drain(5.0)
            except TimeoutError:
                elapsed = time.monotonic() - started
                progress(
                    f"{elapsed:5.0f} s: {cloud.async_queue.unfinished} of {self.uploads} uploads "
                    f"under way, {len(cloud.key_pairs)} key pairs"
                )
                if elapsed > self.longest:
                    raise
            else:
                return


@dataclass(slots=True)
class Aftermath:
    """
    What a soak left behind.

    Args:
        seconds: how long it took.
        figures: what is worth telling, by name.
        wrong: what should not be, a sentence each.
        doubled: names under which ENS holds one key twice.
        lost: uploads that were given up, in onFailure, with a receipt that says so.
        false_alarms: uploads in onFailure that were done with: the last run's answer was lost.
    """

    seconds: float
    figures: dict[str, object] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, cloud: DevCloud, files: list[SoakUpload], seconds: float) -> Aftermath:
        """Look at what ENS, OSS and the onFailure queue hold now."""
        aftermath = cls(seconds)
        receipts = {
            key.removeprefix("receipts/").rpartition("/")[0]: json.loads(stored.body)
            for key, stored in cloud.objects().items()
            if key.startswith("receipts/")
        }
        messages = Counter(
            json.loads(message.content["requestPayload"])["events"][0]["oss"]["object"]["key"]
            for message in cloud.destination_messages
        )
        held: dict[str, list[str]] = {}
        for pair in cloud.key_pairs:
            held.setdefault(pair.name, []).append(pair.public_key)
        for file in files:
            receipt = receipts.pop(file.key, {})
            pairs = held.pop(file.name, []) if file.name else []
            aftermath._judge(file, receipt, pairs, messages.pop(file.key, 0))
        aftermath.wrong += [f"nobody's key pair {name}" for name in held]
        aftermath.wrong += [f"nobody's receipt {key}" for key in receipts]
        aftermath.wrong += [f"nobody's message of {key}" for key in messages]
        aftermath._count(cloud)
        return aftermath

    def _judge(
        self, file: SoakUpload, receipt: dict[str, object], pairs: list[str], messages: int
    ) -> None:
        """Compare what became of one upload with what had to."""
        told = receipt.get("outcome"), receipt.get("reason")
        line = file.content.decode(errors="replace").strip()
        if any(pair != line for pair in pairs):
            self.wrong.append(f"another key under the name {file.name}")
        if len(pairs) > 1:
            self.doubled.append(file.name)
        if file.reason:
            done = told == ("refused", file.reason)
        else:
            done = bool(pairs) and told[0] in {"imported", "already_imported"}
        if messages == 1 and done:
            self.false_alarms.append(file.key)
        elif messages == 1 and told[0] == "will_retry":
            self.lost.append(file.key)
        elif messages or not done:
            self.wrong.append(
                f"{file.key}: {len(pairs)} key pairs, receipt {told}, {messages} onFailure messages"
            )

    def _count(self, cloud: DevCloud) -> None:
        invocations = cloud.async_invocations
        attempts = [attempt for each in invocations for attempt in each.attempts]
        for service in SERVICES:
            calls = cloud.calls_of(service)
            kinds = Counter(call.fault for call in calls if call.fault)
            self.figures[f"calls of {service}"] = len(calls)
            self.figures[f"faulty calls of {service}"] = (
                f"{kinds.total()}, {len(kinds)} kinds, instances killed: "
                f"{sum(kinds[kind] for kind in kinds if kind.startswith('instance killed'))}"
            )
        throttled = [call for call in cloud.calls if not call.fault and "Throttl" in call.code]
        self.figures |= {
            "calls that ENS throttled": len(throttled),
            "calls without permission": sum(
                call.fault in REFUSED_FOR_PERMISSION
                for service in SERVICES
                for call in cloud.calls_of(service)
            ),
            "events": len(invocations),
            "delivered twice": sum(any(a.delivery > 1 for a in i.attempts) for i in invocations),
            "runs of the function": len(attempts),
            "runs that failed": sum(bool(attempt.error_type) for attempt in attempts),
            "key pairs": len(cloud.key_pairs),
            "given up, in onFailure": len(self.lost),
            "in onFailure, though done": len(self.false_alarms),
            "doubled": len(self.doubled),
            "uploads a second": round(len(invocations) / self.seconds, 1),
        }
