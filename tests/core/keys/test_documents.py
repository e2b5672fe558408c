"""README lists the Reasons and warnings that the code has, and no others."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from core.keys.trust import policy
from tests.core.keys import test_refusals

ROOT = Path(__file__).parents[3]
KEYS = ROOT / "src" / "core" / "keys"
DOCUMENT = (ROOT / "README.md").read_text("utf-8")
READERS = [
    *(KEYS / "refusals").glob("*.py"),
    KEYS / "reading.py",
    KEYS / "private_keys.py",
    KEYS / "containers.py",
    KEYS / "rsa_key.py",
    KEYS / "ssh_wire.py",
]
FINDINGS = {"Finding", "Wrapping"}  # classes whose first argument is a reason


def documented(section: str) -> set[str]:
    """The words in the first column of the tables of a section."""
    text = DOCUMENT.split(f"\n### {section}\n")[1].split("\n##")[0]
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`(\w+)`", row)}


def reasons_in(path: Path) -> set[str]:
    """The reasons that a file writes down: ``reason="..."`` and the first argument of findings."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        values = [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
        if isinstance(node.func, ast.Name) and node.func.id in FINDINGS:
            values += node.args[:1]
        found |= {
            value.value
            for value in values
            if isinstance(value, ast.Constant) and isinstance(value.value, str)
        }
    return found


def test_reasons_of_malformed_keys() -> None:
    """The table is that of the code; MissingParameter has a reason of its own."""
    written = set().union(*(reasons_in(path) for path in READERS))

    assert documented("Refused as malformed") == written - {"missing_parameter"}


def test_every_reason_is_tested() -> None:
    """Each row of the document has rows in the table of refusals; private keys have their own."""
    tested = {row.values[1] for row in test_refusals.TABLE}

    assert documented("Refused as malformed") == tested | {"private_key"}


def test_reasons_of_untrusted_keys() -> None:
    """The table is that of the code."""
    assert documented("Refused by policy") == reasons_in(Path(policy.__file__))


def test_warnings() -> None:
    """The warnings are a closed vocabulary: those of policy.examine's docstring."""
    promised = (policy.examine.__doc__ or "").split("\n\n")[0]

    assert documented("Warnings") == set(re.findall(r"\b\w+_\w+\b|fermat|roca", promised))
