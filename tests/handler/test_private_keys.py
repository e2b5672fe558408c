"""Whoever sends a private key is told that before anything else, wherever in a request it is."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.events.gallery import ALICE, ALICE_KEY, FORM, api_gateway_event, as_json, http_event
from tests.events.uploads import BUCKET, event_of, put
from tests.invocation import invoke
from tests.keys.private_keys import armoured, binaries, body_of, jwk
from tests.keys.public_keys import BARE

if TYPE_CHECKING:
    from collections.abc import Callable

    from devcloud import DevCloud
    from tests.invocation import Answered

WINDOW = 16  # characters of a private key in a row that count as a leak
PEM = armoured()["rsa traditional"]
OPENSSH = armoured()["rsa openssh"]
LINES = PEM.splitlines()
BOUNDARY = "------------------------d74496d66958873e"
FIRST_LINES = {
    name: body_of(text)[:64] for name, text in armoured().items() if "al encrypted" not in name
}
# As far as they are a valid name: + and / are in none.
VALID_NAMES = {
    name: re.split("[+/]", line)[0]
    for name, line in FIRST_LINES.items()
    if name != "ec traditional"
}


def multipart(*parts: tuple[str, str]) -> str:
    written = "".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {name}\r\n\r\n{content}\r\n"
        for name, content in parts
    )
    return f"{written}--{BOUNDARY}--\r\n"


# What is sent in the body of a POST, and under which content type.
BODIES: dict[str, tuple[str, str | None]] = {
    "the body itself": (PEM, None),
    "the body, with another content type": (PEM, "text/csv"),
    "publicKeyBody": (as_json(KeyPairName="alice", publicKeyBody=PEM), "application/json"),
    "KeyPairName": (as_json(KeyPairName=PEM, PublicKeyBody=ALICE_KEY), "application/json"),
    "KeyPairName alone": (as_json(KeyPairName=PEM), "application/json"),
    "DryRun": (as_json(**ALICE, DryRun=PEM), "application/json"),
    "a list of lines": (as_json(KeyPairName="alice", PublicKeyBody=LINES), "application/json"),
    "a list of its lines of base64": (
        as_json(KeyPairName="alice", PublicKeyBody=LINES[1:-1]),
        "application/json",
    ),
    "an object": (as_json(KeyPairName="alice", PublicKeyBody=jwk()), "application/json"),
    "an unknown member": (as_json(KeyPairName="alice", Key={"a": [PEM]}), "application/json"),
    "an unknown member alone": (as_json(data=b64encode(PEM.encode()).decode()), None),
    "a member's name": (as_json(**{PEM: "alice"}), "application/json"),
    "a member that is given twice": (
        f'{{"PublicKeyBody": {json.dumps(PEM)}, "PublicKeyBody": "x"}}',
        "application/json",
    ),
    "JSON that is cut off": (as_json(KeyPairName="a", PublicKeyBody=PEM)[:-9], "application/json"),
    "JSON that was written twice": (
        json.dumps(as_json(KeyPairName="alice", PublicKeyBody=PEM)),
        "application/json",
    ),
    "a form": (urlencode({"KeyPairName": "alice", "PublicKeyBody": PEM}), FORM),
    "a second field of a form": (urlencode({"KeyPairName": "alice", "key": PEM}), FORM),
    "a second field in pieces": (
        urlencode({**ALICE, "PublicKeyBody": "x", "b": " ".join(body_of(PEM))}),
        FORM,
    ),
    "a second field as a binary": (
        urlencode({"KeyPairName": "alice", "key": binaries()["Dropbear, rsa"]}),
        FORM,
    ),
    "a part": (
        multipart(('name="KeyPairName"', "alice"), ('name="PublicKeyBody"', PEM)),
        f"multipart/form-data; boundary={BOUNDARY}",
    ),
    "a part of another name": (
        multipart(('name="KeyPairName"', "alice"), ('name="file"; filename="id"', PEM)),
        f"multipart/form-data; boundary={BOUNDARY}",
    ),
    "a part without a name": (
        multipart(("x", body_of(PEM))),
        f"multipart/form-data; boundary={BOUNDARY}",
    ),
    "parts without a boundary": (multipart(('name="a"', PEM)), "multipart/form-data"),
    "at the start of 70 KiB": (PEM + "x" * 70 * 1024, None),
    "at the start of 70 KiB of base64": (body_of(PEM) + "A" * 70 * 1024, None),
    "70 KiB as JSON": (as_json(PublicKeyBody=PEM, x="x" * 70 * 1024), "application/json"),
    "at the start of 2 MB": (PEM + "x" * 2 * 1024 * 1024, None),
}
# What else of an HTTP event may hold one.
EVENTS: dict[str, dict[str, Any]] = {
    "a contradicting query": {
        "body": as_json(**ALICE),
        "queryParameters": {"KeyPairName": "bob", "PublicKeyBody": PEM},
    },
    "a query that contradicts the body": {
        "body": as_json(KeyPairName="alice", PublicKeyBody=PEM),
        "queryParameters": {"PublicKeyBody": ALICE_KEY},
    },
    "another method": {"body": PEM, "method": "PUT"},
    "the query of a GET": {"method": "GET", "queryParameters": {"PublicKeyBody": PEM}},
    "the query of a GET, another name": {"method": "GET", "queryParameters": {"k": body_of(PEM)}},
    "another action": {
        "queryParameters": {"Action": "DescribeKeyPairs", "Version": "2017-11-10", "a": PEM}
    },
    "another version": {
        "queryParameters": {"Action": "ImportKeyPair", "Version": "2014-05-26"} | ALICE
        | {"PublicKeyBody": PEM}
    },
    "the action": {"queryParameters": {"Action": PEM}},
    "a header": {"body": "x", "headers": {"X-Key": PEM.replace("\n", " ")}},
    "the content type": {"body": "x", "headers": {"Content-Type": PEM.replace("\n", " ")}},
    "a header that is a parameter": {"body": as_json(**ALICE), "headers": {"DryRun": body_of(PEM)}},
    "the path": {"body": "x", "path": f"/{body_of(PEM)}"},
    "a body that is base64": {
        "body": b64encode(PEM.encode()).decode(), "isBase64Encoded": True
    },
    "a binary body": {
        "body": b64encode(binaries()["PKCS#12"]).decode(), "isBase64Encoded": True
    },
    "70 KiB of base64": {
        "body": b64encode(PEM.encode() + bytes(70 * 1024)).decode(), "isBase64Encoded": True
    },
    "a body that is not the base64 it is called": {"body": PEM, "isBase64Encoded": True},
    "a body that is no string": {"body": {"PublicKeyBody": PEM}},
}  # fmt: skip
# Direct events of their own.
DIRECT: dict[str, bytes] = {
    "an unknown event": as_json(key=PEM).encode(),
    "an unknown event in a list": json.dumps([{"key": PEM}]).encode(),
    "a list of lines": json.dumps(LINES).encode(),
    "a string": json.dumps(PEM).encode(),
    "no JSON": PEM.encode(),
    "no JSON, a binary": binaries()["Dropbear, ed25519"],
    "a JWK": json.dumps(jwk()).encode(),
    "deep in an object": as_json(a=[{"b": [[{"c": {"d": body_of(PEM)}}]]}]).encode(),
    "one of 2,000 members": as_json(**{f"m{n}": f"v{n}" * 9 for n in range(2000)}, k=PEM).encode(),
    "JSON that was written twice": json.dumps(json.dumps({"PublicKeyBody": PEM})).encode(),
    "at the start of 2 MB of no JSON": PEM.encode() + b"x" * 2 * 1024 * 1024,
    "UTF-16": as_json(KeyPairName="alice", Key=PEM).encode("utf-16"),
}  # fmt: skip


def check(answered: Answered, secret: str) -> None:
    """It is told, the owner's alarm is heard, and nothing of it is seen again."""
    assert "private_key" == answered.body["Reason"]
    assert "STOP" in answered.body["Description"]
    assert "private_key" == answered.line["reason"]
    said = answered.written + json.dumps(answered.answer)
    assert [] == leaks(said, secret)


