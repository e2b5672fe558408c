"""
The package alone: unpacked elsewhere, in fresh processes, loaded as Function Compute loads it.

`make smoke` builds the packages of both runtimes first, and each is tried on its own Python.
Always tried is a package for the Python that runs the tests, of what is installed beside it.
"""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deploy import build, excluded
from deploy.build import ROOT
from deploy.runtimes import RUNTIMES, Runtime, python_of, requirements_for
from deploy.sources import packaged_files, version_of
from devcloud import DevCloud
from devcloud.fc.s_yaml import read_function

pytestmark = pytest.mark.long  # the package is made first
BOOTSTRAP = ROOT / "deploy" / "fc_bootstrap.py"
SRC = ROOT / "src"
BUCKET = "ens-key-uploads"  # s.yaml's, and that of the event in tests/events
BUILT = ROOT / ".build" / "rehearsal"
HERE = Runtime("here", f"{sys.version_info[0]}.{sys.version_info[1]}", glibc_minor=31)
MEMORY_OF_AN_IMPORT = 128_000  # kB; half of s.yaml's memorySize
MODELS = "alibabacloud_ens20171110.models"
UPLOADS = {"adapters.oss", "alibabacloud_oss_v2", "core.uploads.one_upload", "upload_handler"}
NOT_FOR_AN_IMPORT = UPLOADS | {
    *("aiohttp", "apscheduler", "asyncio", "charset_normalizer", "configparser", "pickle"),
    *("cryptography.hazmat.bindings._rust", "importlib.metadata", "structlog.dev", "websocket"),
    *("structlog.stdlib", "structlog.testing", "structlog.tracebacks", "zipfile"),
}
NOT_FOR_AN_UPLOAD = NOT_FOR_AN_IMPORT - UPLOADS
NOT_FOR_A_REFUSAL = NOT_FOR_AN_IMPORT | {
    *("html", "http.client", "logging", "socket", "ssl", "traceback"),
}
# Built-in ones among them. What needs more is looked at before the number is changed.
MODULES_OF_A_REFUSAL, MODULES_OF_AN_IMPORT, MODULES_OF_AN_UPLOAD = 190, 410, 545
SDK = ("alibabacloud_", "Tea", "darabonba", "requests", "urllib3", "cryptography")


class Package(NamedTuple):
    """An unpacked package, and the Python that it is for."""

    code: Path
    python: Path


class Told(NamedTuple):
    """What a process told: its answers, its log, and at the end what it had loaded, in how much."""

    answers: list[Any]
    modules: list[str]
    peak_kb: int
    log: str


def packages_at_hand() -> dict[str, tuple[Path | None, Path]]:
    """Find the built packages whose Python is at hand; ``None`` stands for one made from here."""
    found: dict[str, tuple[Path | None, Path]] = {"here": (None, Path(sys.executable))}
    for runtime in RUNTIMES.values():
        archive = BUILT / runtime.name / "function.zip"
        python = python_of(runtime.version)
        if archive.exists() and python and is_of_this_tree(archive):
            found[runtime.name] = archive, python
    return found


def is_of_this_tree(archive: Path) -> bool:
    """Tell a package of src as it is from one that was built before the last change."""
    version = version_of(SRC, packaged_files(SRC))
    with zipfile.ZipFile(archive) as zipped:
        return version.encode() in zipped.read("version.py")


def package_of_what_is_installed(folder: Path) -> Path:
    """
    Make the code of the package for the running Python, from its installed distributions.

    It is moved once it is whole, as if unpacked: to zip it takes longer than all else.
    """
    code = folder / "made"
    requirements = requirements_for(HERE, (ROOT / "requirements.txt").read_text("utf-8"))
    for name in (line.partition("==")[0] for line in requirements):
        if name not in excluded.DISTRIBUTIONS:
            for file in distribution(name).files or ():
                target = code / file
                if file.parts[0] != ".." and "__pycache__" not in file.parts:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(str(file.locate()), target)
    build.remove_unneeded(code)
    build.add_sources(SRC, code)
    build.compile_all(code, Path(sys.executable))
    return code.rename(folder / "code")


PACKAGES = packages_at_hand()


@pytest.fixture(scope="session", params=list(PACKAGES.values()), ids=list(PACKAGES))
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Package:
    """Unpack a package where nothing else is."""
    archive, python = request.param
    if archive is None:
        return Package(request.getfixturevalue("package_of_this_python"), python)
    code = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(code)
    return Package(code, python)


@pytest.fixture(scope="module")
def cloud() -> Iterator[DevCloud]:
    """A cloud without a function: the rehearsed one is started by hand."""
    with DevCloud(project=ROOT) as cloud:
        yield cloud


@pytest.fixture
def start(package: Package, cloud: DevCloud, tmp_path: Path) -> Callable[..., Told]:
    """Start the package in a fresh process, initialize it if asked to, and hand it events."""
    spec = read_function(ROOT)
    role = cloud.role_credentials()
    environment = {
        **spec.environment,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": role.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": role.access_key_secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": role.security_token or "",
        "ENS_ENDPOINT": cloud.ens_endpoint,
        "OSS_ENDPOINT": cloud.oss_endpoint,
    }

    def run(*events: dict[str, Any], initialize: bool = True) -> Told:
        files = []
        for number, event in enumerate(events):
            files.append(tmp_path / f"{number}.json")
            files[-1].write_text(json.dumps(event))
        process = subprocess.run(
            [
                *(package.python, "-I", "-S", BOOTSTRAP, package.code),
                *(spec.handler, spec.initializer if initialize else ""),
                *files,
            ],
            check=False,
            env=environment,
            capture_output=True,
            text=True,
        )
        sys.stderr.write(process.stderr)
        process.check_returncode()
        *answers, end = map(json.loads, process.stdout.splitlines())
        return Told(answers, end["modules"], end["peak_kb"], process.stderr)

    return run


