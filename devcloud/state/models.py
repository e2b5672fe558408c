"""What the state of a cloud is made of, and how all of it is forgotten."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from devcloud.ens.models import KeyPairs
from devcloud.faults import FaultPlan
from devcloud.fc.deployment import Deployment
from devcloud.journal import Journal
from devcloud.oss.models import Buckets


@dataclass(frozen=True, slots=True)
class State:
    """
    The parts of one cloud that can be read over HTTP.

    ``functions`` and ``endpoints`` are asked each time: functions come and go. Of ``endpoints``,
    the key is the service; ``upload_bucket`` is the one that is meant where none is named.
    """

    key_pairs: KeyPairs
    buckets: Buckets
    journal: Journal
    faults: FaultPlan
    functions: Callable[[], Iterable[Deployment]]
    endpoints: Callable[[], Mapping[str, str]]
    upload_bucket: Callable[[], str]

    def reset(self) -> None:
        """
        Forget key pairs, objects, calls, faults, asynchronous invocations and their messages.

        Buckets, functions, roles and credentials stay. No event is sent for what is forgotten.
        """
        self.faults.clear()
        for deployment in self.functions():
            deployment.queue.clear()
            deployment.destinations.clear()
        for bucket in self.buckets:
            bucket.clear()
        self.key_pairs.clear()
        self.journal.clear()
