"""What the page asks its server for, with a real function and a real cloud behind it."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from devcloud import DevCloud
from examples.run import page_of
from explorer.projects import languages
from tests.explorer.page_client import PageClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.keys.ssh_keys import SshKey


@pytest.fixture(scope="module")
def cloud() -> Iterator[DevCloud]:
    with DevCloud(function=True) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def local(cloud: DevCloud) -> Iterator[PageClient]:
    """The page of ``make run``."""
    with page_of(cloud) as address:
        yield PageClient(address)


def asked(page: PageClient, path: str, content: object = None) -> Any:
    answer = page.get(path) if content is None else page.post(path, content)
    assert 200 == answer.status_code, answer.text
    return answer.json()


def test_it_says_what_it_calls(local: PageClient, cloud: DevCloud) -> None:
    """And that there is a local cloud; no token of the state's is in it."""
    about = asked(local, "/api/about")

    assert {
        "url": f"{cloud.function_url}/",
        "local": True,
        "cloud": True,
        "authorization": "none",
    } == about


def test_a_call_is_answered_as_the_function_does(local: PageClient, key: SshKey, name: str) -> None:
    """Status, X- headers, the body, and how long it took."""
    answer = asked(local, "/api/call", {"KeyPairName": name, "PublicKeyBody": key.line})

    assert (200, "imported") == (answer["status"], answer["headers"]["X-Import-Outcome"])
    assert key.md5 in answer["body"]
    assert answer["milliseconds"] > 0


@pytest.mark.parametrize("of", ["ens", "function"])
def test_code_is_the_project_of_the_zip(local: PageClient, key: SshKey, of: str) -> None:
    """In every language: the coloured pieces, put together, are the bytes that are zipped."""
    call = {"KeyPairName": "alice", "PublicKeyBody": key.line, "DryRun": True, "Of": of}
    programs = asked(local, "/api/code", call)

    assert [each.name for each in languages()] == [each["name"] for each in programs]
    for program in programs:
        if "error" in program:
            continue
        shown = {
            each["path"]: "".join(text for _, text in each["pieces"]) for each in program["files"]
        }
        answer = local.post("/api/project", {**call, "Language": program["name"]})
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert sorted(shown.values()) == sorted(
                archive.read(name).decode() for name in archive.namelist()
            )
        assert (
            answer.content
            == local.post("/api/project", {**call, "Language": program["name"]}).content
        )


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        ("/api/project", {"Language": "cobol"}, "no such language"),
        ("/api/project", {}, "Language is missing"),
        ("/api/code", {"KeyPairName": "\ud83d"}, "half of a surrogate pair"),
        ("/api/call", {"PublicKeyBody": "\udc00"}, "half of a surrogate pair"),
        ("/api/fault", {"action": "ImportKeyPair", "fault": "storm"}, "fault is one of"),
        ("/api/fault", {"action": "ImportKeyPair", "fault": "html", "times": 0}, "times is"),
        ("/api/upload", {"object_key": "keys/a.pub"}, "text is missing"),
        ("/api/receipt", {}, "object_key is missing"),
        ("/api/upload", {"object_key": "", "text": "a"}, "object_key is missing"),
    ],
)
def test_what_is_wrong_is_told(
    local: PageClient, path: str, content: dict[str, Any], told: str
) -> None:
    """In a sentence, with a status of the 400s."""
    answer = local.post(path, content)

    assert 400 == answer.status_code
    assert told in answer.json()["error"]


def test_an_upload_and_its_receipt(
    local: PageClient, cloud: DevCloud, key: SshKey, name: str
) -> None:
    """Signed by a user of the cloud; the receipt is there once the function wrote it."""
    put = asked(local, "/api/upload", {"object_key": f"keys/{name}.pub", "text": key.line})
    cloud.drain()
    receipt = asked(local, "/api/receipt", {k: put[k] for k in ("object_key", "etag")})

    assert ("imported", name) == (
        receipt["content"]["outcome"],
        receipt["content"]["key_pair_name"],
    )
    assert name in [each["name"] for each in asked(local, "/api/cloud")["key_pairs"]]


def test_there_is_no_receipt_yet(local: PageClient) -> None:
    """An empty object, so that the page asks again."""
    assert {} == asked(local, "/api/receipt", {"object_key": "keys/no.pub", "etag": "A"})


def test_faults_are_set_and_cleared(local: PageClient) -> None:
    """The next call meets it."""
    plan = {"action": "ImportKeyPair", "fault": "throttled", "times": 2}
    asked(local, "/api/fault", plan)
    assert [2] == [each["times"] for each in asked(local, "/api/cloud")["faults"]]

    asked(local, "/api/faults/clear", {})
    assert [] == asked(local, "/api/cloud")["faults"]


def test_oss_s_refusal_is_told(local: PageClient, key: SshKey) -> None:
    """By its code; the SDK's text has addresses and signatures in it."""
    asked(local, "/api/fault", {"action": "PutObject", "fault": "unavailable"})
    answer = asked(local, "/api/upload", {"object_key": "keys/a.pub", "text": key.line})

    assert answer["error"].startswith("OSS refused it: ")


def test_without_a_local_cloud_there_is_none_to_ask(page: PageClient) -> None:
    """A deployed function's page has neither uploads nor faults."""
    assert 404 == page.get("/api/cloud").status_code
    assert 404 == page.post("/api/upload", {}).status_code


def test_the_state_s_secret_is_in_no_answer(local: PageClient, cloud: DevCloud) -> None:
    """Whoever has it may reset the cloud."""
    secret = cloud.state_url.rpartition("/")[2]
    texts = [
        local.get(path).text for path in ("/", "/page.js", "/api/about", "/api/cloud", "/api/no")
    ]

    assert [] == [text for text in texts if secret in text]


def test_a_signed_call_passes_the_trigger(key: SshKey, name: str) -> None:
    """With ``make run --enforce-auth`` the page signs, as Function Compute documents it."""
    with DevCloud(function=True, enforce_auth=True) as cloud, page_of(cloud) as address:
        page = PageClient(address)
        answer = asked(page, "/api/call", {"KeyPairName": name, "PublicKeyBody": key.line})

        assert "signature" == asked(page, "/api/about")["authorization"]
        assert 200 == answer["status"]
        assert [name] == [each.name for each in cloud.key_pairs]
