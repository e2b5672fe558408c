"""The addresses that projects call, each as it would be on Alibaba Cloud."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from devcloud import Credentials, DevCloud, HttpTrigger
from devcloud.fc.s_yaml import read_function
from tests.conftest import PATIENT
from tests.devcloud.test_trigger_auth import jwks, token
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
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    config = {"jwks": jwks(private_key), "tokenLookup": "header:Authorization:Bearer"}
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
                tokens.function_url, tokens, token=token(private_key, {"exp": time.time() + 3600})
            ),
            "none": Address(anyone.function_url, anyone),
        }
