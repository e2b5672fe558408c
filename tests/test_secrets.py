"""
Planted secrets, sent along every path, are seen nowhere: no log line, answer or exception.

The one exception is by design: a public key that was refused for its wrapping may come back to its
sender in the Description, corrected, ready to be pasted again.
"""

from __future__ import annotations

import http.client
import json
import logging
import traceback
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

import pytest

from core.errors import ImportFailure
from devcloud import DevCloud, Fault
from tests.adapters.calls import everything_said
from tests.callers import DirectCaller
from tests.conftest import IMPATIENT
from tests.fakes.key_pairs import valid_pair
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.keys.ssh_keys import SshKey

WINDOW = 16  # characters of a secret in a row that count as a leak


def windows(secret: str) -> Iterator[str]:
    """Yield pieces of a secret, plain and as they look in a URL."""
    for text in {secret, quote(secret, safe="")}:
        yield from (text[at : at + WINDOW] for at in range(0, len(text) - WINDOW + 1, WINDOW // 2))


def leaks(said: str, *secrets: str) -> list[str]:
    """Return the pieces of secrets that stand in a text."""
    return [piece for secret in secrets for piece in windows(secret) if piece in said]


def private_parts(key: SshKey) -> str:
    """Return the base64 of a private key, without its first block, which every such key shares."""
    return "".join(key.private.splitlines()[1:-1])[64:]


def test_what_counts_as_a_leak(key: SshKey) -> None:
    """The search finds a piece of a secret as it is and as it stands in a URL."""
    middle = key.body[100:140]

    assert leaks(f"...{middle}...", key.body)
    assert leaks(f"/?PublicKeyBody={quote(middle, safe='')}", key.body)
    assert not leaks(f"{key.body[:10]} {key.md5}", key.body)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: as (headers, body), or as query."""

    body: bytes
    content_type: str = "application/json"
    query: str = ""
    method: str = "POST"


def as_json(**parameters: object) -> Sent:
    return Sent(json.dumps(parameters).encode())


def as_form(**parameters: str) -> Sent:
    return Sent(urlencode(parameters).encode(), "application/x-www-form-urlencoded")


def as_query(**parameters: str) -> Sent:
    return Sent(b"", query="?" + urlencode(parameters))


def as_body(text: str, name: str = "alice") -> Sent:
    return Sent(text.encode(), "text/plain", f"?KeyPairName={name}")


def as_rpc(**parameters: str) -> Sent:
    common = {"Action": "ImportKeyPair", "Version": "2017-11-10"}
    return Sent(b"", query="?" + urlencode(common | parameters), method="GET")


def say(url: str, sent: Sent) -> str:
    """Send a request; return all that came back."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        headers = {"Content-Type": sent.content_type}
        connection.request(sent.method, "/" + sent.query, sent.body, headers)
        response = connection.getresponse()
        head = "".join(f"{name}: {value}\n" for name, value in response.getheaders())
        return f"{response.status}\n{head}\n{response.read().decode()}"
    finally:
        connection.close()


@pytest.fixture(scope="module")
def cloud() -> Iterator[DevCloud]:
    """A function that is told to say all it can."""
    settings = IMPATIENT | {"DEBUG": "sdk", "LOG_LEVEL": "DEBUG", "PYTHONDEVMODE": "1"}
    with DevCloud(function=True, function_env=settings, project=PROJECT) as running:
        yield running


def credentials_of(cloud: DevCloud) -> list[str]:
    """Return every secret and token that the cloud has issued so far."""
    issued = [credentials for credentials, _ in cloud._keyring._issued.values()]
    return [c.access_key_secret for c in issued] + [c.security_token or "" for c in issued]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda key: as_json(KeyPairName="alice", PublicKeyBody=key), id="JSON"),
        pytest.param(lambda key: as_json(KeyPairName=key, PublicKeyBody=key), id="as the name"),
        pytest.param(lambda key: as_json(KeyPairName=key), id="as the name alone"),
        pytest.param(lambda key: as_json(PublicKeyBody=key), id="without a name"),
        pytest.param(lambda key: as_json(publicKeyBody=key, KeyPairName="alice"), id="misspelt"),
        pytest.param(lambda key: as_json(KeyPairName="alice", PublicKeyBody=[key]), id="in a list"),
        pytest.param(
            lambda key: as_json(KeyPairName="alice", PublicKeyBody={"a": key}), id="in an object"
        ),
        pytest.param(
            lambda key: as_json(KeyPairName="alice", PublicKeyBody="ssh-rsa", DryRun=key),
            id="as a flag",
        ),
        pytest.param(lambda key: as_json(**{key: "alice"}), id="as a parameter's name"),
        pytest.param(lambda key: as_form(KeyPairName="alice", PublicKeyBody=key), id="form"),
        pytest.param(lambda key: as_query(KeyPairName="alice", PublicKeyBody=key), id="query"),
        pytest.param(lambda key: as_rpc(KeyPairName="alice", PublicKeyBody=key), id="RPC"),
        pytest.param(lambda key: as_rpc(Action=key), id="RPC, as the action"),
        pytest.param(as_body, id="body"),
        pytest.param(lambda key: Sent(key.encode(), key[:30]), id="as a content type"),
        pytest.param(lambda key: Sent(b'{"PublicKeyBody": "' + key.encode()), id="cut JSON"),
        pytest.param(lambda key: Sent(f"[{key!r}]".encode()), id="no JSON"),
        pytest.param(lambda key: Sent(key.encode("utf-16")), id="UTF-16"),
        pytest.param(
            lambda key: as_body(f"ssh-rsa AAAA {key}"), id="after something like a public key"
        ),
    ],
)
def test_a_private_key(cloud: DevCloud, key: SshKey, make: Callable[[str], Sent]) -> None:
    """A private key is seen nowhere again, however it was sent; nor is it passed on."""
    start, calls = len(cloud.function_logs()), len(cloud.calls)

    said = say(cloud.function_url, make(key.private))

    secret = private_parts(key)
    assert [] == leaks(said, secret)
    assert [] == leaks(cloud.function_logs()[start:], secret)
    assert calls == len(cloud.calls)


