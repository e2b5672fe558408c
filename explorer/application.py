"""What the page is made of, and what it asks for."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from explorer.callers import Unknown
from explorer.code import programs
from explorer.document import OPENAPI, document
from explorer.guards import Refused
from explorer.projects import Call, NotPossible, archive, archive_name, languages
from explorer.target import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request

    from explorer.local_cloud import LocalCloud
    from explorer.target import Target

PAGE = Path(__file__).parent / "page"
FILES = {
    "/": PAGE / "index.html",
    "/page.css": PAGE / "page.css",
    "/page.js": PAGE / "page.js",
    "/icon.svg": PAGE / "icon.svg",
    "/openapi.yaml": OPENAPI,
}
PARAMETERS = {"KeyPairName": str, "PublicKeyBody": str, "DryRun": bool}
CODE = {**PARAMETERS, "Of": str}  # Of: ens, or function
PROJECT = {**CODE, "Language": str}
FAULT = {"action": str, "fault": str, "arguments": dict, "after_the_work": bool, "times": int}
UPLOAD = {"object_key": str, "text": str}
RECEIPT = {"object_key": str, "etag": str}


def application(target: Target, cloud: LocalCloud | None = None) -> Starlette:
    """
    Make the application for one function; what guards it stands around it.

    Args:
        target: the function that is called.
        cloud: the local cloud that it runs in, if it does.
    """

    def about(_: Mapping[str, Any]) -> dict[str, Any]:
        authorization = target.authorization
        return {
            "url": target.url,
            "local": target.is_local,
            "cloud": cloud is not None,
            "authorization": authorization,
        }

    def call(parameters: Mapping[str, Any]) -> dict[str, Any]:
        return asdict(target.call(parameters))

    def zipped(content: Mapping[str, Any]) -> Response:
        for language in languages():
            if language.name == content["Language"]:
                try:
                    data = archive(language, _call_of(content, target))
                except NotPossible as reason:
                    raise Refused(400, str(reason)) from None
                name = f'attachment; filename="{archive_name(language)}"'
                return Response(
                    data, media_type="application/zip", headers={"Content-Disposition": name}
                )
        raise Refused(400, "There is no such language.")

    return Starlette(
        routes=[
            *(_file(path, file) for path, file in FILES.items()),
            _member("about", about),
            _member("document", lambda _: document()),
            _member("call", call, PARAMETERS),
            _member("code", lambda content: programs(_call_of(content, target)), CODE),
            _member("project", zipped, PROJECT, ["Language"]),
            *(_members_of(cloud) if cloud else ()),
        ],
        exception_handlers={Refused: _refused, NoAnswer: _no_answer, Unknown: _no_answer},
    )


def _members_of(cloud: LocalCloud) -> list[Route]:
    return [
        _member("cloud", lambda _: cloud.look()),
        _member("fault", cloud.plan_fault, FAULT),
        _member("faults/clear", lambda _: cloud.clear_faults(), {}),
        _member("upload", lambda of: cloud.upload(**of), UPLOAD, UPLOAD),
        _member("receipt", lambda of: cloud.receipt(**of), RECEIPT, RECEIPT),
    ]


def _file(path: str, file: Path) -> Route:
    async def send(_request: Request) -> Response:
        return FileResponse(file)

    return Route(path, send)


def _member(
    name: str,
    answer: Callable[[Mapping[str, Any]], Any],
    members: Mapping[str, type] | None = None,
    needed: Iterable[str] = (),
) -> Route:
    """
    Make a member of the API: JSON in, JSON out.

    Args:
        name: its path below /api/.
        answer: makes what is answered, or raises Refused; it may block.
        members: what a request may hold, and of which type: then it is a POST.
        needed: what it has to hold.
    """

    async def respond(request: Request) -> Response:
        content = {} if members is None else _content(await request.body(), members, needed)
        made = await run_in_threadpool(answer, content)
        return made if isinstance(made, Response) else JSONResponse(made)

    return Route(f"/api/{name}", respond, methods=["GET" if members is None else "POST"])


def _content(body: bytes, members: Mapping[str, type], needed: Iterable[str]) -> dict[str, Any]:
    """Read a request; what it holds is judged by whoever it is for."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or set(given) - set(members):
        raise Refused(400, f"The body is a JSON object with {', '.join(members) or 'no member'}.")
    for name in needed:
        if not given.get(name):
            raise Refused(400, f"{name} is missing.")
    for name, kind in members.items():
        if name in given and type(given[name]) is not kind:
            raise Refused(400, f"{name} is of another type.")
        if isinstance(given.get(name), str):
            _refuse_halves(name, given[name])
    return given


def _refuse_halves(name: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused(400, f"{name} holds half of a surrogate pair.") from None


def _call_of(content: Mapping[str, Any], target: Target) -> Call:
    """Make the call that programs are to make: of ENS, or of the function."""
    name, key = content.get("KeyPairName", ""), content.get("PublicKeyBody", "")
    if content.get("Of") == "ens":
        return Call(name, key)  # ENS knows no DryRun
    try:
        return Call(
            name,
            key,
            url=target.url.rstrip("/"),
            target="function",
            dry_run=content.get("DryRun", False),
            authorization=target.authorization,
        )
    except ValueError as reason:
        raise Refused(400, str(reason)) from None


async def _refused(_request: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    return refused.answer


async def _no_answer(_request: Request, reason: Exception) -> Response:
    # Not a 5xx: nothing is wrong with this server, and browsers note each on their console.
    return JSONResponse({"error": str(reason)})
