"""Private keys, wrapped and planted in every place of an event, as a fuzzer's bytes choose."""

from __future__ import annotations

import base64
import copy
import gzip
import hashlib
import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from tests.events import gallery
from tests.keys.private_keys import binaries, texts
from tests.keys.public_keys import BASE64
from tests.leaks import ARMOUR, Secret, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import atheris

MOST_AROUND = 60  # characters that the fuzzer writes before a planted key, and after it
# Beyond what a body may have, and beyond what an event may have.
PADDINGS = (*(14 * [0]), 70 * 1024, 2 * 1024 * 1024)

Place = tuple[str | int, ...]
FORM, JSON, NAME = "<form>", "<json>", "<name>"  # steps into a body, and to a member's name


class Planted(NamedTuple):
    """
    An event, and what is in it.

    Args:
        event: for the handler.
        upload: what the object holds that the event tells of; None if it tells of none.
        secret: what must not be seen again.
    """

    event: bytes
    upload: bytes | None
    secret: Secret


def _spaced(content: bytes, width: int) -> bytes:
    letters = b"".join(content.split())
    return b" ".join(letters[at : at + width] for at in range(0, len(letters), width))


WRAPPINGS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    bytes,
    base64.b64encode,
    base64.encodebytes,
    base64.urlsafe_b64encode,
    lambda content: _spaced(base64.b64encode(content), 15),
    lambda content: _spaced(base64.b64encode(content), 1),
    lambda content: content.hex().encode(),
    lambda content: content.hex(":").encode(),
    lambda content: quote(content, safe="").encode(),
    lambda content: json.dumps(as_text(content)).encode(),
    lambda content: repr(as_text(content)).encode(),
    lambda content: b"> " + content.replace(b"\n", b"\n> "),
    lambda content: as_text(content).encode("utf-16"),
    lambda content: gzip.compress(content, mtime=0),
    lambda content: content.replace(b"\n", b"\r\n"),
    lambda content: content.replace(b"\n", b" "),
    lambda content: b"ssh-rsa " + content,
    lambda content: b"ssh-rsa %s %s" % (BASE64.encode(), content),
)
PARTS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    bytes,
    bytes,
    lambda key: key[: len(key) * 2 // 3],
    lambda key: ARMOUR.sub("", as_text(key)).encode("utf-8", "replace"),
)


def _made_events() -> dict[str, Any]:
    """Return events that the gallery has not."""
    multipart = (
        '--x\r\nContent-Disposition: form-data; name="KeyPairName"\r\n\r\nalice\r\n'
        '--x\r\nContent-Disposition: form-data; name="PublicKeyBody"\r\n\r\nKEY\r\n--x--\r\n'
    )
    return {
        "multipart": json.loads(
            gallery.http_event(multipart, content_type="multipart/form-data; boundary=x")
        ),
        "unknown": {"Records": [{"value": "x"}], "value": 1},
    }


EVENTS: dict[str, Any] = {
    **{
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(Path(gallery.__file__).parent.glob("*.json"))
    },
    **_made_events(),
}
UPLOADS = ("oss-native", "oss-eventbridge")


def places_in(value: object, path: Place = ()) -> Iterator[Place]:
    """Yield the path of each value, of each member's name, and of each parameter in a body."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*path, name, NAME)
            yield from places_in(member, (*path, name))
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from places_in(member, (*path, number))
    else:
        yield path
        if isinstance(value, str) and path[-1:] == ("body",):
            yield from _places_in_body(value, path)


def _places_in_body(body: str, path: Place) -> Iterator[Place]:
    if body.startswith("{"):
        yield from places_in(json.loads(body), (*path, JSON))
    elif "=" in body and "\n" not in body:
        yield from ((*path, FORM, name) for name, _ in parse_qsl(body))


def plant(value: Any, path: Place, text: str) -> Any:
    """Return a value with the text at a path of it."""
    if not path:
        return text
    step, rest = path[0], path[1:]
    if step == JSON:
        return json.dumps(plant(json.loads(value), rest, text))
    if step == FORM:
        return urlencode({**dict(parse_qsl(value)), rest[0]: text}, errors="surrogateescape")
    if rest == (NAME,):
        return {(text if name == step else name): member for name, member in value.items()}
    changed = copy.copy(value)
    changed[step] = plant(value[step], rest, text)
    return changed


PLACES = {name: list(places_in(event)) for name, event in EVENTS.items()}
KEYS = {**{name: text.encode() for name, text in texts().items()}, **binaries()}


_serial = itertools.count(1)


def of_upload(event: Any, content: bytes) -> Any:
    """Return the event of one upload more: what was uploaded before is not looked at again."""
    event = copy.deepcopy(event)
    record = event["data"] if "data" in event else event["events"][0]
    # An object's ETag is its MD5 (OSS, PutObject).
    record["oss"]["object"]["eTag"] = hashlib.md5(content).hexdigest().upper()  # noqa: S324 - OSS's
    record["responseElements"]["requestId"] = f"{next(_serial):024X}"
    return event


def planted_by(data: atheris.FuzzedDataProvider) -> Planted:
    """Choose an event, a key, its wrappings, and a place; write the fuzzer's own text around it."""
    key = KEYS[data.PickValueInList(list(KEYS))]
    part = data.PickValueInList(list(PARTS))(key)
    wrapped = data.PickValueInList(list(WRAPPINGS))(data.PickValueInList(list(WRAPPINGS))(part))
    name = data.PickValueInList([*EVENTS, *UPLOADS, *UPLOADS])
    event, path = EVENTS[name], data.PickValueInList(PLACES[name])
    in_object = name in UPLOADS and data.ConsumeBool()
    padding = "x" * data.PickValueInList(list(PADDINGS))
    before, after = (
        data.ConsumeUnicodeNoSurrogates(data.ConsumeIntInRange(0, MOST_AROUND)) for _ in "ab"
    )
    secret = Secret(key, wrapped)
    if in_object:
        content = before.encode() + wrapped + after.encode() + padding[: 70 * 1024].encode()
        return Planted(json.dumps(of_upload(event, content)).encode(), content, secret)
    upload = gallery.ALICE_PUB.encode() if name in UPLOADS else None
    event = of_upload(event, upload) if upload else event
    text = f"{before}{as_text(wrapped)}{after}{padding}"
    if path[-2:] == ("object", "key"):  # as base64 is written in names of files
        text = text.replace("/", "_")
    planted = plant(event, path, text)
    if path == ("body",) and data.ConsumeBool():
        content = before.encode() + wrapped + after.encode()
        planted = {**event, "body": base64.b64encode(content).decode(), "isBase64Encoded": True}
    return Planted(json.dumps(planted).encode(), upload, secret)
