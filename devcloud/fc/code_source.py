"""Where uploaded code comes from: the temporary bucket, another bucket, or the request itself."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devcloud.fc import documents, exceptions
from devcloud.fc.exchange import Exchange
from devcloud.fc.packages import Code, unpacked
from devcloud.http_message import Response, ServiceError
from devcloud.oss.crc64 import crc64
from devcloud.oss.storage import ObjectStorage
from devcloud.ram.models import ACCOUNT_ID, Keyring, Principal
from devcloud.ram.policy import Policy, is_allowed

TEMP_BUCKET = "temp-bucket"
TOKEN_SECONDS = 3600
KEPT_PACKAGES = 8  # the temporary bucket forgets the oldest beyond these
MAX_PACKAGE_BYTES = 64 << 20  # what devcloud's OSS takes


class CodeSource:
    """Fetch packages and unpack them; give out the right to upload one."""

    def __init__(self, oss: ObjectStorage, keyring: Keyring, root: Path, region: str) -> None:
        """Unpack into new folders under ``root``."""
        self._oss = oss
        self._keyring = keyring
        self._root = root
        self._region = region

    def temp_bucket_token(self, _exchange: Exchange) -> Response:
        """Answer credentials that may put one object, of a new name, into the temporary bucket."""
        uploaded = sorted(
            self._oss.buckets.create(TEMP_BUCKET), key=lambda each: each.last_modified
        )
        for old in uploaded[: -KEPT_PACKAGES + 1]:
            self._oss.buckets.get(TEMP_BUCKET).remove(old.key)
        name = f"obj-{secrets.token_hex(8)}"  # clients put the account's number in front
        uploader = _uploader(f"{ACCOUNT_ID}/{name}", self._region)
        credentials = self._keyring.issue_session(uploader, TOKEN_SECONDS)
        ends = credentials.expiration
        content = {
            "credentials": {
                "AccessKeyId": credentials.access_key_id,
                "AccessKeySecret": credentials.access_key_secret,
                "SecurityToken": credentials.security_token,
                "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ") if ends else None,
            },
            "ossRegion": self._region,
            "ossBucket": TEMP_BUCKET,
            "objectName": name,
            "codeSizeLimit": MAX_PACKAGE_BYTES,
        }
        return Response.of_json(200, content)

    def fetch(self, source: Mapping[str, Any], caller: Principal) -> Code:
        """
        Fetch and unpack what ``code`` of a document names.

        Raises:
            InvalidSpec: it names nothing, or the package is not the one of its ``checksum``.
            ServiceError: the object is not there, or not the caller's to read; or the package
                cannot be unpacked.
        """
        if source.get("zipFile"):
            package = _decoded(documents.text(source, "zipFile"))
            checksum = str(crc64(package))
        else:
            package, checksum = self._stored(source, caller)
        if source.get("checksum") and documents.text(source, "checksum") != checksum:
            raise exceptions.InvalidSpec("checksum is not the CRC-64 of the package")
        try:
            return unpacked(package, checksum, self._root)
        except exceptions.InvalidPackage as error:
            raise exceptions.invalid_argument(str(error)) from error

    def _stored(self, source: Mapping[str, Any], caller: Principal) -> tuple[bytes, str]:
        bucket = documents.text(source, "ossBucketName")
        key = documents.text(source, "ossObjectName")
        arn = f"acs:oss:{self._region}:{ACCOUNT_ID}:{bucket}/{key}"
        # FC itself reads the temporary bucket; its objects' names are known to who uploaded them.
        if bucket != TEMP_BUCKET and not is_allowed(caller.policies, "oss:GetObject", arn):
            raise exceptions.not_allowed(caller, "oss:GetObject", arn)
        try:
            stored = self._oss.buckets.get(bucket).get(key)
        except ServiceError as error:
            raise exceptions.invalid_argument(
                f"The code cannot be fetched from OSS: {error.code}."
            ) from error
        return stored.body, str(stored.crc64)


def _decoded(zip_file: str) -> bytes:
    try:
        return base64.b64decode(zip_file, validate=True)
    except (binascii.Error, ValueError):
        raise exceptions.InvalidSpec("zipFile is not base64") from None


def _uploader(key: str, region: str) -> Principal:
    """Describe a session that may put one object and do nothing else."""
    arn = f"acs:oss:{region}:{ACCOUNT_ID}:{TEMP_BUCKET}/{key}"
    statement = {"Effect": "Allow", "Action": "oss:PutObject", "Resource": arn}
    return Principal(
        kind="AssumedRoleUser",
        name="devcloud-temp-bucket:upload",
        arn=f"acs:ram::{ACCOUNT_ID}:assumed-role/devcloud-temp-bucket/upload",
        policies=(Policy.parse({"Version": "1", "Statement": [statement]}),),
    )
