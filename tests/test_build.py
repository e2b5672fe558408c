"""The build, step by step, without the package index: wheels of this test's own making."""

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deploy import build, excluded
from deploy.build import Weight
from deploy.runtimes import (
    RUNTIMES,
    BuildFailed,
    Runtime,
    python_of,
    requirements_for,
    runtime_named_in,
)

ROOT = build.ROOT
HERE = Runtime("here", f"{sys.version_info[0]}.{sys.version_info[1]}", glibc_minor=31)
PYTHON_3_10, PYTHON_3_12 = RUNTIMES["python3.10"], RUNTIMES["python3.12"]
S_YAML = "resources:\n  one: {{props: {{runtime: {}}}}}\n  two: {{props: {{runtime: {}}}}}\n"


def wheel(folder: Path, tag: str, name: str = "sample", code: str = "") -> str:
    """Write a wheel that holds one module; return its line for requirements.txt."""
    path = folder / f"{name}-1.0-{tag}.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", code)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that pip looks into, and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.mark.parametrize("runtime", RUNTIMES.values(), ids=RUNTIMES)
def test_reads_the_runtime(runtime: Runtime, tmp_path: Path) -> None:
    """The runtime is the one that all functions of s.yaml name."""
    (tmp_path / "s.yaml").write_text(S_YAML.format(runtime.name, runtime.name))

    assert runtime is runtime_named_in(tmp_path / "s.yaml")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param("python3.12", "python3.10", id="two runtimes"),
        pytest.param("python3.11", "python3.11", id="a runtime that FC does not have"),
        pytest.param("nodejs20", "nodejs20", id="another language"),
    ],
)
def test_refuses_other_runtimes(one: str, two: str, tmp_path: Path) -> None:
    """One package is for one Python runtime; the error tells which there are."""
    (tmp_path / "s.yaml").write_text(S_YAML.format(one, two))

    with pytest.raises(BuildFailed, match=re.escape("python3.12, python3.10")):
        runtime_named_in(tmp_path / "s.yaml")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("resources: {one: {props: {}}}", id="no runtime"),
        pytest.param("resources: []", id="no resources"),
        pytest.param("resources: {", id="no YAML"),
        pytest.param(None, id="no file"),
    ],
)
def test_refuses_an_unreadable_description(text: str | None, tmp_path: Path) -> None:
    """Without a readable s.yaml there is nothing to build for."""
    if text is not None:
        (tmp_path / "s.yaml").write_text(text)

    with pytest.raises(BuildFailed, match=re.escape("s.yaml tells no runtime")):
        runtime_named_in(tmp_path / "s.yaml")


@pytest.mark.parametrize(
    ("environment", "built"),
    [
        pytest.param({}, "python3.12", id="as it stands"),
        pytest.param({"RUNTIME": "python3.10"}, "python3.10", id="another runtime"),
        pytest.param({"RUNTIME": ""}, "python3.12", id="set to nothing"),
        pytest.param(
            {"REGION": "ap-southeast-1", "RUNTIME": "python3.10"}, "python3.10", id="in Singapore"
        ),
        pytest.param({"REGION": "eu-central-1"}, "python3.12", id="in Frankfurt"),
    ],
)
def test_the_build_follows_s_yaml(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], built: str
) -> None:
    """``RUNTIME=python3.10 s deploy`` builds for what it deploys: both read the same line."""
    in_environment(monkeypatch, environment)

    assert RUNTIMES[built] is runtime_named_in(ROOT / "s.yaml")


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        pytest.param({"RUNTIME": "python3.11"}, "it names python3.11", id="a runtime of nobody"),
        pytest.param(
            {"REGION": "ap-southeast-1"},
            "python3.12 is not offered in ap-southeast-1.*RUNTIME=python3.10",
            id="not in Singapore",
        ),
        pytest.param(
            {"REGION": "me-east-1", "RUNTIME": "python3.12"}, "not offered", id="not in Dubai"
        ),
    ],
)
def test_what_fc_would_refuse_is_not_built(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], told: str
) -> None:
    """So that ``s deploy``, whose first step the build is, ends before anything is made."""
    in_environment(monkeypatch, environment)

    with pytest.raises(BuildFailed, match=told):
        runtime_named_in(ROOT / "s.yaml")


