"""
The function alone, behind functions-framework: one process, for a debugger and for print().

    make serve

Each HTTP request becomes the event of FC's HTTP trigger, and ``handler.handler`` runs in this very
process, from src as it is. ENS, OSS and the role's credentials are devcloud's; with
``--own-environment`` nothing is set, and the function calls what ENS_ENDPOINT names (the real ENS,
if it names nothing) with the credentials in ALIBABA_CLOUD_*. No signature is verified here:
``make run`` has a trigger that can. The framework's own command works too:

    functions-framework --source examples/local_runner.py --target http_trigger --host 127.0.0.1
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import socket
import sys
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

from flask import Response
from functions_framework import create_app
from werkzeug.serving import make_server

from devcloud import DevCloud
from devcloud.fc.events import MalformedAnswer, http_answer, http_trigger_event
from devcloud.http_message import Headers, Request

if TYPE_CHECKING:
    from flask import Request as FlaskRequest

LOOPBACK = "127.0.0.1"
REGION = "cn-hangzhou"
TIMEOUT = 30  # seconds, as s.yaml has it


def http_trigger(request: FlaskRequest) -> Response:
    """Answer a request as FC's HTTP trigger does; functions-framework calls it."""
    # Loaded at the first request: its settings are the environment's by then.
    from handler import handler  # noqa: PLC0415

    context = context_of_one_request()
    event = http_trigger_event(
        Request(
            method=request.method,
            target=request.environ["RAW_URI"],
            headers=Headers(request.headers.items()),
            body=request.get_data(),
            source_ip=request.remote_addr or LOOPBACK,
            protocol=request.environ["SERVER_PROTOCOL"],
        ),
        trigger_id="local",
        region=REGION,
        request_id=context.request_id,
        now=time.time(),
    )
    try:
        answer = http_answer(json.dumps(handler(event, context)).encode())
    except MalformedAnswer:
        return Response("The function's answer is no HTTP answer.", 502)
    return Response(answer.body, answer.status, answer.headers)


def context_of_one_request() -> SimpleNamespace:
    """Make what FC hands to a handler on python3.12: no credentials are in it."""
    return SimpleNamespace(
        request_id=f"1-{secrets.token_hex(4)}-{secrets.token_hex(12)}",
        function=SimpleNamespace(
            name="ens-key-import", handler="handler.handler", memory=128, timeout=TIMEOUT
        ),
        region=REGION,
        account_id="",
    )


def main(arguments: list[str] | None = None) -> int:
    """Serve on loopback until Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.local_runner",
        description="The function behind functions-framework.",
    )
    parser.add_argument("--port", type=int, default=9000, help="0 for a free one (%(default)s)")
    parser.add_argument(
        "--own-environment",
        action="store_true",
        help="call ENS as the environment says, with its credentials: no local cloud is started",
    )
    asked = parser.parse_args(arguments)
    try:
        listener = socket.create_server((LOOPBACK, asked.port))
    except (OSError, OverflowError) as error:
        print(f"Port {asked.port} cannot be used: {error}", file=sys.stderr)
        return 1
    with listener, contextlib.ExitStack() as ending, contextlib.suppress(KeyboardInterrupt):
        if not asked.own_environment:
            os.environ.update(environment_of(ending.enter_context(DevCloud())))
        app = create_app(target=http_trigger.__name__, source=__file__, signature_type="http")
        server = make_server(LOOPBACK, 0, app, fd=listener.fileno())
        print(f"The function: http://{LOOPBACK}:{server.port}", flush=True)
        server.serve_forever()
    return 0


def environment_of(cloud: DevCloud) -> dict[str, str]:
    """Say what FC tells an instance: where the services are, and the role's credentials."""
    role = cloud.role_credentials()
    return {
        "ENS_ENDPOINT": cloud.ens_endpoint,
        "OSS_ENDPOINT": cloud.oss_endpoint,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": role.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": role.access_key_secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": role.security_token or "",
    }


if __name__ == "__main__":
    sys.exit(main())
