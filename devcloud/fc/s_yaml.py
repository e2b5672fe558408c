"""The function as s.yaml describes it, as far as running it needs."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from devcloud.fc import documents
from devcloud.fc.exceptions import InvalidSpec
from devcloud.fc.models import FunctionSpec
from devcloud.ram.models import ACCOUNT_ID

_EXPRESSION = re.compile(r"\$\{([^{}]*)\}")
_ENV = re.compile(r"""env\(\s*['"]?(\w+)['"]?\s*(?:,\s*(.*?)\s*)?\)""")


def read_function(project: Path, name: str = "s.yaml") -> FunctionSpec:
    """
    Read a file of ``project``, by default s.yaml, which describes exactly one function.

    Raises:
        InvalidSpec: when it is not there, cannot be resolved, or lacks what is mandatory.
    """
    document = read_s_yaml(project / name)
    resources = list(document.get("resources", {}).values())
    if len(resources) != 1:
        raise InvalidSpec(f"devcloud runs one function; {name} describes {len(resources)}")
    return _function(resources[0]["props"], project)


def read_s_yaml(file: Path) -> Mapping[str, Any]:
    """
    Read a file of Serverless Devs, with what it extends, and its variables resolved.

    Raises:
        InvalidSpec: when it is not there, is no YAML, or cannot be resolved.
    """
    document = _read_yaml(file)
    if extended := document.get("extend"):
        base = _read_yaml(file.parent / str(extended))
        if "extend" in base:
            raise InvalidSpec(f"{extended} extends a file itself, which Serverless Devs ignores")
        document = _merged(base, document)
    resolved: Mapping[str, Any] = _resolved(document, document.get("vars", {}))
    return resolved


def _read_yaml(file: Path) -> Mapping[str, Any]:
    import yaml  # noqa: PLC0415 - not light, and a cloud without a function needs none

    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidSpec(f"{file.name} cannot be read: {type(error).__name__}") from error
    if not isinstance(document, dict):
        raise InvalidSpec(f"{file.name} is empty, or not a mapping")
    return document


def _merged(base: Any, change: Any) -> Any:
    """Extend as Serverless Devs does: mappings are merged, everything else is replaced whole."""
    if not isinstance(base, Mapping) or not isinstance(change, Mapping):
        return change
    common = {key: _merged(base[key], change[key]) for key in base.keys() & change.keys()}
    return {**base, **change, **common}


def _function(props: Mapping[str, Any], project: Path) -> FunctionSpec:
    code = _code(project, props.get("code", "src"))
    triggers = props.get("triggers", [])
    concurrency = documents.read_reserved_concurrency(documents.mapping(props, "concurrencyConfig"))
    return replace(
        documents.read_function(props, code, documents.text(props, "region", "cn-hangzhou")),
        http_trigger=next(map(documents.read_http_trigger, _of_type(triggers, "http")), None),
        oss_triggers=tuple(map(documents.read_oss_trigger, _of_type(triggers, "oss"))),
        async_config=documents.read_async_config(
            documents.mapping(props, "asyncInvokeConfig"), concurrency
        ),
    )


def _code(project: Path, code: str) -> Path:
    """Return the folder to run; of a package, which is built for FC's own Python, the sources."""
    folder = (project / code).resolve()
    return (project / "src").resolve() if code.endswith(".zip") else folder


def _of_type(triggers: list[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [trigger for trigger in triggers if trigger.get("triggerType") == kind]


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
        if value := os.environ.get(name):  # one that is empty counts as not set
            return value
        if default is not None:
            return _default(default, variables)
        if name == "ACCOUNT_ID":
            return ACCOUNT_ID  # s.yaml gives no default, for nobody else knows the account
        raise InvalidSpec(f"the environment variable {name} is needed, and is not set")
    if expression.startswith("vars."):
        found: Any = variables
        for step in expression.split(".")[1:]:
            if not isinstance(found, Mapping) or step not in found:
                raise InvalidSpec(f"s.yaml has no variable {expression}")
            found = found[step]
        return _resolved(found, variables)
    raise InvalidSpec(f"devcloud does not resolve ${{{expression}}}")


def _default(text: str, variables: Mapping[str, Any]) -> Any:
    """Resolve the default of a variable: text, with or without quotes, or an expression again."""
    if _ENV.fullmatch(text) or text.startswith("vars."):
        return _evaluated(text, variables)
    return text.strip("'\"")
