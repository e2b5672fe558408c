"""The files that say what a project needs: readable by their tools, and true of what tests run."""

from __future__ import annotations

import importlib.metadata
import json
import re
import xml.etree.ElementTree as ET

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from explorer.projects import Call, project
from tests.clients.node_scripts import FOLDER
from tests.explorer.projects.running import language

SIGNED = Call("alice", "key")
BY_HTTP = Call("alice", "key", "http://127.0.0.1:1", "function", authorization="token")


@pytest.mark.parametrize("call", [SIGNED, BY_HTTP], ids=["sdk", "http"])
def test_python(call: Call) -> None:
    """Every package has an upper bound, and the version that tests run is within."""
    files = project(language("python"), call)
    for line in files["requirements.txt"].splitlines():
        requirement = Requirement(line)
        installed = importlib.metadata.version(requirement.name)
        assert installed in requirement.specifier, line
        assert "<" in str(requirement.specifier)


def test_typescript() -> None:
    """The versions that tests run are within the ranges; each has an upper bound."""
    package = json.loads(project(language("typescript"), SIGNED)["package.json"])
    locked = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, wanted in package["dependencies"].items():
        least, has = (
            Version(wanted.removeprefix("^")),
            Version(locked[f"node_modules/{name}"]["version"]),
        )
        assert wanted.startswith("^")
        assert least.major == has.major
        assert least <= has


def test_java() -> None:
    """Maven's ranges, closed below and open above."""
    pom = ET.fromstring(project(language("java"), SIGNED)["pom.xml"])  # noqa: S314 - our own text
    space = "{http://maven.apache.org/POM/4.0.0}"
    versions = {
        dependency.findtext(f"{space}artifactId"): dependency.findtext(f"{space}version")
        for dependency in pom.iter(f"{space}dependency")
    }

    assert {"ens20171110": "[11.1,12)", "credentials-java": "[1.0,2)"} == versions


def test_csharp() -> None:
    """NuGet's ranges, closed below and open above."""
    text = project(language("csharp"), SIGNED)["import-key-pair.csproj"]
    versions = {
        each.get("Include"): each.get("Version")
        for each in ET.fromstring(text).iter("PackageReference")  # noqa: S314 - our own text
    }

    assert {
        "AlibabaCloud.SDK.Ens20171110": "[10.1,11)",
        "Aliyun.Credentials": "[1.5,2)",
    } == versions


def test_php() -> None:
    """Composer's ranges."""
    require = json.loads(project(language("php"), SIGNED)["composer.json"])["require"]

    assert {
        "php": ">=7.4",
        "alibabacloud/credentials": "^1.2",
        "alibabacloud/ens-20171110": "^10.1",
    } == require


def test_go() -> None:
    """Go's own: least versions, and the major version in the name; one for each import."""
    files = project(language("go"), SIGNED)
    modules = set(re.findall(r"^\t(github\S+) v", files["go.mod"], re.MULTILINE))
    imports = re.findall(r'"(github[^"]+)"', files["main.go"])

    assert modules == {
        module for module in modules for path in imports if path.startswith(f"{module}/")
    }
    assert all(any(path.startswith(f"{module}/") for module in modules) for path in imports)
