"""
Hypothesis strategies shaped like events: whole ones, broken ones, and bytes that are none.

Every text that is drawn, and not ours, holds PLANTED; a name that holds it is never valid, so it
must turn up in no answer and in no log.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from hypothesis import strategies as st

from tests.events.gallery import ALICE_KEY, FORM

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

PLANTED = "!PLANTED!"
NAMES = ("KeyPairName", "PublicKeyBody", "DryRun", "Action", "Version")
NEAR_MISSES = ("keyPairName", "public_key_body", "dryrun")
WELL_FORMED = (ALICE_KEY, "alice", "1st", "", "true", "ImportKeyPair", "2017-11-10", True, None)
CONTENT_TYPES = ("application/json", FORM, "text/plain", "multipart/form-data; boundary=x", "")

planted = st.text(max_size=20).map(lambda text: text + PLANTED)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)  # JSON has no others
    | st.sampled_from(["\0", "\ud800", "\u202e", "１"]).map(lambda odd: odd + PLANTED)
    | planted
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(planted, inner, max_size=3),
    max_leaves=8,
)
parameters = st.dictionaries(
    st.sampled_from(NAMES) | st.sampled_from(NEAR_MISSES) | planted,
    st.sampled_from(WELL_FORMED) | json_values,
    max_size=5,
)


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()


def as_form(given: dict[str, Any]) -> str:
    return urlencode({name: str(value) for name, value in given.items()}, errors="replace")


def mostly(usual: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Draw what FC sends, and now and then anything."""
    return st.one_of(usual, usual, usual, json_values)


bodies = st.one_of(
    parameters.map(json.dumps),
    parameters.map(as_form),
    planted,
    st.just(ALICE_KEY),
    json_values.map(json.dumps),
)
headers = st.dictionaries(
    st.sampled_from(["Content-Type", "content-type", "X-Acs-Action", "x-acs-version"]) | planted,
    st.sampled_from([*CONTENT_TYPES, "ImportKeyPair", "2017-11-10", "2023-03-30"]) | planted,
    max_size=4,
)
methods = st.sampled_from(["POST", "GET", "PUT", "post", ""])
paths = st.sampled_from(["/", "/keys", ""]) | planted
envelopes = {
    "headers": mostly(headers),
    "queryParameters": mostly(parameters),
    "body": mostly(bodies | bodies.map(in_base64)),
    "isBase64Encoded": mostly(st.sampled_from([True, False, "true", "false"])),
}
http_events = st.fixed_dictionaries(
    {
        "requestContext": st.fixed_dictionaries(
            {"http": st.fixed_dictionaries({}, optional={"method": mostly(methods), "path": paths})}
        )
    },
    optional={"version": json_values, "rawPath": mostly(paths), **envelopes},
)
api_gateway_events = st.fixed_dictionaries(
    {"httpMethod": methods}, optional={"path": mostly(paths), **envelopes}
)
direct_events = st.tuples(st.sampled_from(NAMES[:3] + NEAR_MISSES), json_values, parameters).map(
    lambda drawn: {drawn[0]: drawn[1], **drawn[2]}
)
