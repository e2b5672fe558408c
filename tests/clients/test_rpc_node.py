"""The generic clients for Node of Alibaba Cloud's RPC-style APIs, against devcloud's ENS."""

import pytest

from devcloud import DevCloud
from tests.clients.node_scripts import run_node
from tests.devcloud.conftest import ENS_POLICY

pytestmark = pytest.mark.node


def test_parameters_in_query_and_form() -> None:
    """By @alicloud/openapi-core (ACS3, forms in chunks) and by pop-core (RPC V1)."""
    with DevCloud(role_policy=ENS_POLICY) as cloud:
        environment = {"ENS_ENDPOINT": cloud.ens_endpoint}
        seen = run_node("rpc.js", cloud.role_credentials(900), environment)
        names = [pair.name for pair in cloud.key_pairs]

    assert ["by-query", "by-form", "by-pop-GET", "by-pop-POST"] == list(seen.values()) == names
