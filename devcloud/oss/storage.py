"""The OSS of one account and region: what DevCloud holds of this folder."""

from collections.abc import Mapping

from devcloud.http_message import Headers, Request
from devcloud.oss.addressing import Location
from devcloud.oss.authentication import Authenticator
from devcloud.oss.exchange import Backend, Exchange
from devcloud.oss.models import Buckets, StoredObject
from devcloud.oss.notifications import Happening, NotificationRule
from devcloud.oss.responses import Responses, new_request_id
from devcloud.oss.service import OssService
from devcloud.ram.models import Clock, Keyring


class ObjectStorage:
    """Buckets, the rules that tell of what happens in them, and the service in front."""

    def __init__(self, keyring: Keyring, clock: Clock, region: str) -> None:
        self._region = region
        self._rules: list[NotificationRule] = []
        self.buckets = Buckets(clock)
        self._responses = Responses(Backend(self.buckets, region, clock, self._notify))
        authenticator = Authenticator(keyring, clock, region)
        self.service = OssService(self._responses.operations, authenticator, region)

    def subscribe(self, rule: NotificationRule) -> None:
        """Tell a rule of what happens from now on; its bucket is made when it is not there."""
        self.buckets.create(rule.bucket)
        self._rules = [*self._rules, rule]

    def unsubscribe(self, rule: NotificationRule) -> None:
        """Tell a rule nothing more."""
        self._rules = [each for each in self._rules if each is not rule]

    def put(
        self, bucket: str, key: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> StoredObject:
        """Put an object as PutObject does, past signature, policy and faults, into any bucket."""
        self.buckets.create(bucket)
        request = Request("PUT", "", Headers((headers or {}).items()), body)
        return self._responses.keep(Exchange(request, Location(bucket, key), new_request_id()))

    def _notify(self, happening: Happening) -> None:
        for rule in self._rules:
            if rule.concerns(happening):
                rule.send(rule.event(happening, self._region))
