"""
Faults of an upload through the whole cloud: OSS's event, FC's queue and its retries, the function.

On both kinds of ENS. What a caller who waits is told by the same faults is in test_faults.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from devcloud import DevCloud, Fault
from devcloud.fc.models import AsyncConfig
from devcloud.fc.s_yaml import read_function
from tests.callers import Watch, post
from tests.conftest import PATIENT
from tests.events.gallery import event_file
from tests.fakes.key_pairs import DUPLICATE_NAMES, DuplicateNames
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.keys.ssh_keys import SshKey

IMPORT, LOOK_UP, READ, WRITE = "ImportKeyPair", "DescribeKeyPairs", "GetObject", "PutObject"
DELIVERIES = 4  # the first, and s.yaml's maxAsyncRetryAttempts
REFUSED_ROLE = {
    IMPORT: Fault.error("Forbidden.RAM", 403),
    LOOK_UP: Fault.error("NoPermission"),
    READ: Fault.error("AccessDenied", 403),
    WRITE: Fault.error("AccessDenied", 403),
}
# The second delivery also reads the receipt of the first; each writes a claim and an outcome.
CALLS_OF_TWO_DELIVERIES = {IMPORT: 2, LOOK_UP: 2, READ: 3, WRITE: 4}
on_every_kind_of_ens = pytest.mark.parametrize("duplicate_names", DUPLICATE_NAMES)


def cloud_of(duplicate_names: DuplicateNames, **options: Any) -> DevCloud:
    """Return a cloud whose queue waits for nothing, and that has one instance."""
    return DevCloud(
        **{
            "function": True,
            "function_env": PATIENT,
            "duplicate_names": duplicate_names,
            "max_instances": 1,
            "retry_pace": 0,
            "project": PROJECT,
            **options,
        }
    )


@pytest.fixture(scope="module")
def queued() -> Iterator[Mapping[DuplicateNames, DevCloud]]:
    with cloud_of("refused") as refusing, cloud_of("accepted") as accepting:
        yield {"refused": refusing, "accepted": accepting}


@pytest.fixture(autouse=True)
def _no_fault_of_another_test(queued: Mapping[DuplicateNames, DevCloud]) -> None:
    for cloud in queued.values():
        cloud.faults.clear()


class Uploaded:
    """One file that was put into the bucket, and all that came of it."""

    def __init__(self, cloud: DevCloud, name: str, content: str) -> None:
        self.ens = Watch.over(cloud, name)
        messages, logged = len(cloud.destination_messages), len(cloud.function_logs())
        cloud.put_upload(f"keys/{name}.pub", content.encode())
        cloud.drain()
        self.invocation = cloud.async_invocations[-1]
        self.messages = cloud.destination_messages[messages:]
        self.log = cloud.function_logs()[logged:]
        receipts = [
            json.loads(stored.body)
            for key, stored in cloud.objects().items()
            if key.startswith(f"receipts/keys/{name}.pub/")
        ]
        self.receipt: dict[str, Any] = receipts[0] if receipts else {}

    @property
    def deliveries(self) -> int:
        return len(self.invocation.attempts)


# Policies


@on_every_kind_of_ens
@pytest.mark.parametrize("action", REFUSED_ROLE)
def test_a_policy_that_is_in_force_after_the_second_delivery(
    queued: Mapping[DuplicateNames, DevCloud],
    duplicate_names: DuplicateNames,
    action: str,
    name: str,
    key: SshKey,
) -> None:
    """
    Whichever permission comes late: nothing is lost, nothing doubled, no one is alarmed.

    Without that to write, the first delivery imports the key already, and only its receipt waits.
    """
    cloud = queued[duplicate_names]
    cloud.fail_next(action, REFUSED_ROLE[action], CALLS_OF_TWO_DELIVERIES[action])

    uploaded = Uploaded(cloud, name, key.line)

    assert [key.md5] == uploaded.ens.fingerprints
    expected = "already_imported" if action == WRITE else "imported"
    assert expected == uploaded.receipt["outcome"]
    assert ("succeeded", 3, []) == (
        uploaded.invocation.outcome,
        uploaded.deliveries,
        uploaded.messages,
    )


@on_every_kind_of_ens
@pytest.mark.parametrize("action", REFUSED_ROLE)
def test_a_policy_that_never_is(
    queued: Mapping[DuplicateNames, DevCloud],
    duplicate_names: DuplicateNames,
    action: str,
    name: str,
    key: SshKey,
) -> None:
    """In the end onFailure has the event: an upload is never lost silently."""
    cloud = queued[duplicate_names]
    cloud.fail_next(action, REFUSED_ROLE[action], times=99)

    uploaded = Uploaded(cloud, name, key.line)

    assert ("failed", DELIVERIES, 1) == (
        uploaded.invocation.outcome,
        uploaded.deliveries,
        len(uploaded.messages),
    )
    if action == WRITE:  # there is a key pair, and no receipt to say so
        assert ([key.md5], {}) == (uploaded.ens.fingerprints, uploaded.receipt)
    else:
        assert [] == uploaded.ens.fingerprints
        assert ("will_retry", "role_permission") == (
            uploaded.receipt["outcome"],
            uploaded.receipt["reason"],
        )


@on_every_kind_of_ens
def test_a_caller_who_waits_is_told_of_a_policy_that_comes_late(
    queued: Mapping[DuplicateNames, DevCloud],
    duplicate_names: DuplicateNames,
    name: str,
    key: SshKey,
) -> None:
    """403 until it is in force, and a key pair then."""
    cloud = queued[duplicate_names]
    cloud.fail_next(IMPORT, REFUSED_ROLE[IMPORT], 2)

    answers = [post(cloud.function_url, KeyPairName=name, PublicKeyBody=key.line) for _ in range(3)]

    assert [403, 403, 200] == [answer.status for answer in answers]
    assert "role_permission" == answers[0].body["Reason"]
    assert [key.md5] == Watch.over(cloud, name).fingerprints


@on_every_kind_of_ens
def test_receipts_that_may_be_written_and_not_read(
    duplicate_names: DuplicateNames, name: str, key: SshKey
) -> None:
    """The claim settles whether there was one; a second delivery makes no second key pair."""
    policy = json.loads((PROJECT / "deploy" / "role-policy.json").read_text(encoding="utf-8"))
    receipts = [each for each in policy["Statement"] if each["Resource"].endswith("/receipts/*")]
    receipts[0]["Action"] = ["oss:PutObject"]
    with cloud_of(duplicate_names, role_policy=policy) as cloud:
        uploaded = Uploaded(cloud, name, key.line)

        assert ("imported", "succeeded", 1) == (
            uploaded.receipt["outcome"],
            uploaded.invocation.outcome,
            uploaded.deliveries,
        )
        cloud.invoke_async(uploaded.invocation.event)
        cloud.drain()

        assert [key.md5] == uploaded.ens.fingerprints
        assert "role_permission" in cloud.function_logs()
        assert ("failed", DELIVERIES) == (
            cloud.async_invocations[-1].outcome,
            len(cloud.async_invocations[-1].attempts),
        )
        assert 1 == len(cloud.destination_messages)


# What ENS says


@on_every_kind_of_ens
@pytest.mark.parametrize(
    ("fault", "reason", "actions"),
    [
        pytest.param(
            Fault.error("QuotaExceed.KeyPair", 403),
            "ens_error",
            [LOOK_UP, IMPORT, LOOK_UP],
            id="a quota, which is no permission",
        ),
        pytest.param(
            Fault.error("ens.interface.error"),
            "name_taken",
            [LOOK_UP, *[IMPORT, LOOK_UP] * 2],
            id="a name in use, in general words",
        ),
    ],
)
def test_what_lasts_is_refused_at_the_first_delivery(
    *,
    queued: Mapping[DuplicateNames, DevCloud],
    duplicate_names: DuplicateNames,
    fault: Fault,
    reason: str,
    actions: list[str],
    name: str,
    key: SshKey,
    another_key: SshKey,
) -> None:
    """No retry would help, and nobody is alarmed: the receipt says what is to be done."""
    cloud = queued[duplicate_names]
    held = [another_key.md5] if reason == "name_taken" else []
    if held:
        cloud.add_key_pair(name, another_key.line)
    cloud.fail_next(IMPORT, fault, times=99)

    uploaded = Uploaded(cloud, name, key.line)

    assert ("refused", reason) == (uploaded.receipt["outcome"], uploaded.receipt["reason"])
    assert (actions, held) == (uploaded.ens.actions, uploaded.ens.fingerprints)
    assert ("succeeded", 1, []) == (
        uploaded.invocation.outcome,
        uploaded.deliveries,
        uploaded.messages,
    )


# An ENS that filters nothing


@pytest.fixture(scope="module")
def crowded(another_key: SshKey) -> Iterator[Mapping[DuplicateNames, DevCloud]]:
    """An account with 10,000 key pairs, all of which every look-up lists."""
    with (
        cloud_of("refused", filter_by_name=False) as refusing,
        cloud_of("accepted", filter_by_name=False) as accepting,
    ):
        for cloud in (refusing, accepting):
            for number in range(10_000):
                cloud.add_key_pair(f"other-{number}", another_key.line)
        yield {"refused": refusing, "accepted": accepting}


@on_every_kind_of_ens
def test_an_upload_among_10_000_key_pairs(
    crowded: Mapping[DuplicateNames, DevCloud],
    duplicate_names: DuplicateNames,
    name: str,
    key: SshKey,
) -> None:
    """One page shows that ENS lists everything; reading on would take all the time there is."""
    uploaded = Uploaded(crowded[duplicate_names], name, key.line)

    assert ([LOOK_UP, IMPORT], [key.md5]) == (uploaded.ens.actions, uploaded.ens.fingerprints)
    assert ("imported", 1) == (uploaded.receipt["outcome"], uploaded.deliveries)
    assert "ENS lists other names" in uploaded.log


@on_every_kind_of_ens
@pytest.mark.parametrize("waits", [True, False], ids=["waits", "does not wait"])
def test_a_lost_answer_among_10_000_key_pairs(
    *,
    crowded: Mapping[DuplicateNames, DevCloud],
    duplicate_names: DuplicateNames,
    waits: bool,
    name: str,
    key: SshKey,
) -> None:
    """After a doubt the pages are read to the last, where the key is; nothing is sent again."""
    cloud = crowded[duplicate_names]
    cloud.fail_next(IMPORT, Fault.cut_answer())
    ens = Watch.over(cloud, name)

    if waits:
        answer = post(cloud.function_url, KeyPairName=name, PublicKeyBody=key.line)
        outcome = answer.headers["x-import-outcome"]
    else:
        outcome = Uploaded(cloud, name, key.line).receipt["outcome"]

    assert "already_imported" == outcome
    assert [key.md5] == ens.fingerprints
    assert 1 == ens.actions.count(IMPORT)
    assert ens.actions.count(LOOK_UP) > 200  # pages of 50


# OSS out of reach


@pytest.mark.long
def test_oss_cannot_be_connected_to() -> None:
    """Whatever the function's time-out: it ends by itself, with its line, and is tried again."""
    config = AsyncConfig(max_retry_attempts=0)
    timeouts = (8, 10, 12, 30)
    with ExitStack() as clouds:
        running = [
            clouds.enter_context(
                cloud_of(
                    "refused",
                    function=replace(read_function(PROJECT), timeout=seconds, async_config=config),
                )
            )
            for seconds in timeouts
        ]
        for cloud in running:
            clouds.enter_context(cloud.ignoring_connections("oss"))
        with ThreadPoolExecutor(len(running)) as pool:
            logs = dict(zip(timeouts, pool.map(log_of_one_upload, running), strict=True))

    for seconds, log in logs.items():
        (line,) = [json.loads(each) for each in log.splitlines() if '"outcome"' in each]
        assert ("will_retry", "oss_unavailable") == (line["outcome"], line["reason"])
        assert line["duration_ms"] < seconds * 1000
        assert "Unfinished: 1 of 1 uploads" in log  # raised; who is killed says nothing more


def log_of_one_upload(cloud: DevCloud) -> str:
    cloud.invoke_async(event_file("oss-native"))
    cloud.drain()
    (invocation,) = cloud.async_invocations
    assert "failed" == invocation.outcome  # it raised, so FC would try again
    return cloud.function_logs()
