"""What becomes of one call of OSS, and of the ones after it."""

from __future__ import annotations

import pytest

from core.errors import OssError, RoleCredentialsUnusable, ServiceUnavailable
from core.uploads.bucket import MAX_ATTEMPTS, Bucket, NoSuchObject, ObjectExists, ObjectReplaced
from tests.fakes.key_pairs import FakeClock
from tests.fakes.objects import (
    READ,
    WRITE,
    FakeObjects,
    bad_credentials,
    denied,
    etag_of,
    unavailable,
)

KEY, CONTENT = "keys/alice.pub", b"content"


def bucket_with(*, seconds: float = 20.0) -> tuple[FakeObjects, Bucket]:
    objects = FakeObjects(FakeClock(), {KEY: CONTENT})
    deadline = objects.clock.now() + seconds
    return objects, Bucket(objects, objects.clock, deadline, jitter=lambda: 1.0)


def test_reads_an_object_of_the_etag_that_was_asked_for() -> None:
    """An ETag is compared, and one that is not given is not."""
    _, bucket = bucket_with()

    assert CONTENT == bucket.read(KEY, etag_of(CONTENT))
    assert CONTENT == bucket.read(KEY)
    with pytest.raises(ObjectReplaced):
        bucket.read(KEY, "0" * 32)


@pytest.mark.parametrize("action", [READ, WRITE])
@pytest.mark.parametrize("failures", [1, MAX_ATTEMPTS - 1])
def test_repeats_what_may_pass(action: str, failures: int) -> None:
    """A failing OSS is asked again, after waits that double."""
    objects, bucket = bucket_with()
    objects.fail_next(action, unavailable, failures)

    if action == READ:
        bucket.read(KEY)
    else:
        bucket.write(KEY, b"new")

    assert failures + 1 == len(objects.calls)
    assert [0.2, 0.4][:failures] == objects.clock.slept


def test_gives_up_in_the_end() -> None:
    """After the last attempt the failure is what it was."""
    objects, bucket = bucket_with()
    objects.fail_next(READ, unavailable, MAX_ATTEMPTS)

    with pytest.raises(ServiceUnavailable):
        bucket.read(KEY)

    assert MAX_ATTEMPTS == len(objects.calls)


@pytest.mark.parametrize(
    ("raised", "kind"), [(denied, OssError), (bad_credentials, RoleCredentialsUnusable)]
)
def test_does_not_repeat_what_stays(raised: type[Exception], kind: type[Exception]) -> None:
    """A role that may not, or that is nobody any more, will be neither in a second."""
    objects, bucket = bucket_with()
    objects.fail_next(READ, raised)

    with pytest.raises(kind):
        bucket.read(KEY)

    assert 1 == len(objects.calls)


def test_says_that_an_object_is_not_there() -> None:
    """No such object is an answer, not a failure."""
    objects, bucket = bucket_with()

    with pytest.raises(NoSuchObject):
        bucket.read("keys/bob.pub")

    assert 1 == len(objects.calls)


def test_says_that_an_object_is_there() -> None:
    """What is not to be overwritten stays."""
    objects, bucket = bucket_with()

    with pytest.raises(ObjectExists):
        bucket.write(KEY, b"new", overwrite=False)

    assert CONTENT == objects.stored[KEY]


def test_keeps_its_time() -> None:
    """With no time left OSS is not asked, and with too little not asked again."""
    objects, bucket = bucket_with(seconds=0.1)
    with pytest.raises(ServiceUnavailable) as failure:
        bucket.read(KEY)
    assert "out_of_time" == failure.value.reason
    assert [] == objects.calls

    objects, bucket = bucket_with(seconds=0.4)
    objects.fail_next(READ, unavailable)
    with pytest.raises(ServiceUnavailable) as failure:
        bucket.read(KEY)
    assert "oss_unavailable" == failure.value.reason
    assert 1 == len(objects.calls)
