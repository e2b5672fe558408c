"""
The errors of Function Compute, and of what describes a function to it.

FC's are ``{"RequestId", "Code", "Message"}``. The codes of what is not there or there already are
those that Serverless Devs reads; the sentences are devcloud's.
"""

from devcloud.http_message import ServiceError
from devcloud.ram.models import Principal


class InvalidSpec(ValueError):
    """s.yaml is missing something, or says something that devcloud does not emulate."""


class InvalidPackage(ValueError):
    """An uploaded package is no zip file, or holds what must not be unpacked."""


class InvalidToken(Exception):
    """The request carries no JSON web token, or one that does not hold."""


def invalid_argument(message: str) -> ServiceError:
    """A document or header cannot be understood, or says what FC does not accept."""
    return ServiceError(400, "InvalidArgument", message)


def not_allowed(caller: Principal, action: str, resource: str) -> ServiceError:
    """No policy of the caller allows the action on the resource."""
    message = f"{caller.arn} is not allowed to do {action} on {resource}."
    return ServiceError(403, "AccessDenied", message)


def deploying_not_allowed() -> ServiceError:
    """Devcloud was not started to run what is uploaded; 403, which Serverless Devs tries once."""
    message = "devcloud was not started with --allow-deploy, so it runs no uploaded code."
    return ServiceError(403, "AccessDenied", message)


def function_not_found(name: str) -> ServiceError:
    """The account has no function of this name."""
    return ServiceError(404, "FunctionNotFound", f"function '{name}' does not exist")


def function_already_exists(name: str) -> ServiceError:
    """There is a function of this name."""
    return ServiceError(409, "FunctionAlreadyExists", f"function '{name}' already exists")


def trigger_not_found(name: str) -> ServiceError:
    """The function has no trigger of this name."""
    return ServiceError(404, "TriggerNotFound", f"trigger '{name}' does not exist")


def trigger_already_exists(name: str) -> ServiceError:
    """The function has a trigger of this name."""
    return ServiceError(409, "TriggerAlreadyExists", f"trigger '{name}' already exists")


def config_not_found(what: str, function: str) -> ServiceError:
    """The function has no such configuration; ``what`` as AsyncInvokeConfig."""
    return ServiceError(404, f"{what}NotFound", f"function '{function}' has no {what}")


def qualifier_not_found(qualifier: str) -> ServiceError:
    """There is no version and no alias but LATEST."""
    kind = "Version" if qualifier.isdecimal() else "Alias"
    return ServiceError(404, f"{kind}NotFound", f"{kind.lower()} '{qualifier}' does not exist")


def async_task_already_exists(task_id: str) -> ServiceError:
    """An asynchronous invocation with this task id was accepted before."""
    message = f"asynchronous task '{task_id}' already exists"
    return ServiceError(409, "AsyncTaskAlreadyExists", message)


def not_implemented(what: str) -> ServiceError:
    """Something that FC does and devcloud does not."""
    return ServiceError(501, "NotImplemented", f"devcloud does not emulate {what}.")
