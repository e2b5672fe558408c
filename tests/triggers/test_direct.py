"""Direct invocations: the object is the request, the body is the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.errors import InvalidRequest, RequestRefused
from core.importing.request import ImportRequest
from tests.events.gallery import request_of


def direct(**parameters: object) -> bytes:
    return json.dumps(parameters).encode()


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        pytest.param(
            direct(KeyPairName="alice", PublicKeyBody="k"), ImportRequest("alice", "k"), id="both"
        ),
        pytest.param(
            direct(KeyPairName="alice", PublicKeyBody="k", DryRun="TRUE"),
            ImportRequest("alice", "k", dry_run=True),
            id="a dry run",
        ),
        pytest.param(direct(KeyPairName="alice"), ImportRequest("alice", ""), id="no key"),
        pytest.param(direct(PublicKeyBody="k"), ImportRequest("", "k"), id="no name"),
        pytest.param(direct(DryRun=True), ImportRequest("", "", dry_run=True), id="neither"),
        pytest.param(
            direct(KeyPairName="alice", PublicKeyBody=None, Comment="x"),
            ImportRequest("alice", ""),
            id="null, and a foreign name",
        ),
        pytest.param(
            direct(KeyPairName="阿里", PublicKeyBody="k"), ImportRequest("阿里", "k"), id="Chinese"
        ),
        pytest.param(
            direct(KeyPairName="alice", PublicKeyBody="k", Action="DeleteKeyPairs"),
            ImportRequest("alice", "k"),
            id="an action, which is RPC's and means nothing here",
        ),
    ],
)
def test_takes(event: bytes, request_: ImportRequest) -> None:
    """The names are those of ENS."""
    assert request_ == request_of(event)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        pytest.param({"KeyPairName": 7}, "wrong_type", id="a number for a name"),
        pytest.param({"PublicKeyBody": ["k"]}, "wrong_type", id="a list for a key"),
        pytest.param({"KeyPairName": "a", "DryRun": "maybe"}, "wrong_type", id="no boolean"),
        pytest.param({"KeyPairName": "a", "dryrun": True}, "misspelt_parameter", id="misspelt"),
    ],
)
def test_refuses(parameters: dict[str, Any], reason: str) -> None:
    """What has the wrong type or name is refused, not ignored."""
    with pytest.raises(InvalidRequest) as refusal:
        request_of(direct(**parameters))

    assert reason == refusal.value.reason


def test_points_out_a_near_miss() -> None:
    """An object that names a near miss alone is a direct invocation, too."""
    with pytest.raises(RequestRefused) as refusal:
        request_of(direct(publicKeyBody="k"))

    assert "MissingParameter" == refusal.value.code
    assert "publicKeyBody was given" in refusal.value.description