@pytest.fixture(scope="module")
def public_key(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A key that ssh-keygen made."""
    path = tmp_path_factory.mktemp("key") / "key"
    command = ["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-C", "rehearsal"]
    subprocess.run([*command, "-f", path], check=True)
    return path.with_suffix(".pub").read_text().strip()


def files(folder: Path) -> set[Path]:
    """All files below a folder."""
    return {path for path in folder.rglob("*") if path.is_file()}


def test_imports_a_key(
    start: Callable[..., Told], cloud: DevCloud, public_key: str, request: pytest.FixtureRequest
) -> None:
    """The package imports a key, by a direct invocation and again by HTTP, on its own Python."""
    name = "rehearsal-" + "".join(filter(str.isalnum, request.node.name))
    parameters = {"KeyPairName": name, "PublicKeyBody": public_key}
    http = {
        "version": "v1",
        "rawPath": "/",
        "headers": {"Content-Type": "application/json"},
        "queryParameters": {},
        "body": json.dumps(parameters),
        "isBase64Encoded": False,
        "requestContext": {"http": {"method": "POST", "path": "/"}, "requestId": ""},
    }

    told = start(parameters, http)

    (held,) = (key_pair for key_pair in cloud.key_pairs if key_pair.name == name)
    direct, by_http = (answer["answer"] for answer in told.answers)
    assert held.fingerprint == direct["KeyPairFingerPrint"]
    assert 200 == by_http["statusCode"]
    assert "already_imported" == by_http["headers"]["X-Import-Outcome"]


def test_imports_little(start: Callable[..., Told], public_key: str) -> None:
    """An import loads none of what it is shown to need not, and no more modules than today."""
    told = start({"KeyPairName": "little", "PublicKeyBody": public_key})

    assert [] == [module for module in told.modules if module in NOT_FOR_AN_IMPORT]
    assert [] == [m for m in told.modules if m.startswith(f"{MODELS}.") and "key_pair" not in m]
    assert len(told.modules) <= MODULES_OF_AN_IMPORT


def test_uploads_little(
    start: Callable[..., Told], cloud: DevCloud, public_key: str, request: pytest.FixtureRequest
) -> None:
    """The first upload loads OSS's SDK, and of the rest no more than an import does."""
    name = "rehearsal-" + "".join(filter(str.isalnum, request.node.name))
    cloud.create_bucket(BUCKET)
    stored = cloud.put_upload(f"keys/{name}.pub", public_key.encode(), bucket=BUCKET)
    event = json.loads((ROOT / "tests" / "events" / "oss-native.json").read_text("utf-8"))
    (record,) = event["events"]
    record["oss"]["object"] |= {"key": stored.key, "eTag": stored.etag, "size": len(public_key)}

    told = start(event)

    assert name in [key_pair.name for key_pair in cloud.key_pairs]
    assert [] == [module for module in told.modules if module in NOT_FOR_AN_UPLOAD]
    assert len(told.modules) <= MODULES_OF_AN_UPLOAD


def test_fits_into_its_memory(start: Callable[..., Told], public_key: str) -> None:
    """An import needs less than half of the memory that the function has."""
    told = start({"KeyPairName": "memory", "PublicKeyBody": public_key})

    assert told.peak_kb < MEMORY_OF_AN_IMPORT


def test_refuses_without_the_sdk(start: Callable[..., Told], public_key: str) -> None:
    """A bad key is refused by an instance that has not loaded the SDK, and does not load it."""
    told = start({"KeyPairName": "bad", "PublicKeyBody": public_key[:100]}, initialize=False)

    (refusal,) = told.answers
    assert "InvalidPublicKeyBody.Malformed" == refusal["answer"]["Code"]
    assert [] == [module for module in told.modules if module.startswith(SDK)]
    assert [] == [module for module in told.modules if module in NOT_FOR_A_REFUSAL]
    assert len(told.modules) <= MODULES_OF_A_REFUSAL


def test_its_log_has_its_version(start: Callable[..., Told], public_key: str) -> None:
    """A line of the package's log names the sources that it was built of."""
    told = start({"KeyPairName": "version", "PublicKeyBody": public_key})

    version = version_of(SRC, packaged_files(SRC))
    assert {version} == {json.loads(line)["version"] for line in told.log.splitlines()}


def test_nothing_is_compiled_again(
    start: Callable[..., Told], package: Package, public_key: str
) -> None:
    """Every module that an import loads is there compiled: Python finds none to write."""
    before = files(package.code)

    start({"KeyPairName": "compiled", "PublicKeyBody": public_key})

    assert before == files(package.code)


@pytest.mark.parametrize(
    "module",
    [
        pytest.param("alibabacloud_oss_v2", id="the OSS SDK, for uploads"),
        pytest.param("cryptography.hazmat.primitives.serialization", id="cryptography, for PEM"),
        pytest.param("structlog", id="structlog"),
    ],
)
def test_loads_the_rest(module: str, package: Package) -> None:
    """What other requests need is in the package too, whatever was left out beside it."""
    code = f"import sys; sys.path.insert(0, sys.argv[1]); import {module}"

    run = subprocess.run([package.python, "-I", "-S", "-c", code, package.code], check=False)

    assert 0 == run.returncode
