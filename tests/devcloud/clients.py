"""The official SDKs, pointed at devcloud; and single requests, signed by them, sent by hand."""

import http.client
import json
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

from alibabacloud_ens20171110.client import Client as EnsClient
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import Config
from aliyunsdkcore.auth.credentials import AccessKeyCredential, StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

from devcloud import Credentials

EMPTY_DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def sdk_config(endpoint: str, credentials: Credentials) -> Any:
    return Config(
        access_key_id=credentials.access_key_id,
        access_key_secret=credentials.access_key_secret,
        security_token=credentials.security_token,
        endpoint=endpoint.removeprefix("http://"),
        protocol="http",
        connect_timeout=2000,
        read_timeout=5000,
    )


def ens_client(endpoint: str, credentials: Credentials) -> Any:
    return EnsClient(sdk_config(endpoint, credentials))


def sts_client(endpoint: str, credentials: Credentials) -> Any:
    return StsClient(sdk_config(endpoint, credentials))


def call_by_old_sdk(
    endpoint: str, credentials: Credentials, parameters: dict[str, str], method: str = "POST"
) -> dict[str, Any]:
    """Call ENS with aliyun-python-sdk-core, which signs as RPC V1 (HMAC-SHA1)."""
    credential = (
        StsTokenCredential(
            credentials.access_key_id, credentials.access_key_secret, credentials.security_token
        )
        if credentials.security_token
        else AccessKeyCredential(credentials.access_key_id, credentials.access_key_secret)
    )
    client = AcsClient(region_id="cn-hangzhou", credential=credential)
    request = CommonRequest(
        domain=urlsplit(endpoint).netloc,
        version="2017-11-10",
        action_name=parameters["Action"],
    )
    request.set_protocol_type("http")
    request.set_method(method)
    for name, value in parameters.items():
        if name != "Action":
            request.add_query_param(name, value)
    answer: dict[str, Any] = json.loads(client.do_action_with_exception(request))
    return answer


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json.get("Code", ""))


@dataclass(frozen=True)
class RawRequest:
    """One request, to be changed at will between being signed and being sent."""

    endpoint: str
    method: str = "POST"
    path: str = "/"
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def signed(self, credentials: Credentials) -> "RawRequest":
        """Sign as the official SDK does, by its own code (ACS3-HMAC-SHA256)."""
        digest = Utils.hex_encode(Utils.hash(self.body, "ACS3-HMAC-SHA256"))
        headers = {
            "host": urlsplit(self.endpoint).netloc,
            "x-acs-version": "2017-11-10",
            "x-acs-date": Utils.get_timestamp(),
            "x-acs-signature-nonce": Utils.get_nonce(),
            "x-acs-content-sha256": digest,
            **self.headers,
        }
        if credentials.security_token:
            headers["x-acs-security-token"] = credentials.security_token
        request = SimpleNamespace(
            method=self.method, pathname=self.path, query=self.query, headers=headers
        )
        headers["authorization"] = Utils.get_authorization(
            request,
            "ACS3-HMAC-SHA256",
            headers["x-acs-content-sha256"],
            credentials.access_key_id,
            credentials.access_key_secret,
        )
        return replace(self, headers=headers)

    def with_headers(self, **headers: str) -> "RawRequest":
        """Change or add headers; an underscore stands for a hyphen."""
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **changed})

    def without_header(self, name: str) -> "RawRequest":
        return replace(self, headers={n: v for n, v in self.headers.items() if n != name})

    def with_query(self, **query: str) -> "RawRequest":
        return replace(self, query={**self.query, **query})

    def send(self) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=10)
        target = self.path + (f"?{urlencode(self.query)}" if self.query else "")
        try:
            connection.request(self.method, target, self.body, self.headers)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read())
        finally:
            connection.close()
