"""FC's own API behind its gateway: which action a request is, and who may ask for it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from devcloud.fc import exceptions
from devcloud.fc.authentication import read_fc
from devcloud.fc.code_source import CodeSource
from devcloud.fc.entrance import Entrance
from devcloud.fc.exchange import Exchange, Operation
from devcloud.fc.function import function_arn, new_request_id
from devcloud.fc.functions import Functions
from devcloud.fc.invocations import invoke_function
from devcloud.fc.responses import Responses
from devcloud.http_message import Request, Response, ServiceError
from devcloud.ram.authentication import Authenticator
from devcloud.ram.policy import is_allowed
from devcloud.ram.signatures import read_acs3
from devcloud.rpc import authenticated

_OLD_API = "/2016-08-15/"  # of FC 2.0, of which Serverless Devs uses one action
_ALL = "/2023-03-30/functions"
_ONE = rf"{_ALL}/(?P<function>[A-Za-z0-9_-]+)"
_TRIGGER = rf"{_ONE}/triggers/(?P<trigger>[A-Za-z0-9_-]+)"


class FcApiService(Entrance):
    """The API of 2023-03-30, and tempBucketToken of 2016-08-15."""

    name = "fc"

    def __init__(
        self,
        functions: Functions,
        source: CodeSource,
        authenticator: Authenticator,
        region: str,
        *,
        allow_deploy: bool,
    ) -> None:
        self._functions = functions
        self._operations = _operations(functions, Responses(functions, source, region), source)
        self._authenticator = authenticator
        self._region = region
        self._allow_deploy = allow_deploy

    def action_of(self, head: Request) -> str:
        """Name the action by method and path; empty for one that is not emulated."""
        found = self._find(head)
        return found[0].name if found else ""

    def answer(self, request: Request) -> Response:
        """Check everything that FC's gateway checks, then perform."""
        found = self._find(request)
        if found is None:
            raise exceptions.not_implemented(f"this {request.method} of FC's API")
        operation, named = found
        is_old = request.raw_path.startswith(_OLD_API)
        try:
            claim = read_fc(request) if is_old else read_acs3(request)
            caller = authenticated(self._authenticator, claim)
            exchange = Exchange(request, caller, **named)
            return self._perform(operation, exchange)
        except exceptions.InvalidSpec as error:
            raise exceptions.invalid_argument(str(error)) from error
        except ServiceError as error:
            if is_old:  # clients of FC 2.0 read these
                error.details |= {"ErrorCode": error.code, "ErrorMessage": error.message}
            raise

    def _perform(self, operation: Operation, exchange: Exchange) -> Response:
        resource = function_arn(self._region, exchange.function or "*")
        if exchange.trigger:
            resource += f"/triggers/{exchange.trigger}"
        if not is_allowed(exchange.caller.policies, f"fc:{operation.name}", resource):
            raise exceptions.not_allowed(exchange.caller, f"fc:{operation.name}", resource)
        if operation.deploys and not self._allow_deploy:
            raise exceptions.deploying_not_allowed()
        qualifier = exchange.query.get("qualifier") or "LATEST"
        if exchange.function and qualifier != "LATEST":
            self._functions.get(exchange.function)
            raise exceptions.qualifier_not_found(qualifier)
        if operation.name == "InvokeFunction":  # takes its time
            return operation.perform(exchange)
        with self._functions.changing():
            response = operation.perform(exchange)
        request_id = new_request_id()
        headers = {"X-Fc-Request-Id": request_id, **response.headers}
        return replace(response, headers=headers, request_id=request_id)

    def _find(self, head: Request) -> tuple[Operation, dict[str, str]] | None:
        for operation in self._operations:
            if head.method == operation.method:
                found = re.fullmatch(operation.path, head.raw_path)
                if found:
                    return operation, found.groupdict()
        return None


def _operations(
    functions: Functions, responses: Responses, source: CodeSource
) -> Sequence[Operation]:
    config, concurrency = rf"{_ONE}/async-invoke-config", rf"{_ONE}/concurrency"
    triggers, configs = rf"{_ONE}/triggers", "/2023-03-30/async-invoke-configs"
    this = responses
    invoke = partial(invoke_function, functions)
    deploying = (
        ("CreateFunction", "POST", _ALL, this.create_function),
        ("UpdateFunction", "PUT", _ONE, this.update_function),
        ("DeleteFunction", "DELETE", _ONE, this.delete_function),
        ("CreateTrigger", "POST", triggers, this.create_trigger),
        ("UpdateTrigger", "PUT", _TRIGGER, this.update_trigger),
        ("DeleteTrigger", "DELETE", _TRIGGER, this.delete_trigger),
        ("PutAsyncInvokeConfig", "PUT", config, this.put_async_invoke_config),
        ("DeleteAsyncInvokeConfig", "DELETE", config, this.delete_async_invoke_config),
        ("PutConcurrencyConfig", "PUT", concurrency, this.put_concurrency_config),
        ("DeleteConcurrencyConfig", "DELETE", concurrency, this.delete_concurrency_config),
        ("GetTempBucketToken", "GET", f"{_OLD_API}tempBucketToken", source.temp_bucket_token),
    )
    reading = (
        ("InvokeFunction", "POST", rf"{_ONE}/invocations", invoke),
        ("ListFunctions", "GET", _ALL, this.list_functions),
        ("GetFunction", "GET", _ONE, this.get_function),
        ("ListTriggers", "GET", triggers, this.list_triggers),
        ("GetTrigger", "GET", _TRIGGER, this.get_trigger),
        ("GetAsyncInvokeConfig", "GET", config, this.get_async_invoke_config),
        ("ListAsyncInvokeConfigs", "GET", configs, this.list_async_invoke_configs),
        ("GetConcurrencyConfig", "GET", concurrency, this.get_concurrency_config),
    )
    empty = (
        ("ListVpcBindings", rf"{_ONE}/vpc-bindings", "vpcIds"),
        ("ListAliases", rf"{_ONE}/aliases", "aliases"),
        ("ListFunctionVersions", rf"{_ONE}/versions", "versions"),
        ("ListScalingConfigs", "/2023-03-30/scaling-configs", "scalingConfigs"),
    )
    absent = (
        ("GetScalingConfig", rf"{_ONE}/scaling-config", "ScalingConfig"),
        ("GetProvisionConfig", rf"{_ONE}/provision-config", "ProvisionConfig"),
    )
    return [
        *(Operation(name, how, path, do, deploys=True) for name, how, path, do in deploying),
        *(Operation(*each) for each in reading),
        *(Operation(name, "GET", path, partial(this.none_of, of)) for name, path, of in empty),
        *(Operation(name, "GET", path, partial(this.no_config, of)) for name, path, of in absent),
    ]
