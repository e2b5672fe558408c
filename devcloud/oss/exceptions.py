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
    "EntityTooSmall": "Your proposed upload smaller than the minimum allowed size.",
    "InternalError": "Please contact the server administrator, oss@service.aliyun.com.",
    "InvalidAccessKeyId": "The OSS Access Key Id you provided does not exist in our records.",
    "InvalidArgument": "An argument is not valid.",
    "InvalidBucketName": "The specified bucket is not valid.",
    "InvalidDigest": "The Content-MD5 you specified was invalid.",
    "InvalidObjectName": "The specified object is not valid.",
    "InvalidPart": (
        "One or more of the specified parts could not be found or the specified entity tag might "
        "not have matched the part's entity tag."
    ),
    "InvalidPartOrder": (
        "The list of parts was not in ascending order. Parts list must be specified in order by "
        "part number."
    ),
    "InvalidRange": "The requested range cannot be satisfied.",
    "InvalidSecurityToken": "The security token you provided is invalid.",
    "MalformedXML": (
        "The XML you provided was not well-formed or did not validate against our published schema."
    ),
    "MissingArgument": "Missing Some Required Arguments.",
    "NoSuchBucket": "The specified bucket does not exist.",
    "NoSuchKey": "The specified key does not exist.",
    "NoSuchUpload": (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
        "been aborted or completed."
    ),
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
    """If-Match names another ETag than the object's, or If-Unmodified-Since an earlier time."""
    return ServiceError(412, "PreconditionFailed", details={"Condition": condition})


def invalid_range(value: str, size: int) -> ServiceError:
    """The standard reading of Range finds nothing of the object in it."""
    details = {"ActualObjectSize": str(size), "RangeHeader": value}
    return ServiceError(416, "InvalidRange", details=details)


def malformed_xml() -> ServiceError:
    """The body is not the document that the action takes."""
    return ServiceError(400, "MalformedXML")


def missing_argument(name: str) -> ServiceError:
    """A header or parameter is absent that the action cannot do without."""
    return ServiceError(400, "MissingArgument", details={"ArgumentName": name})


def no_such_upload(upload_id: str) -> ServiceError:
    """The bucket knows no such multipart upload of this key, or no longer."""
    return ServiceError(404, "NoSuchUpload", details={"UploadId": upload_id})


def invalid_part(number: int, etag: str, upload_id: str) -> ServiceError:
    """A part that is to be completed was not uploaded, or is another one by now."""
    details = {"PartNumber": str(number), "PartEtag": etag, "UploadId": upload_id}
    return ServiceError(400, "InvalidPart", details=details)


def invalid_part_order(upload_id: str) -> ServiceError:
    """Part numbers do not rise."""
    return ServiceError(400, "InvalidPartOrder", details={"UploadId": upload_id})


def entity_too_small(number: int, size: int, lowest: int) -> ServiceError:
    """A part that is not the last one is smaller than 100 KB."""
    details = {"ProposedSize": size, "MinSizeAllowed": lowest, "PartNumber": number}
    return ServiceError(
        400, "EntityTooSmall", details={name: str(value) for name, value in details.items()}
    )


def entity_too_large(size: int, highest: int) -> ServiceError:
    """The parts of an upload come to more than an object may hold."""
    details = {"MaxSizeAllowed": str(highest), "ProposedSize": str(size)}
    return ServiceError(400, "EntityTooLarge", details=details)


def not_implemented(what: str) -> ServiceError:
    """Something that OSS does and devcloud does not."""
    return ServiceError(501, "NotImplemented", f"devcloud does not emulate {what}.")
