"""Functions that are deployed through FC's API, by the official Python SDK."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from alibabacloud_fc20230330 import models as fc

from devcloud import DevCloud
from tests.devcloud.clients import RawRequest
from tests.devcloud.deployer import THIS_PYTHON, Deployer, echo, package

GET_ONLY = '{"authType": "anonymous", "methods": ["GET"]}'
UPLOADS = json.dumps(
    {
        "events": ["oss:ObjectCreated:PutObject"],
        "filter": {"key": {"prefix": "keys/", "suffix": ".pub"}},
    }
)
BUCKET = "acs:oss:cn-hangzhou:1234567890123456:team-keys"
ROLE = "acs:ram::1234567890123456:role/importer"


@pytest.fixture
def cloud() -> Iterator[DevCloud]:
    with DevCloud(allow_deploy=True, pythons=THIS_PYTHON, retry_pace=0.0) as running:
        yield running


@pytest.fixture
def deployer(cloud: DevCloud) -> Deployer:
    return Deployer(cloud)


def refusal(call: Any) -> tuple[int, str]:
    """Return status and code of what the SDK raises."""
    with pytest.raises(Exception, match="code: ") as refused:
        call()
    error: Any = refused.value
    return error.status_code, error.code


# The life of a function


def test_what_is_uploaded_is_what_runs(deployer: Deployer) -> None:
    """The package's own handler, in a folder of its own, with no package of this machine's."""
    created = deployer.create(echo(), environment_variables={"GREETING": "hello"})

    assert b"1:event" == deployer.call(b"event")
    assert ("Active", "Successful") == (created.state, created.last_update_status)
    environment = json.loads(deployer.call(b"environment"))
    path = deployer.call(b"path").decode().splitlines()
    assert "hello" == environment["GREETING"]
    assert environment["FC_FUNC_CODE_PATH"] == path[0]
    assert not any("site-packages" in folder for folder in path)


def test_an_initializer_runs_once(deployer: Deployer) -> None:
    """Before the first event, as instanceLifecycleConfig names it."""
    source = "seen = []\ndef start(c): seen.append(1)\ndef handler(e, c): return str(len(seen))\n"
    config = fc.InstanceLifecycleConfig(initializer=fc.LifecycleHook(handler="main.start"))
    deployer.create(package({"main.py": source}), instance_lifecycle_config=config)

    assert [b"1", b"1"] == [deployer.call(b""), deployer.call(b"")]


def test_it_is_described_as_it_was_made(deployer: Deployer) -> None:
    """With the size and CRC-64 of its package, by which clients know whether to upload again."""
    code = echo()
    created = deployer.create(code, description="d", timeout=7, memory_size=256, cpu=0.2)

    got = deployer.client.get_function("echo", fc.GetFunctionRequest()).body
    assert created.to_map() == got.to_map()
    assert ("d", 7, 256, 0.2, len(code)) == (
        got.description,
        got.timeout,
        got.memory_size,
        got.cpu,
        got.code_size,
    )
    assert got.code_checksum == deployer.invoke(b"").headers["x-fc-code-checksum"]


def test_an_update_takes_what_is_given(deployer: Deployer) -> None:
    """Code and configuration each stay as they are when they are left out."""
    deployer.create(echo("1"), description="first")

    deployer.update(code=echo("2"))
    assert b"2:" == deployer.call(b"")
    updated = deployer.update(environment_variables={"A": "b"})

    assert "first" == updated.description
    assert b"2:" == deployer.call(b"")
    assert "b" == json.loads(deployer.call(b"environment"))["A"]


def test_a_function_without_a_role_has_no_credentials(deployer: Deployer) -> None:
    """And one with a role has a session of it."""
    deployer.create(echo())
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" not in json.loads(deployer.call(b"environment"))

    deployer.update(role=ROLE)
    environment = json.loads(deployer.call(b"environment"))

    assert environment["ALIBABA_CLOUD_ACCESS_KEY_ID"].startswith("STS.")


def test_deleting_ends_all_of_it(deployer: Deployer) -> None:
    """Its instances, its address, its subscription and its folder."""
    cloud = deployer.cloud
    deployer.create(echo())
    url = deployer.trigger("http", GET_ONLY).http_trigger.url_internet
    deployer.trigger("oss", UPLOADS, source_arn=BUCKET, invocation_role=ROLE)
    process = int(deployer.call(b"pid"))
    folder = Path(json.loads(deployer.call(b"environment"))["FC_FUNC_CODE_PATH"])
    assert folder.is_dir()

    deployer.client.delete_function("echo")

    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    cloud.put_upload("keys/a.pub", b"k", bucket="team-keys")
    assert (404, "FunctionNotFound") == refusal(lambda: deployer.invoke(b""))


def test_replaced_code_goes_with_its_last_run(deployer: Deployer) -> None:
    """What is under way ends on the code on which it began; then that code is removed."""
    source = (
        "import os, pathlib, time\n"
        "def handler(event, context):\n"
        "    here = os.environ['FC_FUNC_CODE_PATH']\n"
        "    print('running')\n"
        "    while event and not pathlib.Path(event.decode()).exists(): time.sleep(0.01)\n"
        "    return here + ' ' + str(os.path.exists(here))\n"
    )
    deployer.create(package({"main.py": source}))
    signal = Path(deployer.call(b"").split()[0].decode()).parent / "go"
    answers: list[bytes] = []
    waiting = threading.Thread(target=lambda: answers.append(deployer.call(str(signal).encode())))
    before = deployer.cloud.function_logs().count("running")
    waiting.start()
    while deployer.cloud.function_logs().count("running") == before:
        waiting.join(0.01)

    deployer.update(code=echo("2"))
    assert b"2:" == deployer.call(b"")
    signal.touch()
    waiting.join()

    folder, was_there = answers[0].split()
    assert b"True" == was_there
    assert not Path(folder.decode()).exists()


@pytest.fixture
def patient_deployer() -> Iterator[Deployer]:
    """Eight retries take 38 seconds here: longer than an update on a busy machine."""
    with DevCloud(allow_deploy=True, pythons=THIS_PYTHON, retry_pace=0.3) as running:
        yield Deployer(running)


def test_an_update_loses_no_queued_event(patient_deployer: Deployer) -> None:
    """What waits for a retry, or for a free instance, is run by the code that came after it."""
    deployer = patient_deployer
    deployer.create(package({"main.py": "def handler(e, c): raise RuntimeError(e.decode())"}))
    config = fc.PutAsyncInvokeConfigInput(max_async_retry_attempts=8)
    request = fc.PutAsyncInvokeConfigRequest(body=config)
    deployer.client.put_async_invoke_config("echo", request)
    events = [f"event {number}".encode() for number in range(20)]
    for event in events:
        deployer.invoke(event, x_fc_invocation_type="Async")

    deployer.update(code=echo("2"))
    deployer.cloud.drain()

    invocations = deployer.cloud.async_invocations
    assert events == [each.event for each in invocations]
    assert {"succeeded"} == {each.outcome for each in invocations}
    assert all(f"got {event.decode()}" in deployer.cloud.function_logs() for event in events)


# Triggers and configurations


def test_the_http_trigger_listens_where_it_says(deployer: Deployer) -> None:
    """At urlInternet, for the methods that triggerConfig names; an update keeps the address."""
    answer = "{'statusCode': 200, 'body': 'hello'}"
    deployer.create(package({"main.py": f"def handler(e, c): return {answer}"}))
    url = deployer.trigger("http", GET_ONLY).http_trigger.url_internet
    assert (200, 403) == (
        requests.get(url, timeout=5).status_code,
        requests.post(url, timeout=5).status_code,
    )

    body = fc.UpdateTriggerInput(trigger_config=GET_ONLY.replace("GET", "POST"))
    deployer.client.update_trigger("echo", "http", fc.UpdateTriggerRequest(body=body))

    assert (403, 200) == (
        requests.get(url, timeout=5).status_code,
        requests.post(url, timeout=5).status_code,
    )
    assert url == deployer.cloud.function_url


def test_an_oss_trigger_fires_into_it(deployer: Deployer) -> None:
    """For the events and keys that it filters for, until it is deleted."""
    deployer.create(echo())
    deployer.trigger("oss", UPLOADS, source_arn=BUCKET, invocation_role=ROLE)
    for key in ("keys/a.pub", "keys/a.txt"):
        deployer.cloud.put_upload(key, b"k", bucket="team-keys")
    deployer.cloud.drain()
    (invocation,) = deployer.cloud.async_invocations
    assert b'"keys/a.pub"' in invocation.event

    deployer.client.delete_trigger("echo", "oss")
    deployer.cloud.put_upload("keys/b.pub", b"k", bucket="team-keys")

    assert 1 == len(deployer.cloud.async_invocations)


def test_failures_go_where_the_asynchronous_config_says(deployer: Deployer) -> None:
    """After as many retries as it allows, if the role may send there; else to no one."""
    deployer.create(echo(), role=ROLE)
    queue = "acs:mns:cn-hangzhou:1234567890123456:/queues/failed/messages"
    destination = fc.DestinationConfig(on_failure=fc.Destination(destination=queue))
    config = fc.PutAsyncInvokeConfigInput(
        max_async_retry_attempts=1, destination_config=destination
    )
    request = fc.PutAsyncInvokeConfigRequest(body=config)
    put = deployer.client.put_async_invoke_config("echo", request).body
    deployer.invoke(b"raise", x_fc_invocation_type="Async")
    deployer.cloud.drain()

    got = deployer.client.get_async_invoke_config("echo", fc.GetAsyncInvokeConfigRequest()).body
    assert put.to_map() == got.to_map()
    assert [0, 1] == [a.retry_count for a in deployer.cloud.async_invocations[0].attempts]
    assert [] == deployer.cloud.destination_messages  # the role of this cloud may do nothing


def test_configurations_are_put_got_and_deleted(deployer: Deployer) -> None:
    """404 before and after."""
    client = deployer.client
    deployer.create(echo())

    def get_async() -> Any:
        return client.get_async_invoke_config("echo", fc.GetAsyncInvokeConfigRequest())

    def get_concurrency() -> Any:
        return client.get_concurrency_config("echo")

    missing = (404, "AsyncInvokeConfigNotFound"), (404, "ConcurrencyConfigNotFound")
    assert missing == (refusal(get_async), refusal(get_concurrency))

    body = fc.PutConcurrencyInput(reserved_concurrency=3)
    client.put_concurrency_config("echo", fc.PutConcurrencyConfigRequest(body=body))
    client.put_async_invoke_config(
        "echo", fc.PutAsyncInvokeConfigRequest(body=fc.PutAsyncInvokeConfigInput())
    )
    listed = client.list_async_invoke_configs(fc.ListAsyncInvokeConfigsRequest()).body
    assert (3, 1) == (get_concurrency().body.reserved_concurrency, len(listed.configs))

    client.delete_concurrency_config("echo")
    client.delete_async_invoke_config("echo", fc.DeleteAsyncInvokeConfigRequest())
    assert missing == (refusal(get_async), refusal(get_concurrency))


def test_lists_come_in_pages(deployer: Deployer) -> None:
    """In the order of names, from nextToken on."""
    for name in ("b", "a", "c"):
        deployer.create(echo(), name)
    seen: list[str] = []
    token = None
    for _ in range(2):
        request = fc.ListFunctionsRequest(limit=2, next_token=token)
        page = deployer.client.list_functions(request).body
        seen += [each.function_name for each in page.functions]
        token = page.next_token

    assert (["a", "b", "c"], None) == (seen, token)


# InvokeFunction


def test_the_log_of_the_invocation_itself(deployer: Deployer) -> None:
    """The end of what it printed, and nothing of others."""
    deployer.create(echo())
    deployer.invoke(b"first")

    headers = deployer.invoke(b"second", x_fc_log_type="Tail").headers

    assert b"got second\n" == base64.b64decode(headers["x-fc-log-result"])
    assert "x-fc-log-result" not in deployer.invoke(b"third").headers


def test_the_instance_is_named(deployer: Deployer) -> None:
    """As in its own environment."""
    deployer.create(echo())
    environment = json.loads(deployer.call(b"environment"))

    assert environment["FC_INSTANCE_ID"] == deployer.invoke(b"").headers["x-fc-instance-id"]


def test_a_qualifier_is_latest_or_unknown(deployer: Deployer) -> None:
    """There are no versions and no aliases here."""
    deployer.create(echo())

    assert 200 == deployer.invoke(b"", qualifier="LATEST").status_code
    assert (404, "AliasNotFound") == refusal(lambda: deployer.invoke(b"", qualifier="prod"))
    assert (404, "VersionNotFound") == refusal(lambda: deployer.invoke(b"", qualifier="1"))


def test_a_task_id_is_taken_once(deployer: Deployer) -> None:
    """So that who sends it again, not knowing whether it arrived, runs it once."""
    deployer.create(echo())
    task = {"x_fc_invocation_type": "Async", "x_fc_async_task_id": "task-1"}

    accepted = deployer.invoke(b"e", **task)

    assert (202, "task-1") == (accepted.status_code, accepted.headers["x-fc-async-task-id"])
    assert (409, "AsyncTaskAlreadyExists") == refusal(lambda: deployer.invoke(b"e", **task))
    assert 1 == len(deployer.cloud.async_invocations)


# Refusals


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        pytest.param({"functionName": "1"}, 400, "InvalidArgument", id="name"),
        pytest.param({"handler": "main"}, 400, "InvalidArgument", id="handler without a module"),
        pytest.param({"handler": None}, 400, "InvalidArgument", id="no handler"),
        pytest.param({"runtime": "python2.7"}, 400, "InvalidArgument", id="runtime"),
        pytest.param({"timeout": 0}, 400, "InvalidArgument", id="timeout"),
        pytest.param({"timeout": "3"}, 400, "InvalidArgument", id="timeout as text"),
        pytest.param({"memorySize": True}, 400, "InvalidArgument", id="memory"),
        pytest.param({"environmentVariables": {"A": 1}}, 400, "InvalidArgument", id="environment"),
        pytest.param({"environmentVariables": []}, 200, "", id="no environment"),
        pytest.param({"instanceConcurrency": 2}, 400, "InvalidArgument", id="concurrency"),
        pytest.param(
            {"role": "acs:ram::1:role/other"}, 400, "InvalidArgument", id="another account's role"
        ),
        pytest.param({"code": {}}, 400, "InvalidArgument", id="no code"),
        pytest.param({"code": {"zipFile": "?"}}, 400, "InvalidArgument", id="code of no base64"),
        pytest.param({"code": {"zipFile": "AAAA"}}, 400, "InvalidArgument", id="code of no zip"),
        pytest.param(
            {"code": {"ossBucketName": "temp-bucket", "ossObjectName": "x"}},
            400,
            "InvalidArgument",
            id="code that is not there",
        ),
        pytest.param({"layers": ["a"]}, 501, "NotImplemented", id="layers"),
        pytest.param({"vpcConfig": {"vpcId": "v"}}, 501, "NotImplemented", id="VPC"),
        pytest.param({"vpcConfig": {"vpcId": ""}}, 200, "", id="no VPC"),
    ],
)
def test_documents(deployer: Deployer, members: dict[str, Any], status: int, code: str) -> None:
    """What FC refuses is refused, and what devcloud would ignore is told."""
    document = {
        "functionName": "echo",
        "runtime": "python3.12",
        "handler": "main.handler",
        "code": {"zipFile": base64.b64encode(echo()).decode()},
        **members,
    }

    answer = call(deployer, "CreateFunction", "POST", "", json.dumps(document).encode())

    assert (status, code) == (answer.status, answer.code)
    leftovers = list(deployer.cloud.code_folder.iterdir())
    assert (status == 200) == bool(leftovers)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 20_000])
def test_a_body_that_is_no_document(deployer: Deployer, body: bytes) -> None:
    """400, whatever it is."""
    answer = call(deployer, "CreateFunction", "POST", "", body)

    assert (400, "InvalidArgument") == (answer.status, answer.code)


def call(deployer: Deployer, action: str, method: str, path: str, body: bytes = b"") -> Any:
    request = RawRequest(
        deployer.cloud.fc_endpoint,
        method,
        f"/2023-03-30/functions{path}",
        headers={"x-acs-action": action, "x-acs-version": "2023-03-30"},
        body=body,
    )
    return request.signed(deployer.credentials).send()


def test_what_is_there_already(deployer: Deployer) -> None:
    """409; and one HTTP trigger is enough."""
    deployer.create(echo())
    deployer.trigger("http", GET_ONLY)

    assert (409, "FunctionAlreadyExists") == refusal(lambda: deployer.create(echo()))
    assert (409, "TriggerAlreadyExists") == refusal(lambda: deployer.trigger("http", GET_ONLY))
    assert (400, "InvalidArgument") == refusal(
        lambda: deployer.trigger("http", GET_ONLY, name="second")
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/f"),
        ("DELETE", "/f"),
        ("GET", "/f/triggers"),
        ("GET", "/f/triggers/t"),
        ("GET", "/f/async-invoke-config"),
        ("GET", "/f/aliases"),
        ("GET", "/f/scaling-config"),
        ("POST", "/f/invocations"),
    ],
)
def test_a_function_that_is_not_there(deployer: Deployer, method: str, path: str) -> None:
    """404 FunctionNotFound, in FC's shape."""
    answer = call(deployer, "Any", method, path)

    assert (404, "FunctionNotFound") == (answer.status, answer.code)
    assert {"RequestId", "Code", "Message"} == set(answer.json)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/f/code"), ("POST", "/f/versions"), ("PATCH", "/f"), ("GET", "/f/instances")],
)
def test_another_action_is_not_emulated(deployer: Deployer, method: str, path: str) -> None:
    """501, never a success that did nothing."""
    assert 501 == call(deployer, "Any", method, path).status
