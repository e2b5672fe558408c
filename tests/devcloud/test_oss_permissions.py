"""What RAM has to allow for each action of OSS, and on which resource."""

import hashlib
from dataclasses import replace

import pytest

from devcloud import DevCloud
from tests.devcloud.clients import RawRequest
from tests.devcloud.oss_clients import BUCKET, signed
from tests.devcloud.oss_requests import BODY, KEY, deletion, digest, parts_document

WRITES = "oss:PutObject acs:oss:*:*:uploads/new"
READS = f"oss:GetObject acs:oss:*:*:uploads/{KEY}"
UPLOAD = {"uploadId": "UPLOAD"}  # the test's own stands in its place
PART = {**UPLOAD, "partNumber": "1"}
COPY = {"x-oss-copy-source": f"/{BUCKET}/{KEY}"}
PARTS = parts_document((1, hashlib.md5(b"x").hexdigest()))  # noqa: S324 - an ETag is one
KEYS = deletion("new", "newer")
NOTHING = [{"Effect": "Allow", "Action": "ens:*", "Resource": "*"}]


def request(
    method: str,
    key: str = "",
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> RawRequest:
    return RawRequest("", method, f"/{BUCKET}/{key}", query or {}, headers or {}, body)


@pytest.mark.parametrize(
    ("action", "asked", "needed"),
    [
        ("CopyObject", request("PUT", "new", {}, COPY), [WRITES, READS]),
        ("UploadPartCopy", request("PUT", "new", PART, COPY), [WRITES, READS]),
        ("InitiateMultipartUpload", request("POST", "new", {"uploads": ""}), [WRITES]),
        ("UploadPart", request("PUT", "new", PART, {}, b"x"), [WRITES]),
        ("CompleteMultipartUpload", request("POST", "new", UPLOAD, {}, PARTS), [WRITES]),
        (
            "AbortMultipartUpload",
            request("DELETE", "new", UPLOAD),
            ["oss:AbortMultipartUpload acs:oss:*:*:uploads/new"],
        ),
        (
            "ListParts",
            request("GET", "new", UPLOAD),
            ["oss:ListParts acs:oss:*:*:uploads/new"],
        ),
        (
            "ListMultipartUploads",
            request("GET", "", {"uploads": ""}),
            ["oss:ListMultipartUploads acs:oss:*:*:uploads"],
        ),
        ("ListObjects", request("GET"), ["oss:ListObjects acs:oss:*:*:uploads"]),
        ("GetObjectMeta", request("HEAD", KEY, {"objectMeta": ""}), [READS]),
        (
            "GetBucketInfo",
            request("GET", "", {"bucketInfo": ""}),
            ["oss:GetBucketInfo acs:oss:*:*:uploads"],
        ),
        (
            "DeleteMultipleObjects",
            request("POST", "", {"delete": ""}, {"content-md5": digest(KEYS)}, KEYS),
            [f"oss:DeleteObject acs:oss:*:*:uploads/{key}" for key in ("new", "newer")],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_permission_is_needed_and_all_are_enough(
    action: str, asked: RawRequest, needed: list[str]
) -> None:
    """With one left out it is 403 and nothing is done; the source of a copy has to be readable."""
    for left_out in [*needed, ""]:
        granted = [each.split() for each in needed if each != left_out]
        statements = [
            {"Effect": "Allow", "Action": name, "Resource": resource} for name, resource in granted
        ]
        with DevCloud(role_policy={"Version": "1", "Statement": statements or NOTHING}) as cloud:
            cloud.put_upload(KEY, BODY)
            uploads = cloud._oss.buckets.get(BUCKET).uploads
            upload = uploads.initiate("new", {})
            uploads.keep_part(upload, 1, b"x")
            query = {
                name: value.replace("UPLOAD", upload.upload_id)
                for name, value in asked.query.items()
            }
            addressed = replace(asked, endpoint=cloud.oss_endpoint, query=query)
            answer = signed(addressed, cloud.role_credentials()).send()

            assert action == cloud.calls_of("oss")[-1].action
            assert (403 if left_out else 200) == (answer.status if answer.status != 204 else 200)
            if left_out:
                assert [KEY] == list(cloud.objects())
                assert [upload] == list(uploads)
