"""What callers may do: policies evaluated, over HTTP and by themselves; AssumeRole."""

import json
from typing import Any

import pytest
from alibabacloud_sts20150401 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from darabonba.runtime import RuntimeOptions

from devcloud import Credentials, DevCloud
from devcloud.ram.exceptions import UnsupportedPolicy
from devcloud.ram.policy import Policy, is_allowed
from devcloud.ram.roles import trusted_principals
from tests.devcloud.clients import RawRequest, sts_client
from tests.devcloud.conftest import ENS_POLICY
from tests.paths import PROJECT

TRUSTS_THE_ACCOUNT = {
    "Version": "1",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"RAM": ["acs:ram::1234567890123456:root"]},
        }
    ],
}


def policy(*statements: tuple[str, str | list[str], str | list[str]]) -> Policy:
    return Policy.parse(
        {
            "Version": "1",
            "Statement": [
                {"Effect": effect, "Action": action, "Resource": resource}
                for effect, action, resource in statements
            ],
        }
    )


@pytest.mark.parametrize(
    ("evaluated", "allowed"),
    [
        pytest.param(policy(("Allow", "ens:ImportKeyPair", "*")), True, id="named"),
        pytest.param(policy(("Allow", "ens:*", "*")), True, id="all of the service"),
        pytest.param(policy(("Allow", "*", "*")), True, id="everything"),
        pytest.param(policy(("Allow", "ens:Import*Pair", "*")), True, id="a star within"),
        pytest.param(policy(("Allow", "ens:ImportKeyPai?", "*")), True, id="a question mark"),
        pytest.param(policy(("Allow", "ENS:importkeypair", "*")), True, id="actions in any case"),
        pytest.param(policy(("Allow", ["x:y", "ens:ImportKeyPair"], ["*"])), True, id="lists"),
        pytest.param(policy(("Allow", "ens:DescribeKeyPairs", "*")), False, id="another action"),
        pytest.param(policy(("Allow", "ens:ImportKeyPairs", "*")), False, id="a longer name"),
        pytest.param(policy(("Allow", "ens.ImportKeyPair", "*")), False, id="a dot is a dot"),
        pytest.param(policy(("Allow", "ens:*", "acs:ens:*")), False, id="another resource"),
        pytest.param(
            policy(("Allow", "*", "*"), ("Deny", "ens:Import*", "*")), False, id="Deny wins"
        ),
        pytest.param(
            policy(("Deny", "ens:Delete*", "*"), ("Allow", "*", "*")), True, id="Deny of another"
        ),
    ],
)
def test_a_policy_decides(evaluated: Policy, allowed: bool) -> None:  # noqa: FBT001 - a column
    """At least one Allow covers the action, and no Deny does."""
    assert allowed == is_allowed([evaluated], "ens:ImportKeyPair", "*")


def test_nothing_said_is_denied() -> None:
    """A principal without a policy may do nothing."""
    assert not is_allowed([], "ens:ImportKeyPair", "*")


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"Version": "2", "Statement": []}, id="another version"),
        pytest.param({"Version": "1"}, id="no statement"),
        pytest.param({"Version": "1", "Statement": [{"Effect": "Allow"}]}, id="no action"),
        pytest.param(
            {"Version": "1", "Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]},
            id="another effect",
        ),
        pytest.param(
            {
                "Version": "1",
                "Statement": [
                    {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {}}}
                ],
            },
            id="a condition",
        ),
    ],
)
def test_a_policy_that_cannot_be_judged_is_refused(document: dict[str, Any]) -> None:
    """What devcloud does not evaluate, it does not pretend to."""
    with pytest.raises(UnsupportedPolicy):
        Policy.parse(document)


@pytest.mark.parametrize(
    ("action", "status"),
    [("ImportKeyPair", 400), ("DescribeKeyPairs", 200), ("DeleteKeyPairs", 403)],
)
def test_the_projects_role_may_do_two_things(action: str, status: int) -> None:
    """deploy/role-policy.json: import and describe; 400 is for the parameters not given."""
    with DevCloud(project=PROJECT) as cloud:
        request = RawRequest(cloud.ens_endpoint, headers={"x-acs-action": action})

        assert status == request.signed(cloud.role_credentials()).send().status


def test_a_refusal_names_the_missing_action() -> None:
    """As Alibaba Cloud documents it: Forbidden.RAM, 403, with AccessDeniedDetail."""
    denies = {
        "Version": "1",
        "Statement": [
            *ENS_POLICY["Statement"],
            {"Effect": "Deny", "Action": "ens:ImportKeyPair", "Resource": "*"},
        ],
    }
    with DevCloud(role_policy=denies) as cloud:
        request = RawRequest(cloud.ens_endpoint, headers={"x-acs-action": "ImportKeyPair"})
        answer = request.signed(cloud.role_credentials()).send()

    assert (403, "Forbidden.RAM") == (answer.status, answer.code)
    assert "ens:ImportKeyPair" == answer.json["AccessDeniedDetail"]["AuthAction"]


