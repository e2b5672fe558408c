"""The verdict on what a soak left behind: in ENS, in OSS, and in the onFailure queue."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.soak import faults

if TYPE_CHECKING:
    from devcloud import DevCloud
    from tests.soak.uploads import SoakUpload

REFUSED_FOR_PERMISSION = {
    fault.name for fault in (*faults.NO_PERMISSION_AT_ENS, *faults.NO_PERMISSION_AT_OSS)
}


@dataclass(slots=True)
class Aftermath:
    """
    What a soak left behind.

    Args:
        seconds: how long it took.
        figures: what is worth telling, by name.
        wrong: what should not be, a sentence each.
        doubled: names under which ENS holds one key twice.
        lost: uploads that were given up, in onFailure, with a receipt that says so; to be wrong
            nowhere, they have to be done once their events were sent again.
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
        receipts = receipts_of(cloud)
        messages = Counter(uploaded for uploaded, _ in failed_events(cloud))
        held = held_keys(cloud)
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
        done = is_done(file, receipt, pairs)
        if messages == 1 and done:
            self.false_alarms.append(file.key)
        elif messages == 1 and told[0] == "will_retry":
            self.lost.append(file.key)
        elif messages or not done:
            self.wrong.append(
                f"{file.key}: {len(pairs)} key pairs, receipt {told}, {messages} onFailure messages"
            )

    def send_again(self, cloud: DevCloud, files: list[SoakUpload]) -> None:
        """Do what docs/uploads.md says of events that ended in onFailure, once all is well."""
        cloud.faults.clear()
        for object_key, event in failed_events(cloud):
            if object_key in self.lost:
                cloud.invoke_async(event)
        cloud.drain(60.0 + len(self.lost))
        receipts, held = receipts_of(cloud), held_keys(cloud)
        self.wrong += [
            f"{file.key}: sent again, and not done"
            for file in files
            if file.key in self.lost
            and not is_done(file, receipts.get(file.key, {}), held.get(file.name, []))
        ]

    def _count(self, cloud: DevCloud) -> None:
        invocations = cloud.async_invocations
        attempts = [attempt for each in invocations for attempt in each.attempts]
        for service in ("ens", "oss"):
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
                for service in ("ens", "oss")
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


def receipts_of(cloud: DevCloud) -> dict[str, dict[str, object]]:
    """Return the receipts, by the key of what was uploaded."""
    return {
        key.removeprefix("receipts/").rpartition("/")[0]: json.loads(stored.body)
        for key, stored in cloud.objects().items()
        if key.startswith("receipts/")
    }


def failed_events(cloud: DevCloud) -> list[tuple[str, bytes]]:
    """Return what is in onFailure: the key of what was uploaded, and its event."""
    events = [message.content["requestPayload"] for message in cloud.destination_messages]
    return [
        (json.loads(event)["events"][0]["oss"]["object"]["key"], event.encode()) for event in events
    ]


def held_keys(cloud: DevCloud) -> dict[str, list[str]]:
    """Return the keys that ENS holds, by name."""
    held: dict[str, list[str]] = {}
    for pair in cloud.key_pairs:
        held.setdefault(pair.name, []).append(pair.public_key)
    return held


def is_done(file: SoakUpload, receipt: dict[str, object], pairs: list[str]) -> bool:
    """Tell whether an upload came to its end: its key pair and a success, or its refusal."""
    if file.reason:
        return (receipt.get("outcome"), receipt.get("reason")) == ("refused", file.reason)
    return bool(pairs) and receipt.get("outcome") in {"imported", "already_imported"}
