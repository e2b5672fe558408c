"""What is deployed fits the code: s.yaml, the role's policy, the requirements."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import os
import re
import sys
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft7Validator
from packaging.requirements import Requirement

from devcloud import DevCloud
from devcloud.fc.exceptions import InvalidSpec
from devcloud.fc.s_yaml import read_s_yaml
from instance import upload_rules
from invocation import TIME_TO_ANSWER
from settings import Settings, read_settings
from tests.events.gallery import ALICE_KEY, event_file
from tests.invocation import environment_of, invoke
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
FC3_SCHEMA = os.environ.get("FC3_SCHEMA")  # of Serverless Devs' fc3 component, where it is at hand
TRIGGER_DEFINITIONS = {"http": "IHttpTriggerConfig", "oss": "IOssTriggerConfig"}


DOCUMENT = read_s_yaml(PROJECT / "s.yaml")
FUNCTION: dict[str, Any] = DOCUMENT["resources"]["ens_key_import"]["props"]
TRIGGERS: list[dict[str, Any]] = FUNCTION["triggers"]
ENVIRONMENT: dict[str, str] = FUNCTION["environmentVariables"]
TOKENS = {"JWT_AUDIENCE": "key-import", "JWT_ISSUER": "https://id.example.com/"}
POLICY = json.loads((PROJECT / "deploy" / "role-policy.json").read_text(encoding="utf-8"))
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def trigger_config(kind: str) -> dict[str, Any]:
    (config,) = [each["triggerConfig"] for each in TRIGGERS if each["triggerType"] == kind]
    return dict(config)


def actions() -> Iterator[str]:
    """Yield each action that the role is allowed."""
    for statement in POLICY["Statement"]:
        action = statement["Action"]
        yield from [action] if isinstance(action, str) else action


# s.yaml


def test_every_variable_is_resolved() -> None:
    """Each but the account has a default, so that s.yaml can be read as it stands."""
    assert "${" not in json.dumps(DOCUMENT)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        (FUNCTION["handler"], ["event", "context"]),
        (FUNCTION["instanceLifecycleConfig"]["initializer"]["handler"], ["context"]),
    ],
)
def test_entry_points_exist(name: str, parameters: list[str]) -> None:
    """FC imports ``module.function`` from the code folder, which is made of src."""
    module, function = name.split(".")

    assert (PROJECT / "src" / f"{module}.py").is_file()
    entry_point = getattr(importlib.import_module(module), function)
    assert parameters == list(inspect.signature(entry_point).parameters)


def test_the_code_is_what_the_build_makes() -> None:
    """And the build runs before every deployment."""
    (action,) = DOCUMENT["resources"]["ens_key_import"]["actions"]["pre-deploy"]

    assert PROJECT / ".build" / "function.zip" == (PROJECT / FUNCTION["code"])
    assert {"run": "make build", "path": "./"} == action


def test_the_environment_is_of_settings_with_valid_values() -> None:
    """All strings, as FC wants them; no variable that nobody reads."""
    assert {str} == {type(value) for value in ENVIRONMENT.values()}
    assert set(ENVIRONMENT) <= {field.name.upper() for field in dataclasses.fields(Settings)}
    upload_rules(read_settings(ENVIRONMENT))


def test_the_time_out_is_longer_than_what_the_settings_can_use_up() -> None:
    """Each attempt at its slowest, a look-up, and the time to answer; and less than a day."""
    settings = read_settings(ENVIRONMENT)
    call = (settings.ens_connect_timeout_ms + settings.ens_read_timeout_ms) / 1000

    assert FUNCTION["timeout"] >= call * (settings.ens_max_attempts + 1) + TIME_TO_ANSWER
    assert FUNCTION["timeout"] <= 86_400
    assert FUNCTION["instanceLifecycleConfig"]["initializer"]["timeout"] <= 300


def test_no_more_uploads_at_once_than_ens_is_assumed_to_bear() -> None:
    """
    5 calls a second, by the calls of an upload, which is assumed to last a second.

    But at least three, for HTTP callers share them.
    """
    with DevCloud(project=PROJECT, function=True) as cloud:
        cloud.put_upload("keys/alice.pub", f"{ALICE_KEY}\n".encode())
        cloud.drain()
        calls_an_upload = len(cloud.calls)

    assert 2 == calls_an_upload
    reserved = FUNCTION["concurrencyConfig"]["reservedConcurrency"]
    assert max(3, ceil(5 / calls_an_upload)) == reserved


def test_a_second_deployment_sees_no_change_in_the_qualifier() -> None:
    """The component adds the qualifier to what is there; without it here, it finds a difference."""
    assert "LATEST" == FUNCTION["asyncInvokeConfig"]["qualifier"]


def test_cpu_and_memory_are_what_fc_sells() -> None:
    """FC's manual: vCPU in steps of 0.05, memory of 64 MB, and 1 to 4 GB a vCPU."""
    cpu, memory = FUNCTION["cpu"], FUNCTION["memorySize"]

    assert round(cpu / 0.05) * 5 == round(cpu * 100)
    assert memory % 64 == 0
    assert 1 <= memory / 1024 / cpu <= 4
    assert FUNCTION["diskSize"] in {512, 10240}