def assume(cloud: DevCloud, caller: Credentials, **parameters: Any) -> Any:
    request = {"role_arn": cloud.role_arn, "role_session_name": "test", **parameters}
    client = sts_client(cloud.sts_endpoint, caller)
    return client.assume_role_with_options(
        models.AssumeRoleRequest(**request), RuntimeOptions()
    ).body


def test_a_trusted_user_becomes_the_role() -> None:
    """STS's credentials work at ENS, and carry the role's permissions."""
    with DevCloud(role_policy=ENS_POLICY, trust_policy=TRUSTS_THE_ACCOUNT) as cloud:
        body = assume(cloud, cloud.user_credentials(), duration_seconds=900)
        session = Credentials(
            body.credentials.access_key_id,
            body.credentials.access_key_secret,
            body.credentials.security_token,
        )
        request = RawRequest(cloud.ens_endpoint, headers={"x-acs-action": "DescribeKeyPairs"})

        assert body.assumed_role_user.arn.endswith("/test")
        assert body.credentials.expiration.endswith("Z")
        assert 200 == request.signed(session).send().status


def test_a_role_for_fc_alone_is_closed_to_users() -> None:
    """deploy/trust-policy.json trusts the service, and nobody else."""
    with DevCloud(project=PROJECT) as cloud:
        with pytest.raises(ClientException) as refusal:
            assume(cloud, cloud.user_credentials())

        assert (403, "NoPermission") == (refusal.value.status_code, refusal.value.code)


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        pytest.param({"role_arn": "acs:ram::1:role/x"}, 404, "EntityNotExist.Role", id="no role"),
        pytest.param(
            {"role_session_name": "a b"}, 400, "InvalidParameter.RoleSessionName", id="a name"
        ),
        pytest.param(
            {"duration_seconds": 899}, 400, "InvalidParameter.DurationSeconds", id="too short"
        ),
        pytest.param(
            {"duration_seconds": 3601}, 400, "InvalidParameter.DurationSeconds", id="too long"
        ),
    ],
)
def test_sts_refuses_what_breaks_a_rule(parameters: dict[str, Any], status: int, code: str) -> None:
    """Sessions last 15 minutes to an hour and have a name."""
    with (
        DevCloud(role_policy=ENS_POLICY, trust_policy=TRUSTS_THE_ACCOUNT) as cloud,
        pytest.raises(ClientException) as refusal,
    ):
        assume(cloud, cloud.user_credentials(), **parameters)

    assert (status, code) == (refusal.value.status_code, refusal.value.code)


def test_a_session_policy_is_refused_not_ignored() -> None:
    """A session cannot be narrowed here, so none is made."""
    with DevCloud(role_policy=ENS_POLICY, trust_policy=TRUSTS_THE_ACCOUNT) as cloud:
        request = RawRequest(
            cloud.sts_endpoint,
            query={
                "RoleArn": cloud.role_arn,
                "RoleSessionName": "test",
                "Policy": json.dumps(ENS_POLICY),
            },
            headers={"x-acs-action": "AssumeRole", "x-acs-version": "2015-04-01"},
        )

        assert 501 == request.signed(cloud.user_credentials()).send().status


def test_the_role_may_not_assume_roles() -> None:
    """Assuming a role is an action too, and the role's policy does not have it."""
    with (
        DevCloud(role_policy=ENS_POLICY, trust_policy=TRUSTS_THE_ACCOUNT) as cloud,
        pytest.raises(ClientException) as refusal,
    ):
        assume(cloud, cloud.role_credentials())

    assert "Forbidden.RAM" == refusal.value.code


def test_tells_who_calls() -> None:
    """GetCallerIdentity names the account and the principal."""
    with DevCloud(role_policy=ENS_POLICY) as cloud:
        client = sts_client(cloud.sts_endpoint, cloud.user_credentials())
        body = client.get_caller_identity_with_options(RuntimeOptions()).body

    assert "acs:ram::1234567890123456:user/developer" == body.arn


def test_trust_is_read_for_accounts_and_services() -> None:
    """Both kinds of principal that the project's documents use."""
    services = json.loads((PROJECT / "deploy" / "trust-policy.json").read_text(encoding="utf-8"))

    assert (frozenset(), frozenset({"fc.aliyuncs.com"})) == trusted_principals(services)
    with pytest.raises(UnsupportedPolicy):
        trusted_principals({"Statement": [{"Effect": "Deny", "Action": "sts:AssumeRole"}]})
