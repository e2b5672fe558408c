"""A rate limit as Alibaba Cloud's flow control answers it: a token bucket, one second deep."""

import threading

from devcloud.http_message import ServiceError
from devcloud.ram.models import Clock


class RateLimit:
    """Admit so many calls a second, and refuse the rest with Throttling.User."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._per_second = per_second
        self._clock = clock
        self._tokens = max(per_second, 1.0)
        self._counted_at = clock()
        self._lock = threading.Lock()

    def admit(self) -> None:
        """
        Take a token.

        Raises:
            ServiceError: Throttling.User (400); x-acs-retry-after says in how many milliseconds
                there will be a token again.
        """
        with self._lock:
            now = self._clock()
            gained = (now - self._counted_at) * self._per_second
            self._tokens = min(max(self._per_second, 1.0), self._tokens + gained)
            self._counted_at = now
            if self._tokens >= 1.0:
                self._tokens -= 1.0
                return
            wait_ms = int((1.0 - self._tokens) / self._per_second * 1000) + 1
        raise ServiceError(400, "Throttling.User", headers={"x-acs-retry-after": str(wait_ms)})
