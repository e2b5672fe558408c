"""The two official OSS SDKs, set up for devcloud: V4 signatures, no retries, a fixed region."""

from typing import Any

import alibabacloud_oss_v2 as oss
import oss2

from devcloud import Credentials

REGION = "cn-hangzhou"
BUCKET = "uploads"


def new_client(endpoint: str, credentials: Credentials, region: str = REGION) -> Any:
    """Make a client of the current SDK, alibabacloud_oss_v2."""
    provider = oss.credentials.StaticCredentialsProvider(
        credentials.access_key_id, credentials.access_key_secret, credentials.security_token
    )
    config = oss.Config(
        region=region, endpoint=endpoint, credentials_provider=provider, retry_max_attempts=1
    )
    return oss.Client(config)


def old_bucket(endpoint: str, credentials: Credentials, bucket: str = BUCKET) -> Any:
    """Make a bucket of the older SDK, oss2."""
    provider = oss2.credentials.StaticCredentialsProvider(
        credentials.access_key_id, credentials.access_key_secret, credentials.security_token
    )
    return oss2.Bucket(oss2.ProviderAuthV4(provider), endpoint, bucket, region=REGION)
