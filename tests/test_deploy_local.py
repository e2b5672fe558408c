"""`make deploy-local`: Serverless Devs' CLI is given devcloud's key and endpoints, or nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.serverless_devs import install_cli
from devcloud import DevCloud
from devcloud.fc.s_yaml import read_s_yaml
from tests.devcloud.deployer import THIS_PYTHON
from tests.paths import PROJECT

# Stands in for the command s: it writes down what it is started with, and what its home holds.
RECORDER = """#!{python}
import json, os, pathlib, sys
with open({record!r}, "a") as file:
    home = pathlib.Path(os.environ["HOME"])
    files = {{str(f.relative_to(home)): f.read_text() for f in home.rglob("*") if f.is_file()}}
    told = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "files": files}}
    file.write(json.dumps(told) + "\\n")
"""
DEVELOPERS_OWN = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "the-developers-own-id",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "the-developers-own-secret",
    "ALICLOUD_ACCESS_KEY": "the-developers-own-key",
    "https_proxy": "http://proxy.invalid:1",
}


# Stands in for the component fc3: it writes down what the real CLI hands it to sign with.
COMPONENT = """
const fs = require('fs');
module.exports.default = class {
  async deploy(inputs) {
    const key = await inputs.getCredential();
    fs.writeFileSync(RECORD, JSON.stringify({ key, environment: process.env }));
    return {};
  }
};
"""


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """What devcloud writes for the one who deploys."""
    with DevCloud(allow_deploy=True, pythons=THIS_PYTHON) as cloud:
        key = cloud.deployer_credentials()
        yield {
            "ACCOUNT_ID": "1234567890123456",
            "FC_CLIENT_CUSTOM_ENDPOINT": cloud.fc_endpoint,
            "FC_CODE_TEMP_OSS_ENDPOINT": cloud.oss_endpoint,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.access_key_secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": "",
        }


class Local:
    """`python -m deploy.local`, in the shell of a developer who has a real account."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "devcloud.env"
        self.cli = folder / "s"
        self.more: dict[str, str] = {}
        self._record = folder / "record"
        source = RECORDER.format(python=sys.executable, record=str(self._record))
        recorder = folder / "s"
        recorder.write_text(source, encoding="utf-8")
        recorder.chmod(0o700)

    def run(self, exports: Mapping[str, str], *arguments: str) -> tuple[int, str]:
        """Return the exit code, and what was said on stderr."""
        lines = [f"export {name}='{value}'\n" for name, value in exports.items()]
        self.file.write_text("".join(lines), encoding="ascii")
        finished = subprocess.run(
            [
                *(sys.executable, "-m", "deploy.local"),
                *("--cli", self.cli, "--cloud", self.file),
                *arguments,
            ],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": ".", **DEVELOPERS_OWN, **self.more},
            check=False,
            capture_output=True,
            text=True,
        )
        return finished.returncode, finished.stderr

    @property
    def started(self) -> list[dict[str, Any]]:
        """What each start of the CLI was given."""
        if not self._record.exists():
            return []
        return [json.loads(line) for line in self._record.read_text().splitlines()]


@pytest.fixture
def local(tmp_path: Path) -> Local:
    return Local(tmp_path)


def test_the_cli_gets_devclouds_key_and_no_other(local: Local, environment: dict[str, str]) -> None:
    """Its own home, devcloud's endpoints, telemetry off; nothing of the developer's own."""
    assert (0, "") == local.run(environment)

    configured, deployed = local.started
    assert environment["ALIBABA_CLOUD_ACCESS_KEY_ID"] in configured["arguments"]
    assert ["deploy", "-y", "--skip-actions", "-t", "s.devcloud.yaml"] == deployed["arguments"]
    for name in ("FC_CLIENT_CUSTOM_ENDPOINT", "FC_CODE_TEMP_OSS_ENDPOINT", "ACCOUNT_ID"):
        assert environment[name] == deployed["environment"][name]
    assert "analysis: disable\n" == deployed["files"][".s/set-config.yml"]
    told = json.dumps(local.started)
    assert [] == [name for name, value in DEVELOPERS_OWN.items() if value in told]


