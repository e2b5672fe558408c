"""@alicloud/fc20230330, the official SDK of Function Compute for Node, against devcloud."""

import base64

import pytest

from devcloud import DevCloud
from tests.clients.node_scripts import run_node
from tests.devcloud.deployer import THIS_PYTHON, echo

pytestmark = pytest.mark.node


def test_json_bodies_of_the_generic_client() -> None:
    """By @alicloud/openapi-core alone; its JSON comes in chunks, and may hold any script."""
    description = '\u5bc6\u94a5 \U0001f511 "quoted" \\'
    with DevCloud(allow_deploy=True, pythons=THIS_PYTHON) as cloud:
        seen = run_node(
            "json.js",
            cloud.deployer_credentials(),
            {
                "FC_ENDPOINT": cloud.fc_endpoint,
                "CODE": base64.b64encode(echo()).decode(),
                "DESCRIPTION": description,
            },
        )

    assert {"description": description, "timeout": 9, "refused": "InvalidArgument"} == seen


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
