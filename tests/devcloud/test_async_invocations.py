"""Asynchronous invocations of a real function: the API, uploads, killed instances, s.yaml."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import alibabacloud_oss_v2 as oss
import pytest

from devcloud import DevCloud, Fault, FunctionSpec
from devcloud.fc.exceptions import InvalidSpec
from devcloud.fc.models import AsyncConfig, OssTrigger
from devcloud.fc.queue import MAX_EVENT_BYTES
from devcloud.fc.s_yaml import read_function
from tests.devcloud.clients import Answer, RawRequest
from tests.devcloud.conftest import PROBE, order
from tests.devcloud.oss_clients import new_client

# Asks OSS for an object without a signature; being refused is good enough.
ASKING = """
import os, urllib.error, urllib.request
def handler(event, context):
    key = os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"]
    headers = {"Authorization": f"OSS4-HMAC-SHA256 Credential={key}/20261124/x"}
    url = os.environ["OSS_ENDPOINT"] + "/uploads/key"
    try:
        urllib.request.urlopen(urllib.request.Request(url, headers=headers))
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return f"{os.getpid()} {context.retry_count}"
"""
DESTINATION = "acs:mns:cn-hangzhou:1234567890123456:/queues/failed-uploads/messages"


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., FunctionSpec]:
    """Make a function of source text."""

    def make(source: str, **settings: Any) -> FunctionSpec:
        (tmp_path / "module.py").write_text(source, encoding="utf-8")
        return FunctionSpec(name="made", handler="module.handler", code=tmp_path, **settings)

    return make


def call(cloud: DevCloud, body: bytes, invocation_type: str) -> Answer:
    request = RawRequest(
        cloud.fc_endpoint,
        path="/2023-03-30/functions/probe-test/invocations",
        headers={
            "x-acs-action": "InvokeFunction",
            "x-acs-version": "2023-03-30",
            "x-fc-invocation-type": invocation_type,
        },
        body=body,
    )
    return request.signed(cloud.user_credentials()).send()


def test_the_api_accepts_and_answers_at_once(probe: DevCloud) -> None:
    """X-Fc-Invocation-Type: Async gets 202 and a request id, which the function sees too."""
    answer = call(probe, order("context"), "Async")
    probe.drain()
    invocation = probe.async_invocations[-1]

    assert (202, b"") == (answer.status, answer.body)
    assert answer.headers["x-fc-request-id"] == invocation.request_id
    assert "succeeded" == invocation.outcome


@pytest.mark.parametrize(
    ("body", "invocation_type", "status", "code"),
    [
        pytest.param(bytes(MAX_EVENT_BYTES + 1), "Async", 413, "EntityTooLarge", id="too large"),
        pytest.param(b"", "Later", 400, "InvalidArgument", id="another type"),
    ],
)
def test_the_api_refuses(
    probe: DevCloud, body: bytes, invocation_type: str, status: int, code: str
) -> None:
    """128 KB and two invocation types."""
    answer = call(probe, body, invocation_type)

    assert (status, code) == (answer.status, answer.code)


def by_http(cloud: DevCloud, body: bytes, **headers: str) -> RawRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawRequest(cloud.function_url, body=body, query={"a": "b"}, headers=named)


def test_the_http_trigger_accepts_and_answers_at_once(probe: DevCloud) -> None:
    """202 and a request id; the function gets the same HTTP event later, the header with it."""
    request = by_http(probe, b"hello", x_fc_invocation_type="Async", x_fc_async_task_id="one")
    answer, again = request.send(), request.send()
    probe.drain()
    (invocation,) = (
        each
        for each in probe.async_invocations
        if each.request_id == answer.headers["x-fc-request-id"]
    )
    event = json.loads(invocation.event)

    assert (202, b"", "one") == (
        answer.status,
        answer.body,
        answer.headers["x-fc-async-task-id"],
    )
    assert ("succeeded", "Async", "hello", {"a": "b"}, invocation.request_id) == (
        invocation.outcome,
        event["headers"]["X-Fc-Invocation-Type"],
        event["body"],
        event["queryParameters"],
        event["requestContext"]["requestId"],
    )
    assert (409, "AsyncTaskAlreadyExists") == (again.status, again.code)


@pytest.mark.parametrize("invocation_type", ["async", "Later", "DryRun"])
def test_the_http_trigger_knows_two_types(probe: DevCloud, invocation_type: str) -> None:
    """In this spelling."""
    answer = by_http(probe, b"", x_fc_invocation_type=invocation_type).send()

    assert (400, "InvalidArgument") == (answer.status, answer.code)


def test_the_http_trigger_takes_128_kb_for_later(probe: DevCloud) -> None:
    """Of the body; a caller who waits may send 32 MB."""
    bodies = (bytes(MAX_EVENT_BYTES), bytes(MAX_EVENT_BYTES + 1))
    answers = [by_http(probe, body, x_fc_invocation_type="Async").send() for body in bodies]
    probe.drain()

    assert [202, 400] == [answer.status for answer in answers]
    assert "InvalidArgument" == answers[1].code


def test_who_may_not_call_is_told_at_once() -> None:
    """The gateway checks the signature before it queues anything."""
    with DevCloud(project=PROBE, function=True, enforce_auth=True) as cloud:
        unsigned = by_http(cloud, b"hello", x_fc_invocation_type="Async")
        signed = unsigned.signed(cloud.user_credentials())

        assert [400, 202] == [unsigned.send().status, signed.send().status]
        cloud.drain()
        assert 1 == len(cloud.async_invocations)


@pytest.mark.parametrize("action", ["raise", "die", "exit", "hang"])
def test_a_run_that_fails_is_retried(made: Any, action: str) -> None:
    """Raising, ending the process and running out of time are all failures."""
    source = Path(__file__).parent.joinpath("functions/code/probe.py").read_text(encoding="utf-8")
    spec = made(source, timeout=1, async_config=AsyncConfig(max_retry_attempts=1))
    with DevCloud(function=spec, retry_pace=0) as cloud:
        cloud.invoke_async(order(action))
        cloud.drain()
        (invocation,) = cloud.async_invocations

    assert ("failed", 2) == (invocation.outcome, len(invocation.attempts))


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault.kill_instance(), id="before the work"),
        pytest.param(Fault.kill_instance().after_the_work(), id="after the work"),
    ],
)
def test_an_instance_killed_in_the_middle_is_replaced(made: Any, fault: Fault) -> None:
    """The fault strikes exactly the instance that asks, when it asks; another one retries."""
    spec = made(ASKING, async_config=AsyncConfig(on_success=DESTINATION))
    policy = {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "mns:SendMessage",
                "Resource": "acs:mns:*:*:/queues/failed-uploads/messages",
            }
        ],
    }
    with DevCloud(function=spec, retry_pace=0, role_policy=policy) as cloud:
        first_pid = cloud.invoke(b"").body.split()[0]
        cloud.fail_next("GetObject", fault)
        cloud.invoke_async(b"")
        cloud.drain()
        (invocation,) = cloud.async_invocations
        (message,) = cloud.destination_messages

    assert ["UnhandledInvocationError", ""] == [each.error_type for each in invocation.attempts]
    pid, retry_count = message.content["responsePayload"].split()
    assert first_pid.decode() != pid
    assert "1" == retry_count


def test_a_fault_that_kills_is_a_reset_for_anyone_else(made: Any) -> None:
    """A caller that is no instance only loses its connection; instances live on."""
    with DevCloud(function=made(ASKING)) as cloud:
        pid = cloud.invoke(b"").body
        cloud.fail_next("GetObject", Fault.kill_instance())
        with pytest.raises(ConnectionResetError):
            RawRequest(cloud.oss_endpoint, "GET", "/uploads/key").send()

        assert pid == cloud.invoke(b"").body


TRIGGER = OssTrigger(
    "uploads", "team-keys", ("oss:ObjectCreated:PutObject",), prefix="keys/", suffix=".pub"
)


def test_an_upload_invokes_the_function(made: Any) -> None:
    """Through the API or put by the test; only what the trigger's filter lets through."""
    spec = made("def handler(event, context): return event", oss_triggers=(TRIGGER,))
    with DevCloud(function=spec) as cloud:
        client = new_client(cloud.oss_endpoint, cloud.user_credentials())
        for key in ("keys/a.pub", "keys/a.txt", "other/a.pub"):
            client.put_object(oss.PutObjectRequest("team-keys", key, body=b"x"))
        stored = cloud.put_upload("keys/b.pub", b"y")
        cloud.drain()
        events = [json.loads(invocation.event) for invocation in cloud.async_invocations]

    records = [event["events"][0] for event in events]
    assert ["keys/a.pub", "keys/b.pub"] == [each["oss"]["object"]["key"] for each in records]
    assert stored.etag == records[1]["oss"]["object"]["eTag"]
    assert {"team-keys"} == {each["oss"]["bucket"]["name"] for each in records}


