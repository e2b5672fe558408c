"""The function as one writes it after the manual: the official SDK, imported at the top."""

import json
import os

from alibabacloud_ens20171110.client import Client
from alibabacloud_ens20171110.models import ImportKeyPairRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import Config
from darabonba.runtime import RuntimeOptions


def handler(event: bytes, context: object) -> object:  # noqa: ARG001 - FC's signature
    """Import the key pair of a direct invocation, and leave all checks to ENS."""
    parameters = json.loads(event)
    protocol, _, host = os.environ["ENS_ENDPOINT"].rpartition("://")
    client = Client(
        Config(
            access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            security_token=os.environ["ALIBABA_CLOUD_SECURITY_TOKEN"],
            endpoint=host,
            protocol=protocol,
        )
    )
    request = ImportKeyPairRequest(
        key_pair_name=parameters["KeyPairName"], public_key_body=parameters["PublicKeyBody"]
    )
    try:
        return client.import_key_pair_with_options(request, RuntimeOptions()).body.to_map()
    except AlibabaCloudException as error:
        return error.data
