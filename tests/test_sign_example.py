"""The signed request of README: what examples/sign.py prints passes the trigger's check."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from devcloud import DevCloud
from examples.sign import main
from tests.invocation import ROLE_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.keys.ssh_keys import SshKey


@pytest.fixture(scope="module")
def guarded() -> Iterator[DevCloud]:
    with DevCloud(function=True, enforce_auth=True) as cloud:
        yield cloud


@pytest.fixture
def public_file(key: SshKey, tmp_path: Path) -> Path:
    file = tmp_path / "id_rsa.pub"
    file.write_text(key.line, encoding="ascii")
    return file


@pytest.fixture
def _as_user(guarded: DevCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    user = guarded.user_credentials()
    values = (user.access_key_id, user.access_key_secret, user.security_token or "")
    for name, value in zip(ROLE_VARIABLES, values, strict=True):
        monkeypatch.setenv(name, value)


def sent(printed: str) -> requests.Response:
    """Send what curl would send."""
    (url,) = re.findall('^url = "(.*)"$', printed, re.MULTILINE)
    (file,) = re.findall('^data-binary = "@(.*)"$', printed, re.MULTILINE)
    headers = dict(re.findall('^header = "([^:]*): (.*)"$', printed, re.MULTILINE))
    return requests.post(url, Path(file).read_bytes(), headers=headers, timeout=30)


@pytest.mark.usefixtures("_as_user")
@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        pytest.param([], "imported", id="import"),
        pytest.param(["--dry-run"], "validated", id="dry run"),
    ],
)
def test_the_signature_is_taken(
    guarded: DevCloud,
    public_file: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    outcome: str,
) -> None:
    """A RAM user who may invoke the function imports a key; the file's content is not printed."""
    main([guarded.function_url, str(public_file), "signed", *options])
    printed = capsys.readouterr().out

    answer = sent(printed)

    assert (200, outcome) == (answer.status_code, answer.headers["X-Import-Outcome"])
    assert public_file.read_text(encoding="ascii").split()[1] not in printed


@pytest.mark.usefixtures("_as_user")
def test_another_name_than_the_signed_one_is_refused(
    guarded: DevCloud, public_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gateway refuses; the function is not reached."""
    main([guarded.function_url, str(public_file), "signed"])

    answer = sent(capsys.readouterr().out.replace("KeyPairName=signed", "KeyPairName=other"))

    assert (403, "FcCommonError") == (answer.status_code, answer.headers["x-fc-error-type"])


def test_says_which_variable_is_missing(
    public_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of a traceback."""
    monkeypatch.delenv(ROLE_VARIABLES[0], raising=False)

    with pytest.raises(SystemExit):
        main(["https://example.com", str(public_file), "alice"])

    assert f"{ROLE_VARIABLES[0]} is not set" in capsys.readouterr().err
