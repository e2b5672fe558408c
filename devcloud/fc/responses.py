"""FC's actions on functions, triggers and their configurations: the documented answers."""

import json
import re
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from devcloud.fc import documents, exceptions
from devcloud.fc.code_source import CodeSource
from devcloud.fc.deployment import Deployment
from devcloud.fc.exchange import Exchange
from devcloud.fc.functions import Functions
from devcloud.fc.packages import Code
from devcloud.http_message import Response
from devcloud.ram.models import ACCOUNT_ID
from devcloud.ram.policy import is_allowed

DEFAULT_LIMIT, MAX_LIMIT = 20, 100
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")

# What is answered as it came and has no effect here, and what has one.
_KEPT = frozenset(
    {
        "cpu",
        "description",
        "diskSize",
        "instanceIsolationMode",
        "internetAccess",
        "logConfig",
        "sessionAffinity",
        "tags",
        "tracingConfig",
    }
)
_UNDERSTOOD = frozenset(
    {
        "code",
        "environmentVariables",
        "functionName",
        "handler",
        "instanceConcurrency",
        "instanceLifecycleConfig",
        "memorySize",
        "role",
        "runtime",
        "timeout",
    }
)
_OF_TRIGGERS = frozenset(
    {
        "description",
        "invocationRole",
        "qualifier",
        "sourceArn",
        "triggerConfig",
        "triggerName",
        "triggerType",
    }
)
_OF_ASYNC_CONFIG = frozenset(
    {"maxAsyncRetryAttempts", "maxAsyncEventAgeInSeconds", "destinationConfig"}
)


