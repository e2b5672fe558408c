"""
The function itself, deployed to devcloud through Function Compute's API by the official SDKs.

The calls are those that Serverless Devs makes, in its order: ask for the right to upload, put the
package into the temporary bucket, create, add triggers and configurations, look, invoke, update,
remove. The package is made for the Python that runs the tests, of what is installed beside it; and
`make smoke` has those of both runtimes built before, the very zips that `s deploy` uploads.
"""

from __future__ import annotations

import base64
import hmac
import io
import json
import sys
import zipfile
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import requests
from alibabacloud_fc20230330 import models as fc

from devcloud import DevCloud
from devcloud.fc.code_source import KEPT_PACKAGES
from devcloud.fc.s_yaml import read_function
from tests.clients.node_scripts import run_node
from tests.devcloud.deployer import Deployer
from tests.devcloud.oss_clients import oss2
from tests.keys.ssh_keys import make_rsa_key
from tests.paths import PROJECT
from tests.test_rehearsal import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devcloud import Credentials
    from devcloud.fc.models import Runtime
    from tests.keys.ssh_keys import SshKey

pytestmark = pytest.mark.long  # the package is made first

NAME = "ens-key-import"
ACCOUNT = "1234567890123456"
ROLE = f"acs:ram::{ACCOUNT}:role/ens-key-import"
BUCKET = "ens-key-uploads"
HTTP = json.dumps({"authType": "anonymous", "methods": ["GET", "POST"]})
UPLOADS = json.dumps(
    {
        "events": ["oss:ObjectCreated:PutObject"],
        "filter": {"key": {"prefix": "keys/", "suffix": ".pub"}},
    }
)
SOURCE = f"acs:oss:cn-hangzhou:{ACCOUNT}:{BUCKET}"


class Package(NamedTuple):
    """A zip file, the runtime that it is for, and the Python that stands for that runtime."""

    code: bytes
    runtime: Runtime
    python: Path


@pytest.fixture(scope="module", params=list(PACKAGES))
def package(request: pytest.FixtureRequest) -> Package:
    """The function's zip file."""
    built, python = PACKAGES[request.param]
    if built:
        return Package(built.read_bytes(), request.param, python)
    code: Path = request.getfixturevalue("package_of_this_python")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in sorted(each for each in code.rglob("*") if each.is_file()):
            archive.write(file, str(file.relative_to(code)))
    return Package(buffer.getvalue(), "python3.12", python)


@pytest.fixture
def cloud(package: Package) -> Iterator[DevCloud]:
    pythons = {package.runtime: package.python}
    with DevCloud(allow_deploy=True, pythons=pythons, project=PROJECT) as running:
        running.create_bucket(BUCKET)
        yield running


def ask_for_an_upload(cloud: DevCloud, credentials: Credentials) -> requests.Response:
    """Call tempBucketToken, signed by FC's own recipe, for which no SDK is kept any more."""
    path = "/2016-08-15/tempBucketToken"
    date = formatdate(usegmt=True)
    signed = "\n".join(["GET", "", "", date, f"x-fc-account-id:{ACCOUNT}", path])
    signature = hmac.digest(credentials.access_key_secret.encode(), signed.encode(), "sha256")
    return requests.get(
        f"{cloud.fc_endpoint}{path}",
        headers={
            "Date": date,
            "x-fc-account-id": ACCOUNT,
            "Authorization": f"FC {credentials.access_key_id}:"
            f"{base64.b64encode(signature).decode()}",
        },
        timeout=60,
    )


def upload(cloud: DevCloud, package: Package) -> str:
    """Put the package into the temporary bucket, with oss2's V1 signature; return its object."""
    token = ask_for_an_upload(cloud, cloud.deployer_credentials()).json()
    its = token["credentials"]
    auth = oss2.StsAuth(its["AccessKeyId"], its["AccessKeySecret"], its["SecurityToken"])
    key = f"{ACCOUNT}/{token['objectName']}"
    oss2.Bucket(auth, cloud.oss_endpoint, token["ossBucket"]).put_object(key, package.code)
    return key


def deploy(deployer: Deployer, key: str, runtime: Runtime) -> str:
    """Create the function as s.yaml describes it; return the address of its HTTP trigger."""
    spec = read_function(PROJECT)
    body = fc.CreateFunctionInput(
        function_name=NAME,
        runtime=runtime,
        handler=spec.handler,
        timeout=int(spec.timeout),
        role=ROLE.lower(),
        environment_variables=dict(spec.environment),
        instance_lifecycle_config=fc.InstanceLifecycleConfig(
            initializer=fc.LifecycleHook(handler=spec.initializer, timeout=20)
        ),
        code=fc.InputCodeLocation(oss_bucket_name="temp-bucket", oss_object_name=key),
    )
    client = deployer.client
    client.create_function(fc.CreateFunctionRequest(body=body))
    for trigger in (
        fc.CreateTriggerInput(trigger_name="http", trigger_type="http", trigger_config=HTTP),
        fc.CreateTriggerInput(
            trigger_name="uploads",
            trigger_type="oss",
            trigger_config=UPLOADS,
            source_arn=SOURCE,
            invocation_role=ROLE.lower(),
        ),
    ):
        client.create_trigger(NAME, fc.CreateTriggerRequest(body=trigger))
    retries = fc.PutAsyncInvokeConfigInput(max_async_retry_attempts=3)
    client.put_async_invoke_config(NAME, fc.PutAsyncInvokeConfigRequest(body=retries))
    limit = fc.PutConcurrencyInput(reserved_concurrency=10)
    client.put_concurrency_config(NAME, fc.PutConcurrencyConfigRequest(body=limit))
    url: str = client.get_trigger(NAME, "http").body.http_trigger.url_internet
    return url


