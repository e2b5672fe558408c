"""The seven actions of a multipart upload, from its initiation to its completion or its end."""

from devcloud.http_message import Response
from devcloud.oss import conditions, exceptions, ranges
from devcloud.oss.addressing import copy_source
from devcloud.oss.crc64 import crc64
from devcloud.oss.documents import read_document
from devcloud.oss.exchange import (
    Backend,
    Event,
    Exchange,
    Operation,
    kept_headers,
    needing,
    needs_of_copy,
    xml,
)
from devcloud.oss.models import StoredObject, check_key
from devcloud.oss.multipart import MAX_PART_NUMBER, MultipartUpload, Part
from devcloud.oss.multipart_listing import (
    PART_PARAMETERS,
    UPLOAD_PARAMETERS,
    page_of_parts,
    page_of_uploads,
)
from devcloud.oss.object_responses import FORBID, creation
from devcloud.oss.parameters import encoded, is_true, iso, url_encoding, whole_number

COMPLETE_ALL = "x-oss-complete-all"
SOURCE_RANGE = "x-oss-copy-source-range"
_OF_A_PART = frozenset({"partNumber", "uploadId"})


class MultipartResponses:
    """The actions over the uploads under way in the account's buckets."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        writes = needing("oss:PutObject")
        self.operations: dict[str, Operation] = {
            "InitiateMultipartUpload": Operation(
                self.initiate,
                writes,
                parameters=frozenset({"uploads", "encoding-type"}),
                headers=frozenset({FORBID}),
            ),
            "UploadPart": Operation(self.upload_part, writes, parameters=_OF_A_PART),
            "UploadPartCopy": Operation(
                self.upload_part_copy,
                needs_of_copy,
                parameters=_OF_A_PART,
                headers=frozenset({"x-oss-copy-source", SOURCE_RANGE}) | conditions.COPY_NAMES,
            ),
            "CompleteMultipartUpload": Operation(
                self.complete,
                writes,
                parameters=frozenset({"uploadId", "encoding-type"}),
                headers=frozenset({FORBID, COMPLETE_ALL}),
            ),
            "AbortMultipartUpload": Operation(
                self.abort,
                needing("oss:AbortMultipartUpload"),
                parameters=frozenset({"uploadId"}),
            ),
            "ListParts": Operation(
                self.list_parts, needing("oss:ListParts"), parameters=PART_PARAMETERS
            ),
            "ListMultipartUploads": Operation(
                self.list_uploads,
                needing("oss:ListMultipartUploads"),
                parameters=UPLOAD_PARAMETERS,
            ),
        }

    def initiate(self, exchange: Exchange) -> Response:
        """Begin an upload."""
        bucket, key = self._backend.bucket(exchange), exchange.location.key
        check_key(key)
        if is_true(exchange.request.headers, FORBID) and key in bucket:
            raise exceptions.file_already_exists()
        as_url = url_encoding(exchange.parameters)
        upload = bucket.uploads.initiate(key, kept_headers(exchange.request))
        self._tell(exchange, upload, "ObjectCreated:InitiateMultipartUpload")
        content = {
            "Bucket": bucket.name,
            "Key": encoded(key, as_url=as_url),
            "UploadId": upload.upload_id,
        }
        encoding = {"EncodingType": "url"} if as_url else {}
        return xml("InitiateMultipartUploadResult", {**encoding, **content})

    def upload_part(self, exchange: Exchange) -> Response:
        """Keep the body as a part."""
        part = self._keep(exchange, "ObjectCreated:UploadPart", exchange.request.body)
        headers = {"ETag": f'"{part.etag}"', "x-oss-hash-crc64ecma": str(crc64(part.body))}
        return Response(200, headers=headers)

    def upload_part_copy(self, exchange: Exchange) -> Response:
        """Keep another object, or a range of it, as a part."""
        headers = exchange.request.headers
        place = copy_source(exchange.request)
        source = self._backend.buckets.get(place.bucket).get(place.key)
        if conditions.is_unmodified(headers, source, conditions.COPY_PREFIX):
            return Response(304)
        chosen = ranges.selected(headers.get(SOURCE_RANGE, ""), source.size, standard=True)
        body = source.body if chosen is None else source.body[chosen.start : chosen.stop]
        part = self._keep(exchange, "ObjectCreated:UploadPartCopy", body)
        content = {"ETag": f'"{part.etag}"', "LastModified": iso(part.last_modified)}
        return xml("CopyPartResult", content, {"ETag": f'"{part.etag}"'})

    def complete(self, exchange: Exchange) -> Response:
        """Make an object of the parts, and tell of it."""
        bucket, upload = self._backend.bucket(exchange), self._upload(exchange)
        forbid = is_true(exchange.request.headers, FORBID)
        as_url = url_encoding(exchange.parameters)
        listed = _listed_parts(exchange)
        with upload.lock:
            upload = self._upload(exchange)  # it may have ended meanwhile
            body, etag = upload.assemble(listed)
            stored, replaced = bucket.put(
                upload.key, body, upload.headers, forbid_overwrite=forbid, etag=etag
            )
            bucket.uploads.remove(upload)
        event = creation("ObjectCreated:CompleteMultipartUpload", stored, replaced)
        self._backend.tell(exchange, event)
        return self._completed(exchange, stored, as_url=as_url)

    def abort(self, exchange: Exchange) -> Response:
        """End an upload; its parts are forgotten."""
        upload = self._upload(exchange)
        with upload.lock:
            self._backend.bucket(exchange).uploads.remove(upload)
        self._tell(exchange, upload, "ObjectRemoved:AbortMultipartUpload")
        return Response(204)

    def list_parts(self, exchange: Exchange) -> Response:
        """List a page of the parts that were uploaded so far."""
        upload = self._upload(exchange)
        content = page_of_parts(exchange.location.bucket, upload, exchange.parameters)
        return xml("ListPartsResult", content)

    def list_uploads(self, exchange: Exchange) -> Response:
        """List a page of the uploads under way in a bucket."""
        bucket = self._backend.bucket(exchange)
        content = page_of_uploads(bucket.name, bucket.uploads, exchange.parameters)
        return xml("ListMultipartUploadsResult", content)

    def _upload(self, exchange: Exchange) -> MultipartUpload:
        upload_id = exchange.parameters["uploadId"]
        return self._backend.bucket(exchange).uploads.get(upload_id, exchange.location.key)

    def _keep(self, exchange: Exchange, event: str, body: bytes) -> Part:
        text = exchange.parameters.get("partNumber", "")
        number = whole_number("partNumber", text, 1, MAX_PART_NUMBER)
        upload = self._upload(exchange)
        part, replaced = self._backend.bucket(exchange).uploads.keep_part(upload, number, body)
        grown_by = len(body) - replaced
        self._backend.tell(
            exchange, Event(event, upload.key, part.etag, len(body), grown_by, upload.headers)
        )
        return part

    def _completed(self, exchange: Exchange, stored: StoredObject, *, as_url: bool) -> Response:
        bucket, region = exchange.location.bucket, self._backend.region
        key = encoded(stored.key, as_url=as_url)
        content = {
            **({"EncodingType": "url"} if as_url else {}),
            "Location": f"http://{bucket}.oss-{region}.aliyuncs.com/{key}",
            "Bucket": bucket,
            "Key": key,
            "ETag": f'"{stored.etag}"',
        }
        headers = {"ETag": f'"{stored.etag}"', "x-oss-hash-crc64ecma": str(stored.crc64)}
        return xml("CompleteMultipartUploadResult", content, headers)

    def _tell(self, exchange: Exchange, upload: MultipartUpload, event: str) -> None:
        self._backend.tell(exchange, Event(event, upload.key, headers=upload.headers))


def _listed_parts(exchange: Exchange) -> list[tuple[int, str]] | None:
    """
    Read number and ETag of each part that is to count; None for all that were uploaded.

    Raises:
        ServiceError: MalformedXML; InvalidArgument for a list beside x-oss-complete-all.
    """
    request = exchange.request
    if complete_all := request.headers.get(COMPLETE_ALL):
        if complete_all != "yes" or request.body:
            message = "It is yes, and the body is empty then."
            raise exceptions.invalid_argument(COMPLETE_ALL, complete_all, message)
        return None
    root = read_document(request.body, "CompleteMultipartUpload")
    return [
        (
            whole_number("PartNumber", part.findtext("PartNumber") or "", 1, MAX_PART_NUMBER),
            part.findtext("ETag") or "",
        )
        for part in root.findall("Part")
    ]