def test_an_upload_can_come_through_eventbridge(made: Any) -> None:
    """The same trigger, told in CloudEvents."""
    spec = made("def handler(event, context): return event", oss_triggers=(TRIGGER,))
    with DevCloud(function=spec, upload_envelope="eventbridge") as cloud:
        cloud.put_upload("keys/b.pub", b"y")
        cloud.drain()
        (invocation,) = cloud.async_invocations

    assert "acs.oss" == json.loads(invocation.event)["source"]


def test_without_a_function_there_is_no_queue(cloud: DevCloud) -> None:
    """A cloud made without one says so."""
    for ask in (cloud.drain, lambda: cloud.destination_messages):
        with pytest.raises(RuntimeError):
            ask()


S_YAML = """
edition: 3.0.0
name: made
resources:
  made:
    component: fc3
    props:
      functionName: made
      handler: module.handler
      code: .
      concurrencyConfig:
        reservedConcurrency: 5
      asyncInvokeConfig:
        maxAsyncRetryAttempts: 2
        maxAsyncEventAgeInSeconds: 600
        destinationConfig:
          onFailure:
            destination: DESTINATION
      triggers:
        - triggerName: uploads
          triggerType: oss
          sourceArn: acs:oss:cn-hangzhou:1234567890123456:team-keys
          triggerConfig:
            events: ["oss:ObjectCreated:PutObject"]
            filter:
              key:
                prefix: keys/
                suffix: .pub
""".replace("DESTINATION", DESTINATION)


def test_triggers_and_retries_are_read_from_s_yaml(tmp_path: Path) -> None:
    """As Serverless Devs spells them."""
    (tmp_path / "s.yaml").write_text(S_YAML, encoding="utf-8")
    spec = read_function(tmp_path)

    assert (TRIGGER,) == spec.oss_triggers
    assert AsyncConfig(2, 600, "", DESTINATION, 5) == spec.async_config


def test_s_yaml_may_leave_it_to_the_defaults(tmp_path: Path) -> None:
    """Three retries within a day, no destination, no reserved concurrency, no trigger."""
    text = S_YAML[: S_YAML.index("      concurrencyConfig")]
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    spec = read_function(tmp_path)

    assert ((), AsyncConfig(3, 86400, "", "", None)) == (spec.oss_triggers, spec.async_config)


@pytest.mark.parametrize("missing", ["sourceArn:", "events:", "prefix:", "suffix:"])
def test_an_oss_trigger_needs_all_its_parts(tmp_path: Path, missing: str) -> None:
    """A trigger that would never fire is a mistake in s.yaml."""
    lines = [line for line in S_YAML.splitlines() if missing not in line]
    (tmp_path / "s.yaml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InvalidSpec):
        read_function(tmp_path)
