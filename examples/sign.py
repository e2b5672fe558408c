"""
Sign a request to the function's HTTP trigger (authType: function), for curl to send.

    python -m examples.sign "$URL" id_rsa.pub alice | curl -i -K -

Prints a configuration for curl: address, headers, file. So neither the key nor a security token is
part of a command line. Whoever signs needs fc:InvokeFunction on the function.

The credentials are found where Alibaba Cloud's own tools look for them, in this order: the
environment (ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, and
ALIBABA_CLOUD_SECURITY_TOKEN for temporary ones), an OIDC role, the profile of `aliyun configure`,
~/.alibabacloud/credentials, the role of an ECS instance.

Signed are method, path and query, with the name in it, and the date, as Function Compute documents
it. That does not cover the key: whoever can change the request on its way can exchange it. So the
address is https://, and http:// for this machine alone. --sign-body signs the body too, as the SDKs
of other services do; whether Function Compute accepts that is not documented.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import re
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.provider import DefaultCredentialsProvider
from alibabacloud_tea_openapi.utils import Utils

from explorer.loopback import is_loopback

# README's command starts this with the project's folder alone on the path.
sys.path.append(str(Path(__file__).parent.parent / "src"))

from core.keys.private_keys import find_private_key

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHM = "ACS3-HMAC-SHA256"
LARGEST = 64 * 1024  # bytes; the function refuses larger bodies
HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?", re.ASCII)
PATH = re.compile(r"[A-Za-z0-9/._~!$&'()*+,;=:@%-]*", re.ASCII)
TOKEN_CHARACTERS = re.compile(r"[!-~]+")


class Refused(Exception):
    """Why no request is made, for people."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whose signature it is; the token is empty for a key that is not temporary."""

    key_id: str
    secret: str
    token: str


@dataclass(frozen=True, slots=True)
class Request:
    """A POST to be signed: where to, which parameters are in the query, and the key."""

    base: str  # scheme and host
    path: str
    query: Mapping[str, str]
    file: Path
    body: bytes


def main(arguments: list[str] | None = None) -> None:
    """Print the configuration."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.sign", description="Sign a request, for curl -K - to send."
    )
    parser.add_argument("url", help="of the HTTP trigger: s deploy prints it as system_url")
    parser.add_argument("file", type=Path, help="the public key")
    parser.add_argument("name", help="the KeyPairName")
    parser.add_argument("--dry-run", action="store_true", help="check it, import nothing")
    parser.add_argument(
        "--sign-body",
        action="store_true",
        help="sign the key, host and content type too; not documented for Function Compute",
    )
    options = parser.parse_args(arguments)
    try:
        request = read_request(options.url, options.file, options.name, dry_run=options.dry_run)
        printed = configuration(request, read_credentials(), with_body=options.sign_body)
    except Refused as reason:
        parser.error(str(reason))
    sys.stdout.reconfigure(errors="surrogateescape")  # type: ignore[union-attr] # names of files
    sys.stdout.write(printed)


def read_request(url: str, file: Path, name: str, *, dry_run: bool) -> Request:
    """
    Make a request of the command's arguments.

    Raises:
        Refused: one of them is not to be sent, or not that way.
    """
    base, path = read_address(url)
    if not name.isprintable():  # also of octets that are no UTF-8
        raise Refused("the name holds what is no printable character")
    query = {"KeyPairName": name, **({"DryRun": "true"} if dry_run else {})}
    return Request(base, path, query, file, read_public_key(file))


def configuration(request: Request, credentials: Credentials, *, with_body: bool) -> str:
    """Return curl's configuration for a signed request."""
    query = urlencode(request.query, quote_via=quote, safe="~")
    headers = signed_headers(request, credentials, with_body=with_body)
    lines = [
        "path-as-is",
        f"url = {quoted(f'{request.base}{request.path}?{query}')}",
        f"data-binary = {quoted(f'@{request.file.absolute()}')}",
        *(f"header = {quoted(f'{name}: {value}')}" for name, value in headers.items()),
    ]
    return "\n".join(lines) + "\n"


def read_address(url: str) -> tuple[str, str]:
    """
    Return scheme and host, and the path.

    Raises:
        Refused: it is no plain address, or the request would pass a network without TLS.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refused("the address cannot be read") from None
    if parts.scheme not in {"https", "http"} or not HOST.fullmatch(parts.netloc):
        raise Refused("the address is https://HOST, without a user name in it")
    if not PATH.fullmatch(parts.path) or parts.query or parts.fragment or url != url.strip():
        raise Refused("the address is https://HOST/PATH, percent-encoded, without a query")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise Refused(
            "http:// is for this machine only: the signature does not cover the key, which anyone "
            "on the way could exchange. Use https://"
        )
    return f"{parts.scheme}://{parts.netloc}", parts.path or "/"


def read_public_key(file: Path) -> bytes:
    """
    Read the file; whether it is a good key, the function says.

    Raises:
        Refused: it cannot be read, is too large, or holds a private key.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise Refused(f"{file} is larger than {LARGEST // 1024} KiB: it is no public key")
    if kind := find_private_key(content):
        raise Refused(
            f"{file} holds a private key ({kind}). Nothing was sent. Sign the public half: the "
            "file that ends in .pub, or what ssh-keygen -y prints"
        )
    return content


def read_credentials() -> Credentials:
    """
    Find credentials as Alibaba Cloud's tools do.

    Raises:
        Refused: there are none.
    """
    logging.getLogger("credentials").disabled = True  # the library's; it prints tracebacks
    try:
        found = DefaultCredentialsProvider().get_credentials()
    except CredentialException:  # its text holds what each provider says, and may hold too much
        raise Refused(
            "no credentials were found: set ALIBABA_CLOUD_ACCESS_KEY_ID and "
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run aliyun configure"
        ) from None
    values = [
        found.get_access_key_id(),
        found.get_access_key_secret(),
        found.get_security_token() or "",
    ]
    if not all(TOKEN_CHARACTERS.fullmatch(value or "") for value in values if value != ""):
        raise Refused("the credentials hold a space or another character that none has")
    return Credentials(*values)


def signed_headers(
    request: Request, credentials: Credentials, *, with_body: bool
) -> dict[str, str]:
    """
    Return the headers of a signed request.

    Function Compute's manual ("Configure signature authentication for HTTP triggers") signs
    x-acs-date and x-acs-security-token, with an empty hash of the body, and ``$`` in the path as
    %24. ``with_body`` signs what the SDKs of other services sign.
    """
    headers = {"x-acs-date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
    if credentials.token:
        headers["x-acs-security-token"] = credentials.token
    unsigned = {"content-type": "application/octet-stream"}
    digest = ""
    if with_body:
        digest = hashlib.sha256(request.body).hexdigest()
        headers |= {"host": urlsplit(request.base).netloc, "x-acs-content-sha256": digest}
        headers |= unsigned
    to_sign = SimpleNamespace(
        method="POST",
        pathname=request.path.replace("$", "%24"),
        query=request.query,
        headers=headers,
    )
    authorization = Utils.get_authorization(
        to_sign, ALGORITHM, digest, credentials.key_id, credentials.secret
    )
    return {**headers, **unsigned, "Authorization": authorization}


def quoted(value: str) -> str:
    """Write a value as curl's configuration has it (man curl, --config)."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
    return '"' + "".join(escapes.get(character, character) for character in value) + '"'


if __name__ == "__main__":
    main()
