"""
What the SDK does, told as JSON: run once with a plain import and once with the diet, and compared.

Usage: ``python sdk_behaviour.py plain|diet``. It talks to a server of its own on loopback.
"""

import asyncio
import json
import pickle
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

KEY_PAIR = {"KeyPairFingerPrint": "0f", "KeyPairName": "alice", "RequestId": "R"}
PAGE = {
    "KeyPairs": {"KeyPair": [{"KeyPairName": "alice", "KeyPairFingerPrint": "0f"}]},
    "PageNumber": 1,
    "PageSize": 10,
    "RequestId": "R",
    "TotalCount": 1,
}
REFUSAL = {"Code": "NoPermission", "Message": "Permission denied.", "RequestId": "R"}
ANSWERS = {
    "imported": (200, json.dumps(KEY_PAIR)),
    "listed": (200, json.dumps(PAGE)),
    "refused": (400, json.dumps(REFUSAL)),
    "forbidden": (403, json.dumps(REFUSAL | {"Code": "Forbidden.RAM"})),
    "throttled": (429, json.dumps(REFUSAL | {"Code": "Throttling.User"})),
    "failed": (500, json.dumps(REFUSAL | {"Code": "InternalError"})),
    "page": (502, "<html>Bad gateway</html>"),
    "nothing": (200, ""),
}
VARYING_HEADERS = {"x-acs-date", "x-acs-signature-nonce", "host", "user-agent"}


class Ens(BaseHTTPRequestHandler):
    """Answers what it was told to answer, and keeps what it was asked."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answer = (200, "")
    asked: dict[str, Any] = {}  # noqa: RUF012 - the last request, whichever handler read it

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        authorization = headers.pop("authorization", "").rpartition("Signature=")[0]
        Ens.asked = {
            "path": self.path,
            "authorization": authorization,
            "body": self.rfile.read(int(headers.get("content-length", "0"))).decode(),
            "headers": {k: v for k, v in headers.items() if k not in VARYING_HEADERS},
            "header names": sorted(headers),
        }
        status, text = self.answer
        self.send_response_only(status)
        if status == 429:
            self.send_header("x-acs-retry-after", "1500")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


def load(how: str) -> Any:
    """Load the SDK in one of the two ways; its names are the same in both."""
    if how == "diet":
        from adapters.lazy_sdk import load_ens_sdk

        return load_ens_sdk()
    from adapters.lazy_sdk import EnsSdk

    modules = [
        import_module(name)
        for name in (
            "alibabacloud_ens20171110.client",
            "alibabacloud_ens20171110.models",
            "alibabacloud_tea_openapi.utils_models",
            "alibabacloud_tea_openapi.exceptions",
            "darabonba.exceptions",
            "darabonba.runtime",
        )
    ]
    return EnsSdk(
        **{
            name: next(getattr(module, name) for module in modules if hasattr(module, name))
            for name in EnsSdk._fields
        }
    )


def outcome(call: Any) -> Any:
    """Make a call; describe its answer, or its exception with all that it carries."""
    try:
        response = call()
    except Exception as error:  # noqa: BLE001 - each kind is what is compared
        inner = getattr(error, "inner_exception", None)
        kinds = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
        state = {k: v for k, v in vars(error).items() if isinstance(v, str | int | dict | None)}
        return {"kinds": kinds, "inner": type(inner).__name__, "state": state}
    return response.to_map()


def tell(how: str) -> dict[str, Any]:
    """Do everything once."""
    told: dict[str, Any] = {}
    sdk = load(how)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ens)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def client_for(port: int) -> Any:
        config = sdk.Config(
            access_key_id="id",
            access_key_secret="secret",
            security_token="token",
            endpoint=f"127.0.0.1:{port}",
            protocol="HTTP",
        )
        return sdk.Client(config)

    client = client_for(server.server_port)
    request = sdk.ImportKeyPairRequest(key_pair_name="alice", public_key_body="ssh-rsa A+B/ x")
    listing = sdk.DescribeKeyPairsRequest(key_pair_name="alice", page_number="1", page_size="10")
    for name, answer in ANSWERS.items():
        Ens.answer = answer
        if name == "listed":
            told[name] = outcome(
                lambda: client.describe_key_pairs_with_options(listing, sdk.RuntimeOptions())
            )
        else:
            told[name] = outcome(
                lambda: client.import_key_pair_with_options(request, sdk.RuntimeOptions())
            )
        told[f"{name}: request"] = Ens.asked

    Ens.answer = ANSWERS["imported"]
    call = client.import_key_pair_with_options_async(request, sdk.RuntimeOptions())
    told["asynchronous"] = outcome(lambda: asyncio.run(call))
    told["asynchronous: request"] = Ens.asked
    server.shutdown()
    server.server_close()

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    client = client_for(port)
    told["nobody there"] = outcome(
        lambda: client.import_key_pair_with_options(request, sdk.RuntimeOptions())
    )
    told["nobody there"]["state"] = None  # its texts name the port

    told["request map"] = request.to_map()
    told["request pickle"] = pickle.dumps(request).hex()
    told["RSA signature"] = rsa_signature_length()
    told["XML"] = import_module("darabonba.utils.xml").XML.parse_xml("<a><b>1</b></a>")
    models = import_module("alibabacloud_ens20171110.models")
    told["models"] = {
        kind.__name__: f"{kind.__module__} {getattr(models, kind.__name__) is kind}"
        for kind in models.__all__
    }
    return told


def rsa_signature_length() -> int:
    """Sign as ACS3-RSA-SHA256 does: the part of the SDK that needs cryptography."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return len(import_module("alibabacloud_tea_openapi.utils").rsa_sign(b"text", key))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
    print(json.dumps(tell(sys.argv[1]), default=repr))  # noqa: T201 - its answer
