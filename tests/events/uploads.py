"""Uploads in devcloud's OSS, the events that OSS sends of them, and their receipts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.events.gallery import ALICE_PUB, event_file

if TYPE_CHECKING:
    from devcloud import DevCloud
    from devcloud.oss.models import StoredObject

BUCKET = "ens-key-uploads"  # the gallery's
KEY = "keys/team/alice.pub"  # as above


def put(cloud: DevCloud, key: str = KEY, content: str | bytes = ALICE_PUB) -> StoredObject:
    """Upload a file; OSS tells nobody."""
    content = content.encode() if isinstance(content, str) else content
    return cloud.put_upload(key, content, bucket=BUCKET)


def event_of(*stored: StoredObject, **changes: object) -> bytes:
    """Write the event that tells of these objects."""
    template = json.loads(event_file("oss-native"))
    records = []
    for number, each in enumerate(stored):
        record = json.loads(json.dumps(template["events"][0]))
        record["oss"]["object"] |= {"key": each.key, "eTag": each.etag, **changes}
        record["responseElements"]["requestId"] = f"5F0B{number:04X}A1B2C3D4E5F60718"
        records.append(record)
    return json.dumps({"events": records}).encode()


def receipts(cloud: DevCloud) -> dict[str, dict[str, Any]]:
    """Return the receipts, by the key of their upload."""
    return {
        key.removeprefix("receipts/").rpartition("/")[0]: json.loads(stored.body)
        for key, stored in cloud.objects(BUCKET).items()
        if key.startswith("receipts/")
    }
