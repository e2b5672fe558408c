"""JSON as callers send it."""

from __future__ import annotations

import pytest

from core.errors import InvalidRequest
from triggers.json_text import read_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('{"a": 1}', {"a": 1}, id="text"),
        pytest.param(b'{"a": 1}', {"a": 1}, id="bytes"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', {"a": 1}, id="bytes behind a byte order mark"),
        pytest.param('\ufeff{"a": 1}', {"a": 1}, id="text behind a byte order mark"),
        pytest.param('{"a": 1, "a": 1}', {"a": 1}, id="a member twice, alike"),
        pytest.param('{"a": "\\ud800"}', {"a": "\ud800"}, id="a lone surrogate"),
    ],
)
def test_reads(text: str | bytes, value: object) -> None:
    """What means one thing is read."""
    assert value == read_json(text, "The body")


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        pytest.param("", "not_json", 1, id="nothing"),
        pytest.param('{"a": 1', "not_json", 8, id="cut off"),
        pytest.param('{\n "a": secret}', "not_json", 7, id="in the second line"),
        pytest.param('{"a": "\0"}', "not_json", 8, id="a control character"),
        pytest.param(b'{"a": "\xff"}', "not_json", None, id="not UTF-8"),
        pytest.param("[" * 100_000, "not_json", None, id="nested as deep as the parser goes"),
        pytest.param('{"a": NaN}', "not_json", None, id="not a number"),
        pytest.param('{"a": -Infinity}', "not_json", None, id="infinity"),
        pytest.param("-" + "1" * 5_000, "not_json", None, id="a number too long to print"),
        pytest.param('{"a": 1, "a": 2}', "contradicting_values", None, id="a member twice"),
        pytest.param(
            '{"b": {"a": "secret", "a": null}}', "contradicting_values", None, id="further down"
        ),
    ],
)
def test_refuses(text: str | bytes, reason: str, column: int | None) -> None:
    """What is no JSON, or contradicts itself, is refused without a word of it."""
    with pytest.raises(InvalidRequest) as refusal:
        read_json(text, "The body")

    assert reason == refusal.value.reason
    assert column == refusal.value.column
    assert "secret" not in refusal.value.description
    assert refusal.value.__cause__ is None


def test_compares_nested_values_of_any_depth() -> None:
    """Deep values given twice are compared, or refused; they bring nothing down."""
    deep = "[" * 400 + "]" * 400
    value = read_json(f'{{"a": {deep}, "a": {deep}}}', "The body")

    assert isinstance(value, dict)
