"""
A function, its triggers and its configurations as JSON documents, read.

The API and s.yaml spell them alike (fc3's properties are the API's), so both are read here.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from devcloud.fc.exceptions import InvalidSpec
from devcloud.fc.models import (
    ALL_METHODS,
    DEFAULT_MEMORY_MB,
    DEFAULT_TIMEOUT_SECONDS,
    AsyncConfig,
    FunctionSpec,
    HttpTrigger,
    OssTrigger,
    Runtime,
)
from devcloud.ram.models import ACCOUNT_ID

Document = Mapping[str, Any]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
_MAX_TIMEOUT_SECONDS = 86400
_MAX_MEMORY_MB = 32768


def read_function(document: Document, code: Path, region: str) -> FunctionSpec:
    """
    Read what running a function needs; triggers and the asynchronous configuration come apart.

    Raises:
        InvalidSpec: something mandatory is missing, or of the wrong type or size.
    """
    name, handler = text(document, "functionName"), text(document, "handler")
    if not _NAME.fullmatch(name):
        raise InvalidSpec("functionName is letters, digits, - and _, at most 128, no digit first")
    if not handler.rpartition(".")[0]:
        raise InvalidSpec("handler is written as module.function")
    runtime = document.get("runtime", "python3.12")
    if runtime not in get_args(Runtime):
        raise InvalidSpec(f"devcloud runs the runtimes {' and '.join(get_args(Runtime))}")
    initializer = mapping(mapping(document, "instanceLifecycleConfig"), "initializer")
    environment = mapping(document, "environmentVariables")
    if not all(isinstance(value, str) and "\0" not in value for value in environment.values()):
        raise InvalidSpec("environmentVariables are strings: put quotes around numbers")
    if not all(name and not {"=", "\0"} & set(name) for name in environment):
        raise InvalidSpec("environmentVariables have names without = in them")
    return FunctionSpec(
        name=name,
        handler=handler,
        code=code,
        timeout=_seconds(document),
        memory=number(document, "memorySize", DEFAULT_MEMORY_MB, 64, _MAX_MEMORY_MB),
        region=region,
        runtime=runtime,
        initializer=text(initializer, "handler", ""),
        initializer_timeout=_seconds(initializer),
        environment=dict(environment),
    )


def read_http_trigger(trigger: Document) -> HttpTrigger:
    """
    Read an HTTP trigger.

    Raises:
        InvalidSpec: it cannot be understood.
    """
    config = trigger_config(trigger)
    methods = config.get("methods", ALL_METHODS)
    if not isinstance(methods, list | tuple) or not set(map(str, methods)) <= set(ALL_METHODS):
        raise InvalidSpec(f"methods are some of {', '.join(ALL_METHODS)}")
    auth_type = text(config, "authType", "anonymous")
    if auth_type not in {"anonymous", "function", "jwt"}:
        raise InvalidSpec("authType is anonymous, function or jwt")
    return HttpTrigger(
        name=text(trigger, "triggerName", "http"),
        auth_type=auth_type,
        methods=tuple(methods),
        auth_config=_object(config.get("authConfig") or {}, "authConfig"),
    )


def read_oss_trigger(trigger: Document) -> OssTrigger:
    """
    Read an OSS trigger.

    Raises:
        InvalidSpec: it cannot be understood, or lacks what it needs to ever fire.
    """
    bucket = text(trigger, "sourceArn", "").rpartition(":")[2]
    config = trigger_config(trigger)
    key = mapping(mapping(config, "filter"), "key")
    events = config.get("events")
    if not bucket or not events or not {"prefix", "suffix"} <= set(key):
        raise InvalidSpec(
            "an OSS trigger has a sourceArn, events, and a filter of prefix and suffix"
        )
    if not isinstance(events, list) or not all(isinstance(event, str) for event in events):
        raise InvalidSpec("events are a list of names such as oss:ObjectCreated:PutObject")
    return OssTrigger(
        name=text(trigger, "triggerName", "oss"),
        bucket=bucket,
        events=tuple(events),
        prefix=text(key, "prefix", ""),
        suffix=text(key, "suffix", ""),
    )


def read_async_config(config: Document, reserved_concurrency: int | None) -> AsyncConfig:
    """
    Read an asyncInvokeConfig; the reserved concurrency is a document of its own.

    Raises:
        InvalidSpec: it cannot be understood.
    """
    default = AsyncConfig()
    destinations = mapping(config, "destinationConfig")
    retries = number(config, "maxAsyncRetryAttempts", default.max_retry_attempts, 0, 8)
    age = number(config, "maxAsyncEventAgeInSeconds", default.max_event_age_seconds, 1, 604800)
    return AsyncConfig(
        max_retry_attempts=retries,
        max_event_age_seconds=age,
        on_success=text(mapping(destinations, "onSuccess"), "destination", ""),
        on_failure=text(mapping(destinations, "onFailure"), "destination", ""),
        reserved_concurrency=reserved_concurrency,
    )


def read_reserved_concurrency(config: Document) -> int | None:
    """
    Read a concurrency configuration; None for none.

    Raises:
        InvalidSpec: it is no number of instances.
    """
    if config.get("reservedConcurrency") is None:
        return None
    return number(config, "reservedConcurrency", 1, 1, 1 << 20)


def trigger_config(trigger: Document) -> Document:
    """Read ``triggerConfig``: an object in s.yaml, the text of one at the API."""
    return _object(trigger.get("triggerConfig") or {}, "triggerConfig")


def written(spec: FunctionSpec, role_arn: str) -> dict[str, Any]:
    """Write what CreateFunction would have been given."""
    document: dict[str, Any] = {
        "functionName": spec.name,
        "handler": spec.handler,
        "runtime": spec.runtime,
        "timeout": spec.timeout,
        "memorySize": spec.memory,
        "environmentVariables": dict(spec.environment),
        "role": role_arn,
    }
    if spec.initializer:
        initializer = {"handler": spec.initializer, "timeout": spec.initializer_timeout}
        document["instanceLifecycleConfig"] = {"initializer": initializer}
    return document


def written_http_trigger(trigger: HttpTrigger) -> dict[str, Any]:
    """Write what CreateTrigger would have been given."""
    config: dict[str, Any] = {"authType": trigger.auth_type, "methods": list(trigger.methods)}
    if trigger.auth_config:
        config["authConfig"] = trigger.auth_config
    return {
        "triggerName": trigger.name,
        "triggerType": "http",
        "triggerConfig": json.dumps(config),
    }


def written_oss_trigger(trigger: OssTrigger, region: str) -> dict[str, Any]:
    """Write what CreateTrigger would have been given."""
    key = {"prefix": trigger.prefix, "suffix": trigger.suffix}
    return {
        "triggerName": trigger.name,
        "triggerType": "oss",
        "sourceArn": f"acs:oss:{region}:{ACCOUNT_ID}:{trigger.bucket}",
        "triggerConfig": json.dumps({"events": list(trigger.events), "filter": {"key": key}}),
    }


def written_async_config(config: AsyncConfig) -> dict[str, Any]:
    """Write what PutAsyncInvokeConfig would have been given."""
    destinations = {"onSuccess": config.on_success, "onFailure": config.on_failure}
    return {
        "maxAsyncRetryAttempts": config.max_retry_attempts,
        "maxAsyncEventAgeInSeconds": config.max_event_age_seconds,
        "destinationConfig": {
            name: {"destination": arn} for name, arn in destinations.items() if arn
        },
    }


def text(document: Document, name: str, default: str | None = None) -> str:
    """Read a member that is text; without a default it is mandatory."""
    value = document.get(name)
    if value is None or value == "":
        if default is None:
            raise InvalidSpec(f"{name} is mandatory")
        return default
    if not isinstance(value, str):
        raise InvalidSpec(f"{name} is text")
    return value


def number(document: Document, name: str, default: int, least: int, most: int) -> int:
    """Read a member that is a whole number."""
    value = document.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidSpec(f"{name} is a number from {least} to {most}")
    return value


def mapping(document: Document, name: str) -> Document:
    """Read a member that is an object; an empty one if it is not there."""
    return _object(document.get(name) or {}, name)


def _seconds(document: Document) -> int:
    return number(document, "timeout", DEFAULT_TIMEOUT_SECONDS, 1, _MAX_TIMEOUT_SECONDS)


def _object(value: Any, name: str) -> Document:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise InvalidSpec(f"{name} is not the JSON text of an object") from None
    if not isinstance(value, dict):
        raise InvalidSpec(f"{name} is an object")
    return value
