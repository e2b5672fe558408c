"""docs/errors.md is true: each code, each reason, and what ENS documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import pytest

from adapters.ens_failures import PERMISSION_CODES
from core import errors
from core.errors import (
    CODES,
    Code,
    EnsError,
    ImportFailure,
    InvalidKeyPairName,
    InvalidRequest,
    PermissionDenied,
    too_large,
)
from core.keys.trust.policy import examine
from core.reasons import Reason
from core.uploads.rules import may_pass
from tests.core.keys import test_refusals
from tests.documents.markdown import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = PAGES["errors"]
CODE_ROWS = {row[0]: row[1:3] for row in PAGE.table("Codes")}
SECTIONS = (
    "Malformed keys",
    "Keys that are not trusted",
    "Names",
    "Requests",
    "ENS and the function",
    "Uploads",
)


def reasons(*sections: str) -> list[str]:
    """Return the reasons of these sections, in order."""
    return [row[0].strip("`") for section in sections for row in PAGE.table(section)]


# Reasons


def test_every_reason_is_documented() -> None:
    """Once."""
    assert sorted(get_args(Reason)) == sorted(reasons(*SECTIONS))


def test_every_reason_of_a_malformed_key_is_tested() -> None:
    """Each row has rows in the table of refusals; private keys have a file of their own."""
    tested = {row.values[1] for row in test_refusals.TABLE}

    assert set(reasons("Malformed keys")) == tested | {"private_key"}


def test_the_reasons_of_untrusted_keys() -> None:
    """Those that the policy's docstring promises."""
    (promised,) = re.findall(r"UntrustedPublicKey: ([^.]*)\.", examine.__doc__ or "")

    assert set(re.findall(r"\w+", promised)) == set(reasons("Keys that are not trusted"))


def test_warnings() -> None:
    """The warnings of docs/keys.md are a closed vocabulary: those of the policy's docstring."""
    promised = (examine.__doc__ or "").split("\n\n")[0].partition(":")[2]
    documented = {
        word for row in PAGES["keys"].table("Warnings") for word in re.findall(r"`(\w+)`", row[0])
    }

    assert set(re.findall(r"\w+", promised)) == documented


# Codes


def families() -> Iterator[type[ImportFailure]]:
    """Yield each class of the catalogue that is raised and has a code of its own."""
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, ImportFailure) and "code" in vars(kind):
            yield kind


KNOWN: dict[str, type[ImportFailure] | Code] = {**{kind.code: kind for kind in families()}, **CODES}


PERMISSIONS = [f"{code} of ENS" if code in KNOWN else code for code in PERMISSION_CODES]


def row_of(code: str) -> list[str]:
    """Return what the table says of a code: status, and whether a retry can help."""
    escaped = code.replace("*", "\\*")
    (row,) = [row for cell, row in CODE_ROWS.items() if escaped in cell.split(", ")]
    return row


def test_the_table_has_every_code() -> None:
    """Those of the function, those that ENS documents, and what happens to all others."""
    documented = {code.replace("\\*", "*") for cell in CODE_ROWS for code in cell.split(", ")}

    assert documented == {
        *KNOWN,
        *PERMISSIONS,
        "any other code of ENS",
    }


@pytest.mark.parametrize("code", KNOWN)
def test_the_table_says_what_is_answered(code: str) -> None:
    """ENS documents 400 for all codes of its own."""
    known = KNOWN[code]

    assert [str(known.status), "yes" if known.retryable else "no"] == row_of(code)


@pytest.mark.parametrize("code", PERMISSIONS)
def test_the_table_says_that_a_refused_role_is_passed_on(code: str) -> None:
    """Which status a refused role gets is not known; an upload is tried again for it."""
    assert ["as ENS sent", "for uploads"] == row_of(code)
    refused = PermissionDenied("", code="x", message="", status=403, reason="role_permission")
    assert not refused.retryable
    assert may_pass(refused)


def test_the_table_says_what_is_passed_on() -> None:
    """5xx and throttling are worth a retry, other codes are not."""
    assert ["as ENS sent", "5xx and Throttling*"] == row_of("any other code of ENS")
    assert not EnsError("", code="x", message="", status=400).retryable
    assert EnsError("", code="x", message="", status=500).retryable


def test_the_table_mentions_413() -> None:
    """The one code with two statuses."""
    (when,) = [row[3] for row in PAGE.table("Codes") if row[0] == InvalidRequest.code]
    status = too_large("", reason="body_too_large").status

    assert f"{status} when it is too large" in when


# What ENS documents


SENTENCES = {
    **{code: known.sentence for code, known in KNOWN.items()},
    "InvalidParameter.%s": InvalidKeyPairName.sentence,
}


def test_the_ten_codes_of_ens() -> None:
    """Each is one that the function raises by itself, or passes on."""
    documented = [row[0] for row in PAGE.table("What ENS documents")]

    assert 10 == len(documented)
    assert set(documented) <= set(SENTENCES)


@pytest.mark.parametrize("row", PAGE.table("What ENS documents"), ids=lambda row: row[0])
def test_the_sentences_of_ens(row: list[str]) -> None:
    """The function says the same sentence for the same code, to the letter."""
    code, sentence, _, _ = row

    assert sentence == SENTENCES[code]
