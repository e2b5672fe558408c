"""What ENS listens for: four actions of version 2017-11-10, on the key pairs of the account."""

from collections.abc import Callable
from functools import partial

from devcloud.ens import exceptions, responses
from devcloud.ens.models import KeyPairs
from devcloud.ram.authentication import Authenticator
from devcloud.rpc import Operation, Product, RpcService

VERSION = "2017-11-10"
HOST_ID = "ens.aliyuncs.com"


def ens_service(
    key_pairs: KeyPairs, authenticator: Authenticator, admit: Callable[[], None]
) -> RpcService:
    """Make the service; ``admit`` is asked before each action and may raise, to throttle."""
    operations = {
        "CreateKeyPair": Operation(partial(responses.create_key_pair, key_pairs)),
        "DeleteKeyPairs": Operation(partial(responses.delete_key_pairs, key_pairs)),
        "DescribeKeyPairs": Operation(partial(responses.describe_key_pairs, key_pairs)),
        "ImportKeyPair": Operation(partial(responses.import_key_pair, key_pairs)),
    }
    product = Product("ens", VERSION, HOST_ID, operations, exceptions.MESSAGES)
    return RpcService(product, authenticator, admit)
