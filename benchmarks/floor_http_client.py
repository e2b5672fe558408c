"""The least without any library: the request of floor.py, posted with http.client."""

import hashlib
import hmac
import http.client
import json
import os
import ssl
import time
import uuid
from urllib.parse import quote, urlsplit

ALGORITHM = "ACS3-HMAC-SHA256"


def handler(event: bytes, context: object) -> object:  # noqa: ARG001 - FC's signature
    """Import the key pair of a direct invocation."""
    query = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, value in sorted(json.loads(event).items())
    )
    host = urlsplit(os.environ["ENS_ENDPOINT"]).netloc
    headers = {
        "host": host,
        "x-acs-action": "ImportKeyPair",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "x-acs-security-token": os.environ["ALIBABA_CLOUD_SECURITY_TOKEN"],
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-version": "2017-11-10",
    }
    names = ";".join(headers)
    signed = "\n".join(
        [
            *("POST", "/", query),
            "".join(f"{name}:{value}\n" for name, value in headers.items()),
            *(names, headers["x-acs-content-sha256"]),
        ]
    )
    signature = hmac.new(
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"].encode(),
        f"{ALGORITHM}\n{hashlib.sha256(signed.encode()).hexdigest()}".encode(),
        hashlib.sha256,
    ).hexdigest()
    key_id = os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"]
    headers["Authorization"] = (
        f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"
    )
    connection = http.client.HTTPSConnection(host, timeout=5, context=ssl.create_default_context())
    connection.request("POST", f"/?{query}", headers=headers)
    return json.loads(connection.getresponse().read())
