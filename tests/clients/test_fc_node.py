"""@alicloud/fc20230330, the official SDK of Function Compute for Node, against devcloud."""

import base64

import pytest

from devcloud import DevCloud
from tests.clients.node_scripts import run_node
from tests.devcloud.deployer import THIS_PYTHON, echo

pytestmark = pytest.mark.node


def test_the_life_of_a_function() -> None:
    """Created, invoked both ways, updated, deleted; its bodies come in chunks."""
    with DevCloud(allow_deploy=True, pythons=THIS_PYTHON) as cloud:
        seen = run_node(
            "fc.js",
            cloud.deployer_credentials(),
            {"FC_ENDPOINT": cloud.fc_endpoint, "CODE": base64.b64encode(echo()).decode()},
        )

    assert {
        "answer": "1:event",
        "accepted": 202,
        "timeout": 9,
        "gone": "FunctionNotFound",
    } == seen