def in_environment(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name in ("RUNTIME", "REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


REQUIREMENTS = """\
old==1.0 ; python_full_version < '3.11' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via something
new==2.0 ; python_full_version >= '3.11' \\
    --hash=sha256:cc
windows==3.0 ; sys_platform == 'win32' \\
    --hash=sha256:dd
always==4.0 \\
    --hash=sha256:ee
"""


@pytest.mark.parametrize(
    ("runtime", "expected"),
    [
        pytest.param(
            PYTHON_3_10,
            ["old==1.0 --hash=sha256:aa --hash=sha256:bb", "always==4.0 --hash=sha256:ee"],
            id="python3.10",
        ),
        pytest.param(
            PYTHON_3_12,
            ["new==2.0 --hash=sha256:cc", "always==4.0 --hash=sha256:ee"],
            id="python3.12",
        ),
    ],
)
def test_markers_are_those_of_the_runtime(runtime: Runtime, expected: list[str]) -> None:
    """Environment markers are read for the runtime, not for the Python that builds."""
    requirements = requirements_for(runtime, REQUIREMENTS)

    assert expected == [" ".join(line.split()) for line in requirements]


def test_leaves_out_what_there_is() -> None:
    """Each distribution that is left out is one that would be installed somewhere."""
    text = (ROOT / "requirements.txt").read_text("utf-8")
    required = {
        line.partition("==")[0]
        for runtime in RUNTIMES.values()
        for line in requirements_for(runtime, text)
    }

    assert set() == excluded.DISTRIBUTIONS.keys() - required


def test_platforms() -> None:
    """A runtime loads wheels for its own glibc and any older one."""
    assert "manylinux_2_31_x86_64" == PYTHON_3_12.platforms[0]
    assert "manylinux_2_28_x86_64" == PYTHON_3_10.platforms[0]
    assert ["manylinux_2_17_x86_64", "manylinux2014_x86_64"] == PYTHON_3_10.platforms[-2:]


@pytest.mark.parametrize(
    ("tag", "runtime"),
    [
        pytest.param("cp312-cp312-manylinux_2_31_x86_64", PYTHON_3_12, id="of its version"),
        pytest.param("cp39-abi3-manylinux2014_x86_64", PYTHON_3_10, id="of the stable ABI"),
        pytest.param("py3-none-any", PYTHON_3_10, id="pure Python"),
    ],
)
def test_installs(tag: str, runtime: Runtime, index: Path, tmp_path: Path) -> None:
    """Wheels that the runtime can load are unpacked, whatever Python builds."""
    requirement = wheel(index, tag)

    build.install(runtime, [requirement], tmp_path / "code")

    assert (tmp_path / "code" / "sample.py").exists()
    assert not (tmp_path / "code" / "__pycache__").exists()


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param("cp312-cp312-manylinux_2_34_x86_64", id="a newer glibc"),
        pytest.param("cp312-cp312-manylinux2014_aarch64", id="another processor"),
        pytest.param("cp312-cp312-macosx_11_0_arm64", id="another system"),
        pytest.param("cp311-cp311-manylinux2014_x86_64", id="another Python"),
    ],
)
def test_refuses_foreign_wheels(tag: str, index: Path, tmp_path: Path) -> None:
    """A wheel that the runtime could not load fails the build, not the deployment."""
    requirement = wheel(index, tag)

    with pytest.raises(BuildFailed, match="sample"):
        build.install(PYTHON_3_12, [requirement], tmp_path / "code")


def test_refuses_another_hash(index: Path, tmp_path: Path) -> None:
    """A wheel that is not the one that was locked fails the build."""
    requirement = wheel(index, "py3-none-any")
    wheel(index, "py3-none-any", code="changed = True")

    with pytest.raises(BuildFailed, match=r"(?i)hash"):
        build.install(PYTHON_3_12, [requirement], tmp_path / "code")


