"""
Load the official ENS SDK without what one synchronous call never uses.

A plain import of the SDK takes three times as long as the imports this function needs: it loads
1,083 model modules where two requests are made, and aiohttp for asynchronous calls. How it is
loaded with less, and that nothing of it is missing: late_imports.
"""

from functools import cache
from typing import Any, NamedTuple

from late_imports import loads_modules, look_up_on_first_use, stand_ins_for

_CREDENTIALS = "credentials from elsewhere; the function is given its role's"
NOT_NEEDED = {
    "aiofiles": "asynchronous reading of credential files",
    "aiohttp": "asynchronous calls",
    "apscheduler.schedulers.background": "the refreshing of an ECS instance's credentials",
    "asyncio": "asynchronous calls",
    "bz2": "archives",
    "charset_normalizer": "guessing the encoding of an answer; those of ENS are UTF-8",
    "cryptography.hazmat.primitives.asymmetric.padding": "RSA signatures; ours are HMAC",
    "cryptography.hazmat.primitives.hashes": "RSA signatures",
    "cryptography.hazmat.primitives.serialization": "RSA signatures",
    "importlib.metadata": "the version of h2, for HTTP/2",
    "lzma": "archives",
    "websocket": "WebSocket APIs",
    "websocket._abnf": "WebSocket APIs",
    "xml.etree.ElementTree": "XML answers; those of ENS are JSON",
    "zipfile": "certificates within an archive",
    **{
        f"alibabacloud_credentials.provider.{name}": _CREDENTIALS
        for name in (
            *("cli_profile", "cloud_sso", "default", "ecs_ram_role", "env", "external", "oauth"),
            *("oidc", "profile", "ram_role_arn", "rsa_key_pair", "uri"),
        )
    },
}
"""Modules that the SDK imports at its start, and what it would need them for."""

VERSIONS = {"charset_normalizer": "3.5.2"}
"""Of those, what requests asks to know at its start; a test compares."""

MODELS = "alibabacloud_ens20171110.models"


class EnsSdk(NamedTuple):
    """What the adapter uses of the SDK, under the SDK's own names."""

    Client: Any
    Config: Any
    RuntimeOptions: Any
    ImportKeyPairRequest: Any
    DescribeKeyPairsRequest: Any
    AlibabaCloudException: Any
    RetryError: Any
    UnretryableException: Any


@cache
@loads_modules
def load_ens_sdk() -> EnsSdk:
    """Import the SDK; the first call takes the time, later ones none."""
    with stand_ins_for(NOT_NEEDED, VERSIONS):
        look_up_on_first_use(MODELS)
        from alibabacloud_ens20171110 import client, models  # noqa: PLC0415 - the point of it all
        from alibabacloud_tea_openapi import exceptions, utils_models  # noqa: PLC0415 - as above
        from darabonba.exceptions import RetryError, UnretryableException  # noqa: PLC0415
        from darabonba.runtime import RuntimeOptions  # noqa: PLC0415 - as above

    return EnsSdk(
        Client=client.Client,
        Config=utils_models.Config,
        RuntimeOptions=RuntimeOptions,
        ImportKeyPairRequest=models.ImportKeyPairRequest,
        DescribeKeyPairsRequest=models.DescribeKeyPairsRequest,
        AlibabaCloudException=exceptions.AlibabaCloudException,
        RetryError=RetryError,
        UnretryableException=UnretryableException,
    )
