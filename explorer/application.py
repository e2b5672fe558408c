"""What the page is made of, and what it asks for."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Route

from explorer.callers import Unknown
from explorer.guards import Refused
from explorer.target import NoAnswer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from explorer.target import Target

PAGE = Path(__file__).parent / "page"
FILES = ("page.css", "page.js", "icon.svg")
PARAMETERS = {"KeyPairName": str, "PublicKeyBody": str, "DryRun": bool}


def application(target: Target) -> Starlette:
    """Make the application for one function; what guards it stands around it."""

    async def about(_request: Request) -> Response:
        return JSONResponse({"url": target.url, "local": target.is_local})

    async def call(request: Request) -> Response:
        parameters = await _parameters(request)
        try:
            answer = await run_in_threadpool(target.call, parameters)
        except (NoAnswer, Unknown) as reason:
            raise Refused(502, str(reason)) from None
        return JSONResponse(asdict(answer))

    def page_file(path: str, name: str) -> Route:
        async def send(_request: Request) -> Response:
            return FileResponse(PAGE / name)

        return Route(path, send)

    return Starlette(
        routes=[
            page_file("/", "index.html"),
            *(page_file(f"/{name}", name) for name in FILES),
            Route("/api/about", about),
            Route("/api/call", call, methods=["POST"]),
        ],
        exception_handlers={Refused: _refused},
    )


async def _parameters(request: Request) -> dict[str, Any]:
    """Read the parameters of one call; the function judges their values."""
    try:
        given = json.loads(await request.body())
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or set(given) - set(PARAMETERS):
        raise Refused(400, f"The body is a JSON object with {', '.join(PARAMETERS)}.")
    for name, kind in PARAMETERS.items():
        if name in given and not isinstance(given[name], kind):
            raise Refused(400, f"{name} is of another type.")
    return given


async def _refused(_request: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    return refused.answer
