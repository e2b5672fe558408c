"""Who may deploy: the start's permission, the signature, and RAM."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from devcloud import Credentials, DevCloud
from tests.devcloud.deployer import THIS_PYTHON, Deployer, echo
from tests.devcloud.test_fc_api import refusal

ROLE = "acs:ram::1234567890123456:role/ens-key-import"


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
    caller: Callable[[DevCloud], Credentials], status: int, code: str
) -> None:
    """Checked before anything is unpacked."""
    with DevCloud(allow_deploy=True, pythons=THIS_PYTHON) as cloud:
        deployer = Deployer(cloud, caller(cloud))

        assert (status, code) == refusal(lambda: deployer.create(echo()))
        assert [] == list(cloud.code_folder.iterdir())


def allowing(action: str, resource: str) -> dict[str, object]:
    """Write a policy: all of FC, and one thing of RAM."""
    statements = [
        {"Effect": "Allow", "Action": "fc:*", "Resource": "*"},
        {"Effect": "Allow", "Action": action, "Resource": resource},
    ]
    return {"Version": "1", "Statement": statements}


@pytest.mark.parametrize(
    ("policy", "role"),
    [
        pytest.param(allowing("ram:PassRole", ROLE), ROLE, id="this role"),
        pytest.param(allowing("ram:PassRole", "*"), ROLE, id="any role"),
        pytest.param(allowing("ram:GetRole", "*"), "", id="no role to pass"),
    ],
)
def test_a_function_gets_a_role_that_its_maker_may_pass(
    policy: dict[str, object], role: str
) -> None:
    """By CreateFunction and by UpdateFunction."""
    with DevCloud(allow_deploy=True, pythons=THIS_PYTHON) as cloud:
        deployer = Deployer(cloud, cloud.deployer_credentials(policy))

        assert role == deployer.create(echo(), role=role).role
        assert role == deployer.update(role=role).role


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(allowing("ram:GetRole", ROLE), id="another action"),
        pytest.param(allowing("ram:PassRole", f"{ROLE}s"), id="another role"),
    ],
)
def test_no_role_for_whoever_may_not_pass_it(policy: dict[str, object]) -> None:
    """Else whoever may deploy could do what any role may that trusts Function Compute."""
    with DevCloud(allow_deploy=True, pythons=THIS_PYTHON) as cloud:
        deployer = Deployer(cloud, cloud.deployer_credentials(policy))
        deployer.create(echo(), name="without")

        assert (403, "AccessDenied") == refusal(lambda: deployer.create(echo(), role=ROLE))
        assert (403, "AccessDenied") == refusal(lambda: deployer.update("without", role=ROLE))
