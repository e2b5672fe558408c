"""The least that an import can be: the request signed by hand, and posted with requests."""

import hashlib
import hmac
import json
import os
import time
import uuid
from urllib.parse import quote, urlsplit

import requests

ALGORITHM = "ACS3-HMAC-SHA256"


def handler(event: bytes, context: object) -> object:  # noqa: ARG001 - FC's signature
    """Import the key pair of a direct invocation."""
    query = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, value in sorted(json.loads(event).items())
    )
    endpoint = os.environ["ENS_ENDPOINT"]
    headers = {
        "host": urlsplit(endpoint).netloc,
        "x-acs-action": "ImportKeyPair",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "x-acs-security-token": os.environ["ALIBABA_CLOUD_SECURITY_TOKEN"],
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-version": "2017-11-10",
    }
    names = ";".join(headers)
    canonical_headers = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = "\n".join(
        ["POST", "/", query, canonical_headers, names, headers["x-acs-content-sha256"]]
    )
    signature = hmac.new(
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"].encode(),
        f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}".encode(),
        hashlib.sha256,
    ).hexdigest()
    key_id = os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"]
    headers["Authorization"] = (
        f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"
    )
    return requests.post(f"{endpoint}/?{query}", headers=headers, timeout=(2, 5)).json()