def test_the_http_trigger_lets_through_what_the_function_takes_and_nobody_unknown() -> None:
    """Whoever can call this function puts keys on servers."""
    config = trigger_config("http")

    assert config["authType"] in {"function", "jwt"}
    assert {"GET", "POST"} == set(config["methods"])


def deployed_with_tokens(shell: pytest.MonkeyPatch, **exported: str) -> dict[str, Any]:
    """Return the function of s.jwt.yaml, with what has no default, and this."""
    values = {"JWK_KID": "key-1", "JWK_N": "AQAB", **TOKENS, **exported}
    for name, value in values.items():
        shell.setenv(name, value)
    props = read_s_yaml(PROJECT / "s.jwt.yaml")["resources"]["ens_key_import"]["props"]
    return dict(props)


def http_trigger_of(function: dict[str, Any]) -> dict[str, Any]:
    (config,) = [
        each["triggerConfig"] for each in function["triggers"] if each["triggerType"] == "http"
    ]
    return dict(config)


def test_tokens_change_who_may_call_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """s.jwt.yaml extends s.yaml by another authType, and by whose tokens are accepted."""
    function = deployed_with_tokens(monkeypatch)
    with_tokens, environment = http_trigger_of(function), function.pop("environmentVariables")

    assert "jwt" == with_tokens.pop("authType")
    assert {"jwks", "tokenLookup"} == set(with_tokens.pop("authConfig"))
    assert {**with_tokens, "authType": "function"} == trigger_config("http")
    assert {**ENVIRONMENT, **TOKENS, "CALLER_NAME_PREFIX": ""} == environment
    same = set(FUNCTION) - {"environmentVariables", "triggers"}
    assert {name: FUNCTION[name] for name in same} == {name: function[name] for name in same}