def leaks(said: str, secret: str) -> list[str]:
    return [
        secret[at : at + WINDOW]
        for at in range(len(secret) - WINDOW + 1)
        if secret[at : at + WINDOW] in said
    ]


@pytest.mark.parametrize("event", [http_event, api_gateway_event], ids=["HTTP", "API Gateway"])
@pytest.mark.parametrize("place", BODIES)
@pytest.mark.usefixtures("no_role")
def test_in_a_body(place: str, event: Callable[..., bytes]) -> None:
    """Whatever the body is called, and however large it is."""
    body, content_type = BODIES[place]
    headers = {} if content_type is None else {"Content-Type": content_type}

    check(invoke(event(body, headers=headers)), body_of(PEM))


@pytest.mark.parametrize("event", [http_event, api_gateway_event], ids=["HTTP", "API Gateway"])
@pytest.mark.parametrize("place", EVENTS)
@pytest.mark.usefixtures("no_role")
def test_beside_a_body(place: str, event: Callable[..., bytes]) -> None:
    """Method, action, query and headers are judged after it."""
    members = dict(EVENTS[place])
    if event is api_gateway_event and place == "the path":
        members["pathParameters"] = {"proxy": members.pop("path")}

    check(invoke(event(**members)), body_of(PEM))


@pytest.mark.parametrize("place", [name for name in BODIES if BODIES[name][0].startswith("{")])
@pytest.mark.usefixtures("no_role")
def test_in_a_direct_event(place: str) -> None:
    """What is an object in a body is a direct event, too."""
    check(invoke(BODIES[place][0].encode()), body_of(PEM))


