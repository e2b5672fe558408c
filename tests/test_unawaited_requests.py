"""
An HTTP request whose caller does not wait (X-Fc-Invocation-Type: Async), through the whole cloud.

FC has answered 202 before the function runs. So nothing is raised: FC would write the event, with
the key and the caller's Authorization in it, to its own log and to the failure queue.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from devcloud import DevCloud, Fault
from tests.callers import Watch
from tests.conftest import PATIENT
from tests.fakes.key_pairs import DUPLICATE_NAMES, DuplicateNames
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.keys.ssh_keys import SshKey

IMPORT, LOOK_UP = "ImportKeyPair", "DescribeKeyPairs"
on_every_kind_of_ens = pytest.mark.parametrize("duplicate_names", DUPLICATE_NAMES)


@pytest.fixture(scope="module")
def queued() -> Iterator[Mapping[DuplicateNames, DevCloud]]:
    """Both kinds of ENS, and a function that runs one request at a time."""
    refusing, accepting = (
        DevCloud(
            function=True,
            function_env=PATIENT,
            duplicate_names=duplicate_names,
            max_instances=1,
            retry_pace=0,
            project=PROJECT,
        )
        for duplicate_names in DUPLICATE_NAMES
    )
    with refusing, accepting:
        yield dict(zip(DUPLICATE_NAMES, (refusing, accepting), strict=True))


def sent(cloud: DevCloud, name: str, body: str) -> dict[str, Any]:
    """Send a request that gets 202, and return the last log line once it was run."""
    answer = requests.post(
        cloud.function_url,
        body,
        params={"KeyPairName": name},
        headers={"X-Fc-Invocation-Type": "Async"},
        timeout=30,
    )
    assert (202, b"") == (answer.status_code, answer.content)
    cloud.drain()
    line: dict[str, Any] = json.loads(cloud.function_logs().splitlines()[-1])
    return line


@on_every_kind_of_ens
def test_a_key_is_imported_once(
    queued: Mapping[DuplicateNames, DevCloud],
    duplicate_names: DuplicateNames,
    name: str,
    key: SshKey,
) -> None:
    """The name is looked up first, so an event that FC delivers twice makes one key pair."""
    cloud = queued[duplicate_names]
    ens = Watch.over(cloud, name)
    cloud.async_queue.duplicate_next()

    line = sent(cloud, name, key.line)

    assert [LOOK_UP, IMPORT, LOOK_UP] == ens.actions
    assert [key.md5] == ens.fingerprints
    assert ("http", "already_imported") == (line["trigger"], line["outcome"])


@on_every_kind_of_ens
@pytest.mark.parametrize(
    ("fault", "times", "actions"),
    [
        pytest.param(Fault.unavailable(503), 3, [IMPORT, LOOK_UP] * 3 + [IMPORT], id="503"),
        pytest.param(Fault.cut_answer(), 1, [IMPORT, LOOK_UP], id="a lost answer"),
        pytest.param(Fault.kill_instance(), 1, [IMPORT, LOOK_UP, IMPORT], id="a killed instance"),
    ],
)
def test_what_passes_loses_nothing(
    *,
    queued: Mapping[DuplicateNames, DevCloud],
    duplicate_names: DuplicateNames,
    fault: Fault,
    times: int,
    actions: list[str],
    name: str,
    key: SshKey,
) -> None:
    """Twice the attempts of a caller who waits; where the instance dies, FC delivers it again."""
    cloud = queued[duplicate_names]
    ens = Watch.over(cloud, name)
    cloud.fail_next(IMPORT, fault, times)

    sent(cloud, name, key.line)

    assert [LOOK_UP, *actions] == ens.actions
    assert [key.md5] == ens.fingerprints


@on_every_kind_of_ens
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param(Fault.unavailable(503), "ServiceUnavailable", id="503"),
        pytest.param(Fault.error("NoPermission"), "NoPermission", id="no permission"),
        pytest.param(Fault.error("QuotaExceed.KeyPair", 403), "QuotaExceed.KeyPair", id="quota"),
    ],
)
def test_what_lasts_is_lost_and_said(
    *,
    queued: Mapping[DuplicateNames, DevCloud],
    duplicate_names: DuplicateNames,
    fault: Fault,
    code: str,
    name: str,
    key: SshKey,
) -> None:
    """One ERROR line, outcome failed; FC does not retry, and no queue gets the event."""
    cloud = queued[duplicate_names]
    messages = len(cloud.destination_messages)
    cloud.fail_next(IMPORT, fault, times=9)

    line = sent(cloud, name, key.line)
    cloud.faults.clear()

    assert ("error", "failed", code) == (line["level"], line["outcome"], line["code"])
    assert ("succeeded", 1) == (
        cloud.async_invocations[-1].outcome,
        len(cloud.async_invocations[-1].attempts),
    )
    assert messages == len(cloud.destination_messages)
    assert name not in [pair.name for pair in cloud.key_pairs]


def test_a_private_key_goes_nowhere(
    queued: Mapping[DuplicateNames, DevCloud], name: str, key: SshKey
) -> None:
    """It is in the event, and in nothing that comes of it."""
    cloud = queued["refused"]

    line = sent(cloud, name, key.private)

    assert ("error", "failed", "private_key") == (line["level"], line["outcome"], line["reason"])
    assert key.private.splitlines()[1] not in cloud.function_logs()
    assert [] == [each for each in cloud.destination_messages if key.private[:99] in str(each)]


def test_a_direct_event_does_not_show_it(
    queued: Mapping[DuplicateNames, DevCloud], name: str, key: SshKey
) -> None:
    """It is treated as of a caller who waits: what fails is answered to no one, and not retried."""
    cloud = queued["refused"]
    ens = Watch.over(cloud, name)
    cloud.fail_next(IMPORT, Fault.unavailable(503), times=9)

    cloud.invoke_async(json.dumps({"KeyPairName": name, "PublicKeyBody": key.line}).encode())
    cloud.drain()
    cloud.faults.clear()

    assert [IMPORT, LOOK_UP] * 2 == ens.actions
    assert [] == ens.fingerprints
    assert ("succeeded", 1) == (
        cloud.async_invocations[-1].outcome,
        len(cloud.async_invocations[-1].attempts),
    )