@pytest.mark.parametrize("name", ["JWK_KID", "JWK_N", "JWT_AUDIENCE", "JWT_ISSUER"])
def test_tokens_of_any_program_are_never_deployed(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """An empty value counts as none, for Serverless Devs too."""
    with pytest.raises(InvalidSpec, match=name):
        deployed_with_tokens(monkeypatch, **{name: ""})


@pytest.mark.parametrize(
    ("exported", "kids"),
    [
        pytest.param({}, ["key-1", "key-1"], id="one"),
        pytest.param({"NEXT_JWK_KID": "key-2", "NEXT_JWK_N": "AQAD"}, ["key-1", "key-2"], id="two"),
    ],
)
def test_the_next_key_of_a_provider(
    monkeypatch: pytest.MonkeyPatch, exported: dict[str, str], kids: list[str]
) -> None:
    """Unset, it is the first again, so that s.jwt.yaml need not be changed to change keys."""
    function = deployed_with_tokens(monkeypatch, **exported)
    first, second = http_trigger_of(function)["authConfig"]["jwks"]["keys"]

    assert kids == [first["kid"], second["kid"]]
    assert (first == second) is (not exported)


def test_without_uploads_the_http_trigger_is_the_only_one() -> None:
    """s.http.yaml extends s.yaml: the list of triggers is replaced, and no queue is named."""
    whole, http_only = (yaml_of(name) for name in ("s.yaml", "s.http.yaml"))
    (http_trigger, _) = whole["resources"]["ens_key_import"]["props"]["triggers"]

    assert "s.yaml" == http_only["extend"]
    assert {"triggers": [http_trigger]} == http_only["resources"]["ens_key_import"]["props"]
    assert {"nowhere": {}, "destinations": "${vars.nowhere}"} == http_only["vars"]


def yaml_of(name: str) -> dict[str, Any]:
    """Return a file of Serverless Devs as it is written, its variables not resolved."""
    document: dict[str, Any] = yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))
    return document


def test_the_oss_trigger_filters_as_the_function_does() -> None:
    """What the trigger lets through, the function takes; so its filter saves invocations."""
    rules = read_settings(ENVIRONMENT)
    config = trigger_config("oss")

    assert {"key": {"prefix": rules.upload_prefix, "suffix": rules.upload_suffix}} == config[
        "filter"
    ]
    assert not any(event.endswith("*") for event in config["events"])


# The role


