"""The role's credentials, as each runtime hands them over."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from adapters.credentials import VARIABLES, Credentials, role_credentials
from core.errors import RoleCredentialsUnusable

WHOLE = {
    "access_key_id": "planted-id",
    "access_key_secret": "planted-secret",
    "security_token": "planted+token/0=",
}
ENVIRON = {VARIABLES[name]: value.replace("planted", "environ") for name, value in WHOLE.items()}


def context(**values: object) -> SimpleNamespace:
    """Make python3.10's context."""
    return SimpleNamespace(credentials=SimpleNamespace(**values))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(context(**WHOLE), "planted-id", id="python3.10: the context has them"),
        pytest.param(SimpleNamespace(), "environ-id", id="python3.12: no such member"),
        pytest.param(SimpleNamespace(credentials=None), "environ-id", id="none"),
        pytest.param(context(), "environ-id", id="credentials without members"),
        pytest.param(context(**dict.fromkeys(WHOLE, "")), "environ-id", id="empty strings"),
        pytest.param(context(**dict.fromkeys(WHOLE)), "environ-id", id="all of them None"),
    ],
)
def test_the_context_comes_first(given: object, expected: str) -> None:
    """The context is newer than the environment, where it has anything to say."""
    assert expected == role_credentials(given, ENVIRON).access_key_id


def test_all_three() -> None:
    """What was handed over is what is used, character by character."""
    assert Credentials(**WHOLE) == role_credentials(context(**WHOLE), {})


@pytest.mark.parametrize("missing", list(WHOLE))
@pytest.mark.parametrize("absent", [True, False], ids=["absent", "empty"])
@pytest.mark.parametrize("runtime", ["python3.10", "python3.12"])
def test_one_is_missing(runtime: str, missing: str, *, absent: bool) -> None:
    """Without one of the three there are none; which one is said, and it is a matter of retry."""
    values = {name: value for name, value in WHOLE.items() if name != missing}
    if not absent:
        values[missing] = ""
    if runtime == "python3.10":
        given, environ = context(**values), ENVIRON
    else:
        given = SimpleNamespace()
        environ = {VARIABLES[name]: value for name, value in values.items()}

    with pytest.raises(RoleCredentialsUnusable) as failure:
        role_credentials(given, environ)

    assert missing in failure.value.description
    assert (503, True, "role_credentials") == (
        failure.value.status,
        failure.value.retryable,
        failure.value.reason,
    )


@pytest.mark.parametrize("name", list(WHOLE))
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("planted\n", id="a line break at the end"),
        pytest.param(" planted", id="a blank in front"),
        pytest.param("plan ted", id="a blank within"),
        pytest.param("planted\r\nX-Acs-Evil: 1", id="a header of its own"),
        pytest.param("planted\0", id="a NUL"),
        pytest.param("plänted", id="no ASCII"),
        pytest.param("planted\u200b", id="a zero-width space"),
        pytest.param(b"planted", id="bytes"),
        pytest.param(17, id="a number"),
    ],
)
def test_malformed(name: str, value: object) -> None:
    """What cannot be a credential is found here, named, and not shown."""
    with pytest.raises(RoleCredentialsUnusable) as failure:
        role_credentials(context(**WHOLE | {name: value}), {})

    assert "role_credentials" == failure.value.reason
    assert name in failure.value.description
    assert "plan" not in failure.value.description


def test_they_are_read_anew() -> None:
    """Credentials that the runtime changed are used from the next invocation on."""
    environ = dict(ENVIRON)
    before = role_credentials(SimpleNamespace(), environ)
    environ["ALIBABA_CLOUD_SECURITY_TOKEN"] = "another-token"

    assert "environ+token/0=" == before.security_token
    assert "another-token" == role_credentials(SimpleNamespace(), environ).security_token


def test_they_are_never_shown() -> None:
    """A repr ends in logs and tracebacks."""
    assert "planted" not in repr(Credentials(**WHOLE))
