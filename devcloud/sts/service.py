"""What STS listens for: two actions of version 2015-04-01."""

from collections.abc import Mapping
from functools import partial

from devcloud.ram.authentication import Authenticator
from devcloud.ram.models import Keyring
from devcloud.ram.roles import Role
from devcloud.rpc import Operation, Product, RpcService
from devcloud.sts import exceptions, responses

VERSION = "2015-04-01"
HOST_ID = "sts.aliyuncs.com"


def sts_service(
    roles: Mapping[str, Role], keyring: Keyring, authenticator: Authenticator
) -> RpcService:
    """Make the service; ``roles`` by ARN. What STS keeps, the sessions, is in the keyring."""
    operations = {
        "AssumeRole": Operation(
            partial(responses.assume_role, roles, keyring),
            resource=lambda parameters: parameters.get("RoleArn", ""),
        ),
        "GetCallerIdentity": Operation(responses.get_caller_identity),
    }
    return RpcService(
        Product("sts", VERSION, HOST_ID, operations, exceptions.MESSAGES), authenticator
    )
