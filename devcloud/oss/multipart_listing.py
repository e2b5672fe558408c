"""ListParts and ListMultipartUploads: what is shown of uploads, page by page."""

from collections.abc import Iterable, Mapping

from devcloud.oss.documents import Content
from devcloud.oss.multipart import MAX_PART_NUMBER, MultipartUpload
from devcloud.oss.parameters import encoded, iso, optional_number, url_encoding

MAX_SHOWN = 1000
PART_PARAMETERS = frozenset({"uploadId", "max-parts", "part-number-marker", "encoding-type"})
UPLOAD_PARAMETERS = frozenset(
    {
        "uploads",
        "prefix",
        "delimiter",
        "key-marker",
        "upload-id-marker",
        "max-uploads",
        "encoding-type",
    }
)


def page_of_parts(bucket: str, upload: MultipartUpload, parameters: Mapping[str, str]) -> Content:
    """
    Describe the parts after ``part-number-marker``, at most ``max-parts`` of them.

    Raises:
        ServiceError: InvalidArgument.
    """
    as_url = url_encoding(parameters)
    limit = optional_number(parameters, "max-parts", MAX_SHOWN, 1, MAX_SHOWN)
    marker = optional_number(parameters, "part-number-marker", 0, 0, MAX_PART_NUMBER)
    with upload.lock:
        parts = dict(upload.parts)
    found = [parts[number] for number in sorted(parts) if number > marker]
    shown = found[:limit]
    return {
        **({"EncodingType": "url"} if as_url else {}),
        "Bucket": bucket,
        "Key": encoded(upload.key, as_url=as_url),
        "UploadId": upload.upload_id,
        "PartNumberMarker": str(marker),
        "NextPartNumberMarker": str(shown[-1].number if shown else marker),
        "MaxParts": str(limit),
        "IsTruncated": "true" if len(found) > len(shown) else "false",
        "Part": [
            {
                "PartNumber": str(part.number),
                "LastModified": iso(part.last_modified),
                "ETag": f'"{part.etag}"',
                "Size": str(len(part.body)),
            }
            for part in shown
        ],
    }


def page_of_uploads(
    bucket: str, uploads: Iterable[MultipartUpload], parameters: Mapping[str, str]
) -> Content:
    """
    Describe the uploads, given in the order of keys, after ``key-marker`` and ``upload-id-marker``.

    With a delimiter, uploads whose keys agree up to the first one after the prefix are shown as one
    common prefix, which counts as one entry.

    Raises:
        ServiceError: InvalidArgument.
    """
    as_url = url_encoding(parameters)
    limit = optional_number(parameters, "max-uploads", MAX_SHOWN, 1, MAX_SHOWN)
    prefix, delimiter = parameters.get("prefix", ""), parameters.get("delimiter", "")
    key_marker = parameters.get("key-marker", "")
    # Without its id, all uploads of the marker's key were shown.
    id_marker = parameters.get("upload-id-marker", "") if key_marker else ""
    entries: dict[tuple[str, str], MultipartUpload | None] = {}  # None: a common prefix
    for upload in uploads:
        if not upload.key.startswith(prefix):
            continue
        head, folded, _ = (
            upload.key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        )
        name = f"{prefix}{head}{folded}" if folded else upload.key
        upload_id = "" if folded else upload.upload_id
        if name > key_marker or (name == key_marker and id_marker and upload_id > id_marker):
            entries[name, upload_id] = None if folded else upload
    shown = list(entries)[:limit]
    is_truncated = len(entries) > len(shown)
    next_key, next_id = shown[-1] if is_truncated else ("", "")
    return {
        **({"EncodingType": "url"} if as_url else {}),
        "Bucket": bucket,
        "KeyMarker": encoded(key_marker, as_url=as_url),
        "UploadIdMarker": id_marker,
        "NextKeyMarker": encoded(next_key, as_url=as_url),
        "NextUploadIdMarker": next_id,
        "Delimiter": encoded(delimiter, as_url=as_url),
        "Prefix": encoded(prefix, as_url=as_url),
        "MaxUploads": str(limit),
        "IsTruncated": "true" if is_truncated else "false",
        "Upload": [
            {
                "Key": encoded(upload.key, as_url=as_url),
                "UploadId": upload.upload_id,
                "Initiated": iso(upload.initiated),
                "StorageClass": "Standard",
            }
            for upload in map(entries.get, shown)
            if upload
        ],
        "CommonPrefixes": [
            {"Prefix": encoded(name, as_url=as_url)} for name, upload_id in shown if not upload_id
        ],
    }
