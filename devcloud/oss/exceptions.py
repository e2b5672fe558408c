"""
The errors of OSS, with the status and the sentence that its manual gives for each code.

What devcloud leaves out has a message of its own.
"""

from devcloud.http_message import ServiceError
from devcloud.ram.models import ACCOUNT_ID, Principal

MESSAGES = {
    "AccessDenied": "You have no right to access this object because of bucket acl.",
    "BadDigest": "The Content-MD5 you specified did not match what we received.",
    "EntityTooLarge": "Your proposed upload exceeds the maximum allowed size.",
    "FileAlreadyExists": "The object you specified already exists and can not be overwritten.",
    "InternalError": "Please contact the server administrator, oss@service.aliyun.com.",
    "InvalidAccessKeyId": "The OSS Access Key Id you provided does not exist in our records.",
    "InvalidArgument": "An argument is not valid.",
    "InvalidBucketName": "The specified bucket is not valid.",
    "InvalidDigest": "The Content-MD5 you specified was invalid.",
    "InvalidObjectName": "The specified object is not valid.",
    "InvalidSecurityToken": "The security token you provided is invalid.",
    "NoSuchBucket": "The specified bucket does not exist.",
    "NoSuchKey": "The specified key does not exist.",
    "PreconditionFailed": "At least one of the pre-conditions you specified did not hold.",
    "RequestTimeTooSkewed": (
        "The difference between the request time and the current time is too large."
    ),
    "SecurityTokenExpired": "The security token you provided has expired.",
    "ServiceUnavailable": "Please reduce your request rate.",
    "SignatureDoesNotMatch": (
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method."
    ),
}


def access_denied(message: str = "") -> ServiceError:
    """The caller is nobody, or what the signature covers is over."""
    return ServiceError(403, "AccessDenied", message)


def not_allowed(caller: Principal, ram_action: str) -> ServiceError:
    """No policy of the caller allows the action on the resource."""
    detail = {
        "PolicyType": "AccountLevelIdentityBasedPolicy",
        "AuthPrincipalOwnerId": ACCOUNT_ID,
        "AuthPrincipalType": caller.kind,
        "AuthPrincipalDisplayName": caller.name,
        "NoPermissionType": "ImplicitDeny",
        "AuthAction": ram_action,
    }
    return ServiceError(
        403,
        "AccessDenied",
        "You have no right to access this object.",
        details={"AccessDeniedDetail": detail},
    )


def invalid_access_key_id(access_key_id: str) -> ServiceError:
    """The key was never issued, or is a temporary one sent without its token."""
    return ServiceError(403, "InvalidAccessKeyId", details={"OSSAccessKeyId": access_key_id})


def invalid_security_token() -> ServiceError:
    """The token is another key's, or nobody's."""
    return ServiceError(403, "InvalidSecurityToken")


def security_token_expired() -> ServiceError:
    """The session is over."""
    return ServiceError(403, "SecurityTokenExpired")


def request_time_too_skewed(request_time: str, server_time: str, allowed_ms: int) -> ServiceError:
    """The signature is too old, or from the future."""
    times = {"RequestTime": request_time, "ServerTime": server_time}
    details = {"MaxAllowedSkewMilliseconds": str(allowed_ms), **times}
    return ServiceError(403, "RequestTimeTooSkewed", details=details)


def signature_does_not_match(
    access_key_id: str, signature: str, string_to_sign: str
) -> ServiceError:
    """
    The secret, or the request, is another one.

    OSS also shows its canonical request. devcloud does not: the security token is in it.
    """
    details = {
        "OSSAccessKeyId": access_key_id,
        "SignatureProvided": signature,
        "StringToSign": string_to_sign,
    }
    return ServiceError(403, "SignatureDoesNotMatch", details=details)


def invalid_argument(name: str, value: str, message: str) -> ServiceError:
    """A parameter or header cannot be read."""
    details = {"ArgumentName": name, "ArgumentValue": value}
    return ServiceError(400, "InvalidArgument", message, details=details)


def invalid_digest() -> ServiceError:
    """Content-MD5 is no base64 of 16 bytes."""
    return ServiceError(400, "InvalidDigest")


def bad_digest() -> ServiceError:
    """The body is not the one that Content-MD5 was computed of."""
    return ServiceError(400, "BadDigest")


def invalid_bucket_name(bucket: str) -> ServiceError:
    """3 to 63 small letters, digits and hyphens, a letter or digit at both ends."""
    return ServiceError(400, "InvalidBucketName", details={"BucketName": bucket})


def invalid_object_name() -> ServiceError:
    """1 to 1023 bytes of UTF-8, without a slash or backslash at the start."""
    return ServiceError(400, "InvalidObjectName")


def no_such_bucket(bucket: str) -> ServiceError:
    """The account has no bucket of this name."""
    return ServiceError(404, "NoSuchBucket", details={"BucketName": bucket})


def no_such_key(key: str) -> ServiceError:
    """The bucket holds no such object."""
    return ServiceError(404, "NoSuchKey", details={"Key": key})


def file_already_exists() -> ServiceError:
    """x-oss-forbid-overwrite was asked for, and there is an object."""
    return ServiceError(409, "FileAlreadyExists")


def precondition_failed(condition: str) -> ServiceError:
    """If-Match names another ETag than the object's."""
    return ServiceError(412, "PreconditionFailed", details={"Condition": condition})


def not_implemented(what: str) -> ServiceError:
    """Something that OSS does and devcloud does not."""
    return ServiceError(501, "NotImplemented", f"devcloud does not emulate {what}.")
