"""@alicloud/openapi-util, with which FC's manual signs, against devcloud's HTTP trigger."""

from typing import TYPE_CHECKING

import pytest

from devcloud import DevCloud
from tests.clients.node_scripts import run_node
from tests.paths import PROJECT
from tests.signing import MAY_INVOKE

if TYPE_CHECKING:
    from tests.keys.ssh_keys import SshKey

pytestmark = pytest.mark.node


@pytest.mark.parametrize("path", ["/", "/a/$b"])
@pytest.mark.parametrize("signer", ["user", "session"])
def test_the_documented_signature(key: "SshKey", signer: str, path: str) -> None:
    """The manual's recipe imports a key; the token of a user's own key is empty, and signed so."""
    with DevCloud(
        function=True, enforce_auth=True, role_policy=MAY_INVOKE, project=PROJECT
    ) as cloud:
        is_user = signer == "user"
        seen = run_node(
            "trigger.js",
            cloud.user_credentials() if is_user else cloud.role_credentials(),
            {
                "URL": cloud.function_url + path,
                "QUERY": "KeyPairName=from-node",
                "BODY": key.line,
            },
        )

        assert {"accepted": 200, "refused": 403} == seen
        assert ["from-node"] == [pair.name for pair in cloud.key_pairs]
