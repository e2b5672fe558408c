"""The limits that callers are promised: the documents have the numbers that the code has."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.importing.key_pair_name import MAX_LENGTH as MAX_NAME
from core.importing.key_pair_name import MIN_LENGTH as MIN_NAME
from core.keys.containers import MAX_HEADER_VALUE
from core.keys.reading import MAX_LENGTH
from core.keys.rsa_key import MAX_COMMENT
from core.uploads.bucket import MAX_OBJECT_SIZE
from triggers.answers import EVENT_CAP
from triggers.http_request import BODY_CAP
from triggers.multipart import MAX_PARTS

DOCS = Path(__file__).parents[2] / "docs"


def size(number: int) -> str:
    """As the documents write it; in bytes where it is no round number."""
    for unit, name in ((1024**2, "MiB"), (1024, "KiB")):
        if number % unit == 0:
            return f"{number // unit} {name}"
    return f"{number} bytes"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        pytest.param(
            "requests.md",
            f"An event has at most {size(EVENT_CAP)}, a body at most {size(BODY_CAP)}, a multipart "
            f"body at most {MAX_PARTS} parts, a key at most {size(MAX_LENGTH)}.",
            id="requests",
        ),
        pytest.param("errors.md", f"an event of more than {size(EVENT_CAP)} ", id="event"),
        pytest.param("errors.md", f"a body of more than {size(BODY_CAP)} ", id="body"),
        pytest.param("errors.md", f"of more than {MAX_PARTS} parts ", id="parts"),
        pytest.param("errors.md", f"| more than {size(MAX_LENGTH)}; ", id="key"),
        pytest.param("errors.md", f"comment of more than {MAX_COMMENT} characters", id="comment"),
        pytest.param(
            "errors.md", f"RFC 4716 header of more than {MAX_HEADER_VALUE} bytes", id="header"
        ),
        pytest.param("errors.md", f"| more than {size(MAX_OBJECT_SIZE)} |", id="object"),
        pytest.param("uploads.md", f"- {size(MAX_OBJECT_SIZE)} an object;", id="uploads"),
        pytest.param("keys.md", f"has {MIN_NAME} to {MAX_NAME} characters", id="name"),
        pytest.param("errors.md", f"fewer than {MIN_NAME} characters", id="short name"),
        pytest.param("errors.md", f"more than {MAX_NAME} characters", id="long name"),
    ],
)
def test_the_documents_say_so(document: str, sentence: str) -> None:
    """A limit changes in the documents and in the code at once."""
    assert sentence in (DOCS / document).read_text(encoding="utf-8")
