"""The two official OSS SDKs, pointed at devcloud; and single requests, signed by the newer one."""

import time
import warnings
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from xml.etree import ElementTree as ET

import alibabacloud_oss_v2 as oss
from alibabacloud_oss_v2.signer import SignerV4
from alibabacloud_oss_v2.types import HttpRequest, SigningContext

from devcloud import Credentials
from tests.devcloud.clients import Answer, RawRequest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # invalid escapes, told of whenever oss2 has to be compiled
    import oss2 as oss2  # noqa: PLC0414 - tests take it from here, without those warnings

REGION = "cn-hangzhou"
BUCKET = "uploads"


def new_client(endpoint: str, credentials: Credentials, **settings: Any) -> Any:
    """Make a client of the current SDK, alibabacloud_oss_v2; it does not retry."""
    provider = oss.credentials.StaticCredentialsProvider(
        credentials.access_key_id, credentials.access_key_secret, credentials.security_token
    )
    defaults = {
        "region": REGION,
        "endpoint": endpoint,
        "credentials_provider": provider,
        "retry_max_attempts": 1,
    }
    return oss.Client(oss.Config(**{**defaults, **settings}))


def old_bucket(
    endpoint: str, credentials: Credentials, version: str = "v4", name: str = BUCKET
) -> Any:
    """Make the bucket in the older SDK, oss2; it signs V1 where it is not told otherwise."""
    provider = oss2.credentials.StaticCredentialsProvider(
        credentials.access_key_id, credentials.access_key_secret, credentials.security_token
    )
    auth = {"v1": oss2.ProviderAuth, "v4": oss2.ProviderAuthV4}[version](provider)
    return oss2.Bucket(auth, endpoint, name, region=REGION)


def old_listing(bucket: Any, **parameters: Any) -> list[Any]:
    """List a bucket of the older SDK with ListObjectsV2, page by page."""
    return list(oss2.ObjectIteratorV2(bucket, **parameters))


def signed(
    request: RawRequest,
    credentials: Credentials,
    *,
    in_query: bool = False,
    moment: float | None = None,
    additional_headers: tuple[str, ...] = (),
    bucket: str | None = None,
) -> RawRequest:
    """
    Sign as the newer SDK does, by its own signer.

    The path is ``/BUCKET/KEY``, or, where the bucket is given, ``/KEY``; its key is not encoded.
    """
    in_path, _, key = request.path.removeprefix("/").partition("/")
    if bucket is not None:
        in_path, key = bucket, request.path.removeprefix("/")
    query = f"?{urlencode(request.query, quote_via=quote)}" if request.query else ""
    http_request = HttpRequest(request.method, f"{request.endpoint}{quote(request.path)}{query}")
    http_request.headers.update(request.headers)
    context = SigningContext(
        product="oss",
        region=REGION,
        bucket=in_path or None,
        key=key,
        request=http_request,
        credentials=oss.credentials.Credentials(
            credentials.access_key_id, credentials.access_key_secret, credentials.security_token
        ),
        signing_time=datetime.fromtimestamp(moment or time.time(), timezone.utc),
        additional_headers=set(additional_headers),
    )
    context.auth_method_query = in_query
    SignerV4().sign(context)
    return replace(
        request,
        path=quote(request.path),
        query=dict(parse_qsl(urlsplit(http_request.url).query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in http_request.headers.items()},
    )


def error_of(answer: Answer) -> dict[str, str]:
    """Read an error document's elements."""
    root = ET.fromstring(answer.body)  # noqa: S314 - devcloud's own
    assert "Error" == root.tag
    return {element.tag: element.text or "" for element in root}