class Responses:
    """The actions over the account's functions."""

    def __init__(self, functions: Functions, source: CodeSource, region: str) -> None:
        self._functions = functions
        self._source = source
        self._region = region

    # Functions

    def create_function(self, exchange: Exchange) -> Response:
        """Take the code from where the document says, unpack it, and deploy it."""
        document = _members(exchange, _KEPT | _UNDERSTOOD)
        name = documents.text(document, "functionName")
        if any(name == each.function.spec.name for each in self._functions):
            raise exceptions.function_already_exists(name)
        code = self._source.fetch(documents.mapping(document, "code"), exchange.caller)
        try:
            kept = {member: value for member, value in document.items() if member != "code"}
            role = self._role(kept, exchange)
            spec = self._spec(kept, code)
            self._functions.add(
                Deployment.start(self._functions.host, spec, self._stamped(kept), code, role)
            )
        except exceptions.InvalidSpec:
            code.discard()
            raise
        return self._function(self._functions.get(name))

    def update_function(self, exchange: Exchange) -> Response:
        """Replace what is given; without ``code`` the code stays."""
        deployment = self._functions.get(exchange.function)
        changes = _members(exchange, (_KEPT | _UNDERSTOOD) - {"functionName"})
        document = {**deployment.document, **changes}
        given = document.pop("code", None)
        code = deployment.code
        if given:
            code = self._source.fetch(documents.mapping(changes, "code"), exchange.caller)
        try:
            role = deployment.role
            if "role" in changes:
                role = self._role(changes, exchange)
            spec = self._spec(document, code)
        except exceptions.InvalidSpec:
            if code is not deployment.code:
                code.discard()
            raise
        deployment.update(spec, self._stamped(document), code, role)
        return self._function(deployment)

    def get_function(self, exchange: Exchange) -> Response:
        """Describe it."""
        return self._function(self._functions.get(exchange.function))

    def delete_function(self, exchange: Exchange) -> Response:
        """End its instances, triggers and queue."""
        self._functions.remove(exchange.function)
        return Response(204)

    def list_functions(self, exchange: Exchange) -> Response:
        """List a page, in the order of names."""
        every = [self._function_document(each) for each in self._functions]
        return _page(exchange, "functions", every, "functionName")

    # Triggers

    def create_trigger(self, exchange: Exchange) -> Response:
        """Listen, or subscribe, from now on."""
        deployment = self._functions.get(exchange.function)
        document = _members(exchange, _OF_TRIGGERS)
        name = documents.text(document, "triggerName")
        if not _NAME.fullmatch(name):
            raise exceptions.InvalidSpec("triggerName is letters, digits, - and _")
        if name in deployment.triggers:
            raise exceptions.trigger_already_exists(name)
        self._put_trigger(deployment, name, document)
        return self._trigger(deployment, name)

    def update_trigger(self, exchange: Exchange) -> Response:
        """Replace what is given; the type and the source stay."""
        deployment = self._functions.get(exchange.function)
        if exchange.trigger not in deployment.triggers:
            raise exceptions.trigger_not_found(exchange.trigger)
        changes = _members(exchange, _OF_TRIGGERS - {"triggerName", "triggerType", "sourceArn"})
        document = {**deployment.triggers[exchange.trigger].document, **changes}
        self._put_trigger(deployment, exchange.trigger, document)
        return self._trigger(deployment, exchange.trigger)

    def get_trigger(self, exchange: Exchange) -> Response:
        """Describe it."""
        return self._trigger(self._functions.get(exchange.function), exchange.trigger)

    def delete_trigger(self, exchange: Exchange) -> Response:
        """End it."""
        deployment = self._functions.get(exchange.function)
        if exchange.trigger not in deployment.triggers:
            raise exceptions.trigger_not_found(exchange.trigger)
        deployment.remove_trigger(exchange.trigger)
        return Response(204)

    def list_triggers(self, exchange: Exchange) -> Response:
        """List a page, in the order of names."""
        deployment = self._functions.get(exchange.function)
        every = [self._trigger_document(deployment, name) for name in sorted(deployment.triggers)]
        return _page(exchange, "triggers", every, "triggerName")

    # Configurations

    def put_async_invoke_config(self, exchange: Exchange) -> Response:
        """Retry, age and send failures by this from now on."""
        deployment = self._functions.get(exchange.function)
        before = deployment.async_config or {}
        config = self._stamped({**_members(exchange, _OF_ASYNC_CONFIG), **_created(before)})
        deployment.configure(config, deployment.concurrency)
        return Response.of_json(200, self._async_config_document(deployment))

    def get_async_invoke_config(self, exchange: Exchange) -> Response:
        """Describe it."""
        deployment = self._functions.get(exchange.function)
        return Response.of_json(200, self._async_config_document(deployment))

    def delete_async_invoke_config(self, exchange: Exchange) -> Response:
        """Go back to the defaults."""
        deployment = self._functions.get(exchange.function)
        self._async_config_document(deployment)
        deployment.configure(None, deployment.concurrency)
        return Response(204)

    def list_async_invoke_configs(self, exchange: Exchange) -> Response:
        """List those of one function, or of all."""
        wanted = exchange.query.get("functionName")
        configs = [
            self._async_config_document(each)
            for each in self._functions
            if each.async_config is not None and wanted in {None, each.function.spec.name}
        ]
        return Response.of_json(200, {"configs": configs})

    def put_concurrency_config(self, exchange: Exchange) -> Response:
        """Run at most so many asynchronous invocations at once."""
        deployment = self._functions.get(exchange.function)
        config = _members(exchange, frozenset({"reservedConcurrency"}))
        if documents.read_reserved_concurrency(config) is None:
            raise exceptions.InvalidSpec("reservedConcurrency is mandatory")
        deployment.configure(deployment.async_config, config)
        return Response.of_json(200, _concurrency_document(deployment))

    def get_concurrency_config(self, exchange: Exchange) -> Response:
        """Describe it."""
        return Response.of_json(200, _concurrency_document(self._functions.get(exchange.function)))

    def delete_concurrency_config(self, exchange: Exchange) -> Response:
        """Reserve nothing."""
        deployment = self._functions.get(exchange.function)
        _concurrency_document(deployment)
        deployment.configure(deployment.async_config, None)
        return Response(204)

    # What no function here has

    def none_of(self, member: str, exchange: Exchange) -> Response:
        """List nothing, of a function that is there."""
        if exchange.function:
            self._functions.get(exchange.function)
        return Response.of_json(200, {member: []})

    def no_config(self, what: str, exchange: Exchange) -> Response:
        """Refuse: the function has no such configuration."""
        self._functions.get(exchange.function)
        raise exceptions.config_not_found(what, exchange.function)

    # Documents

    def _role(self, document: Mapping[str, Any], exchange: Exchange) -> Any:
        role = self._functions.role_of(documents.text(document, "role", ""))
        if role and not is_allowed(exchange.caller.policies, "ram:PassRole", role.arn):
            raise exceptions.not_allowed(exchange.caller, "ram:PassRole", role.arn)
        return role

    def _spec(self, document: Mapping[str, Any], code: Code) -> Any:
        if documents.number(document, "instanceConcurrency", 1, 1, 200) != 1:
            raise exceptions.InvalidSpec("instanceConcurrency of a built-in Python runtime is 1")
        return self._functions.spec_of(document, code, self._region)

    def _put_trigger(self, deployment: Deployment, name: str, document: dict[str, Any]) -> None:
        kind = documents.text(document, "triggerType")
        stamped = self._stamped(document)
        if documents.text(document, "qualifier", "LATEST") != "LATEST":
            raise exceptions.qualifier_not_found(document["qualifier"])
        if kind == "oss":
            deployment.subscribe(documents.read_oss_trigger(document), stamped)
        elif kind == "http":
            trigger = documents.read_http_trigger(document)
            if name in deployment.triggers:
                deployment.change_http(trigger, stamped)
            elif any(each.server for each in deployment.triggers.values()):
                raise exceptions.invalid_argument("A function has one HTTP trigger at most.")
            else:
                deployment.open_http(trigger, stamped)
        else:
            raise exceptions.not_implemented(f"triggers of the type {kind}")

    def _function(self, deployment: Deployment) -> Response:
        return Response.of_json(200, self._function_document(deployment))

    def _function_document(self, deployment: Deployment) -> dict[str, Any]:
        name = deployment.function.spec.name
        return {
            **deployment.document,
            "functionId": _id_of(deployment.function.resource),
            "functionArn": deployment.function.resource,
            "codeSize": deployment.code.size,
            "codeChecksum": deployment.code.checksum,
            "functionName": name,
            "state": "Active",
            "lastUpdateStatus": "Successful",
        }

    def _trigger(self, deployment: Deployment, name: str) -> Response:
        return Response.of_json(200, self._trigger_document(deployment, name))

    def _trigger_document(self, deployment: Deployment, name: str) -> dict[str, Any]:
        if name not in deployment.triggers:
            raise exceptions.trigger_not_found(name)
        trigger = deployment.triggers[name]
        arn = deployment.function.resource
        answered = {
            **trigger.document,
            "triggerId": _id_of(f"{arn}/triggers/{name}"),
            "targetArn": arn,
            "status": "Active",
        }
        if trigger.server:
            address = trigger.server.endpoint
            answered["httpTrigger"] = {"urlInternet": address, "urlIntranet": address}
        return answered

    def _async_config_document(self, deployment: Deployment) -> dict[str, Any]:
        if deployment.async_config is None:
            raise exceptions.config_not_found("AsyncInvokeConfig", deployment.function.spec.name)
        return {**deployment.async_config, "functionArn": deployment.function.resource}

    def _stamped(self, document: Mapping[str, Any]) -> dict[str, Any]:
        now = datetime.fromtimestamp(self._functions.host.clock(), timezone.utc)
        written = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"createdTime": written, **document, "lastModifiedTime": written}


