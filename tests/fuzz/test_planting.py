"""What the fuzzer looks for is found, and what it plants is in the event."""

from __future__ import annotations

import base64
import json
from urllib.parse import unquote_plus

import pytest

from tests.events.gallery import ALICE_KEY
from tests.fuzz.planting import EVENTS, KEYS, PLACES, plant
from tests.leaks import WINDOW, Secret, as_text


@pytest.mark.parametrize("name", ["rsa openssh", "ed25519 pkcs8", "Dropbear, rsa", "CAPI", "JWK"])
def test_sixteen_characters_of_a_key_are_a_leak(name: str) -> None:
    """As they are in the file, in base64 and in hex, also with line breaks in between."""
    key = KEYS[name]
    secret = Secret(key)
    encoded = base64.b64encode(key).decode()
    middle = len(encoded) // 2

    assert secret.leaks(f"... {encoded[middle : middle + WINDOW]} ...")
    assert secret.leaks(
        f"...{encoded[middle : middle + 8]}\n{encoded[middle + 8 : middle + WINDOW]}."
    )
    assert secret.leaks(f"...{key[-40:].hex()}...")
    assert [] == secret.leaks(f"...{encoded[middle : middle + WINDOW - 1]}...")


def test_a_public_key_is_no_leak() -> None:
    """The events hold one, and answers correct it; some private keys begin as it does."""
    secret = Secret(KEYS["Dropbear, rsa"], b"ssh-rsa " + KEYS["Dropbear, rsa"])

    assert [] == secret.leaks(json.dumps({"Corrected": ALICE_KEY, "KeyPairName": "alice"}))


@pytest.mark.parametrize("name", PLACES)
def test_what_is_planted_is_there(name: str) -> None:
    """In every value, member's name and parameter, once; the event itself stays as it is."""
    before = json.dumps(EVENTS[name])

    planted = {path: json.dumps(plant(EVENTS[name], path, "PLANTED")) for path in PLACES[name]}

    assert [] == [path for path, event in planted.items() if event.count("PLANTED") != 1]
    assert len(planted) == len({*planted.values()})
    assert before == json.dumps(EVENTS[name])


def test_keys_can_be_planted_in_a_form() -> None:
    """Bytes that are no text survive, as one character each."""
    text = as_text(KEYS["rsa pkcs8 in DER"])
    form = plant(EVENTS["http-form"], ("body", "<form>", "KeyPairName"), text)["body"]

    assert f"KeyPairName={text}" in unquote_plus(form)
