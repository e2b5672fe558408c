"""
devcloud: an Alibaba Cloud on the developer's own machine, for the official SDKs to talk to.

    with DevCloud() as cloud:
        config = Config(endpoint=cloud.ens_endpoint.removeprefix("http://"), protocol="http", ...)

README.md beside this file says what is emulated, and what differs from the real cloud.
"""

from devcloud.cloud import DevCloud
from devcloud.ens.models import KeyPair
from devcloud.faults import Fault
from devcloud.fc.function import InvocationResult
from devcloud.fc.spec import FunctionSpec, HttpTrigger
from devcloud.journal import Call
from devcloud.ram.identities import Credentials

__all__ = [
    "Call",
    "Credentials",
    "DevCloud",
    "Fault",
    "FunctionSpec",
    "HttpTrigger",
    "InvocationResult",
    "KeyPair",
]
