"""Who may call with a token: one that this issuer made for this audience, and no other."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from core.errors import RequestRefused
from tests.events.gallery import api_gateway_event, event_file, http_event, trigger_of
from triggers.tokens import LONGEST_AUTHORIZATION, TokenRules

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = TokenRules(audience="key-import", issuer="https://id.example.com/")
CLAIMS = {"aud": "key-import", "iss": "https://id.example.com/", "sub": "alice"}

every_http_event = pytest.mark.parametrize(
    "build", [pytest.param(http_event, id="http"), pytest.param(api_gateway_event, id="gateway")]
)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def bearer(claims: object) -> str:
    return f"Bearer {part({'alg': 'RS256'})}.{part(claims)}.c2lnbmF0dXJl"


def refusal_of(event: bytes) -> RequestRefused | None:
    try:
        trigger_of(event).check_caller(RULES)
    except RequestRefused as refusal:
        return refusal
    return None


@every_http_event
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Authorization": bearer(CLAIMS)}, id="as FC writes it"),
        pytest.param({"authorization": bearer(CLAIMS)}, id="another case"),
        pytest.param({"Authorization": bearer(CLAIMS).replace("Bearer", "bearer")}, id="bearer"),
        pytest.param({"Authorization": bearer({**CLAIMS, "aud": ["a", "key-import"]})}, id="list"),
    ],
)
def test_a_token_for_this_function(build: Callable[..., bytes], headers: dict[str, str]) -> None:
    """The claim aud equals, or is a list that contains the audience; iss equals."""
    assert refusal_of(build(headers=headers)) is None


@every_http_event
@pytest.mark.parametrize(
    ("claims", "named"),
    [
        pytest.param({"aud": "cafeteria"}, "JWT_AUDIENCE", id="another audience"),
        pytest.param({"aud": "KEY-IMPORT"}, "JWT_AUDIENCE", id="another case"),
        pytest.param({"aud": "key-import-2"}, "JWT_AUDIENCE", id="a longer audience"),
        pytest.param({"aud": "key-import cafeteria"}, "JWT_AUDIENCE", id="two in one text"),
        pytest.param({"aud": ["cafeteria"]}, "JWT_AUDIENCE", id="a list without it"),
        pytest.param({"aud": [["key-import"]]}, "JWT_AUDIENCE", id="a list in a list"),
        pytest.param({"aud": {"key-import": 1}}, "JWT_AUDIENCE", id="an object"),
        pytest.param({"aud": []}, "JWT_AUDIENCE", id="an empty list"),
        pytest.param({"aud": None}, "JWT_AUDIENCE", id="null"),
        pytest.param({"iss": "https://id.example.com"}, "JWT_ISSUER", id="no slash"),
        pytest.param({"iss": "https://id.example.com/x"}, "JWT_ISSUER", id="a longer issuer"),
        pytest.param({"iss": ["https://id.example.com/"]}, "JWT_ISSUER", id="a list of issuers"),
        pytest.param({"iss": None}, "JWT_ISSUER", id="no issuer"),
    ],
)
def test_a_token_for_another_program(
    build: Callable[..., bytes], claims: dict[str, Any], named: str
) -> None:
    """Signed by the same provider, and not meant for this function: 403, and which claim it is."""
    refusal = refusal_of(build(headers={"Authorization": bearer({**CLAIMS, **claims})}))

    assert refusal is not None
    assert ("NoPermission", 403, "caller_not_allowed", False) == (
        refusal.code,
        refusal.status,
        refusal.reason,
        refusal.retryable,
    )
    assert named in refusal.description


@pytest.mark.parametrize("claim", ["aud", "iss"])
def test_a_token_that_does_not_say(claim: str) -> None:
    """A claim that is absent is none that fits."""
    claims = {name: value for name, value in CLAIMS.items() if name != claim}

    assert refusal_of(http_event(headers={"Authorization": bearer(claims)})) is not None


GOOD = bearer(CLAIMS)


@every_http_event
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param(None, id="no headers"),
        pytest.param([], id="headers that are a list"),
        pytest.param({"Authorization": GOOD, "authorization": GOOD}, id="two"),
        pytest.param({"Authorization": f"{GOOD}, {GOOD}"}, id="two, joined"),
        pytest.param({"Authorization": f"{GOOD},Bearer a.b.c"}, id="another, joined"),
        pytest.param({"Authorization": [GOOD]}, id="a list of one"),
        pytest.param({"Authorization": GOOD.replace("Bearer ", "")}, id="no scheme"),
        pytest.param({"Authorization": GOOD.replace("Bearer", "Basic")}, id="another scheme"),
        pytest.param({"Authorization": GOOD + ".a"}, id="four parts"),
        pytest.param({"Authorization": GOOD.rpartition(".")[0]}, id="two parts"),
        pytest.param({"Authorization": GOOD.rpartition(".")[0] + "."}, id="no signature"),
        pytest.param({"Authorization": GOOD + " "}, id="a space after it"),
        pytest.param({"Authorization": GOOD + "\n"}, id="a line break after it"),
        pytest.param({"Authorization": GOOD.replace("Bearer", "\u212aBearer")}, id="not ASCII"),
        pytest.param({"Authorization": "Bearer a.b.c"}, id="no JSON"),
        pytest.param({"Authorization": bearer("text")}, id="no claims"),
        pytest.param({"Authorization": bearer([CLAIMS])}, id="a list of claims"),
        pytest.param(
            {"Authorization": "ACS3-HMAC-SHA256 Credential=EXAMPLE7,SignedHeaders=a,Signature=b"},
            id="a signature instead",
        ),
        pytest.param(
            {"Authorization": bearer({**CLAIMS, "x": "x" * LONGEST_AUTHORIZATION})}, id="too long"
        ),
        pytest.param({"X-Authorization": GOOD, "Proxy-Authorization": GOOD}, id="other headers"),
        pytest.param({"Authorization": f"Bearer a.{'W1tb' * 1200}.b"}, id="nested too deep"),
    ],
)
def test_no_such_token(build: Callable[..., bytes], headers: object) -> None:
    """Exactly one Authorization, Bearer, three parts; nothing is guessed from anything else."""
    refusal = refusal_of(build(headers=headers))

    assert refusal is not None
    assert "exactly one Authorization" in refusal.description


def test_the_longest_token() -> None:
    """8 KiB with its scheme; one character more is refused."""
    head, _, rest = GOOD.partition(".")
    payload, _, signature = rest.partition(".")
    room = LONGEST_AUTHORIZATION - len(f"{head}.{payload}.")

    def refused(length: int) -> bool:
        token = f"{head}.{payload}.{'a' * length}"
        return refusal_of(http_event(headers={"Authorization": token})) is not None

    assert signature
    assert [False, True] == [refused(room), refused(room + 1)]


@pytest.mark.parametrize("name", ["direct", "direct-dry-run"])
def test_direct_invocations_have_no_token(name: str) -> None:
    """RAM has checked that their caller may invoke the function."""
    assert refusal_of(event_file(name)) is None


def test_a_refusal_says_nothing_of_the_token() -> None:
    """Neither its claims nor the settings' values are anyone's to read who has another token."""
    refusal = refusal_of(
        http_event(headers={"Authorization": bearer({"aud": "secret-a", "iss": "secret-i"})})
    )

    assert refusal is not None
    for text in ("secret", "key-import", "id.example.com"):
        assert text not in refusal.description
