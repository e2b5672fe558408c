"""The errors of STS's actions, with the messages that its manual has. Their shape is rpc.py's."""

from devcloud.http_message import ServiceError

MESSAGES = {
    "EntityNotExist.Role": "The role not exists.",
    "InvalidParameter.RoleArn": "The parameter RoleArn is wrongly formed.",
    "InvalidParameter.RoleSessionName": "The parameter RoleSessionName is wrongly formed.",
    "InvalidParameter.DurationSeconds": "The Min/Max value of DurationSeconds is 15min/1hr.",
    "NoPermission": "You are not authorized to do this action. You should be authorized by RAM.",
}


def role_not_found() -> ServiceError:
    """No role has this ARN."""
    return ServiceError(404, "EntityNotExist.Role")


def invalid_parameter(name: str) -> ServiceError:
    """A parameter breaks its rule."""
    return ServiceError(400, f"InvalidParameter.{name}")


def not_trusted() -> ServiceError:
    """The role's trust policy does not name the caller."""
    return ServiceError(403, "NoPermission")


def session_policies_not_implemented() -> ServiceError:
    """A session is to be narrowed by a policy of its own."""
    return ServiceError(501, "NotImplemented", "devcloud narrows no session by a Policy.")
