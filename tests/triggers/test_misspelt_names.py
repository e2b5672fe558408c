"""A misspelt name is pointed out wherever it stands: whoever writes dryRun expects no import."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from core.errors import InvalidRequest
from tests.events.gallery import (
    ALICE,
    FORM,
    api_gateway_event,
    as_json,
    http_event,
    refusal_of,
    request_of,
)
from triggers.parameters import near_miss

if TYPE_CHECKING:
    from collections.abc import Callable

DRY_RUNS = [
    "dryRun", "dryrun", "DRYRUN", "dry_run", "dry-run", "DryRun ", " DryRun", "Dry Run", "dry.run",
    "DryRun[]", "DryRun\u200b", "\ufeffDryRun", "DryRun\t", "DryRun:", "DryRun?", "Dry\u2010Run",
    "IsDryRun", "isDryRun", "is_dry_run", "X-DryRun", "x-dry-run", "XDryRun", "DryRun1",
    "X-Is-Dry-Run",
]  # fmt: skip
OTHERS = {
    "keyPairName": "KeyPairName", "KeyPair Name": "KeyPairName", "x-key-pair-name": "KeyPairName",
    "KeyPairName[]": "KeyPairName", "KeyPairName\u200b": "KeyPairName",
    "public_key_body": "PublicKeyBody", "PublicKeyBody ": "PublicKeyBody",
    "X-Public-Key-Body": "PublicKeyBody",
}  # fmt: skip
FOREIGN = [
    "KeyPairName", "PublicKeyBody", "DryRun", "KeyPairNames", "Name", "", "x", "is", "DryRunning",
    "NoDryRun", "Run", "\u0501ryRun", "Dryrun\u00e9x", "x-fc-request-id", "isisDryRun",
]  # fmt: skip


@pytest.mark.parametrize("name", DRY_RUNS)
def test_near_misses_of_dry_run(name: str) -> None:
    """What reads as DryRun by its ASCII letters, behind a leading x or is, is meant as that."""
    assert "DryRun" == near_miss(name)


@pytest.mark.parametrize(("name", "meant"), OTHERS.items())
def test_other_near_misses(name: str, meant: str) -> None:
    """The same for the other two."""
    assert meant == near_miss(name)


@pytest.mark.parametrize("name", FOREIGN)
def test_names_that_are_no_near_miss(name: str) -> None:
    """Ours, and those of somebody else."""
    assert None is near_miss(name)


PLACES: dict[str, Callable[[str], bytes]] = {
    "query": lambda name: http_event(as_json(**ALICE), queryParameters={name: "true"}),
    "form": lambda name: http_event(urlencode({**ALICE, name: "true"}), content_type=FORM),
    "JSON": lambda name: http_event(as_json(**ALICE, **{name: True})),
    "direct": lambda name: as_json(**ALICE, **{name: True}).encode(),
    "API Gateway's query": lambda name: api_gateway_event(
        as_json(**ALICE), queryParameters={name: "true"}
    ),
    "multipart": lambda name: http_event(
        "".join(
            f'--b\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            for field, value in {**ALICE, name: "true"}.items()
        )
        + "--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    ),
}


@pytest.mark.parametrize("name", DRY_RUNS)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_misspelt_dry_run_is_pointed_out(place: Callable[[str], bytes], name: str) -> None:
    """Nothing is imported, whatever else is right; the parameter that is meant is named."""
    refusal = refusal_of(place(name), InvalidRequest)

    assert ("misspelt_parameter", "DryRun") == (refusal.reason, refusal.parameter)
    assert "write DryRun" in refusal.description


@pytest.mark.parametrize(
    "name", ["DryRun", "dryrun", "Dry-Run", "X-DryRun", "x-dry-run", "Is-Dry-Run"]
)
def test_a_header_is_pointed_out(name: str) -> None:
    """A header is no parameter, however it is spelt: it would be ignored, and the key imported."""
    event = http_event(as_json(**ALICE), headers={name: "true", "Content-Type": "application/json"})

    refusal = refusal_of(event, InvalidRequest)

    assert ("misspelt_parameter", "DryRun") == (refusal.reason, refusal.parameter)
    assert "header" in refusal.description


@pytest.mark.parametrize("name", ["KeyPairName", "x-key-pair-name", "Public-Key-Body"])
def test_other_headers_are_pointed_out(name: str) -> None:
    """The same for the name and the key, which would be missing."""
    refusal = refusal_of(http_event("", headers={name: "alice"}), InvalidRequest)

    assert "misspelt_parameter" == refusal.reason
    assert "header" in refusal.description


def test_a_header_that_says_no_is_pointed_out() -> None:
    """``DryRun: false`` in a header is a mistake too: its sender believes in headers."""
    event = http_event(as_json(**ALICE), headers={"DryRun": "false"})

    assert "misspelt_parameter" == refusal_of(event, InvalidRequest).reason


def test_foreign_headers_are_left_alone() -> None:
    """What proxies and gateways add is nobody's mistake."""
    headers = {
        "X-Request-Id": "1",
        "X-Forwarded-For": "192.0.2.1",
        "X-Run": "dry",
        "x-fc-region": "x",
    }

    assert "alice" == request_of(http_event(as_json(**ALICE), headers=headers)).key_pair_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("dryRun", "dryRun was given"),
        ("DryRun ", "'DryRun ' was given"),
        ("DryRun\u200b", "DryRun was given with U+200B in it"),
        ("DryRun\U0001f511", "DryRun was given with U+1F511 in it"),
        ("Dry123456789012345678901234567890Run", "A name that is nearly DryRun was given"),
        ("d" + "-" * 500 + "ryrun", "A name that is nearly DryRun was given"),
    ],
)  # fmt: skip
def test_what_is_echoed_of_a_name(name: str, shown: str) -> None:
    """What is safe to show: letters that are nearly ours, one code point, nothing long."""
    refusal = refusal_of(as_json(**ALICE, **{name: True}).encode(), InvalidRequest)

    assert refusal.description.startswith(shown)
