"""``python -m devcloud``, as a process."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
import requests

from devcloud import Credentials
from devcloud.__main__ import main
from tests.devcloud.clients import RawRequest
from tests.devcloud.conftest import PROBE
from tests.fakes.provider import ProviderKey
from tests.paths import PROJECT


def endpoints(output: IO[str]) -> dict[str, str]:
    """Read what it prints until it is ready."""
    found: dict[str, str] = {}
    for line in output:
        if line.startswith("ready"):
            return found
        name, url = re.split(r"\s{2,}", line.strip())[:2]
        found[name] = url
    raise AssertionError("it ended before it was ready")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_runs_until_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    """Endpoints are printed, credentials written for the owner alone, and all ends cleanly."""
    file = tmp_path / "role.sh"
    options = ["--function", "--project", str(PROBE), "--role-credentials", str(file)]
    with subprocess.Popen(
        [sys.executable, "-m", "devcloud", *options], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        found = endpoints(process.stdout)
        script = file.read_text(encoding="ascii")
        mode = file.stat().st_mode & 0o777
        exported = dict(re.findall(r"export (\w+)='([^']*)'", script))
        function_answer = requests.get(found["function"], timeout=10).status_code
        ens_answer = _describe(found["ENS"], exported)
        process.send_signal(number)
        printed = process.stdout.read()

    assert 0 == process.returncode
    assert {"ENS", "STS", "OSS", "function", "API Gateway", "FC API"} == set(found)
    assert (0o600, 200, 403) == (mode, function_answer, ens_answer)
    assert not file.exists()
    assert exported["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] not in printed


def _describe(endpoint: str, exported: dict[str, str]) -> int:
    credentials = Credentials(
        exported["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        exported["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        exported["ALIBABA_CLOUD_SECURITY_TOKEN"],
    )
    request = RawRequest(endpoint, headers={"x-acs-action": "DescribeKeyPairs"})
    return request.signed(credentials).send().status  # the probe's role may do nothing


def run(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command, which is to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "devcloud", *options],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--port", "0"], "0 is no port from 1 to 65533; the next two are used too"),
        (["--port", "65534"], "65534 is no port from 1 to 65533; the next two are used too"),
        (["--port", "-1"], "-1 is no port from 1 to 65533; the next two are used too"),
        (["--port", "9" * 5000], "is no port from 1 to 65533; the next two are used too"),
        (["--throttle", "0"], "0 is no number above 0"),
        (["--throttle", "-1"], "-1 is no number above 0"),
        (["--throttle", "nan"], "nan is no number above 0"),
        (["--throttle", "inf"], "inf is no number above 0"),
        (["--throttle", "many"], "many is no number above 0"),
        (["--project", "nowhere"], "there is no folder nowhere"),
    ],
)
def test_a_wrong_option_is_told_in_a_sentence(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As argparse tells it, with the usage above."""
    with pytest.raises(SystemExit) as ended:
        main(options)
    told = capsys.readouterr().err

    assert 2 == ended.value.code
    assert f"error: argument {options[0]}: " in told
    assert told.endswith(f"{sentence}\n")


def assert_told(ended: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert (1, f"python -m devcloud: {sentence}\n") == (ended.returncode, ended.stderr)


def test_a_port_in_use_is_told() -> None:
    """ENS's, or the function's after it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        assert_told(
            run("--port", str(port)), f"A port from {port} to {port + 2} is in use: see --port."
        )


def test_another_template() -> None:
    """s.jwt.yaml as it is: without the audience that it demands, nothing is run."""
    command = ["-m", "devcloud", "--function", "--template", "s.jwt.yaml", "--enforce-auth"]
    half = {
        "PATH": "/usr/bin:/bin",
        "JWK_KID": "key-1",
        "JWK_N": ProviderKey().jwk["n"],
        "JWT_ISSUER": "https://id.example",
    }

    refused = subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env=half,
        capture_output=True,
        text=True,
        check=False,
    )
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=PROJECT,
        env={**half, "JWT_AUDIENCE": "key-import"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        found = endpoints(process.stdout)
        answer = requests.get(found["function"], timeout=10)
        process.send_signal(signal.SIGTERM)

    assert_told(refused, "the environment variable JWT_AUDIENCE is needed, and is not set")
    assert (403, 0) == (answer.status_code, process.returncode)


def test_a_folder_without_a_function_is_told(tmp_path: Path) -> None:
    """--function needs an s.yaml."""
    ended = run("--function", "--project", tmp_path)

    assert 1 == ended.returncode
    assert ended.stderr.startswith("python -m devcloud: s.yaml cannot be read")
    assert 1 == ended.stderr.count("\n")


OPTIONS = ["--role-credentials", "--user-credentials"]


@pytest.mark.parametrize("option", OPTIONS)
def test_overwrites_no_file(tmp_path: Path, option: str) -> None:
    """A file that is there is somebody's."""
    file = tmp_path / "mine"
    file.write_text("precious", encoding="ascii")

    assert_told(run(option, file), f"{file} is there, and was not written by devcloud: it is kept.")
    assert "precious" == file.read_text(encoding="ascii")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(lambda file: file.mkdir(), "Is a directory", id="a folder"),
        pytest.param(
            lambda file: file.symlink_to("precious"), "Too many levels of symbolic links", id="link"
        ),
    ],
)
def test_an_unwritable_credentials_file_is_told(
    tmp_path: Path, make: Callable[[Path], None], why: str
) -> None:
    """Also one in a folder that is not there; a link is not followed."""
    file = tmp_path / "file"
    make(file)
    lost = tmp_path / "nowhere" / "file"

    assert_told(run("--role-credentials", file), f"{file} cannot be written: {why}.")
    assert_told(
        run("--role-credentials", lost), f"{lost} cannot be written: No such file or directory."
    )


def test_a_file_of_a_running_devcloud_is_kept_and_a_stale_one_is_replaced(tmp_path: Path) -> None:
    """Whoever is killed leaves its file behind; the next one takes it over, and away."""
    file = tmp_path / "role.sh"
    command = [sys.executable, "-m", "devcloud", "--role-credentials", str(file)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        endpoints(first.stdout)
        stale = file.read_text(encoding="ascii")
        assert_told(
            run("--role-credentials", file), f"{file} belongs to a devcloud that is running."
        )
        first.kill()
    assert stale == file.read_text(encoding="ascii")
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as second:
        assert second.stdout is not None
        endpoints(second.stdout)
        assert stale != file.read_text(encoding="ascii")
        second.send_signal(signal.SIGTERM)

    assert 0 == second.returncode
    assert not file.exists()


def test_helps() -> None:
    """--help names every option."""
    run = subprocess.run(
        [sys.executable, "-m", "devcloud", "--help"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )

    for option in ("--duplicate-names", "--function", "--enforce-auth", "--port", "--runtime"):
        assert option in run.stdout


def test_is_ready_without_what_is_not_needed_yet() -> None:
    """What is not light is loaded with the first key, token, s.yaml or invocation."""
    script = (
        "import sys; from devcloud import DevCloud; cloud = DevCloud(); cloud.__enter__(); "
        "print({'cryptography', 'yaml', 'http.client', 'ssl', 'unittest'} & set(sys.modules)); "
        "cloud.__exit__()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert "set()\n" == ended.stdout
