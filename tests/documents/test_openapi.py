"""docs/openapi.yaml is valid and true: its enums, its examples, and what it allows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
import requests
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from core.errors import CODES, InvalidKeyPairName, RequestRefused
from core.importing.key_pair_name import MAX_LENGTH, MIN_LENGTH, check_key_pair_name
from core.reasons import Reason, RequestOutcome
from devcloud import DevCloud, Fault
from invocation import internal_error
from tests.documents.markdown import PAGES
from tests.documents.test_errors import KNOWN, reasons
from tests.paths import PROJECT
from triggers.answers import HOST_ID
from triggers.http import ACTION, VERSION
from triggers.parameters import NAMES
from triggers.tokens import TokenRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATH = PROJECT / "docs" / "openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
HEADERS = DOCUMENT["components"]["headers"]
RESPONSES = DOCUMENT["components"]["responses"]
EXAMPLES = DOCUMENT["components"]["examples"]
POST = DOCUMENT["paths"]["/"]["post"]
KEYS = PROJECT / "tests" / "keys"
KEY = (KEYS / "rsa-2048.pub").read_text(encoding="ascii").strip()


def test_is_openapi() -> None:
    """OpenAPI 3.1, as openapi-spec-validator reads it."""
    assert DOCUMENT["openapi"].startswith("3.1.")
    validate(DOCUMENT)


# What the code has too


def test_codes() -> None:
    """Those of the catalogue; any other is ENS's own."""
    known, other = SCHEMAS["Code"]["anyOf"]

    assert sorted(KNOWN) == known["enum"]
    assert {"title", "type"} == set(other)


def test_reasons() -> None:
    """All that an answer over HTTP can have: not those of uploads, nor of direct invocations."""
    elsewhere = {*reasons("Uploads"), "name_has_colon", "name_reserved", "unknown_event"}

    assert set(get_args(Reason)) - elsewhere == set(SCHEMAS["Reason"]["enum"])
    assert len(SCHEMAS["Reason"]["enum"]) == len(set(SCHEMAS["Reason"]["enum"]))


def test_outcomes() -> None:
    """The successes: a failure has an error instead."""
    successes = set(get_args(RequestOutcome)) - {"refused", "failed"}

    assert successes == set(HEADERS["X-Import-Outcome"]["schema"]["enum"])


def test_warnings() -> None:
    """The closed vocabulary of docs/keys.md."""
    documented = {
        word for row in PAGES["keys"].table("Warnings") for word in re.findall(r"`(\w+)`", row[0])
    } - {"WEAK_KEYS"}

    pattern = HEADERS["X-Key-Warnings"]["schema"]["pattern"]
    assert documented == set(re.findall(r"[a-z_]{3,}", pattern))


def test_constants() -> None:
    """Action, version, host, and the names of parameters."""
    parameters = DOCUMENT["components"]["parameters"]

    assert {ACTION} == {parameters[name]["schema"]["const"] for name in ("Action", "ActionHeader")}
    assert {VERSION} == {
        DOCUMENT["info"]["version"],
        *parameters["Version"]["schema"]["examples"],
        *parameters["VersionHeader"]["schema"]["examples"],
    }
    assert SCHEMAS["Error"]["properties"]["HostId"]["const"] == HOST_ID
    assert list(NAMES) == SCHEMAS["Error"]["properties"]["Parameter"]["enum"]
    assert list(NAMES) == list(SCHEMAS["Parameters"]["properties"])


NAME_CHARACTERS = st.sampled_from([*"aZ09:_-. /httpsé中\u4e00\u9fff\u3400\n"])


@given(
    name=st.text(NAME_CHARACTERS, max_size=12)
    | st.sampled_from(["http://", "https://", "http:"]).flatmap(
        lambda start: st.text(NAME_CHARACTERS, max_size=3).map(lambda end: start + end)
    )
    | st.integers(MAX_LENGTH - 1, MAX_LENGTH + 1).map(lambda length: "a" * length)
)
@example(name="a\n")
def test_the_rule_of_names(name: str) -> None:
    """The schema allows what the function accepts, and nothing more."""
    # Patterns are ECMAScript's, where $ is the end of the text alone; Python's is \Z.
    pattern = SCHEMAS["KeyPairName"]["pattern"].replace("$", r"\Z")
    allowed = Draft202012Validator({**SCHEMAS["KeyPairName"], "pattern": pattern}).is_valid(name)
    try:
        check_key_pair_name(name)
    except InvalidKeyPairName:
        accepted = False
    else:
        accepted = True

    assert accepted == allowed
    assert SCHEMAS["KeyPairName"]["minLength"] == MIN_LENGTH


