"""The actions on one object: put, get, head, copy, delete."""

import base64
from collections.abc import Mapping
from email.utils import formatdate

from devcloud.http_message import Response
from devcloud.oss import conditions, exceptions, ranges
from devcloud.oss.addressing import Location, copy_source
from devcloud.oss.exchange import (
    KEPT_HEADERS,
    Backend,
    Event,
    Exchange,
    Operation,
    kept_headers,
    needing,
    needs_of_copy,
    xml,
)
from devcloud.oss.models import StoredObject
from devcloud.oss.parameters import is_true, iso

FORBID = "x-oss-forbid-overwrite"
RANGE_BEHAVIOR = "x-oss-range-behavior"
DIRECTIVE = "x-oss-metadata-directive"
_OVERRIDES = {  # parameter of GetObject -> header of its answer
    f"response-{name}": "-".join(part.capitalize() for part in name.split("-"))
    for name in KEPT_HEADERS
}
# ali-oss repeats every header of a copy with this prefix; OSS knows none of them.
_ECHOES = frozenset(f"{conditions.COPY_PREFIX}{name}" for name in {*KEPT_HEADERS, FORBID})


class ObjectResponses:
    """The actions over the objects of the account's buckets."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        read = needing("oss:GetObject")
        self.operations: dict[str, Operation] = {
            "PutObject": Operation(
                self.put_object, needing("oss:PutObject"), headers=frozenset({FORBID})
            ),
            "GetObject": Operation(
                self.get_object,
                read,
                parameters=frozenset(_OVERRIDES),
                headers=conditions.NAMES | {"range", RANGE_BEHAVIOR},
            ),
            "HeadObject": Operation(self.head_object, read, headers=conditions.NAMES),
            "GetObjectMeta": Operation(
                self.get_object_meta, read, parameters=frozenset({"objectMeta"})
            ),
            "CopyObject": Operation(
                self.copy_object,
                needs_of_copy,
                # The plain conditions are ali-oss's doing too; OSS goes by the prefixed ones.
                headers=conditions.NAMES
                | {"x-oss-copy-source", FORBID, DIRECTIVE}
                | conditions.COPY_NAMES
                | _ECHOES,
            ),
            "DeleteObject": Operation(self.delete_object, needing("oss:DeleteObject")),
        }

    def put_object(self, exchange: Exchange) -> Response:
        """Keep the body, and tell of it."""
        return Response(200, headers=checksums(self.keep(exchange)))

    def keep(self, exchange: Exchange) -> StoredObject:
        """Do what PutObject does, and return what is kept."""
        request = exchange.request
        return self._store(exchange, "ObjectCreated:PutObject", request.body, kept_headers(request))

    def get_object(self, exchange: Exchange) -> Response:
        """Answer the object, or the part of it that Range selects."""
        stored, headers = self._found(exchange)
        request = exchange.request
        if conditions.is_unmodified(request.headers, stored):
            return Response(304, headers=headers)
        parameters = exchange.parameters
        overrides = {
            header: parameters[name] for name, header in _OVERRIDES.items() if name in parameters
        }
        headers = {**headers, **stored.headers, **overrides, "Accept-Ranges": "bytes"}
        standard = request.headers.get(RANGE_BEHAVIOR) == "standard"
        chosen = ranges.selected(request.headers.get("range", ""), stored.size, standard=standard)
        if chosen is None:
            return Response(200, stored.body, headers)
        part = stored.body[chosen.start : chosen.stop]
        content_range = f"bytes {chosen.start}-{chosen.stop - 1}/{stored.size}"
        return Response(206, part, {**headers, "Content-Range": content_range})

    def head_object(self, exchange: Exchange) -> Response:
        """Answer as GetObject does to the whole object; the server leaves the body out."""
        stored, headers = self._found(exchange)
        if conditions.is_unmodified(exchange.request.headers, stored):
            return Response(304, headers=headers)
        headers = {**headers, **stored.headers, "Accept-Ranges": "bytes"}
        return Response(200, stored.body, headers)

    def get_object_meta(self, exchange: Exchange) -> Response:
        """Answer length, ETag, checksum and time alone."""
        stored, _ = self._found(exchange)
        headers = {"Last-Modified": _last_modified(stored), **checksums(stored)}
        return Response(200, stored.body, headers)

    def copy_object(self, exchange: Exchange) -> Response:
        """Put another object's body here, with that one's headers or with new ones."""
        headers = exchange.request.headers
        place = copy_source(exchange.request)
        source = self.source(place)
        if conditions.is_unmodified(headers, source, conditions.COPY_PREFIX):
            return Response(304)
        directive = headers.get(DIRECTIVE, "COPY").upper()
        if directive not in {"COPY", "REPLACE"}:
            message = "It is COPY or REPLACE."
            raise exceptions.invalid_argument(DIRECTIVE, directive, message)
        # Copied onto itself, an object always gets the request's headers.
        replaces = directive == "REPLACE" or place == exchange.location
        kept = kept_headers(exchange.request) if replaces else source.headers
        stored = self._store(exchange, "ObjectCreated:CopyObject", source.body, kept)
        content = {"ETag": f'"{stored.etag}"', "LastModified": iso(stored.last_modified)}
        return xml("CopyObjectResult", content, {"ETag": f'"{stored.etag}"'})

    def delete_object(self, exchange: Exchange) -> Response:
        """Forget the object; that there was none is no error."""
        if removed := self._backend.bucket(exchange).remove(exchange.location.key):
            self._backend.tell(exchange, removal("DeleteObject", removed))
        return Response(204)

    def source(self, place: Location) -> StoredObject:
        """
        Return the object that is copied.

        Raises:
            ServiceError: NoSuchBucket, NoSuchKey.
        """
        return self._backend.buckets.get(place.bucket).get(place.key)

    def _found(self, exchange: Exchange) -> tuple[StoredObject, dict[str, str]]:
        stored = self._backend.bucket(exchange).get(exchange.location.key)
        headers = {
            "Last-Modified": _last_modified(stored),
            "x-oss-object-type": stored.object_type,
            "x-oss-storage-class": "Standard",
            **checksums(stored),
        }
        return stored, headers

    def _store(
        self, exchange: Exchange, event: str, body: bytes, headers: Mapping[str, str]
    ) -> StoredObject:
        forbid = is_true(exchange.request.headers, FORBID)
        stored, replaced = self._backend.bucket(exchange).put(
            exchange.location.key, body, headers, forbid_overwrite=forbid
        )
        self._backend.tell(exchange, creation(event, stored, replaced))
        return stored


def creation(name: str, stored: StoredObject, replaced: StoredObject | None) -> Event:
    """Describe that an object was kept, in place of an earlier one or of none."""
    grown_by = stored.size - (replaced.size if replaced else 0)
    return Event(name, stored.key, stored.etag, stored.size, grown_by, stored.headers)


def removal(action: str, removed: StoredObject) -> Event:
    """Describe that an object is gone."""
    name = f"ObjectRemoved:{action}"
    return Event(name, removed.key, removed.etag, removed.size, -removed.size, removed.headers)


def checksums(stored: StoredObject) -> dict[str, str]:
    """Write ETag and CRC-64 as headers; Content-MD5 too where the ETag is the body's."""
    headers = {"ETag": f'"{stored.etag}"', "x-oss-hash-crc64ecma": str(stored.crc64)}
    if not stored.is_multipart:
        headers["Content-MD5"] = base64.b64encode(bytes.fromhex(stored.etag)).decode()
    return headers


def _last_modified(stored: StoredObject) -> str:
    return formatdate(stored.last_modified, usegmt=True)
