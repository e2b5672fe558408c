"""s.yaml as the runner reads it."""

from pathlib import Path
from typing import Any

import pytest

from devcloud import FunctionSpec, HttpTrigger
from devcloud.fc.exceptions import InvalidSpec
from devcloud.fc.s_yaml import read_function, read_s_yaml
from devcloud.ram.models import ACCOUNT_ID
from tests.devcloud.conftest import PROBE
from tests.paths import PROJECT


def read(folder: Path, props: str, variables: str = "region: r") -> FunctionSpec:
    text = f"vars: {{{variables}}}\nresources:\n  f:\n    props: {{{props}}}\n"
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    return read_function(folder)


def test_reads_every_setting_that_running_needs() -> None:
    """The probe's s.yaml has one of each."""
    spec = read_function(PROBE)

    assert ("probe-test", "probe.handler", "probe.initialize") == (
        spec.name,
        spec.handler,
        spec.initializer,
    )
    assert (5, 10, 256, "cn-shanghai") == (
        spec.timeout,
        spec.initializer_timeout,
        spec.memory,
        spec.region,
    )
    assert {"GREETING": "hello", "REGION_COPY": "cn-shanghai"} == spec.environment
    assert PROBE / "code" == spec.code
    assert HttpTrigger("web", "function", ("GET", "POST")) == spec.http_trigger


def test_reads_the_projects_own_file() -> None:
    """What is deployed is what is run."""
    spec = read_function(PROJECT)

    assert "handler.handler" == spec.handler
    assert spec.http_trigger is not None


def test_a_package_is_not_run_but_its_sources(tmp_path: Path) -> None:
    """It is built for FC's Python, which need not be this one."""
    spec = read(tmp_path, "functionName: f, handler: m.h, code: ./.build/function.zip")

    assert tmp_path / "src" == spec.code


def test_what_is_left_out_is_as_fc_has_it(tmp_path: Path) -> None:
    """Three seconds, 512 MB, the code in src, no trigger."""
    spec = read(tmp_path, "functionName: f, handler: m.h")

    assert (3, 512, tmp_path / "src", None) == (
        spec.timeout,
        spec.memory,
        spec.code,
        spec.http_trigger,
    )


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        pytest.param("${env('UNSET_FOR_SURE', 'a-b')}", "a-b", id="default"),
        pytest.param("${env(UNSET_FOR_SURE, a-b)}", "a-b", id="no quotes"),
        pytest.param("${env('SET_BY_TEST', 'x')}", "here", id="set"),
        pytest.param("${env('SET_BY_TEST')}", "here", id="no default"),
        pytest.param("${env('ACCOUNT_ID')}", ACCOUNT_ID, id="devcloud's own account"),
        pytest.param("p-${vars.region}-${env('SET_BY_TEST')}", "p-r-here", id="within text"),
        pytest.param("${vars.deep.name}", "d", id="a path"),
        pytest.param("${vars.again}", "r", id="a variable of a variable"),
        pytest.param("${env('EMPTY_FOR_SURE', 'a')}", "a", id="empty is not set"),
        pytest.param("${env('UNSET_FOR_SURE', '')}", "", id="an empty default"),
        pytest.param("${env('UNSET_FOR_SURE', env('SET_BY_TEST'))}", "here", id="one or another"),
        pytest.param("${env('UNSET', env('UNSET_TOO', 'a'))}", "a", id="or a default"),
        pytest.param("${env('UNSET_FOR_SURE', vars.region)}", "r", id="or a variable"),
    ],
)
def test_resolves_expressions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expression: str, value: str
) -> None:
    """As Serverless Devs does, for the two kinds that s.yaml uses."""
    monkeypatch.setenv("SET_BY_TEST", "here")
    monkeypatch.setenv("EMPTY_FOR_SURE", "")
    monkeypatch.delenv("ACCOUNT_ID", raising=False)
    variables = "region: r, deep: {name: d}, again: '${vars.region}'"

    props = f'functionName: f, handler: m.h, environmentVariables: {{VALUE: "{expression}"}}'

    assert value == read(tmp_path, props, variables).environment["VALUE"]


@pytest.mark.parametrize(
    "props",
    [
        pytest.param("handler: m.h", id="no name"),
        pytest.param("functionName: f", id="no handler"),
        pytest.param("functionName: '${vars.other}', handler: m.h", id="no such variable"),
        pytest.param("functionName: '${env(UNSET_FOR_SURE)}', handler: m.h", id="not set"),
        pytest.param("functionName: '${env(A_, env(B_))}', handler: m.h", id="neither set"),
        pytest.param("functionName: '${file(x)}', handler: m.h", id="another expression"),
        pytest.param("functionName: f, handler: m.h, environmentVariables: {A: 1}", id="a number"),
    ],
)
def test_refuses_what_it_cannot_run(tmp_path: Path, props: str) -> None:
    """A clear error at the start, rather than another function than the deployed one."""
    with pytest.raises(InvalidSpec):
        read(tmp_path, props)


@pytest.mark.parametrize("text", ["", "a: [", "resources: {}", "resources: {a: {}, b: {}}"])
def test_refuses_a_file_that_describes_no_function(tmp_path: Path, text: str) -> None:
    """Absent, broken, empty, or with two functions."""
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(InvalidSpec):
        read_function(tmp_path)


def test_a_file_may_extend_another(tmp_path: Path) -> None:
    """Mappings are merged, lists are replaced, and variables are resolved afterwards."""
    read(tmp_path, "functionName: '${vars.name}', handler: m.h, triggers: [{a: 1}]", "name: f")
    changed = "extend: s.yaml\nvars: {name: g}\nresources: {f: {props: {timeout: 7, triggers: []}}}"
    (tmp_path / "other.yaml").write_text(changed, encoding="utf-8")
    (tmp_path / "twice.yaml").write_text("extend: other.yaml", encoding="utf-8")

    spec = read_function(tmp_path, "other.yaml")

    assert ("g", "m.h", 7) == (spec.name, spec.handler, spec.timeout)
    assert [] == read_s_yaml(tmp_path / "other.yaml")["resources"]["f"]["props"]["triggers"]
    with pytest.raises(InvalidSpec):
        read_function(tmp_path, "twice.yaml")


def test_refuses_a_project_without_s_yaml(tmp_path: Path) -> None:
    """There is nothing to run."""
    with pytest.raises(InvalidSpec):
        read_function(tmp_path)


@pytest.mark.parametrize("auth_config", [{"jwks": {"keys": []}}, '{"jwks": {"keys": []}}'])
def test_an_auth_config_may_be_text(tmp_path: Path, auth_config: Any) -> None:
    """From an environment variable it comes as JSON text."""
    quoted = "'" + auth_config + "'" if isinstance(auth_config, str) else '{"jwks": {"keys": []}}'
    trigger = f"triggerType: http, triggerConfig: {{authType: jwt, authConfig: {quoted}}}"
    spec = read(tmp_path, f"functionName: f, handler: m.h, triggers: [{{{trigger}}}]")

    assert spec.http_trigger is not None
    assert {"jwks": {"keys": []}} == spec.http_trigger.auth_config