# Examples


def error_examples() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield status, name and body of each example of an error, where a response refers to it."""
    for status, reference in POST["responses"].items():
        content = RESPONSES[reference["$ref"].rpartition("/")[2]].get("content", {})
        for name in content.get("application/json", {}).get("examples", {}):
            if status != "200":
                yield status, name, EXAMPLES[name]["value"]


ERROR_EXAMPLES = [pytest.param(*row, id=row[1]) for row in error_examples()]


def test_every_code_has_an_example() -> None:
    """And every example is shown somewhere."""
    shown = {name: body["Code"] for _, name, body in error_examples()}

    assert set(KNOWN) == set(shown.values())
    assert set(EXAMPLES) == {*shown, "Imported"}


@pytest.mark.parametrize(("status", "name", "body"), ERROR_EXAMPLES)
def test_an_example_of_an_error(status: str, name: str, body: Mapping[str, Any]) -> None:
    """It has the shape, the status and the sentence of its code; ENS documents 400 for its own."""
    schema = {**SCHEMAS["Error"], "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(body)
    known = KNOWN[body["Code"]]
    by_ens = body["RequestId"].count("-") == 4
    expected = {"InvalidParameter.TooLarge": 413, "NoPermission": 400}.get(name, known.status)

    assert expected == int(status)
    sentence = re.escape(known.sentence).replace("%s", ".+")
    assert re.fullmatch(sentence, body["Message"])
    assert by_ens == (body["Reason"] in {"ens_error", "role_permission"})


def test_the_ten_codes_of_ens() -> None:
    """Each that ENS documents for ImportKeyPair has an example with its sentence."""
    shown = {(body["Code"], body["Message"]) for _, _, body in error_examples()}
    for row in PAGES["errors"].table("What ENS documents"):
        code, sentence = (re.escape(text).replace("%s", ".+") for text in row[:2])
        assert any(re.fullmatch(code, c) and re.fullmatch(sentence, m) for c, m in shown), row


@pytest.fixture
def cloud(clouds: Mapping[str, DevCloud]) -> Iterator[DevCloud]:
    """The function; no fault is left over."""
    yield clouds["refused"]
    clouds["refused"].faults.clear()


def call(cloud: DevCloud, **request: Any) -> requests.Response:
    return requests.request("POST", cloud.function_url, **request, timeout=60)


def pair(name: str, file: str = "rsa-2048.pub") -> dict[str, str]:
    text = (KEYS / file).read_text(encoding="ascii").strip()
    return {"KeyPairName": name, "PublicKeyBody": text}


BROKEN_JSON = {"data": '{"KeyPairName": "alice"', "headers": {"Content-Type": "application/json"}}
REQUESTS: dict[str, dict[str, Any]] = {
    "MissingParameter": {"json": {"KeyPairName": "alice"}},
    "InvalidParameter.KeyPairName": {"json": pair("1st")},
    "InvalidParameter.PublicKeyBody": {"json": pair("alice", "rsa-1024.pub")},
    "InvalidParameter": BROKEN_JSON,
    "InvalidParameter.TooLarge": {"data": "x" * 70_000},
    "InvalidPublicKeyBody.Malformed": {"json": pair("alice", "ed25519.pub")},
    "InvalidPublicKeyBody.Malformed.Corrected": {
        "json": {"KeyPairName": "alice", "PublicKeyBody": f'"{KEY}"'}
    },
    "InvalidVersion": {"params": {"Action": ACTION, "Version": "2014-05-26"}},
    "InvalidAction.NotFound": {"params": {"Action": "CreateKeyPair", "Version": VERSION}},
}
BY_ENS = [
    "NoPermission",
    "InvalidSecurityGroupId.NotFound",
    "SecurityGroupRuleConflict.Duplicated",
    "AuthorizationLimitExceed",
    "ens.interface.error",
    "CallInterface",
]


def shown(answer: requests.Response) -> dict[str, Any]:
    """Return an answer but for its RequestId, which is another each time."""
    return {**answer.json(), "RequestId": "..."}


def example_of(name: str) -> dict[str, Any]:
    return {**EXAMPLES[name]["value"], "RequestId": "..."}


@pytest.mark.parametrize("name", REQUESTS)
def test_is_what_the_function_answers(cloud: DevCloud, name: str) -> None:
    """Each example of a refusal, to the letter."""
    assert example_of(name) == shown(call(cloud, **REQUESTS[name]))


@pytest.mark.parametrize("code", BY_ENS)
def test_is_what_ens_answers(cloud: DevCloud, code: str, name: str) -> None:
    """Each example of an error that ENS sends, to the letter."""
    cloud.fail_next(ACTION, Fault.error(code), times=9)

    assert example_of(code) == shown(call(cloud, json=pair(name)))


def test_the_other_examples(cloud: DevCloud, name: str) -> None:
    """No connection; a GET without an action; a token for another; a bug."""
    with cloud.refusing_connections():
        unavailable = call(cloud, json=pair(name))
    assert example_of("ServiceUnavailable") == shown(unavailable)
    plain_get = requests.get(cloud.function_url, timeout=60)
    assert example_of("UnsupportedHTTPMethod") == shown(plain_get)
    with pytest.raises(RequestRefused) as refusal:
        TokenRules("us", "them").check({"headers": {"Authorization": "Bearer e30.e30.e30"}})
    assert example_of("NoPermission.Caller")["Description"] == refusal.value.description
    assert CODES["NoPermission"].status == refusal.value.status
    assert example_of("InternalError")["Description"] == internal_error().description


@pytest.mark.parametrize("content_type", POST["requestBody"]["content"])
def test_the_examples_of_requests(clouds: Mapping[str, DevCloud], content_type: str) -> None:
    """Each content type's is accepted, and is answered as the example of a success says."""
    cloud = clouds["accepted"]
    for given_example in POST["requestBody"]["content"][content_type]["examples"].values():
        value = given_example["value"]
        request: dict[str, Any] = {
            "application/json": {"json": value},
            "application/x-www-form-urlencoded": {"data": value},
            "multipart/form-data": {"files": {name: (None, text) for name, text in value.items()}}
            if isinstance(value, dict)
            else {},
            "application/octet-stream": {
                "data": value,
                "params": {"KeyPairName": "alice"},
                "headers": {"Content-Type": content_type},
            },
        }[content_type]
        answer = call(cloud, **request)

        assert 200 == answer.status_code, answer.text
        assert example_of("Imported") == shown(answer)


