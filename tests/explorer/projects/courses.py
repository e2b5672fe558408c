"""How a call can end, and how a program has to end then: one table for all languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pytest

from explorer.projects import Call
from tests.explorer.projects.running import environment_of, run, unzip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from _pytest.mark.structures import ParameterSet

    from tests.explorer.projects.conftest import Address
    from tests.explorer.projects.running import Ended
    from tests.keys.ssh_keys import SshKey

Way = Literal["ens", "signature", "token", "none"]  # to ENS, or to the function
MALFORMED = {
    "Code": "InvalidPublicKeyBody.Malformed",
    "Message": "The PublicKeyBody format is not supported.",
}


@dataclass(frozen=True, slots=True)
class Course:
    """
    One call, and how it must end.

    Args:
        way: what is called, and how the caller is known there.
        status: the program's.
        told: members that it prints, of those that are known beforehand.
        key: what is sent; None for a good key.
        url: where; None for where it is.
        secret: what the caller has: the right one, a wrong one, or none.
    """

    way: Way
    status: int
    told: Mapping[str, str]
    key: str | None = None
    url: str | None = None
    secret: Literal["right", "wrong", "none"] = "right"
    dry_run: bool = False


def _courses() -> list[ParameterSet]:
    rows: list[ParameterSet] = []

    def row(name: str, course: Course) -> None:
        rows.append(pytest.param(course, id=f"{course.way}: {name}"))

    ways: tuple[Way, ...] = ("ens", "signature", "token", "none")
    for way in ways:
        row("imported", Course(way, 0, {}))
        row("refused", Course(way, 1, MALFORMED, key="not a key"))
        row("no connection", Course(way, 2, {}, url="http://127.0.0.1:1"))
        if way != "ens":
            row("dry run", Course(way, 0, {}, dry_run=True))
        if way != "none":
            row("no secret", Course(way, 2, {}, secret="none"))
            row("wrong secret", Course(way, 1, WRONG_SECRET[way], secret="wrong"))
    return rows


WRONG_SECRET = {
    "ens": {"Code": "SignatureDoesNotMatch"},
    "signature": {"Code": "SignatureDoesNotMatch"},
    "token": {"Code": "AccessDenied"},
}
COURSES = _courses()


def some_courses() -> list[ParameterSet]:
    """Return one course of each kind, for a language that takes its time."""
    chosen = {
        *(f"ens: {end}" for end in ("imported", "refused", "no connection")),
        *(f"signature: {end}" for end in ("dry run", "refused", "no secret")),
        *(f"token: {end}" for end in ("imported", "no secret")),
        *(f"none: {end}" for end in ("dry run", "refused")),
    }
    return [row for row in COURSES if row.id in chosen]


def follow(
    course: Course,
    language: str,
    command: Sequence[str],
    address: Address,
    *,
    key: SshKey,
    name: str,
    folder: Path,
    environment: Mapping[str, str],
    prepare: Callable[[Path], None] = lambda _: None,
) -> Ended:
    """Unzip and run the project of a course; assert that it ends as it must."""
    call = Call(
        key_pair_name=name,
        public_key_body=key.line if course.key is None else course.key,
        url=course.url or address.url,
        target="ens" if course.way == "ens" else "function",
        dry_run=course.dry_run,
        authorization="signature" if course.way == "ens" else course.way,
    )
    unzipped = unzip(language, call, folder)
    prepare(unzipped)
    ended = run(command, unzipped, {**_secret(course, address, unzipped), **environment})
    assert course.status == ended.status, ended
    assert {**ended.members, **course.told} == ended.members, ended
    held = [pair.fingerprint for pair in address.cloud.key_pairs if pair.name == name]
    if course.status == 0:
        assert (name, key.md5) == (
            ended.members["KeyPairName"],
            ended.members["KeyPairFingerPrint"],
        )
    assert ([key.md5] if course.status == 0 and not course.dry_run else []) == held
    if course.status == 1:
        assert ended.members["RequestId"]
    if course.key is not None and course.way != "ens":
        assert "not like an SSH key" in ended.members["Description"]
    if course.status == 2:
        # Why it failed is told in a sentence: no stack, no address with the parameters in it.
        assert 1 == len(ended.stderr.splitlines()), ended
        assert key.body[:16] not in ended.stderr
    return ended


def _secret(course: Course, address: Address, folder: Path) -> dict[str, str]:
    """Give the program what its caller has, where it looks for it."""
    if course.secret == "none":
        return {}
    if address.token:
        wrong = address.token[:-8] + "AAAAAAAA"
        text = address.token if course.secret == "right" else wrong
        (folder / "token").write_text(f"{text}\n", encoding="ascii")
    if address.credentials is None:
        return {}
    variables = environment_of(address.credentials)
    if course.secret == "wrong":
        variables["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = "wrong"
    return variables
