"""Texts with places to fill in, written «so»: no language that is made here uses these signs."""

from __future__ import annotations

import re

_PLACE = re.compile("«([a-z_]+)»")
_LINE = re.compile("^([ \t]*)«([a-z_]+)»\n", re.MULTILINE)


def fill(template: str, **values: str) -> str:
    """
    Fill in every place, in one pass: what is filled in is not looked at.

    A line that is nothing but a place takes a value of several lines, each indented as the place
    is; with an empty value it disappears.

    Raises:
        KeyError: a place has no value.
    """

    def lines(found: re.Match[str]) -> str:
        indent, value = found[1], values[found[2]]
        return "".join(f"{indent}{line}\n" if line else "\n" for line in value.split("\n") if value)

    # A value is never looked at: places in whole lines are cut out first.
    filled, begin = [], 0
    for found in _LINE.finditer(template):
        filled += [_inline(template[begin : found.start()], values), lines(found)]
        begin = found.end()
    return "".join([*filled, _inline(template[begin:], values)])


def _inline(template: str, values: dict[str, str]) -> str:
    return _PLACE.sub(lambda found: values[found[1]], template)