@pytest.mark.node
def test_the_real_cli_signs_with_devclouds_key(
    local: Local, environment: dict[str, str], tmp_path: Path
) -> None:
    """What the real CLI hands its component, where s.yaml says `access: default`."""
    record = tmp_path / "signed-with"
    component = tmp_path / "component"
    component.mkdir()
    source = COMPONENT.replace("RECORD", json.dumps(str(record)))
    (component / "index.js").write_text(source, encoding="utf-8")
    (component / "package.json").write_text('{"name": "fc3", "main": "index.js"}')
    local.cli = install_cli()
    local.more = {"FC3_COMPONENT": str(component)}

    code, said = local.run(environment)

    assert 0 == code, said
    told = json.loads(record.read_text(encoding="utf-8"))
    assert (
        environment["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        environment["ACCOUNT_ID"],
    ) == tuple(told["key"][name] for name in ("AccessKeyID", "AccessKeySecret", "AccountID"))
    assert [] == [name for name, value in DEVELOPERS_OWN.items() if value in json.dumps(told)]


def test_any_command_of_the_cli(local: Local, environment: dict[str, str]) -> None:
    """With its own options, and s.devcloud.yaml."""
    local.run(environment, "invoke", "-e", "{}")

    assert ["invoke", "-e", "{}", "-t", "s.devcloud.yaml"] == local.started[-1]["arguments"]


@pytest.mark.parametrize(
    "left_out",
    [
        "ACCOUNT_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "FC_CLIENT_CUSTOM_ENDPOINT",
        "FC_CODE_TEMP_OSS_ENDPOINT",
    ],
)
def test_nothing_starts_without_all_of_it(
    local: Local, environment: dict[str, str], left_out: str
) -> None:
    """Else the CLI would ask the real cloud, with whatever keys it finds."""
    code, said = local.run({name: v for name, v in environment.items() if name != left_out})

    assert (1, []) == (code, local.started)
    assert left_out in said


@pytest.mark.parametrize("name", ["FC_CLIENT_CUSTOM_ENDPOINT", "FC_CODE_TEMP_OSS_ENDPOINT"])
@pytest.mark.parametrize(
    "endpoint",
    [
        "https://1234567890123456.cn-hangzhou.fc.aliyuncs.com",
        "http://192.0.2.1:8080",
        "http://localhost:8080",
        "http://127.0.0.1:8080@evil.example",
        "http://127.0.0.1.evil.example:8080",
        "http://127.0.0.1:8080/path",
        "http://127.0.0.1",
        "127.0.0.1:8080",
        "http://127.0.0.1:99999",
    ],
)
def test_nothing_starts_for_another_machine(
    local: Local, environment: dict[str, str], name: str, endpoint: str
) -> None:
    """An endpoint is a port of 127.0.0.1, and nothing that could lead elsewhere."""
    code, said = local.run({**environment, name: endpoint})

    assert (1, []) == (code, local.started)
    assert name in said


def test_it_says_how_to_start_a_devcloud(local: Local, tmp_path: Path) -> None:
    """When there is no file, there is no devcloud."""
    local.file = tmp_path / "absent" / "file"
    local.file.parent.mkdir()
    local.file.symlink_to(tmp_path / "nowhere")
    finished = subprocess.run(
        [sys.executable, "-m", "deploy.local", "--cloud", local.file],
        cwd=PROJECT,
        check=False,
        capture_output=True,
        text=True,
    )

    assert 1 == finished.returncode
    assert "--allow-deploy --deployer-environment" in finished.stderr


def test_s_devcloud_yaml_keeps_the_cli_off_ram_and_sls() -> None:
    """It adds an invocationRole and a logConfig that is spelled out, and changes nothing else."""
    document = yaml.safe_load((PROJECT / "s.devcloud.yaml").read_text(encoding="utf-8"))
    real = read_s_yaml(PROJECT / "s.yaml")

    assert "s.yaml" == document["extend"]
    assert {"invocationRole"} == set(document["vars"]["uploadTrigger"])
    assert {"uploadTrigger"} == set(document["vars"])
    (resource,) = document["resources"]
    assert [resource] == list(real["resources"])
    assert {"logConfig"} == set(document["resources"][resource]["props"])
    assert {
        "project",
        "logstore",
        "enableRequestMetrics",
        "enableInstanceMetrics",
        "logBeginRule",
    } == set(document["resources"][resource]["props"]["logConfig"])