def _members(exchange: Exchange, known: frozenset[str]) -> dict[str, Any]:
    """Read the body, an object; what it says that devcloud would ignore is refused with 501."""
    try:
        document = json.loads(exchange.request.body)
    except (ValueError, RecursionError):
        raise exceptions.InvalidSpec("The body is no JSON.") from None
    if not isinstance(document, dict):
        raise exceptions.InvalidSpec("The body is no JSON object.")
    for name in sorted(set(document) - known):
        if _says_something(document[name]):
            raise exceptions.not_implemented(f"the member {name}")
    return {name: value for name, value in document.items() if value is not None}


def _says_something(value: Any) -> bool:
    """Tell whether a member, or one within it, is anything but empty, false, 0 or a default id."""
    if isinstance(value, dict):
        return any(_says_something(item) for item in value.values())
    return bool(value)


def _page(exchange: Exchange, member: str, every: list[dict[str, Any]], name: str) -> Response:
    """Answer those after ``nextToken`` whose name begins with ``prefix``, ``limit`` at most."""
    query = exchange.query
    limit_text = query.get("limit") or str(DEFAULT_LIMIT)
    if not re.fullmatch(r"[0-9]{1,3}", limit_text) or not 1 <= int(limit_text) <= MAX_LIMIT:
        raise exceptions.invalid_argument(f"limit is a number from 1 to {MAX_LIMIT}")
    prefix, after = query.get("prefix", ""), query.get("nextToken", "")
    wanted = [each for each in every if each[name].startswith(prefix) and each[name] > after]
    shown = wanted[: int(limit_text)]
    rest = {"nextToken": shown[-1][name]} if len(wanted) > len(shown) else {}
    return Response.of_json(200, {member: shown, **rest})


def _concurrency_document(deployment: Deployment) -> dict[str, Any]:
    if deployment.concurrency is None:
        raise exceptions.config_not_found("ConcurrencyConfig", deployment.function.spec.name)
    return {**deployment.concurrency, "functionArn": deployment.function.resource}


def _created(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("createdTime",) if name in document}


def _id_of(arn: str) -> str:
    """Make an id that stays the same for the same thing."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{ACCOUNT_ID}/{arn}"))
