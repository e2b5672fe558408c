"""The actions on the account and on whole buckets: listing, making, describing, emptying."""

from collections.abc import Callable, Iterable, Mapping

from devcloud.http_message import Response
from devcloud.oss import exceptions
from devcloud.oss.addressing import Location
from devcloud.oss.documents import Content, read_document
from devcloud.oss.exchange import Backend, Exchange, Operation, needing, xml
from devcloud.oss.listing import MAX_MAX_KEYS, PARAMETERS_V1, PARAMETERS_V2, Listing
from devcloud.oss.models import Bucket
from devcloud.oss.object_responses import removal
from devcloud.oss.parameters import encoded, iso, optional_number, url_encoding
from devcloud.ram.models import ACCOUNT_ID

OWNER = {"ID": ACCOUNT_ID, "DisplayName": ACCOUNT_ID}
_DEFAULT_BUCKETS = 100
_MAX_DELETED_AT_ONCE = 1000


class BucketResponses:
    """The actions over the account's buckets."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        lists = needing("oss:ListObjects")
        self.operations: dict[str, Operation] = {
            "ListBuckets": Operation(
                self.list_buckets,
                needing("oss:ListBuckets"),
                parameters=frozenset({"prefix", "marker", "max-keys"}),
            ),
            "PutBucket": Operation(self.put_bucket, needing("oss:PutBucket")),
            "GetBucketInfo": Operation(
                self.get_bucket_info,
                needing("oss:GetBucketInfo"),
                parameters=frozenset({"bucketInfo"}),
            ),
            "ListObjects": Operation(self.list_objects, lists, parameters=PARAMETERS_V1),
            "ListObjectsV2": Operation(self.list_objects_v2, lists, parameters=PARAMETERS_V2),
            "DeleteMultipleObjects": Operation(
                self.delete_multiple_objects,
                _needs_of_deletion,
                parameters=frozenset({"delete", "encoding-type"}),
            ),
        }

    def list_buckets(self, exchange: Exchange) -> Response:
        """List a page of the account's buckets, in the order of their names."""
        parameters = exchange.parameters
        prefix, marker = parameters.get("prefix", ""), parameters.get("marker", "")
        limit = optional_number(parameters, "max-keys", _DEFAULT_BUCKETS, 1, MAX_MAX_KEYS)
        found = [
            bucket
            for bucket in self._backend.buckets
            if bucket.name.startswith(prefix) and bucket.name > marker
        ]
        shown = found[:limit]
        paging = {}
        if prefix or marker or len(found) > len(shown):
            paging = {
                "Prefix": prefix,
                "Marker": marker,
                "MaxKeys": str(limit),
                "IsTruncated": "true" if len(found) > len(shown) else "false",
            }
        if len(found) > len(shown):
            paging["NextMarker"] = shown[-1].name
        buckets: Content = {"Bucket": [self._description(bucket) for bucket in shown]}
        return xml("ListAllMyBucketsResult", {**paging, "Owner": OWNER, "Buckets": buckets})

    def put_bucket(self, exchange: Exchange) -> Response:
        """Make a bucket; its configuration in the body is not looked at."""
        self._backend.buckets.create(exchange.location.bucket)
        return Response(200)

    def get_bucket_info(self, exchange: Exchange) -> Response:
        """Describe a bucket; all of them are private, in one zone and without versions."""
        content: Content = {
            **self._description(self._backend.bucket(exchange)),
            "DataRedundancyType": "LRS",
            "Owner": OWNER,
            "AccessControlList": {"Grant": "private"},
        }
        return xml("BucketInfo", {"Bucket": content})

    def list_objects(self, exchange: Exchange) -> Response:
        """List a page, as the first version of the action does."""
        return self._page(exchange, Listing.of_v1)

    def list_objects_v2(self, exchange: Exchange) -> Response:
        """List a page, as the second version of the action does."""
        return self._page(exchange, Listing.of_v2)

    def delete_multiple_objects(self, exchange: Exchange) -> Response:
        """Forget up to 1,000 objects; those that are not there count as deleted."""
        bucket = self._backend.bucket(exchange)
        as_url = url_encoding(exchange.parameters)
        keys, is_quiet = _deletion(exchange)
        for key in keys:
            if removed := bucket.remove(key):
                self._backend.tell(exchange, removal("DeleteObjects", removed))
        if is_quiet:
            return Response(200)
        deleted = [{"Key": encoded(key, as_url=as_url)} for key in keys]
        encoding = {"EncodingType": "url"} if as_url else {}
        return xml("DeleteResult", {**encoding, "Deleted": deleted})

    def _page(
        self, exchange: Exchange, read: Callable[[str, Mapping[str, str]], Listing]
    ) -> Response:
        bucket = self._backend.bucket(exchange)
        return xml("ListBucketResult", read(bucket.name, exchange.parameters).page(bucket))

    def _description(self, bucket: Bucket) -> dict[str, str]:
        region = self._backend.region
        return {
            "Name": bucket.name,
            "CreationDate": iso(bucket.created),
            "Location": f"oss-{region}",
            "ExtranetEndpoint": f"oss-{region}.aliyuncs.com",
            "IntranetEndpoint": f"oss-{region}-internal.aliyuncs.com",
            "StorageClass": "Standard",
        }


def _needs_of_deletion(exchange: Exchange) -> Iterable[tuple[str, Location]]:
    keys, _ = _deletion(exchange)
    bucket = exchange.location.bucket
    return [("oss:DeleteObject", Location(bucket, key)) for key in keys]


def _deletion(exchange: Exchange) -> tuple[list[str], bool]:
    """
    Read which keys to delete, and whether the answer is to be quiet.

    Raises:
        ServiceError: MissingArgument without a Content-MD5; MalformedXML; NotImplemented for a
            version.
    """
    if "content-md5" not in exchange.request.headers:
        raise exceptions.missing_argument("Content-MD5")
    root = read_document(exchange.request.body, "Delete")
    objects = root.findall("Object")
    if any(each.findtext("VersionId") for each in objects):
        raise exceptions.not_implemented("the VersionId of what is deleted")
    keys = [each.findtext("Key") or "" for each in objects]
    if not all(keys) or not 1 <= len(keys) <= _MAX_DELETED_AT_ONCE:
        raise exceptions.malformed_xml()
    return keys, (root.findtext("Quiet") or "").strip().lower() == "true"
