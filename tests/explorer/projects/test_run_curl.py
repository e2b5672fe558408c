"""Scripts for curl and Alibaba Cloud CLI, unzipped and run."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from explorer.projects import Call
from tests.explorer.projects.courses import COURSES, Course, follow
from tests.explorer.projects.running import run, unzip

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.explorer.projects.conftest import Address
    from tests.keys.ssh_keys import SshKey

PATH = {"PATH": os.environ["PATH"]}
COMMAND = ["bash", "import-key-pair.sh"]
MISSING = [tool for tool in ("bash", "curl", "openssl") if not shutil.which(tool)]


@pytest.mark.skipif(bool(MISSING), reason=f"not there: {MISSING}")
@pytest.mark.parametrize("course", COURSES)
def test_curl_ends_as_its_exit_code_says(
    course: Course, addresses: Mapping[str, Address], key: SshKey, name: str, tmp_path: Path
) -> None:
    """Its signature is verified by devcloud, as an SDK's is."""
    follow(
        course,
        "curl",
        COMMAND,
        addresses[course.way],
        key=key,
        name=name,
        folder=tmp_path,
        environment=PATH,
    )


REFUSAL = """ERROR: SDK.ServerError
ErrorCode: InvalidPublicKeyBody.Malformed
Recommend: see the manual
RequestId: 473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E
Message: The PublicKeyBody format is not supported.
"""


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not there")
@pytest.mark.parametrize(
    ("printed", "ended", "status"),
    [
        pytest.param('{"KeyPairName": "alice"}', 0, 0, id="imported"),
        pytest.param(REFUSAL, 1, 1, id="refused"),
        pytest.param("ERROR: dial tcp 127.0.0.1:1: connection refused", 1, 2, id="no connection"),
        pytest.param("ERROR: no credential", 3, 2, id="not configured"),
    ],
)
def test_the_cli_ends_as_its_exit_code_says(
    printed: str, ended: int, status: int, tmp_path: Path
) -> None:
    """A stand-in prints and ends as Alibaba Cloud CLI 3 does; it is given the very parameters."""
    call = Call("it's", 'ssh-rsa AAAA $HOME `x` "quoted" \\', url="http://127.0.0.1:1")
    folder = unzip("aliyun-cli", call, tmp_path)
    stand_in = tmp_path / "aliyun"
    stand_in.write_text(
        f'#!/bin/sh\nprintf "%s\\0" "$@" >arguments\ncat printed\nexit {ended}\n', encoding="ascii"
    )
    stand_in.chmod(0o755)
    (folder / "printed").write_text(printed, encoding="utf-8")

    finished = run(COMMAND, folder, {"PATH": f"{tmp_path}:{os.environ['PATH']}"})

    assert status == finished.status, finished
    given = (folder / "arguments").read_text(encoding="utf-8").split("\0")[:-1]
    assert [
        "ens",
        "ImportKeyPair",
        "--endpoint",
        "127.0.0.1:1",
        "--insecure",
        "--KeyPairName",
        call.key_pair_name,
        "--PublicKeyBody",
        call.public_key_body,
    ] == given
