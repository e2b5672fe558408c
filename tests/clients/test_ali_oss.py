"""ali-oss, the official OSS client for Node, against devcloud."""

from typing import Any

import pytest

from devcloud import DevCloud
from tests.clients.node_scripts import run_node

pytestmark = pytest.mark.node

ALLOW_ALL = {"Effect": "Allow", "Action": "oss:*", "Resource": "*"}
KEY = "keys/a b+中.pub"


@pytest.mark.parametrize("signature", ["v1", "v4"])
@pytest.mark.parametrize("who", ["user", "role"])
def test_ordinary_code(signature: str, who: str) -> None:
    """Objects, streams, copies, listings, parts, signed URLs, buckets; with and without a token."""
    policy = {"Version": "1", "Statement": [ALLOW_ALL]}
    with DevCloud(role_policy=policy) as cloud:
        credentials = cloud.user_credentials() if who == "user" else cloud.role_credentials()
        seen = run_node(
            "ali-oss.js",
            credentials,
            {
                "OSS_ENDPOINT": cloud.oss_endpoint,
                "OSS_BUCKET": cloud.upload_bucket,
                "OSS_SIGNATURE": signature,
            },
        )
        kept = set(cloud.objects())

    expected: dict[str, Any] = {
        "read": "ssh-rsa",
        "part": "rsa",
        "meta": {"who": "alice"},
        "length": "7",
        "streamed": "in chunks",
        "copied": {"who": "bob"},
        "type": "text/x",
        "missing": [404, "NoSuchKey"],
        "listed": [["copy", "file"], [KEY, "streamed", "typed"]],
        "folders": ["keys/"],
        "listedV2": [["copy", "file"], [KEY, "streamed", "typed"]],
        "deleted": ["copy", "typed", "file", "streamed"],
        "quiet": [],
        "big": True,
        "bigCopy": True,
        "parts": str(100 * 1024),
        "uploads": ["given up"],
        "uploadsLeft": [],
        "putByUrl": 200,
        "getByUrl": ["by URL", "text/x" if signature == "v1" else "application/octet-stream"],
        "grant": "private",
        "buckets": ["made-by-node"],
    }
    assert expected == seen
    assert {KEY, "big", "big copy", "signed"} == kept