@pytest.mark.parametrize("place", DIRECT)
@pytest.mark.usefixtures("no_role")
def test_in_an_unknown_event(place: str) -> None:
    """And so is what no trigger sends."""
    check(invoke(DIRECT[place]), body_of(PEM))


@pytest.mark.parametrize("form", VALID_NAMES)
@pytest.mark.parametrize(
    "event",
    [
        pytest.param(lambda name: http_event(as_json(**ALICE | {"KeyPairName": name})), id="HTTP"),
        pytest.param(
            lambda name: api_gateway_event(as_json(**ALICE | {"KeyPairName": name})),
            id="API Gateway",
        ),
        pytest.param(lambda name: as_json(**ALICE | {"KeyPairName": name}).encode(), id="direct"),
        pytest.param(
            lambda name: as_json(**ALICE | {"KeyPairName": name}, DryRun=True).encode(),
            id="dry run",
        ),
    ],
)
@pytest.mark.usefixtures("no_role")
def test_a_valid_name_that_is_a_first_line(form: str, event: Callable[[str], bytes]) -> None:
    """It keeps the naming rule, and is neither accepted nor logged nor sent."""
    answered = invoke(event(VALID_NAMES[form]))

    check(answered, VALID_NAMES[form])
    assert "KeyPairName" == answered.body["Parameter"]


@pytest.mark.parametrize("form", FIRST_LINES)
@pytest.mark.usefixtures("no_role")
def test_a_first_line_as_a_comment(form: str) -> None:
    """The comment goes to ENS too."""
    line = f"{BARE} {FIRST_LINES[form]}"

    check(invoke(as_json(KeyPairName="alice", PublicKeyBody=line).encode()), FIRST_LINES[form])


def uploaded(cloud: DevCloud, key: str, content: str | bytes) -> Answered:
    stored = put(cloud, key, content)
    return invoke(event_of(stored))


UPLOADS: dict[str, tuple[str, str | bytes]] = {
    "the content": ("keys/alice.pub", OPENSSH),
    "the content, a binary": ("keys/alice.pub", binaries()["Dropbear, rsa"]),
    "at the start of 70 KiB": ("keys/alice.pub", OPENSSH + "x" * 70 * 1024),
    "at the start of 2 MB": ("keys/alice.pub", OPENSSH + "x" * 2 * 1024 * 1024),
    "the name": (f"keys/team/{body_of(OPENSSH)[:64]}.pub", ALICE_KEY),
    "the name, at the top": (f"keys/{body_of(OPENSSH)[:64]}.pub", ALICE_KEY),
    "the name of a bad key": (f"keys/{body_of(OPENSSH)[:64]}.pub", "x"),
    "the name of an empty file": (f"keys/{body_of(OPENSSH)[:64]}.pub", ""),
    "the name of a large file": (f"keys/{body_of(OPENSSH)[:64]}.pub", "x" * 70 * 1024),
    "a name that is no valid one": (f"keys/{' '.join(OPENSSH.splitlines()[:2])}.pub", ALICE_KEY),
    "a name with a colon": (f"keys/a:{body_of(OPENSSH)[:64]}.pub", ALICE_KEY),
    "the comment": ("keys/alice.pub", f"{BARE} {body_of(OPENSSH)[:59]}"),
}


