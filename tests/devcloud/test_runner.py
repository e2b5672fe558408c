"""The runner: context, environment, returned values, failures, instances, log."""

import contextlib
import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from devcloud import DevCloud, FunctionSpec, InvocationResult
from tests.devcloud.conftest import PROBE, order


def invoke(cloud: DevCloud, action: str) -> Any:
    return json.loads(cloud.invoke(order(action)).body)


# The context and the environment


def test_the_context_of_python312(probe: DevCloud) -> None:
    """It says which function and which request; it has neither credentials nor service."""
    result = probe.invoke(order("context"))

    assert {
        "request_id": result.request_id,
        "function": {
            "name": "probe-test",
            "handler": "probe.handler",
            "memory": 256,
            "timeout": 5,
        },
        "region": "cn-shanghai",
        "account_id": "1234567890123456",
        "has_service": False,
        "credentials": None,
    } == json.loads(result.body)


def test_the_context_of_python310() -> None:
    """It has the credentials that the environment has, and a service."""
    with DevCloud(project=PROBE, function=True, runtime="python3.10") as cloud:
        context, environment = invoke(cloud, "context"), invoke(cloud, "state")["environment"]

    assert context["has_service"]
    assert {
        "access_key_id": environment["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        "access_key_secret": environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        "security_token": environment["ALIBABA_CLOUD_SECURITY_TOKEN"],
    } == context["credentials"]


def test_the_environment_is_the_functions_own(
    probe: DevCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """s.yaml's variables, FC's, the role's; the local ENS; and nothing of this process."""
    monkeypatch.setenv("LEAKED", "from the test")
    probe.kill_instances()
    environment = invoke(probe, "state")["environment"]

    assert ("hello", "cn-shanghai") == (environment["GREETING"], environment["REGION_COPY"])
    assert probe.ens_endpoint == environment["ENS_ENDPOINT"]
    assert "probe-test" == environment["FC_FUNCTION_NAME"]
    assert environment["ALIBABA_CLOUD_ACCESS_KEY_ID"].startswith("STS.")
    assert "LEAKED" not in environment
    assert "FUNCTION_TARGET" not in environment


def test_what_a_test_sets_goes_above_s_yaml() -> None:
    """function_env overrides environmentVariables, and even the role's credentials."""
    overrides = {"GREETING": "bye", "ALIBABA_CLOUD_ACCESS_KEY_ID": "", "MORE": "1"}
    with DevCloud(project=PROBE, function=True, function_env=overrides) as cloud:
        environment = invoke(cloud, "state")["environment"]

    assert overrides == {name: environment[name] for name in overrides}


def test_the_code_folder_is_cwd_and_first_on_the_path(probe: DevCloud) -> None:
    """As on FC; and nothing of devcloud or of the tests is loaded beside the function."""
    state = invoke(probe, "state")

    assert str(PROBE / "code") == state["cwd"] == state["path"][0]
    loaded = {name.partition(".")[0] for name in state["modules"]}
    assert not loaded & {"devcloud", "tests", "pytest"}
    assert not any(path.startswith(str(PROBE.parents[1])) for path in state["path"][1:] if path)


# Answers


@pytest.mark.parametrize(
    ("action", "body"),
    [
        pytest.param("text", b"text, not JSON", id="str"),
        pytest.param("bytes", b"\x00\xff", id="bytes"),
        pytest.param("object", b'{"answer": 42}', id="anything else, as JSON"),
    ],
)
def test_a_returned_value_is_serialised_as_fc_does(
    probe: DevCloud, action: str, body: bytes
) -> None:
    """Text and bytes untouched, the rest through json.dumps."""
    result = probe.invoke(order(action))

    assert (200, body, "") == (result.status, result.body, result.error_type)


def test_an_empty_event_reaches_the_function(probe: DevCloud) -> None:
    """Zero bytes are an event."""
    assert b"no event" == probe.invoke(b"").body


# Failures


@pytest.mark.parametrize(
    ("action", "description"),
    [
        pytest.param("raise", ("broken as asked", "RuntimeError"), id="an exception"),
        pytest.param("exit", ("bye", "SystemExit"), id="sys.exit"),
        pytest.param(
            "set", ("Object of type set is not JSON serializable", "TypeError"), id="no JSON"
        ),
    ],
)
def test_an_uncaught_exception_is_a_200_with_an_error_type(
    probe: DevCloud, action: str, description: tuple[str, str]
) -> None:
    """X-Fc-Error-Type tells; the body holds message, type and the function's own stack."""
    result = probe.invoke(order(action))

    body = json.loads(result.body)
    assert (200, "UnhandledInvocationError") == (result.status, result.error_type)
    assert "UnhandledInvocationError" == result.headers["X-Fc-Error-Type"]
    assert description == (body["errorMessage"], body["errorType"])
    if action == "raise":
        assert ["in handler", "in _raise"] == [frame[2] for frame in body["stackTrace"]]


def test_an_exception_behind_the_http_trigger_is_a_502(probe: DevCloud) -> None:
    """The caller of a trigger sees 502, and the error type in a header."""
    response = requests.get(probe.function_url, headers={"X-Answer": "raise"}, timeout=10)

    assert (502, "UnhandledInvocationError") == (
        response.status_code,
        response.headers["X-Fc-Error-Type"],
    )
    assert "as asked" == response.json()["errorMessage"]


def test_an_instance_that_ends_is_replaced(probe: DevCloud) -> None:
    """The request fails, the instance is gone, the next request starts another."""
    before = invoke(probe, "state")["pid"]
    result = probe.invoke(order("die"))
    after = invoke(probe, "state")

    assert (
        "UnhandledInvocationError",
        "Process exited unexpectedly before completing request",
    ) == (
        result.error_type,
        json.loads(result.body)["errorMessage"],
    )
    assert before != after["pid"]
    assert (1, 1) == (after["initializations"], after["invocations"])
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_an_instance_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """By SIGTERM, which the function may see; the next request starts another instance."""
    source = (
        "import os, signal, sys, threading\n"
        "def end(number, frame): print('terminated'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "def handler(event, context):\n"
        "    if event: threading.Event().wait()\n"
        "    return str(os.getpid())\n"
    )
    with DevCloud(function=spec_of(tmp_path, source, timeout=1)) as cloud:
        before = cloud.invoke(b"").body
        result = cloud.invoke(b"hang")
        after = cloud.invoke(b"").body
        log = cloud.function_logs()

    assert {"errorMessage": "Function timed out after 1 seconds"} == json.loads(result.body)
    assert before != after
    assert "terminated" in log


@contextlib.contextmanager
def hanging_request(cloud: DevCloud) -> Iterator[tuple[int, list[InvocationResult]]]:
    """Have a request hang; give its instance's process id, and a list for its result."""
    results: list[InvocationResult] = []
    logged_before = len(cloud.function_logs())
    request = threading.Thread(target=lambda: results.append(cloud.invoke(order("hang"))))
    request.start()
    line = None
    while line is None and request.is_alive():
        request.join(0.01)
        line = re.search(r"hanging in (\d+)", cloud.function_logs()[logged_before:])
    assert line, "the request ended before it hung"
    yield int(line[1]), results
    request.join()


def test_an_instance_killed_in_mid_request_fails_it(probe: DevCloud) -> None:
    """As a crashed host would; the next request is a cold start."""
    with hanging_request(probe) as (victim, results):
        os.kill(victim, signal.SIGKILL)

    assert b"Process exited unexpectedly" in results[0].body
    assert victim != invoke(probe, "state")["pid"]


def test_the_initializer_runs_once_an_instance(probe: DevCloud) -> None:
    """Before the first request, and not again."""
    probe.kill_instances()
    states = [invoke(probe, "state") for _ in range(3)]

    assert [(1, 1), (1, 2), (1, 3)] == [(s["initializations"], s["invocations"]) for s in states]
    assert 1 == len({s["pid"] for s in states})


def test_requests_at_the_same_time_have_instances_of_their_own(probe: DevCloud) -> None:
    """One request at a time an instance: while one hangs, another instance answers."""
    with hanging_request(probe) as (busy, _):
        assert busy != invoke(probe, "state")["pid"]
        probe.kill_instances()


def spec_of(folder: Path, source: str, **settings: Any) -> FunctionSpec:
    (folder / "module.py").write_text(source, encoding="utf-8")
    return FunctionSpec(name="made", handler="module.handler", code=folder, **settings)


def test_a_module_that_cannot_be_loaded_fails_its_requests(tmp_path: Path) -> None:
    """A syntax error is the function's failure, not the runner's."""
    with DevCloud(function=spec_of(tmp_path, "def handler(:")) as cloud:
        result = cloud.invoke(b"")

    assert "SyntaxError" == json.loads(result.body)["errorType"]


@pytest.mark.parametrize(
    ("body", "timeout", "message"),
    [
        pytest.param("raise KeyError('setting')", 10, "'setting'", id="it raises"),
        pytest.param(
            "__import__('time').sleep(60)", 1, "Function timed out after 1", id="too slow"
        ),
    ],
)
def test_a_failed_initializer_fails_the_request(
    tmp_path: Path, body: str, timeout: int, message: str
) -> None:
    """The handler is not reached; the instance is discarded."""
    source = f"def prepare(context): {body}\ndef handler(event, context): return 'reached'\n"
    spec = spec_of(tmp_path, source, initializer="module.prepare", initializer_timeout=timeout)
    with DevCloud(function=spec) as cloud:
        result = cloud.invoke(b"")

    assert "UnhandledInvocationError" == result.error_type
    assert json.loads(result.body)["errorMessage"].startswith(message)


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    """SIGTERM first, as FC does; then it ends anyhow."""
    source = (
        "import os, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "def handler(event, context): return str(os.getpid())\n"
    )
    with DevCloud(function=spec_of(tmp_path, source)) as cloud:
        pid = int(cloud.invoke(b"").body)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


# Logs


def test_the_log_holds_prints_and_records(probe: DevCloud) -> None:
    """Lines as printed; records of the logging module with time, request id and level."""
    result = probe.invoke(order("log"))

    lines = probe.function_logs().splitlines()
    assert "printed" in lines
    (record,) = [line for line in lines if result.request_id in line]
    assert record.endswith(f"Z {result.request_id} [WARNING] recorded")


def test_the_stack_of_a_failure_is_in_the_log(probe: DevCloud) -> None:
    """FC prints it there."""
    probe.invoke(order("raise"))

    assert "RuntimeError: broken as asked" in probe.function_logs()


def test_a_cloud_without_a_function_says_so() -> None:
    """Rather than failing somewhere inside."""
    with DevCloud() as cloud, pytest.raises(RuntimeError, match="without a function"):
        cloud.invoke(b"")
