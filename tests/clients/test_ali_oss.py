"""ali-oss, the official OSS client for Node, against devcloud."""

from collections.abc import Iterator

import pytest

from devcloud import DevCloud
from tests.clients.node_scripts import run_node

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def cloud() -> Iterator[DevCloud]:
    with DevCloud() as running:
        yield running


def test_an_object_comes_back(cloud: DevCloud) -> None:
    """What ali-oss puts, it gets."""
    seen = run_node(
        "ali-oss.js",
        cloud.user_credentials(),
        {"OSS_ENDPOINT": cloud.oss_endpoint, "OSS_BUCKET": cloud.upload_bucket},
    )

    assert {"read": "ssh-rsa AAAA"} == seen
