"""
Sign a request to the function's HTTP trigger (authType: function), for curl to send.

    python -m examples.sign "$URL" id_rsa.pub alice | curl -i -K -

Prints a configuration for curl: address, headers, file. So neither the key nor a security token
stands on a command line. Credentials are those of the environment: ALIBABA_CLOUD_ACCESS_KEY_ID,
ALIBABA_CLOUD_ACCESS_KEY_SECRET, and ALIBABA_CLOUD_SECURITY_TOKEN for temporary ones. Whoever they
belong to needs fc:InvokeFunction on the function.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

from alibabacloud_tea_openapi.utils import Utils

ALGORITHM = "ACS3-HMAC-SHA256"
KEY_ID, KEY_SECRET = "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
TOKEN = "ALIBABA_CLOUD_SECURITY_TOKEN"  # noqa: S105 - its variable's name


def main(arguments: list[str] | None = None) -> None:
    """Print the configuration."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.sign", description="Sign a request, for curl -K - to send."
    )
    parser.add_argument("url", help="of the HTTP trigger")
    parser.add_argument("file", type=Path, help="the public key")
    parser.add_argument("name", help="the KeyPairName")
    parser.add_argument("--dry-run", action="store_true", help="check it, import nothing")
    options = parser.parse_args(arguments)
    for variable in (KEY_ID, KEY_SECRET):
        if not os.environ.get(variable):
            parser.error(f"{variable} is not set")
    try:
        body = options.file.read_bytes()
    except OSError as error:
        parser.error(f"{options.file} cannot be read: {error.strerror}")
    query = {"KeyPairName": options.name, **({"DryRun": "true"} if options.dry_run else {})}
    headers = signed_headers(options.url, query, body)
    lines = [
        f'url = "{options.url.rstrip("/")}/?{urlencode(query)}"',
        f'data-binary = "@{options.file}"',
        *(f'header = "{name}: {value}"' for name, value in headers.items()),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def signed_headers(url: str, query: dict[str, str], body: bytes) -> dict[str, str]:
    """Return the headers of a signed POST to the path / (the SDK's own signature)."""
    digest = hashlib.sha256(body).hexdigest()
    headers = {
        "host": urlsplit(url).netloc,
        "content-type": "application/octet-stream",
        "x-acs-date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-content-sha256": digest,
    }
    if token := os.environ.get(TOKEN):
        headers["x-acs-security-token"] = token
    request = SimpleNamespace(method="POST", pathname="/", query=query, headers=headers)
    headers["Authorization"] = Utils.get_authorization(
        request,
        ALGORITHM,
        digest,
        os.environ[KEY_ID],
        os.environ[KEY_SECRET],
    )
    return headers


if __name__ == "__main__":
    main()
