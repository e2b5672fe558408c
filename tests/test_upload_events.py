"""Keys that come into the bucket otherwise than by PutObject: s.yaml subscribes to that as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import alibabacloud_oss_v2 as oss
import pytest

from devcloud import DevCloud
from tests.conftest import PATIENT
from tests.devcloud.oss_clients import new_client, old_bucket, oss2
from tests.paths import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.keys.ssh_keys import SshKey


@pytest.fixture(scope="module")
def cloud() -> Iterator[DevCloud]:
    with DevCloud(function=True, function_env=PATIENT, project=PROJECT) as running:
        yield running


def imported(cloud: DevCloud) -> list[str]:
    cloud.drain()
    return [pair.name for pair in cloud.key_pairs]


def test_a_copied_key_is_imported(cloud: DevCloud, key: SshKey) -> None:
    """CopyObject: from a place where nothing is imported to one where it is."""
    client = new_client(cloud.oss_endpoint, cloud.user_credentials())
    bucket = cloud.upload_bucket
    client.put_object(oss.PutObjectRequest(bucket, "drafts/a.pub", body=key.line.encode()))
    assert "copied" not in imported(cloud)

    client.copy_object(oss.CopyObjectRequest(bucket, "keys/copied.pub", source_key="drafts/a.pub"))
    assert "copied" in imported(cloud)


def test_a_key_in_parts_is_imported(cloud: DevCloud, key: SshKey) -> None:
    """CompleteMultipartUpload: once, and not for its parts."""
    bucket = old_bucket(cloud.oss_endpoint, cloud.user_credentials(), "v1", cloud.upload_bucket)
    name = "keys/in-parts.pub"
    upload_id = bucket.init_multipart_upload(name).upload_id
    part = bucket.upload_part(name, upload_id, 1, key.line.encode())
    assert "in-parts" not in imported(cloud)

    parts = [oss2.models.PartInfo(1, part.etag)]
    bucket.complete_multipart_upload(name, upload_id, parts)
    assert 1 == imported(cloud).count("in-parts")