def event(name: str, key: SshKey) -> bytes:
    return json.dumps({"KeyPairName": name, "PublicKeyBody": key.line}).encode()


def imported(cloud: DevCloud) -> dict[str, str]:
    return {pair.name: pair.fingerprint for pair in cloud.key_pairs}


def test_a_deployed_function_imports_keys(
    cloud: DevCloud, package: Package, key: SshKey, another_key: SshKey, tmp_path: Path
) -> None:
    """By HTTP, by both ways to invoke, and by an upload; also after an update; then it is gone."""
    third = make_rsa_key(tmp_path)
    deployer = Deployer(cloud)
    url = deploy(deployer, upload(cloud, package), package.runtime)

    over_http = requests.post(f"{url}/?KeyPairName=alice", data=key.line, timeout=60)
    assert (200, key.md5) == (over_http.status_code, over_http.json()["KeyPairFingerPrint"])
    answer = json.loads(deployer.invoke(event("bob", another_key), NAME).body.read())
    assert another_key.md5 == answer["KeyPairFingerPrint"]
    deployer.invoke(event("carol", key), NAME, x_fc_invocation_type="Async")
    cloud.put_upload("keys/dave.pub", third.line.encode(), bucket=BUCKET)
    cloud.drain()
    expected = {"alice": key.md5, "bob": another_key.md5, "carol": key.md5, "dave": third.md5}
    assert expected == imported(cloud)
    assert any(path.startswith("receipts/keys/dave.pub/") for path in cloud.objects(BUCKET))

    changed = fc.UpdateFunctionInput(
        code=fc.InputCodeLocation(
            oss_bucket_name="temp-bucket", oss_object_name=upload(cloud, package)
        ),
    )
    deployer.client.update_function(NAME, fc.UpdateFunctionRequest(body=changed))
    requests.post(f"{url}/?KeyPairName=erin", data=key.line, timeout=60)
    assert expected | {"erin": key.md5} == imported(cloud)

    deployer.client.delete_async_invoke_config(NAME, fc.DeleteAsyncInvokeConfigRequest())
    deployer.client.delete_trigger(NAME, "uploads")
    deployer.client.delete_trigger(NAME, "http")
    deployer.client.delete_concurrency_config(NAME)
    deployer.client.delete_function(NAME)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=60)


def test_a_right_to_upload_needs_a_signature_and_permission(cloud: DevCloud) -> None:
    """Who may not deploy gets none, and a signature of another secret is none."""
    stranger = cloud.user_credentials()
    forged = type(stranger)(stranger.access_key_id, "another")

    assert 200 == ask_for_an_upload(cloud, cloud.deployer_credentials()).status_code
    assert 403 == ask_for_an_upload(cloud, stranger).status_code
    refused = ask_for_an_upload(cloud, forged)
    assert (400, "SignatureDoesNotMatch") == (refused.status_code, refused.json()["Code"])


def test_the_temporary_bucket_forgets_old_packages(cloud: DevCloud) -> None:
    """The newest eight stay, however often somebody deploys."""
    code = Package(b"a small one", "python3.12", Path(sys.executable))

    keys = [upload(cloud, code) for _ in range(11)]

    assert set(keys[-KEPT_PACKAGES:]) == set(cloud.objects("temp-bucket"))


@pytest.mark.node
def test_a_function_deployed_from_node_imports_keys(
    cloud: DevCloud, package: Package, key: SshKey
) -> None:
    """The same life, by the SDK for Node: its bodies come in chunks."""
    environment: dict[str, Any] = {
        "FC_ENDPOINT": cloud.fc_endpoint,
        "CODE_OBJECT": upload(cloud, package),
        "RUNTIME": package.runtime,
        "STATE_URL": cloud.state_url,
        "ROLE": ROLE.lower(),
        "EVENTS": json.dumps([event(name, key).decode() for name in ("alice", "bob", "carol")]),
    }
    seen = run_node("deployed.js", cloud.deployer_credentials(), environment)

    assert {
        "before": "FunctionNotFound",
        "sync": key.md5,
        "async": 202,
        "updated": key.md5,
        "triggers": ["http"],
        "removed": "FunctionNotFound",
    } == seen
    assert {"alice", "bob", "carol"} == set(imported(cloud))
