"""An HTTP request as FC's HTTP trigger and API Gateway describe it in their events."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from core.errors import InvalidRequest, too_large
from triggers.json_text import STRINGIFIED_TWICE, holds_json, read_json
from triggers.parameters import KEY, from_object, names_a_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from triggers.parameters import Parameters

BODY_CAP = 64 * 1024  # bytes
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_LOOK = 4096  # characters from the start, before which blank lines end
_KEY_START = re.compile(
    r"\s{0,99}(?:[a-z0-9@.-]{3,60}[ \t]+AAAA|AAAA|M[A-P][A-Za-z0-9+/]{38}"
    r"|-{4,5} ?BEGIN )"
)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """
    One request. Header names are in lower case, query values decoded, and strings as a rule.

    Nothing of it but the method is shown in a repr: it may hold a private key.
    """

    method: str
    query: Mapping[str, object] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: str | bytes = field(repr=False)

    def parameters(self) -> Parameters:
        """
        Return the parameters of the query and of the body.

        The body may be a JSON object, a form, or the key itself. curl calls a key that it posts a
        form, so a form is what names a parameter; without a content type that helps, JSON is
        what starts with a brace.

        Raises:
            InvalidRequest: the body is none of these.
        """
        return [*from_object(self.query), *self._body_parameters()]

    def _body_parameters(self) -> Parameters:
        body = self.body
        if not body:
            return []
        content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type == MULTIPART:
            from triggers.multipart import read_fields  # noqa: PLC0415 - see its docstring

            content = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
            return read_fields(content, self.headers["content-type"])
        if content_type == FORM:
            form = _read_form(body)
            if names_a_parameter(name for name, _ in form):
                return form
        if content_type == JSON or _starts_as_json(body):
            value = _read_json_body(body)
            # A JWK is an object too: what names nothing of ours is looked at as a key.
            if content_type == JSON or names_a_parameter(value):
                return from_object(value)
        return [(KEY, body)]


def read_http_trigger(event: Mapping[str, object]) -> HttpRequest:
    """Read the event of an HTTP trigger (FC 3.0, event version v1)."""
    context = event["requestContext"]
    http = context.get("http") if isinstance(context, dict) else None
    http = http if isinstance(http, dict) else {}
    return _read(event, method=http.get("method"))


def read_api_gateway(event: Mapping[str, object]) -> HttpRequest:
    """Read the event of API Gateway (classic, with a function as its backend)."""
    return _read(event, method=event.get("httpMethod"))


def _read(event: Mapping[str, object], *, method: object) -> HttpRequest:
    headers = _members(event.get("headers"))
    return HttpRequest(
        method=method.upper() if isinstance(method, str) else "",
        query=_members(event.get("queryParameters")),
        headers={name.lower(): value for name, value in headers.items() if isinstance(value, str)},
        body=_read_body(event.get("body"), event.get("isBase64Encoded")),
    )


def _read_body(body: object, is_base64: object) -> str | bytes:
    if body is None:
        return b""
    if not isinstance(body, str):
        raise InvalidRequest("The event's body is no string.", reason="unreadable_body")
    if is_base64 is True or (isinstance(is_base64, str) and is_base64.lower() == "true"):
        if len(body) > (BODY_CAP + 3) * 4 // 3:
            raise _too_large()
        try:
            decoded = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidRequest(
                "The event says that its body is base64, and it is not.", reason="unreadable_body"
            ) from None
        if len(decoded) > BODY_CAP:
            raise _too_large()
        return decoded
    if len(body) > BODY_CAP or len(body.encode("utf-8", "surrogatepass")) > BODY_CAP:
        raise _too_large()
    return body


def _too_large() -> InvalidRequest:
    return too_large(
        f"The body is larger than {BODY_CAP // 1024} KiB. A public key has a few hundred bytes.",
        reason="body_too_large",
    )


def _read_form(body: str | bytes) -> list[tuple[str, str]]:
    # What is no text stays recognisable as that, instead of becoming replacement characters.
    text = body if isinstance(body, str) else body.decode("utf-8", "surrogateescape")
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape")


def _read_json_body(body: str | bytes) -> Mapping[str, object]:
    try:
        value = read_json(body, "The body")
    except InvalidRequest as refusal:
        text = body if isinstance(body, str) else body.decode("utf-8", "replace")
        if not _KEY_START.match(text):
            raise
        raise InvalidRequest(
            "The Content-Type is application/json, but the body is the key itself. Send it under "
            "another content type (curl --data-binary @id_rsa.pub), or send JSON: "
            '{"KeyPairName": "alice", "PublicKeyBody": "ssh-rsa AAAA..."}',
            reason="not_json",
            place=refusal.place,
        ) from None
    if isinstance(value, dict):
        return value
    if holds_json(value):
        raise InvalidRequest(f"The body {STRINGIFIED_TWICE}", reason="not_an_object")
    raise InvalidRequest("The body is JSON, but not an object.", reason="not_an_object")


def _starts_as_json(body: str | bytes) -> bool:
    """Tell whether a body begins as an object does, or as a string that holds one."""
    text = body[:_LOOK] if isinstance(body, str) else body[:_LOOK].decode("utf-8", "replace")
    return text.lstrip("\ufeff \t\r\n").startswith(("{", '"{'))


def _members(value: object) -> Mapping[str, object]:
    """Return an object's members; API Gateway sends null where there are none."""
    return value if isinstance(value, dict) else {}
