"""
The errors of ENS's key-pair actions.

The first ten are documented for ImportKeyPair, all with HTTP 400. The rest are devcloud's guesses:
the manual does not say what ENS answers for a taken name, or for a name that is not there.
"""

from devcloud.http_message import ServiceError

MESSAGES = {
    "MissingParameter": (
        "The input parameter that is mandatory for processing this request is not supplied."
    ),
    "NoPermission": "Permission denied.",
    "InvalidParameter.%s": "The specified field %s invalid. Please check it again.",
    "InvalidParameter": "The errorMessage is %s. Please check it again.",
    "InvalidSecurityGroupId.NotFound": "The specified SecurityGroupId does not exist.",
    "SecurityGroupRuleConflict.Duplicated": "The SecurityGroup rule already exists.",
    "AuthorizationLimitExceed": (
        "The limit of authorization records in the security group reaches."
    ),
    "ens.interface.error": "An error occurred while calling the API.",
    "CallInterface": "Call Interface Happen Error.",
    "InvalidPublicKeyBody.Malformed": "The PublicKeyBody format is not supported.",
    # guesses
    "InvalidKeyPairName.Duplicate": "The specified KeyPairName already exists.",
    "InvalidKeyPairName.NotFound": "The specified KeyPairName does not exist.",
}


def missing_parameter() -> ServiceError:
    """A mandatory parameter is absent or empty."""
    return ServiceError(400, "MissingParameter")


def invalid_parameter(name: str) -> ServiceError:
    """A parameter breaks its rule."""
    message = MESSAGES["InvalidParameter.%s"].replace("%s", name)
    return ServiceError(400, f"InvalidParameter.{name}", message)


def malformed_public_key() -> ServiceError:
    """The public key is not one ssh-rsa key."""
    return ServiceError(400, "InvalidPublicKeyBody.Malformed")


def duplicate_key_pair_name() -> ServiceError:
    """The name is in use; only where duplicate names are refused."""
    return ServiceError(400, "InvalidKeyPairName.Duplicate")


def key_pair_not_found() -> ServiceError:
    """No key pair has this id or name."""
    return ServiceError(400, "InvalidKeyPairName.NotFound")
