"""
A soak of uploads through devcloud's whole chain; aftermath.py judges what it left behind.

Files are put into OSS, which tells FC, whose queue runs the function in instances of its own,
which call OSS and ENS over HTTP; calls fail, events are delivered twice, instances are killed,
and the role's permissions may come into force late, one after the other.
What is random is drawn from one seed. Threads and processes run as they will, so a seed brings
the same uploads and kinds of faults again, and not the same moment.
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from devcloud import DevCloud
from devcloud.fc.s_yaml import read_function
from tests.soak import faults
from tests.soak.aftermath import Aftermath
from tests.soak.uploads import uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from devcloud.ens.models import DuplicateNames

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
        function = read_function(project)  # of which s.yaml lets fewer run at once
        config = replace(function.async_config, reserved_concurrency=None)
        with DevCloud(
            project=project,
            function=replace(function, async_config=config),
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
            aftermath = Aftermath.of(cloud, files, time.monotonic() - started)
            aftermath.send_again(cloud, files)
            return aftermath

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