def test_removes_what_is_not_needed(tmp_path: Path) -> None:
    """Files and folders of the table go; models of calls that are made stay; licences stay."""
    models = "alibabacloud_ens20171110/models"
    kept = [
        "certifi/core.py",
        "certifi-1.dist-info/licenses/LICENSE",
        f"{models}/__init__.py",
        f"{models}/_import_key_pair_request.py",
        f"{models}/_describe_key_pairs_response_body.py",
    ]
    removed = [
        "certifi/py.typed",
        "certifi/tests/test_core.py",
        "certifi-1.dist-info/RECORD",
        f"{models}/_run_instances_request.py",
    ]
    for path in kept + removed:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()

    stale = build.remove_unneeded(tmp_path)

    assert sorted(kept) == sorted(
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    )
    assert {"bin", "cffi"} <= stale
    assert "certifi/tests" not in stale


def test_finds_a_python() -> None:
    """The Python that runs is one of its version; a version that is nowhere is not found."""
    found = python_of(HERE.version)

    assert found is not None
    assert None is python_of("3.99")


def package(tmp_path: Path, name: str) -> Path:
    """Lay down a small code folder and compile it with the running Python."""
    code = tmp_path / name / "code"
    code.mkdir(parents=True)
    (code / "zebra.py").write_text("STRIPES = {'black', 'white', 'grey', 'none'}\n")
    (code / "ape.py").write_text("def fail():\n    raise ValueError\n")
    build.compile_all(code, Path(sys.executable))
    return code


def test_compiled_files_are_never_checked(tmp_path: Path) -> None:
    """Compiled files hold whatever the source's time or text: none is ever written again."""
    code = package(tmp_path, "one")
    (code / "ape.py").write_text("raise SystemExit('compiled again')\n")

    run = subprocess.run([sys.executable, "-c", "import ape"], check=False, cwd=code)

    assert 0 == run.returncode
    for compiled in code.rglob("*.pyc"):
        flags = int.from_bytes(compiled.read_bytes()[4:8], "little")
        assert 0b01 == flags, "PEP 552: hash-based, unchecked"


def test_tracebacks_name_the_place_on_fc(tmp_path: Path) -> None:
    """Compiled files know FC's code folder, and nothing of the machine that built them."""
    code = package(tmp_path, "one")

    compiled = [path.read_bytes() for path in code.rglob("*.pyc")]

    assert any(b"/code/ape.py" in content for content in compiled)
    assert not any(str(tmp_path).encode() in content for content in compiled)


def test_is_reproducible(tmp_path: Path) -> None:
    """Two builds, in two places, are equal byte by byte."""
    archives = []
    for name in ("one", "another place"):
        archives.append(tmp_path / f"{name}.zip")
        build.zip_folder(package(tmp_path, name), archives[-1])

    one, another = (archive.read_bytes() for archive in archives)

    assert one == another


def test_weighs_by_entry(tmp_path: Path) -> None:
    """The listing counts by what lies at the top, all metadata together."""
    for path in ("a/one.py", "a/two.py", "x-1.dist-info/METADATA", "y-1.dist-info/METADATA"):
        (tmp_path / "code" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "code" / path).write_text("text\n" * 20)

    weights = build.zip_folder(tmp_path / "code", tmp_path / "function.zip")

    assert {"a", "*.dist-info"} == weights.keys()
    assert (2, 200) == weights["a"][:2]
    assert weights["a"].zipped < weights["a"].unpacked


def test_lists_what_it_weighs(capsys: pytest.CaptureFixture[str]) -> None:
    """The listing is heaviest first, with a sum, and names what was left out and why."""
    build.show({"light": Weight(1, 2000, 1000), "heavy": Weight(2, 9000, 4000)})

    printed = capsys.readouterr().out
    assert printed.index("heavy") < printed.index("light") < printed.index("in all")
    assert "    5 kB     11 kB       3   in all" in printed
    for what, purpose in {**excluded.DISTRIBUTIONS, **excluded.FILES}.items():
        assert re.search(rf"{re.escape(what)} +{re.escape(purpose)}", printed)


def test_explains_itself() -> None:
    """--help says what it builds and for which runtimes."""
    command = [sys.executable, "-m", "deploy.build", "--help"]

    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)

    assert "python3.12,python3.10" in run.stdout
