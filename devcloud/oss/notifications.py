"""
Event notifications: what a bucket tells its subscribers of.

Two envelopes hold the same record: the one that FC's OSS trigger gets, ``{"events": [record]}``,
and the CloudEvent in which EventBridge delivers it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from devcloud.ram.models import ACCOUNT_ID

Envelope = Literal["native", "eventbridge"]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done to an object; ``name`` as ``ObjectCreated:PutObject``."""

    name: str
    bucket: str
    key: str
    etag: str
    size: int
    delta_size: int  # how many bytes the bucket grew by
    time: float  # seconds since the epoch
    request_id: str
    source_ip: str
    content_type: str


@dataclass(frozen=True, slots=True)
class NotificationRule:
    """Whom to tell of what. An event is ``oss:ObjectCreated:PutObject``; ``*`` may end it."""

    name: str
    bucket: str
    events: tuple[str, ...]
    prefix: str
    suffix: str
    send: Callable[[bytes], object]
    envelope: Envelope = "native"

    def concerns(self, happening: Happening) -> bool:
        """Tell whether the rule subscribes to this."""
        return (
            happening.bucket == self.bucket
            and happening.key.startswith(self.prefix)
            and happening.key.endswith(self.suffix)
            and any(_covers(event, f"oss:{happening.name}") for event in self.events)
        )

    def event(self, happening: Happening, region: str) -> bytes:
        """Write what the subscriber receives."""
        record = _record(happening, region)
        if self.envelope == "eventbridge":
            content = _cloud_event(happening, record, region)
        else:
            record["oss"]["ruleId"] = self.name
            content = {"events": [record]}
        return json.dumps(content, ensure_ascii=False).encode()


def _covers(pattern: str, event: str) -> bool:
    if pattern.endswith("*"):
        return event.startswith(pattern[:-1])
    return event == pattern


def _record(happening: Happening, region: str) -> dict[str, Any]:
    return {
        "eventName": happening.name,
        "eventSource": "acs:oss",
        "eventTime": _iso(happening.time),
        "eventVersion": "1.0",
        "oss": {
            "bucket": {
                "arn": f"acs:oss:{region}:{ACCOUNT_ID}:{happening.bucket}",
                "name": happening.bucket,
                "ownerIdentity": ACCOUNT_ID,
                "virtualBucket": "",
            },
            "object": {
                "deltaSize": happening.delta_size,
                "eTag": happening.etag,
                "key": happening.key,
                "size": happening.size,
            },
            "ossSchemaVersion": "1.0",
        },
        "region": region,
        "requestParameters": {"sourceIPAddress": happening.source_ip},
        "responseElements": {"requestId": happening.request_id},
        "userIdentity": {"principalId": ACCOUNT_ID},
    }


def _cloud_event(happening: Happening, record: dict[str, Any], region: str) -> dict[str, Any]:
    record["oss"]["object"]["objectMeta"] = {"mimeType": happening.content_type}
    instant = _iso(happening.time)
    return {
        "id": happening.request_id,
        "source": "acs.oss",
        "specversion": "1.0",
        "type": f"oss:{happening.name}",
        "subject": f"acs:oss:{region}:{ACCOUNT_ID}:{happening.bucket}/{happening.key}",
        "time": instant,
        "datacontenttype": "application/json;charset=utf-8",
        "aliyunaccountid": ACCOUNT_ID,
        "aliyunoriginalaccountid": ACCOUNT_ID,
        "aliyuneventbusname": "default",
        "aliyunpublishtime": instant,
        "aliyunregionid": region,
        "data": record,
    }


def _iso(instant: float) -> str:
    moment = datetime.fromtimestamp(instant, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