def test_every_header_is_documented(cloud: DevCloud, name: str) -> None:
    """Of the function's own; and each that is documented is sent by one of these answers."""
    gateway = {"content-disposition", "content-length", "content-type", "date", "server"}
    with cloud.refusing_connections():
        unavailable = call(cloud, json=pair(f"{name}-a"))
    answers = [
        call(cloud, json=pair(name)),
        unavailable,
        requests.get(cloud.function_url, timeout=60),
    ]
    sent = {
        header
        for answer in answers
        for header in map(str.lower, answer.headers)
        if header not in gateway and not header.startswith("x-fc-")
    }

    assert sent | {"x-key-warnings"} == {header.lower() for header in HEADERS}


def test_a_caller_who_does_not_wait(clouds: Mapping[str, DevCloud], name: str) -> None:
    """Is answered 202, without a body."""
    header = DOCUMENT["components"]["parameters"]["InvocationType"]["name"]
    cloud = clouds["accepted"]
    answer = call(cloud, json=pair(name), headers={header: "Async"})
    cloud.drain()

    assert (202, b"") == (answer.status_code, answer.content)
    assert "content" not in RESPONSES["Accepted"]
    assert [name] == [each.name for each in cloud.key_pairs if each.name == name]


# What the document allows, and what it does not


EXCLUDED_CHECKS = {
    "positive_data_acceptance": "a text that the schema allows is not yet a key",
    "ignored_auth": "this function's trigger accepts every caller; others have tests of their own",
    "unsupported_method": "other methods than GET and POST are refused by FC's gateway, with 403",
}


@pytest.mark.long
def test_what_the_document_allows_is_answered_as_it_says(tmp_path: Path) -> None:
    """
    Nothing is a 5xx; each answer has a status, a type, headers and a body that the document has.

    What the schema forbids is refused.
    """
    with DevCloud(function=True, project=PROJECT) as cloud:
        ended = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                *("run", PATH, "--url", cloud.function_url),
                *("--phases", "examples,coverage,fuzzing", "--max-examples", "20"),
                *("--exclude-checks", ",".join(EXCLUDED_CHECKS)),
                *("--seed", "1", "--generation-deterministic"),
                *("--no-shrink", "--suppress-health-check", "all"),
                *("--warnings", "off", "--no-color"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert "Tested: 2" in ended.stdout