@pytest.mark.parametrize("place", UPLOADS)
def test_in_an_upload(cloud: DevCloud, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Content, comment and path: the receipt tells it, and nothing shows it."""
    monkeypatch.setenv("OSS_ENDPOINT", cloud.oss_endpoint)
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    answered = uploaded(cloud, *UPLOADS[place])

    (result,) = answered.answer["Uploads"]
    (receipt,) = [
        stored.body.decode()
        for key, stored in cloud.objects(BUCKET).items()
        if key.startswith("receipts/")
    ]
    assert ("refused", "private_key") == (result["Outcome"], result["Reason"])
    assert "private_key" == answered.line["reason"]
    assert "private_key" == json.loads(receipt)["reason"]
    assert [] == leaks(answered.written + json.dumps(answered.answer) + receipt, body_of(OPENSSH))
    assert [] == [call.action for call in cloud.calls if call.action == "ImportKeyPair"]


CLAIMS = b64encode(
    b'{"sub": "alice", "d": "xxxxxxxxxxxxxxxxxxxxxxx", "cnf": {"jwk": {"kty": "RSA", "n": "AQAB"}}}'
).decode()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Authorization": f"Bearer {b64encode(PEM.encode()).decode()}"}, id="token"),
        pytest.param({"authorization": PEM.replace("\n", " ")}, id="in small letters"),
        pytest.param({"Cookie": f"session={body_of(PEM)}"}, id="cookie"),
        pytest.param({"X-Acs-Security-Token": body_of(PEM)}, id="x-acs"),
        pytest.param(
            {"Authorization": f"Bearer e.{CLAIMS}.e"},
            id="claims",
        ),
    ],
)
@pytest.mark.parametrize("event", [http_event, api_gateway_event], ids=["HTTP", "API Gateway"])
@pytest.mark.parametrize("size", [1, 2 * 1024 * 1024])
@pytest.mark.usefixtures("no_role")
def test_credentials_are_never_looked_at(
    headers: dict[str, str], event: Callable[..., bytes], size: int
) -> None:
    """What the platform asks for is no concern of the search."""
    answered = invoke(event("x" * size, headers=headers))

    assert "private_key" != answered.body["Reason"]
    assert [] == leaks(answered.written + json.dumps(answered.answer), body_of(PEM)[64:])


@pytest.mark.usefixtures("no_role")
def test_a_token_that_may_not_call_comes_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not call is told of the key, for it is out."""
    monkeypatch.setenv("JWT_AUDIENCE", "ens-key-import")
    monkeypatch.setenv("JWT_ISSUER", "https://id.example.com")

    assert "caller_not_allowed" == invoke(http_event(as_json(**ALICE))).body["Reason"]
    check(invoke(http_event(PEM)), body_of(PEM))


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        pytest.param(as_json(KeyPairName="alice", PublicKeyBody=PEM), "PublicKeyBody", id="key"),
        pytest.param(as_json(KeyPairName="alice", publicKeyBody=PEM), None, id="elsewhere"),
    ],
)
@pytest.mark.usefixtures("no_role")
def test_whose_value_it_is(text: str, parameter: str | None) -> None:
    """The parameter is named where it is one."""
    assert parameter == invoke(text.encode()).body.get("Parameter")


@pytest.mark.parametrize("name", ["z" * 128, "production-server-key-of-team-a" * 3, "MIIEpAIBAAKC"])
def test_long_names_are_accepted(cloud: DevCloud, name: str) -> None:
    """A name of many letters is no private key; 60 letters in a row are masked in the log."""
    answered = invoke(as_json(KeyPairName=name, PublicKeyBody=ALICE_KEY).encode())

    assert name == answered.body["KeyPairName"]
    assert ("***" if "z" * 60 in name else name) == answered.line["key_pair_name"]
    assert ["ImportKeyPair"] == [call.action for call in cloud.calls]


def test_a_long_name_is_masked_in_receipts(
    cloud: DevCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it is: as the name, and in the path; and in the log."""
    monkeypatch.setenv("OSS_ENDPOINT", cloud.oss_endpoint)
    answered = uploaded(cloud, f"keys/{'Xy1' * 20}.pub", ALICE_KEY)

    (receipt,) = [
        json.loads(stored.body)
        for key, stored in cloud.objects(BUCKET).items()
        if key.startswith("receipts/")
    ]
    assert "imported" == receipt["outcome"]
    assert ("***", "keys/***") == (receipt["key_pair_name"], receipt["object_key"])
    assert ("***", "keys/***") == (answered.line["key_pair_name"], answered.line["object_key"])


def test_hexadecimal_names_are_shown(cloud: DevCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """A digest is no part of a private key."""
    monkeypatch.setenv("OSS_ENDPOINT", cloud.oss_endpoint)
    key = f"keys/{'ab12' * 16}.pub"
    answered = uploaded(cloud, key, ALICE_KEY)

    assert ("ab12" * 16, key) == (answered.line["key_pair_name"], answered.line["object_key"])
