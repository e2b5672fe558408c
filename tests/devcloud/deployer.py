"""Deploying to devcloud with the official Python SDK of Function Compute."""

import base64
import io
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alibabacloud_fc20230330 import models as fc
from alibabacloud_fc20230330.client import Client as FcClient
from darabonba.runtime import RuntimeOptions

from devcloud import Credentials, DevCloud
from tests.devcloud.clients import sdk_config

# The packages of these tests are pure Python: this one runs them.
THIS_PYTHON: Mapping[Any, Path] = {"python3.12": Path(sys.executable)}

ECHO = """
import os, sys, threading
def handler(event, context):
    print(f"got {event.decode()}")
    if event == b"raise": raise RuntimeError("as asked")
    if event == b"hang": threading.Event().wait()
    if event == b"pid": return str(os.getpid())
    if event == b"path": return "\\n".join(sys.path)
    if event == b"environment": return dict(os.environ)
    return b"VERSION:" + event
"""


def package(files: Mapping[str, str | bytes]) -> bytes:
    """Make a zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def echo(version: str = "1") -> bytes:
    """Make the package of a function that answers its event, with a version in front."""
    return package({"main.py": ECHO.replace("VERSION", version)})


class Deployer:
    """The SDK's client, with the arguments that each call here has in common."""

    def __init__(self, cloud: DevCloud, credentials: Credentials | None = None) -> None:
        self.cloud = cloud
        self.credentials = credentials or cloud.deployer_credentials()
        config = sdk_config(cloud.fc_endpoint, self.credentials)
        config.read_timeout = 60_000  # a package is unpacked, and an instance started
        self.client: Any = FcClient(config)

    def create(self, code: bytes, name: str = "echo", **members: Any) -> Any:
        document = {"runtime": "python3.12", "handler": "main.handler", **members}
        body = fc.CreateFunctionInput(function_name=name, code=_inline(code), **document)
        return self.client.create_function(fc.CreateFunctionRequest(body=body)).body

    def update(self, name: str = "echo", code: bytes | None = None, **members: Any) -> Any:
        body = fc.UpdateFunctionInput(code=_inline(code) if code else None, **members)
        return self.client.update_function(name, fc.UpdateFunctionRequest(body=body)).body

    def trigger(self, kind: str, config: str, name: str = "", **members: Any) -> Any:
        body = fc.CreateTriggerInput(
            trigger_name=name or kind, trigger_type=kind, trigger_config=config, **members
        )
        return self.client.create_trigger("echo", fc.CreateTriggerRequest(body=body)).body

    def invoke(
        self, event: bytes, name: str = "echo", qualifier: str | None = None, **headers: str
    ) -> Any:
        request = fc.InvokeFunctionRequest(body=event, qualifier=qualifier)
        told = fc.InvokeFunctionHeaders(**headers)
        return self.client.invoke_function_with_options(name, request, told, RuntimeOptions())

    def call(self, event: bytes) -> bytes:
        answer: bytes = self.invoke(event).body.read()
        return answer


def _inline(code: bytes) -> Any:
    return fc.InputCodeLocation(zip_file=base64.b64encode(code).decode())
