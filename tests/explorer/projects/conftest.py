"""The addresses that projects call, each as it would be on Alibaba Cloud."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from devcloud import Credentials, DevCloud, HttpTrigger
from devcloud.fc.s_yaml import read_function
from tests.conftest import PATIENT
from tests.fakes.provider import ProviderKey
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Address:
    """Where something can be called, and what a caller has to have; the cloud behind it."""

    url: str
    cloud: DevCloud
    credentials: Credentials | None = None
    token: str = field(default="", repr=False)


@pytest.fixture(scope="session")
def addresses() -> Iterator[Mapping[str, Address]]:
    """ENS; the function behind a trigger that checks signatures, tokens, or nothing."""
    provider = ProviderKey()
    config = {"jwks": {"keys": [provider.jwk]}, "tokenLookup": "header:Authorization:Bearer"}
    by_token = replace(
        read_function(PROJECT), http_trigger=HttpTrigger("http", "jwt", auth_config=config)
    )
    with (
        DevCloud(function=True, function_env=PATIENT, enforce_auth=True, project=PROJECT) as signed,
        DevCloud(
            function=by_token, function_env=PATIENT, enforce_auth=True, project=PROJECT
        ) as tokens,
        DevCloud(function=True, function_env=PATIENT, project=PROJECT) as anyone,
    ):
        yield {
            "ens": Address(signed.ens_endpoint, signed, signed.role_credentials()),
            "signature": Address(signed.function_url, signed, signed.user_credentials()),
            "token": Address(
                tokens.function_url, tokens, token=provider.token({"exp": time.time() + 3600})
            ),
            "none": Address(anyone.function_url, anyone),
        }
