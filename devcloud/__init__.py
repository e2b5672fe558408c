"""
devcloud: an Alibaba Cloud on the developer's own machine, for the official SDKs to talk to.

    with DevCloud() as cloud:
        config = Config(endpoint=cloud.ens_endpoint.removeprefix("http://"), protocol="http", ...)

README.md beside this file says what is emulated, and what differs from the real cloud.
"""

from devcloud.cloud import DevCloud
from devcloud.ens.models import KeyPair
from devcloud.faults import Fault
from devcloud.fc.async_invocation import AsyncInvocation
from devcloud.fc.destinations import DestinationMessage
from devcloud.fc.function import InvocationResult
from devcloud.fc.models import AsyncConfig, FunctionSpec, HttpTrigger, OssTrigger
from devcloud.journal import Call
from devcloud.oss.models import StoredObject
from devcloud.ram.models import Credentials

__all__ = [
    "AsyncConfig",
    "AsyncInvocation",
    "Call",
    "Credentials",
    "DestinationMessage",
    "DevCloud",
    "Fault",
    "FunctionSpec",
    "HttpTrigger",
    "InvocationResult",
    "KeyPair",
    "OssTrigger",
    "StoredObject",
]
