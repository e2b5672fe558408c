"""multipart/form-data: what curl -F and browsers send, and what is no form of that kind."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
import requests

from core.errors import InvalidRequest, RequestRefused
from core.importing.request import ImportRequest
from tests.events.gallery import ALICE_KEY, ALICE_PUB, http_event, refusal_of, request_of
from triggers.http_request import BODY_CAP
from triggers.multipart import MAX_PARTS

if TYPE_CHECKING:
    from collections.abc import Mapping

BOUNDARY = "------------------------d74496d66958873e"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, value: str, *, more: str = "", headers: str = "") -> str:
    """One part, as curl writes it: ``more`` parameters of its disposition, more ``headers``."""
    return (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n'
        f"{headers}\r\n{value}\r\n"
    )


def multipart(*parts: str, end: str = f"--{BOUNDARY}--\r\n") -> str:
    return "".join(parts) + end


FILE = {
    "more": '; filename="laptop-of-alice.pub"',
    "headers": "Content-Type: application/octet-stream\r\n",
}
NO_FILE = {"more": '; filename=""', "headers": "Content-Type: application/octet-stream\r\n"}
NAME = part("KeyPairName", "alice")
KEY = part("PublicKeyBody", ALICE_PUB, **FILE)


def multipart_event(body: str | bytes, content_type: str = TYPE, **members: object) -> bytes:
    """FC hands a body over as base64 where it may not be text."""
    content = body.encode() if isinstance(body, str) else body
    return http_event(
        base64.b64encode(content).decode(),
        content_type=content_type,
        isBase64Encoded=True,
        **members,
    )


def text_of(request: ImportRequest) -> ImportRequest:
    """The request, its key as text and without the line break of the file."""
    key = request.public_key_body
    text = key.decode() if isinstance(key, bytes) else key
    return ImportRequest(request.key_pair_name, text.strip(), request.dry_run)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(multipart_event(multipart(KEY, NAME)), id="curl -F, with a file"),
        pytest.param(http_event(multipart(KEY, NAME), content_type=TYPE), id="not in base64"),
        pytest.param(
            multipart_event(multipart(NAME, part("PublicKeyBody", ALICE_KEY))), id="text alone"
        ),
        pytest.param(
            multipart_event(multipart(NAME, part("PublicKeyBody", f"{ALICE_KEY}\r\n"))),
            id="a text field of a browser, which ends lines in CRLF",
        ),
        pytest.param(
            multipart_event(multipart(NAME, part("PublicKeyBody", "", **NO_FILE), KEY)),
            id="a file field of a browser in which no file was chosen",
        ),
        pytest.param(
            multipart_event(multipart(KEY), queryParameters={"KeyPairName": "alice"}),
            id="the name in the query",
        ),
        pytest.param(
            multipart_event(multipart(KEY, NAME, part("submit", "Import"))), id="a button's field"
        ),
        pytest.param(
            multipart_event(multipart(KEY, NAME), f'Multipart/Form-Data; Boundary="{BOUNDARY}"'),
            id="a boundary in quotes",
        ),
        pytest.param(
            multipart_event("preamble\r\n" + multipart(KEY, NAME) + "epilogue\r\n"),
            id="text before the first and behind the last part",
        ),
        pytest.param(
            multipart_event(multipart(KEY, NAME).replace("\r\n", "\n")), id="lines ended in LF"
        ),
        pytest.param(
            multipart_event(multipart(KEY, NAME, end=f"--{BOUNDARY}--")),
            id="no line break at the end",
        ),
        pytest.param(
            multipart_event(
                multipart(
                    part("PublicKeyBody", ALICE_PUB, more="; filename*=UTF-8''%E9%94%AE"), NAME
                )
            ),
            id="the name of a file in Chinese",
        ),
        pytest.param(
            multipart_event(multipart(KEY, NAME, *[part("x", "y")] * (MAX_PARTS - 2))),
            id="as many parts as may be",
        ),
    ],
)
def test_takes(event: bytes) -> None:
    """A part is a parameter, under its name."""
    assert ImportRequest("alice", ALICE_KEY) == text_of(request_of(event))


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(
            {
                "KeyPairName": (None, "alice"),
                "DryRun": (None, "true"),
                "PublicKeyBody": ("id_rsa.pub", ALICE_PUB),
            },
            id="a file",
        ),
        pytest.param(
            {
                "KeyPairName": (None, "alice"),
                "DryRun": (None, "true"),
                "PublicKeyBody": ("密钥.pub", ALICE_PUB, "text/plain"),
            },
            id="a name in Chinese",
        ),
        pytest.param(
            {
                "KeyPairName": (None, "alice", "text/plain; charset=utf-8"),
                "DryRun": (None, "true"),
                "PublicKeyBody": (None, ALICE_PUB),
            },
            id="text",
        ),
    ],
)
def test_takes_what_requests_sends(fields: Mapping[str, Any]) -> None:
    """The same from a client that others wrote."""
    sent = requests.Request("POST", "http://localhost/", files=fields).prepare()
    assert isinstance(sent.body, bytes)
    request = request_of(multipart_event(sent.body, sent.headers["Content-Type"]))

    assert ImportRequest("alice", ALICE_KEY, dry_run=True) == text_of(request)


def test_a_file_stays_bytes() -> None:
    """What is no text is the core's to name, not a line of replacement characters."""
    body = (
        multipart(NAME, part("PublicKeyBody", "@@", **FILE)).encode().replace(b"@@", b"\xff\xfea\0")
    )

    assert b"\xff\xfea\0" == request_of(multipart_event(body)).public_key_body


