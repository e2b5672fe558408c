"""RPC clients of ENS, whose endpoint is pointed at the function."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from core.errors import RequestRefused, UnsupportedMethod
from core.importing.request import ImportRequest
from tests.events.gallery import FORM, api_gateway_event, event_file, http_event, request_of

PARAMETERS = {"KeyPairName": "alice", "PublicKeyBody": "ssh-rsa AAAA"}
ALICE = ImportRequest("alice", "ssh-rsa AAAA")
ACTION = {"Action": "ImportKeyPair", "Version": "2017-11-10"}
HEADERS = {"x-acs-action": "ImportKeyPair", "x-acs-version": "2017-11-10"}
FC_HEADERS = {"X-Acs-Action": "InvokeFunction", "X-Acs-Version": "2023-03-30"}
COMMON = {
    "AccessKeyId": "EXAMPLE-ID",
    "Format": "JSON",
    "RegionId": "cn-hangzhou",
    "SecurityToken": "EXAMPLE-TOKEN",
    "Signature": "c2lnbmF0dXJl",
    "SignatureMethod": "HMAC-SHA1",
    "SignatureNonce": "b6b1f0aa",
    "SignatureVersion": "1.0",
    "Timestamp": "2026-11-24T02:36:36Z",
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"headers": HEADERS, "queryParameters": PARAMETERS}, id="action in headers"),
        pytest.param(
            {
                "headers": {name.title(): value for name, value in HEADERS.items()},
                "queryParameters": PARAMETERS,
            },
            id="headers as Go spells them",
        ),
        pytest.param({"queryParameters": {**ACTION, **PARAMETERS}}, id="action in the query"),
        pytest.param(
            {"queryParameters": {**ACTION, **COMMON, **PARAMETERS}}, id="common parameters beside"
        ),
        pytest.param(
            {
                "headers": {"x-acs-action": "ImportKeyPair"},
                "queryParameters": {"Version": "2017-11-10", **PARAMETERS},
            },
            id="action in a header, version in the query",
        ),
        pytest.param(
            {"headers": FC_HEADERS, "queryParameters": {**ACTION, **PARAMETERS}},
            id="through FC's own API",
        ),
    ],
)
def test_takes_a_call(method: str, members: dict[str, Any]) -> None:
    """GET and POST alike, as ENS itself takes them."""
    assert ALICE == request_of(http_event(method=method, **members))
    assert ALICE == request_of(api_gateway_event(method=method, **members))


@pytest.mark.parametrize("in_query", [ACTION, {}])
def test_takes_a_form(in_query: dict[str, str]) -> None:
    """POST may carry the parameters, and the action with them, in a form."""
    in_form = PARAMETERS if in_query else {**ACTION, **COMMON, **PARAMETERS}
    event = http_event(urlencode(in_form), content_type=FORM, queryParameters=in_query)

    assert ALICE == request_of(event)


def test_dry_run_is_ours_and_works_here_too() -> None:
    """ENS has no DryRun; an SDK that is told of it may send it."""
    query = {**ACTION, **PARAMETERS, "DryRun": "true"}

    assert request_of(http_event(queryParameters=query)).dry_run


@pytest.mark.parametrize(
    "members",
    [
        {"headers": {**HEADERS, "x-acs-action": "CreateKeyPair"}},
        {"headers": {**HEADERS, "x-acs-action": "importkeypair"}},
        {"headers": {**HEADERS, "x-acs-action": ""}},
        {"queryParameters": {**ACTION, "Action": "DescribeKeyPairs"}},
        {"queryParameters": {"Action": ["ImportKeyPair"]}},
        {"headers": {"x-acs-action": "InvokeFunction"}},
        {"headers": HEADERS, "queryParameters": {"Action": "DescribeKeyPairs"}},
        {"headers": {"x-acs-action": "DescribeKeyPairs"}, "queryParameters": ACTION},
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refuses_another_action(method: str, members: dict[str, Any]) -> None:
    """One action is taken; its name is exact."""
    with pytest.raises(RequestRefused) as refusal:
        request_of(http_event(method=method, **members))

    assert (404, "InvalidAction.NotFound", "unknown_action") == (
        refusal.value.status,
        refusal.value.code,
        refusal.value.reason,
    )
    assert refusal.value.description == "This function knows one action, ImportKeyPair."


@pytest.mark.parametrize(
    "members",
    [
        {"headers": {**HEADERS, "x-acs-version": "2014-05-26"}},
        {"headers": {"x-acs-action": "ImportKeyPair"}},
        {"queryParameters": {"Action": "ImportKeyPair"}},
        {"queryParameters": {**ACTION, "Version": "2014-05-26"}},
        {"queryParameters": {**ACTION, "Version": 20171110}},
        {"headers": {"x-acs-version": "2014-05-26"}, "queryParameters": ACTION},
        {"headers": HEADERS, "queryParameters": {"Version": "2014-05-26"}},
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refuses_another_version(method: str, members: dict[str, Any]) -> None:
    """ECS has an ImportKeyPair too, of another version."""
    with pytest.raises(RequestRefused) as refusal:
        request_of(http_event(method=method, **members))

    assert (400, "InvalidVersion", "unsupported_version") == (
        refusal.value.status,
        refusal.value.code,
        refusal.value.reason,
    )
    assert "2017-11-10" in refusal.value.description


def test_ignores_the_headers_of_fcs_own_api() -> None:
    """An InvokeFunction call brings headers of another product's action; the body counts."""
    event = json.loads(event_file("http-invoke-function"))
    assert event["headers"]["X-Acs-Action"] == "InvokeFunction"

    assert request_of(json.dumps(event)).key_pair_name == "alice"


def test_fcs_headers_do_not_make_get_an_rpc_call() -> None:
    """Without an action of ours, GET stays refused."""
    with pytest.raises(UnsupportedMethod):
        request_of(http_event(method="GET", headers=FC_HEADERS, queryParameters=PARAMETERS))


def test_the_version_alone_makes_no_rpc_call() -> None:
    """A header that some client library always sends must not turn a POST into an RPC call."""
    event = http_event(json.dumps(PARAMETERS), headers={"x-acs-version": "2017-11-10"})

    assert ALICE == request_of(event)
