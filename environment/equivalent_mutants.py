"""
Changes that ``make mutants`` can make and no test can notice, each with the reason.

Either the program does the same (it is only said in other words), or it differs in something that
is promised to no one, such as how far a search for a better sentence looks. Each is named by its
file, the line as it is and the line as it becomes.
"""

from __future__ import annotations

_EXACTLY = "src/core/importing/exactly_once.py"
_REFUSALS = "src/core/keys/refusals"
_PUTTY = (
    'if start[:2] {} "\\0\\0" and _is_putty(start[:_LONGEST_PUTTY].encode("latin-1", "replace")):'
)

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        _EXACTLY,
        "while unfiltered or page_number < MAX_PAGES:",
        "while unfiltered or page_number != MAX_PAGES:",
    ): "pages are counted one by one, from 0",
    (
        _EXACTLY,
        "if attempt >= self.max_attempts or seconds > self._remaining():",
        "if attempt >= self.max_attempts or seconds >= self._remaining():",
    ): "no two of these times are the same to the last digit; and a sleep takes longer than asked",
    (
        f"{_REFUSALS}/contents.py",
        'if reason == "truncated":',
        'if reason >= "truncated":',
    ): "of the reasons of parse_blob this is the last in the alphabet",
    (
        f"{_REFUSALS}/lines.py",
        'if refusal.reason != "surrounding_text":',
        'if refusal.reason > "surrounding_text":',
    ): "the reasons of read_comment before this in the alphabet are found before the line is read",
    (
        f"{_REFUSALS}/payload.py",
        "return self.start + (found.start() if found else 0)",
        "return self.start + (found.start() if found else 1)",
    ): "it is asked for only where there is a space; the else is for the type checker",
    (
        "src/core/keys/trust/blocklist.py",
        "return self._records[start + HASH_BYTES]",
        "return self._records[start | HASH_BYTES]",
    ): "a record has 16 bytes, so the last four bits of its start are 0",
    (
        "src/core/keys/private_formats.py",
        _PUTTY.format("=="),
        _PUTTY.format("<="),
    ): "what sorts before two NULs is shorter than two characters, and so no field",
    (
        "src/core/keys/private_keys.py",
        "if layers < LAYERS:",
        "if layers <= LAYERS:",
    ): "the budget bounds the work; whether the text itself counts is promised to no one",
    (
        "src/core/deadline.py",
        "LONGEST_BACKOFF = 5.0",
        "LONGEST_BACKOFF = 4.0",
    ): "how long the longest wait is, is promised to no one; that there is one is tested",
    (
        "src/core/keys/private_formats.py",
        "_PUTTY_FIELDS, _LONGEST_PUTTY = 4, 16 * 1024",
        "_PUTTY_FIELDS, _LONGEST_PUTTY = 4, 16 * 1025",
    ): "how much is looked at; the four numbers of a key of 16384 bits have 5 KiB",
}
