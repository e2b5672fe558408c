"""Who may deploy: the start's permission, the signature, and RAM."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from devcloud import DevCloud
from tests.devcloud.deployer import THIS_PYTHON, Deployer, echo
from tests.devcloud.test_fc_api import refusal


def test_nothing_is_deployed_unless_the_start_allows_it(probe: DevCloud) -> None:
    """403 even for who may by RAM; what runs can be read and invoked."""
    deployer = Deployer(probe)

    assert (403, "AccessDenied") == refusal(lambda: deployer.create(echo()))
    assert (403, "AccessDenied") == refusal(lambda: deployer.update("probe-test"))
    assert (403, "AccessDenied") == refusal(lambda: deployer.client.delete_function("probe-test"))
    assert 200 == deployer.invoke(b"", "probe-test").status_code


@pytest.mark.parametrize(
    ("caller", "status", "code"),
    [
        pytest.param(lambda c: c.user_credentials(), 403, "AccessDenied", id="may only invoke"),
        pytest.param(
            lambda c: replace(c.deployer_credentials(), access_key_secret="x"),
            400,
            "SignatureDoesNotMatch",
            id="wrong secret",
        ),
        pytest.param(
            lambda c: replace(c.deployer_credentials(), access_key_id="LTAIx"),
            404,
            "InvalidAccessKeyId.NotFound",
            id="unknown key",
        ),
    ],
)
def test_signature_and_permission(
    caller: Callable[[DevCloud], object], status: int, code: str
) -> None:
    """Checked before anything is unpacked."""
    with DevCloud(allow_deploy=True, pythons=THIS_PYTHON) as cloud:
        deployer = Deployer(cloud, caller(cloud))  # type: ignore[arg-type]

        assert (status, code) == refusal(lambda: deployer.create(echo()))
        assert [] == list(cloud._code_root.iterdir())
