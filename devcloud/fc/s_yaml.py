"""The function as s.yaml describes it, as far as running it needs."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from devcloud.fc.exceptions import InvalidSpec
from devcloud.fc.models import (
    ALL_METHODS,
    DEFAULT_MEMORY_MB,
    DEFAULT_TIMEOUT_SECONDS,
    AsyncConfig,
    FunctionSpec,
    HttpTrigger,
    OssTrigger,
)
from devcloud.ram.models import ACCOUNT_ID

_EXPRESSION = re.compile(r"\$\{([^{}]*)\}")
_ENV = re.compile(r"""env\(\s*['"]?(\w+)['"]?\s*(?:,\s*['"]?([^'"]*)['"]?\s*)?\)""")


def read_function(project: Path) -> FunctionSpec:
    """
    Read ``project/s.yaml``, which describes exactly one function.

    Raises:
        InvalidSpec: when it is not there, cannot be resolved, or lacks what is mandatory.
    """
    document = read_s_yaml(project / "s.yaml")
    resources = list(document.get("resources", {}).values())
    if len(resources) != 1:
        raise InvalidSpec(f"devcloud runs one function; s.yaml describes {len(resources)}")
    return _function(resources[0]["props"], project)


def read_s_yaml(file: Path) -> Mapping[str, Any]:
    """
    Read a file of Serverless Devs, with its variables resolved.

    Raises:
        InvalidSpec: when it is not there, is no YAML, or cannot be resolved.
    """
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidSpec(f"{file.name} cannot be read: {type(error).__name__}") from error
    if not isinstance(document, dict):
        raise InvalidSpec(f"{file.name} is empty, or not a mapping")
    resolved: Mapping[str, Any] = _resolved(document, document.get("vars", {}))
    return resolved


def _function(props: Mapping[str, Any], project: Path) -> FunctionSpec:
    for mandatory in ("functionName", "handler"):
        if not props.get(mandatory):
            raise InvalidSpec(f"s.yaml names no {mandatory}")
    initializer = props.get("instanceLifecycleConfig", {}).get("initializer", {})
    environment = props.get("environmentVariables", {})
    if not all(isinstance(value, str) for value in environment.values()):
        raise InvalidSpec("environmentVariables are strings: put quotes around numbers")
    return FunctionSpec(
        name=props["functionName"],
        handler=props["handler"],
        code=_code(project, props.get("code", "src")),
        timeout=int(props.get("timeout", DEFAULT_TIMEOUT_SECONDS)),
        memory=int(props.get("memorySize", DEFAULT_MEMORY_MB)),
        region=props.get("region", "cn-hangzhou"),
        initializer=initializer.get("handler", ""),
        initializer_timeout=int(initializer.get("timeout", DEFAULT_TIMEOUT_SECONDS)),
        environment=environment,
        http_trigger=_http_trigger(props.get("triggers", [])),
        oss_triggers=tuple(
            _oss_trigger(trigger)
            for trigger in props.get("triggers", [])
            if trigger.get("triggerType") == "oss"
        ),
        async_config=_async_config(props),
    )


def _code(project: Path, code: str) -> Path:
    """Return the folder to run; of a package, which is built for FC's own Python, the sources."""
    folder = (project / code).resolve()
    return (project / "src").resolve() if code.endswith(".zip") else folder


def _http_trigger(triggers: list[Mapping[str, Any]]) -> HttpTrigger | None:
    for trigger in triggers:
        if trigger.get("triggerType") == "http":
            config = trigger.get("triggerConfig", {})
            auth_config = config.get("authConfig") or {}
            return HttpTrigger(
                name=trigger.get("triggerName", "http"),
                auth_type=config.get("authType", "anonymous"),
                methods=tuple(config.get("methods", ALL_METHODS)),
                auth_config=json.loads(auth_config)
                if isinstance(auth_config, str)
                else auth_config,
            )
    return None


def _oss_trigger(trigger: Mapping[str, Any]) -> OssTrigger:
    bucket = trigger.get("sourceArn", "").rpartition(":")[2]
    config = trigger.get("triggerConfig", {})
    key = config.get("filter", {}).get("key", {})
    if not bucket or not config.get("events") or not {"prefix", "suffix"} <= set(key):
        raise InvalidSpec(
            "an OSS trigger has a sourceArn, events, and a filter of prefix and suffix"
        )
    return OssTrigger(
        name=trigger.get("triggerName", "oss"),
        bucket=bucket,
        events=tuple(config["events"]),
        prefix=key["prefix"],
        suffix=key["suffix"],
    )


def _async_config(props: Mapping[str, Any]) -> AsyncConfig:
    config = props.get("asyncInvokeConfig", {})
    destinations = config.get("destinationConfig", {})
    default = AsyncConfig()
    return AsyncConfig(
        max_retry_attempts=config.get("maxAsyncRetryAttempts", default.max_retry_attempts),
        max_event_age_seconds=config.get(
            "maxAsyncEventAgeInSeconds", default.max_event_age_seconds
        ),
        on_success=destinations.get("onSuccess", {}).get("destination", ""),
        on_failure=destinations.get("onFailure", {}).get("destination", ""),
        reserved_concurrency=props.get("concurrencyConfig", {}).get("reservedConcurrency"),
    )


def _resolved(value: Any, variables: Mapping[str, Any]) -> Any:
    """Resolve ``${env('NAME', 'default')}`` and ``${vars.name}``, as Serverless Devs does."""
    if isinstance(value, Mapping):
        return {key: _resolved(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, variables) for item in value]
    if not isinstance(value, str):
        return value
    if whole := _EXPRESSION.fullmatch(value):
        return _evaluated(whole[1], variables)
    return _EXPRESSION.sub(lambda found: str(_evaluated(found[1], variables)), value)


def _evaluated(expression: str, variables: Mapping[str, Any]) -> Any:
    expression = expression.strip()
    if call := _ENV.fullmatch(expression):
        name, default = call.groups()
        value = os.environ.get(name, default)
        if value is None and name == "ACCOUNT_ID":
            return ACCOUNT_ID  # s.yaml gives no default, for nobody else knows the account
        if value is None:
            raise InvalidSpec(f"s.yaml needs the environment variable {name}")
        return value
    if expression.startswith("vars."):
        found: Any = variables
        for step in expression.split(".")[1:]:
            if not isinstance(found, Mapping) or step not in found:
                raise InvalidSpec(f"s.yaml has no variable {expression}")
            found = found[step]
        return _resolved(found, variables)
    raise InvalidSpec(f"devcloud does not resolve ${{{expression}}}")
