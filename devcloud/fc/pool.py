"""The instances of one version of a function's code and configuration."""

import signal
import threading
from collections.abc import Callable, Mapping

from devcloud.fc.instance import Instance, InstanceLost, instance_environment
from devcloud.fc.logs import FunctionLog
from devcloud.fc.models import FunctionSpec
from devcloud.ram.models import Credentials

# Makes the credentials of the function's role; None where the function has no role.
RoleSession = Callable[[], Credentials | None]


class InstancePool:
    """
    Start instances, keep the idle ones, end them all.

    Invocations ``enter`` and ``leave``. A pool that was retired, because another version took its
    place, ends with the last invocation in it, and is then ``done``.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        settings: Mapping[str, str],
        log: FunctionLog,
        role_session: RoleSession,
        done: Callable[[], object],
    ) -> None:
        """Prepare; nothing starts before the first ``take``."""
        self.spec = spec
        self._settings = dict(settings)
        self._log = log
        self._role_session = role_session
        self._done = done
        self._lock = threading.Lock()
        self._idle: list[Instance] = []
        self._all: dict[Instance, str] = {}  # with the access key ids of their sessions
        self._closed = False
        self._retired = False
        self._inside = 0

    def enter(self) -> None:
        """Announce an invocation: until it leaves, the code stays where it is."""
        with self._lock:
            self._inside += 1

    def leave(self) -> None:
        """Let an invocation go; the last one out of a retired pool ends it."""
        with self._lock:
            self._inside -= 1
            is_over = self._retired and not self._inside
        if is_over:
            self._end()

    def retire(self) -> None:
        """Take no more invocations; those inside come to their end."""
        with self._lock:
            self._retired = True
            is_over = not self._inside
        if is_over:
            self._end()

    def take(self) -> Instance:
        """
        Return an idle instance, the one used last, or a new one.

        Raises:
            InstanceLost: the pool is closed.
        """
        with self._lock:
            if self._closed:
                raise InstanceLost
            if self._idle:
                return self._idle.pop()
            session = self._role_session()
            instance = Instance(
                self.spec,
                instance_environment(self.spec, self._settings, _role_variables(session)),
                self._log,
                session if self.spec.runtime == "python3.10" else None,
            )
            self._all[instance] = session.access_key_id if session else ""
            return instance

    def give_back(self, instance: Instance) -> None:
        """Keep an instance for the next invocation."""
        with self._lock:
            if instance in self._all:  # not killed in the meantime
                self._idle.append(instance)

    def discard(self, instance: Instance) -> None:
        """End an instance."""
        with self._lock:
            self._all.pop(instance, None)
        instance.kill()

    def discard_owner_of(self, access_key_id: str) -> None:
        """End the instance to which these credentials were given, if it is one's."""
        with self._lock:
            owners = [each for each, its_id in self._all.items() if its_id == access_key_id]
        for instance in owners:
            self.discard(instance)

    def kill_all(self) -> None:
        """End all instances, idle or in the middle of a request."""
        with self._lock:
            ending = list(self._all)
            self._all.clear()
            self._idle.clear()
        for instance in ending:
            instance.kill()

    def freeze(self) -> None:
        """Give the instances no more processor time."""
        with self._lock:
            for instance in self._all:
                instance.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the frozen instances go on."""
        with self._lock:
            for instance in self._all:
                instance.signal(signal.SIGCONT)

    def close(self) -> None:
        """End all instances; requests under way fail, and so do later ones."""
        with self._lock:
            self._closed = True
        self.kill_all()

    def _end(self) -> None:
        self.close()
        self._done()


def _role_variables(session: Credentials | None) -> dict[str, str]:
    if session is None:
        return {}
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": session.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": session.access_key_secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": session.security_token or "",
    }