def test_the_role_may_call_of_ens_just_what_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first import and a second use every call there is; devcloud enforces the policy."""
    with DevCloud(project=PROJECT) as cloud:
        for name, value in environment_of(cloud).items():
            monkeypatch.setenv(name, value)
        for _ in range(2):
            assert "KeyPairFingerPrint" in invoke(event_file("direct")).body
        called = {f"ens:{call.action}" for call in cloud.calls}

    assert called == {action for action in actions() if action.startswith("ens:")}


def test_the_role_may_do_nothing_else() -> None:
    """Of OSS, to read uploads, and to read and write receipts; of MNS, to report a failure."""
    assert {"ens", "oss", "mns"} == {action.split(":")[0] for action in actions()}
    assert {"oss:GetObject", "oss:PutObject", "mns:SendMessage"} == {
        action for action in actions() if not action.startswith("ens:")
    }


def test_only_ens_is_allowed_on_every_resource() -> None:
    """ENS has no permissions by resource; OSS and MNS have, down to prefix and queue."""
    settings = read_settings(ENVIRONMENT)
    bucket = DOCUMENT["vars"]["bucket"]
    queue = DOCUMENT["vars"]["queue"]

    assert {
        ("ens", "*"),
        ("oss", f"acs:oss:*:*:{bucket}/{settings.upload_prefix}*"),
        ("oss", f"acs:oss:*:*:{bucket}/{settings.receipt_prefix}*"),
        ("mns", f"acs:mns:*:*:/queues/{queue}/messages"),
    } == {
        (re.findall(r"\w+", str(statement["Action"]))[0], statement["Resource"])
        for statement in POLICY["Statement"]
    }


def test_failed_uploads_go_to_the_queue_that_the_role_may_write_to() -> None:
    """Else onFailure is undeliverable, silently."""
    destination = FUNCTION["asyncInvokeConfig"]["destinationConfig"]["onFailure"]["destination"]

    assert destination.endswith(f":/queues/{DOCUMENT['vars']['queue']}/messages")


# Requirements


def pinned(file: str) -> dict[str, tuple[Requirement, int]]:
    """Return each requirement of a file, and how many hashes it has."""
    text = (PROJECT / file).read_text(encoding="utf-8").replace("\\\n", "")
    entries = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    found = {}
    for entry in entries:
        requirement = Requirement(entry.split(" --hash=")[0].split(" #")[0].strip())
        found[requirement.name] = (requirement, entry.count("--hash=sha256:"))
    return found


GROUPS = PYPROJECT["dependency-groups"]
RUNTIME = PYPROJECT["project"]["dependencies"]


@pytest.mark.parametrize(
    ("file", "direct"),
    [
        pytest.param("requirements.txt", RUNTIME, id="runtime"),
        pytest.param("requirements-dev.txt", RUNTIME, id="runtime, for developers"),
        pytest.param("requirements-dev.txt", GROUPS["dev"], id="tools and tests"),
        pytest.param("requirements-dev.txt", GROUPS["bench"], id="benchmarks"),
    ],
)
def test_direct_dependencies_are_pinned(file: str, direct: list[str]) -> None:
    """To a version that pyproject.toml allows; `make lock` keeps it so."""
    pins = pinned(file)

    for wanted in map(Requirement, direct):
        (version,) = [spec.version for spec in pins[wanted.name][0].specifier]
        assert wanted.specifier.contains(version), wanted.name


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_exact_and_hashed(file: str) -> None:
    """One version each, with hashes, from no address of its own."""
    for requirement, hashes in pinned(file).values():
        assert ["=="] == [spec.operator for spec in requirement.specifier]
        assert hashes > 0
        assert requirement.url is None
    assert "://" not in (PROJECT / file).read_text(encoding="utf-8")


def test_developers_run_what_is_deployed() -> None:
    """Both files pin the same versions of what both have."""
    runtime, development = pinned("requirements.txt"), pinned("requirements-dev.txt")

    assert set(runtime) <= set(development)
    assert {name: str(runtime[name][0].specifier) for name in runtime} == {
        name: str(development[name][0].specifier) for name in runtime
    }


# The schema of Serverless Devs, where it is at hand

if FC3_SCHEMA:
    SCHEMA = json.loads(Path(FC3_SCHEMA).read_text(encoding="utf-8"))

    def closed(schema: Any) -> Any:
        """Let objects have no other properties than those that are described."""
        if isinstance(schema, list):
            return [closed(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        inner = {name: closed(part) for name, part in schema.items()}
        if isinstance(inner.get("properties"), dict) and inner.get("type") == "object":
            inner.setdefault("additionalProperties", False)
        return inner

    def test_s_yaml_keeps_the_schema() -> None:
        """Its types and words, and, which `s verify` lets pass, no property it does not know."""
        assert [] == list(Draft7Validator(closed(SCHEMA)).iter_errors(FUNCTION))

    def errors_of(kind: str, config: dict[str, Any]) -> list[Any]:
        definition = {
            "$ref": f"#/definitions/{TRIGGER_DEFINITIONS[kind]}",
            "definitions": closed(SCHEMA["definitions"]),
        }
        return list(Draft7Validator(definition).iter_errors(config))

    @pytest.mark.parametrize("kind", TRIGGER_DEFINITIONS)
    def test_triggers_keep_their_own_schema(kind: str) -> None:
        """Not just any trigger's, which is all that the schema of a function asks for."""
        assert [] == errors_of(kind, trigger_config(kind))

    def test_the_trigger_with_tokens_keeps_its_schema(monkeypatch: pytest.MonkeyPatch) -> None:
        """s.jwt.yaml's; where the schema has one key (a tuple of TypeScript), each of the two."""
        function = deployed_with_tokens(monkeypatch)
        config = http_trigger_of(function)

        for key in config["authConfig"]["jwks"]["keys"]:
            with_one = {**config["authConfig"], "jwks": {"keys": [key]}}
            assert [] == errors_of("http", {**config, "authConfig": with_one})
        of_function = {**function, "triggers": TRIGGERS}
        assert [] == list(Draft7Validator(closed(SCHEMA)).iter_errors(of_function))
