"""Names and values of parameters, whatever they travelled in."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidRequest, RequestRefused
from core.importing.request import ImportRequest
from triggers.parameters import from_object, near_miss, to_request


def test_takes_each_parameter() -> None:
    """Three names are known; what else is there is not looked at."""
    request = to_request(
        [("KeyPairName", "alice"), ("PublicKeyBody", "ssh-rsa"), ("DryRun", True), ("Tag", ["x"])]
    )

    assert ImportRequest("alice", "ssh-rsa", dry_run=True) == request


def test_what_is_absent_is_empty() -> None:
    """The core says which parameter is missing; nothing is made up here."""
    assert ImportRequest("", "", dry_run=False) == to_request([])


def test_null_is_absent() -> None:
    """A JSON object may say null for what it does not give."""
    assert to_request([]) == to_request(
        from_object({"KeyPairName": None, "PublicKeyBody": None, "DryRun": None, "dryrun": None})
    )


def test_a_request_shows_nothing_of_what_came() -> None:
    """A repr may end in a log: neither the body, nor the name before it is valid."""
    request = to_request([("KeyPairName", "secret-1"), ("PublicKeyBody", "secret-2")])

    assert "ImportRequest(dry_run=False)" == repr(request)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(True, True, id="JSON true"),
        pytest.param(False, False, id="JSON false"),
        pytest.param("true", True, id="true"),
        pytest.param("TRUE", True, id="upper case"),
        pytest.param("True", True, id="as Python writes it"),
        pytest.param("false", False, id="false"),
        pytest.param("fAlSe", False, id="any case"),
    ],
)
def test_booleans(value: object, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Booleans are true or false, in any case."""
    assert expected is to_request([("DryRun", value)]).dry_run


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty, as in ?DryRun"),
        pytest.param("1", id="1, as text"),
        pytest.param(1, id="1"),
        pytest.param(0, id="0"),
        pytest.param(1.0, id="a float"),
        pytest.param("yes", id="yes"),
        pytest.param(" true", id="a blank in front"),
        pytest.param("true,true", id="given twice in a query, as FC joins it"),
        pytest.param([True], id="a list"),
        pytest.param({}, id="an object"),
        pytest.param(b"true", id="bytes"),
    ],
)
def test_what_is_no_boolean_does_not_become_an_import(value: object) -> None:
    """Whoever names DryRun does not expect a real import, whatever they meant by the value."""
    with pytest.raises(InvalidRequest) as refusal:
        to_request([("KeyPairName", "alice"), ("PublicKeyBody", "ssh-rsa"), ("DryRun", value)])

    assert "wrong_type" == refusal.value.reason
    assert "DryRun must be true or false." == refusal.value.description


@pytest.mark.parametrize("name", ["KeyPairName", "PublicKeyBody"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(7, id="a number"),
        pytest.param(False, id="false"),
        pytest.param(["ssh-rsa"], id="a list"),
        pytest.param({"Key": "ssh-rsa"}, id="an object"),
    ],
)
def test_refuses_what_is_no_string(name: str, value: object) -> None:
    """Nothing is turned into a string that was none."""
    with pytest.raises(InvalidRequest) as refusal:
        to_request([(name, value)])

    assert "wrong_type" == refusal.value.reason
    assert f"{name} must be a string." == refusal.value.description


def test_a_name_is_never_bytes() -> None:
    """Only a key is: it may be the body itself."""
    with pytest.raises(InvalidRequest):
        to_request([("KeyPairName", b"alice")])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("KeyPairName", "alice"), ("KeyPairName", "bob"), id="two names"),
        pytest.param(("PublicKeyBody", "a"), ("PublicKeyBody", "b"), id="two keys"),
        pytest.param(("PublicKeyBody", "a"), ("PublicKeyBody", b"b"), id="two keys, one binary"),
        pytest.param(("DryRun", True), ("DryRun", "false"), id="true and false"),
        pytest.param(("KeyPairName", "alice"), ("KeyPairName", ""), id="a name and none"),
    ],
)
def test_refuses_two_values(one: tuple[str, object], other: tuple[str, object]) -> None:
    """Which of them was meant is not ours to choose."""
    for parameters in ([one, other], [other, one]):
        with pytest.raises(InvalidRequest) as refusal:
            to_request(parameters)

        assert "contradicting_values" == refusal.value.reason
        assert f"{one[0]} is given twice, with different values." == refusal.value.description


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        pytest.param("KeyPairName", "alice", "alice", id="a name"),
        pytest.param("DryRun", "true", True, id="true in the query, true in JSON"),
        pytest.param("DryRun", "False", "false", id="false in two spellings"),
    ],
)
def test_the_same_value_twice_is_one(name: str, one: object, other: object) -> None:
    """Saying a thing twice is no contradiction, in whatever spelling."""
    assert to_request([(name, one)]) == to_request([(name, one), (name, other)])


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("keyPairName", "KeyPairName"),
        ("KeypairName", "KeyPairName"),
        ("key_pair_name", "KeyPairName"),
        ("KEY-PAIR-NAME", "KeyPairName"),
        ("publicKeyBody", "PublicKeyBody"),
        ("public_key_body", "PublicKeyBody"),
        ("dryRun", "DryRun"),
        ("dry-run", "DryRun"),
        ("KeyPairName", None),
        ("KeyPairNames", None),
        ("Name", None),
        ("", None),
    ],
)
def test_near_misses(name: str, meant: str | None) -> None:
    """Case and what is no letter make a near miss; letters make another name."""
    assert meant == near_miss(name)


@pytest.mark.parametrize(
    ("given", "meant"),
    [("keypairname", "KeyPairName"), ("public_key_body", "PublicKeyBody")],
)
def test_points_out_a_misspelt_name(given: str, meant: str) -> None:
    """What is absent may be there under another name."""
    with pytest.raises(RequestRefused) as refusal:
        to_request([(given, "x")])

    assert ("MissingParameter", "misspelt_parameter") == (refusal.value.code, refusal.value.reason)
    assert f"{given} was given. Names are exact: write {meant}." in (refusal.value.description)


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({"dryRun": True}, id="alone"),
        pytest.param({"DryRun": False, "dryRun": True}, id="beside false"),
        pytest.param({"DryRun": "false", "dry_run": "true"}, id="beside false, as text"),
        pytest.param({"dryRun": "true", "DryRun": "false"}, id="in front"),
    ],
)
def test_a_misspelt_dry_run_is_no_import(parameters: dict[str, Any]) -> None:
    """A near miss is refused, not ignored: whoever writes it does not expect a real import."""
    with pytest.raises(InvalidRequest) as refusal:
        to_request([("KeyPairName", "a"), ("PublicKeyBody", "b"), *parameters.items()])

    assert "misspelt_parameter" == refusal.value.reason
    assert "write DryRun." in refusal.value.description


def test_a_misspelt_name_beside_the_right_one_is_refused() -> None:
    """Two spellings of one name are two answers to one question."""
    with pytest.raises(InvalidRequest) as refusal:
        to_request([("KeyPairName", "alice"), ("keyPairName", "bob"), ("PublicKeyBody", "k")])

    assert "misspelt_parameter" == refusal.value.reason
    assert "keyPairName" in refusal.value.description