def test_what_is_no_text_is_no_name() -> None:
    """A name in another encoding holds half characters, which no name may hold."""
    body = multipart(KEY, NAME).encode().replace(b"alice\r\n--", b"\xc4\xe3\r\n--")

    assert "\udcc4\udce3" == request_of(multipart_event(body)).key_pair_name


@pytest.mark.parametrize(
    ("event", "description"),
    [
        pytest.param(
            multipart_event(multipart(KEY), "multipart/form-data"),
            "names no boundary",
            id="no boundary",
        ),
        pytest.param(
            multipart_event(multipart(KEY), f"multipart/form-data; boundary={'x' * 71}"),
            "boundary",
            id="a boundary longer than RFC 2046 allows",
        ),
        pytest.param(
            multipart_event(multipart(KEY), "multipart/form-data; boundary=other"),
            "no part",
            id="another boundary",
        ),
        pytest.param(multipart_event(multipart(KEY, end="")), "cut off", id="cut off"),
        pytest.param(
            multipart_event(multipart(KEY, NAME)[:-40]), "cut off", id="cut off in the last line"
        ),
        pytest.param(multipart_event(multipart()), "no part", id="no part"),
        pytest.param(
            multipart_event(multipart(KEY, NAME, *[part("x", "y")] * (MAX_PARTS - 1))),
            "20 parts",
            id="a part too many",
        ),
        pytest.param(
            multipart_event(multipart(*[part("", "y")] * 500)), "20 parts", id="hundreds of parts"
        ),
        pytest.param(multipart_event(multipart(part("", ALICE_KEY))), "name", id="an empty name"),
        pytest.param(
            multipart_event(
                f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n--{BOUNDARY}--"
            ),
            "name",
            id="no name",
        ),
        pytest.param(
            multipart_event(f"--{BOUNDARY}\r\n\r\nx\r\n--{BOUNDARY}--"), "name", id="no headers"
        ),
        pytest.param(
            multipart_event(multipart(part("a", "x").replace("form-data;", "attachment;"))),
            "name",
            id="no field of a form",
        ),
        pytest.param(
            multipart_event(f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n--{BOUNDARY}--"),
            "name",
            id="no empty line behind the headers",
        ),
        pytest.param(
            multipart_event(
                multipart(part("a", "x", headers="Content-Type: multipart/mixed; boundary=b\r\n"))
            ),
            "nested",
            id="a multipart within",
        ),
        pytest.param(
            multipart_event(
                multipart(
                    part("a", "x", headers="Content-Type:\r\n multipart/mixed; boundary=b\r\n")
                )
            ),
            "nested",
            id="a multipart within, in a folded header",
        ),
        pytest.param(
            multipart_event(multipart(part("a", "x", headers="Content-Type: message/rfc822\r\n"))),
            "nested",
            id="a message within",
        ),
        pytest.param(
            multipart_event(
                multipart(
                    part("PublicKeyBody", "QQ==", headers="Content-Transfer-Encoding: base64\r\n")
                )
            ),
            "Content-Transfer-Encoding",
            id="a part in base64, as mail has it",
        ),
    ],
)
def test_refuses(event: bytes, description: str) -> None:
    """What is no form of a few named fields is refused, with what is wrong and nothing of it."""
    refusal = refusal_of(event, InvalidRequest)

    assert "unreadable_body" == refusal.reason
    assert description in refusal.description
    assert "laptop" not in refusal.description


def test_refuses_two_names() -> None:
    """A field twice with different values is an error, as everywhere."""
    refusal = refusal_of(
        multipart_event(multipart(KEY, NAME, part("KeyPairName", "bob"))), InvalidRequest
    )

    assert "contradicting_values" == refusal.reason


def test_points_out_a_near_miss() -> None:
    """A misspelt field is pointed out, as everywhere."""
    refusal = refusal_of(
        multipart_event(multipart(part("publicKeyBody", ALICE_KEY))), RequestRefused
    )

    assert "misspelt_parameter" == refusal.reason


def test_refuses_a_body_over_the_cap() -> None:
    """64 KiB, parts and all."""
    event = multipart_event(multipart(KEY, NAME, part("x", "y" * BODY_CAP)))

    assert 413 == refusal_of(event, InvalidRequest).status