WAYS = {
    "imported": None,
    "refused by ENS": Fault.error("InvalidParameter"),
    "malformed, ENS says": Fault.error("InvalidPublicKeyBody.Malformed"),
    "no permission": Fault.error("NoPermission"),
    "credentials": Fault.error("InvalidSecurityToken.Expired"),
    "throttled": Fault.throttled(),
    "500": Fault.unavailable(500),
    "reset": Fault.reset_before_answer(),
    "cut": Fault.cut_answer(),
    "no answer": Fault.never_answer(),
    "HTML": Fault.html(),
    "no JSON": Fault.truncated_json(),
    "another fingerprint": Fault.wrong_fingerprint(),
}


def deliveries() -> list[pytest.ParameterSet]:
    """Every way in which a call of ENS ends, and no connection at all."""
    ways = [
        pytest.param(fault, lambda _cloud: nullcontext(), id=name) for name, fault in WAYS.items()
    ]
    return [
        *ways,
        pytest.param(None, DevCloud.refusing_connections, id="connection refused"),
        pytest.param(None, DevCloud.ignoring_connections, id="connect time-out"),
    ]


@pytest.mark.parametrize(("fault", "surroundings"), deliveries())
def test_a_public_key_and_the_roles_credentials(
    delivering: DevCloud,
    fault: Fault | None,
    surroundings: Callable[[DevCloud], AbstractContextManager[None]],
    key: SshKey,
    name: str,
) -> None:
    """However the import ends, neither key nor credentials are in the answer or the log."""
    if fault:
        delivering.fail_next("ImportKeyPair", fault)
    start = len(delivering.function_logs())

    with surroundings(delivering):
        said = say(delivering.function_url, as_json(KeyPairName=name, PublicKeyBody=key.line))

    log = delivering.function_logs()[start:]
    assert '"ENS was called"' in log  # at DEBUG, there is something to look through
    assert [] == leaks(said, key.body, *credentials_of(delivering))
    assert [] == leaks(log, key.body, *credentials_of(delivering))


@pytest.mark.parametrize(("fault", "surroundings"), deliveries())
@pytest.mark.parametrize("look_up_first", [False, True])
def test_exceptions(
    *,
    delivering: DevCloud,
    fault: Fault | None,
    surroundings: Callable[[DevCloud], AbstractContextManager[None]],
    look_up_first: bool,
    key: SshKey,
    name: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Nothing secret hangs on what a delivery raises, and no library says anything of it."""
    for action in ("DescribeKeyPairs", "ImportKeyPair") if fault else ():
        delivering.fail_next(action, fault or Fault.html())
    caller = DirectCaller(
        delivering.ens_endpoint,
        delivering.role_credentials(),
        look_up_first=look_up_first,
        is_patient=False,
    )

    said = ""
    with surroundings(delivering), caplog.at_level(logging.DEBUG):
        try:
            caller.exactly_once().import_key_pair(valid_pair(name, key.line, key.md5))
        except ImportFailure as failure:
            said = everything_said(failure) + "".join(traceback.format_exception(failure))

    said += caplog.text + "".join(capfd.readouterr()) + repr(caller.observed)
    assert [] == leaks(said, key.body, *credentials_of(delivering))


@pytest.fixture
def delivering(cloud: DevCloud) -> DevCloud:
    """The cloud, with no fault of another test."""
    cloud.faults.clear()
    return cloud


@pytest.mark.parametrize(
    "wrapped",
    [
        pytest.param('"{}"', id="quoted"),
        pytest.param("> {}", id="from an e-mail"),
        pytest.param("export KEY='{}'", id="from a shell"),
    ],
)
def test_a_mended_public_key(cloud: DevCloud, key: SshKey, wrapped: str) -> None:
    """The corrected line goes to whoever sent the key, as a member, and into no log line."""
    start = len(cloud.function_logs())

    said = say(cloud.function_url, as_body(wrapped.format(key.line)))

    assert said.startswith("400")
    body = json.loads(said.partition("\n\n")[2])
    assert key.line == body.pop("Corrected")
    assert [] == leaks(json.dumps(body), key.body)
    assert [] == leaks(said.partition("\n\n")[0], key.body)
    assert [] == leaks(cloud.function_logs()[start:], key.body)


@pytest.mark.parametrize("event", ["direct", "cut", "in a list"])
def test_direct_invocations(cloud: DevCloud, key: SshKey, event: str) -> None:
    """The InvokeFunction API hands over whatever it is given; its answer and log are as clean."""
    text = json.dumps({"KeyPairName": "alice", "PublicKeyBody": key.private})
    events = {"direct": text, "cut": text[:-9], "in a list": f"[{text}]"}
    start = len(cloud.function_logs())

    result = cloud.invoke(events[event].encode())

    assert "" == result.error_type
    assert [] == leaks(result.body.decode(), private_parts(key))
    assert [] == leaks(cloud.function_logs()[start:], private_parts(key))
