"""
Change the code in small ways, one at a time, and see whether a test notices.

    python -m environment.mutants [--changes 250] [--seed 1] [--only src/core/keys]

cosmic-ray makes the changes: an operator, a number, a branch. A seeded sample of those to core and
triggers is tried, in a copy of the last commit, with the tests of core and triggers. A change
inside a function is made in a fork of a process that has loaded the tests, and those that execute
it are run. What is not noticed so is made in the file, and all tests are run. What is not noticed
then is printed: either a test is missing, or the program does the same. Such changes are listed in
environment/equivalent_mutants.py with the reason, and not tried. Fails if fewer than 97 % of the
others are noticed.
"""

from __future__ import annotations

import argparse
import collections
import functools
import hashlib
import io
import itertools
import os
import subprocess
import sys
import tarfile
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from coverage import Coverage, CoverageData

from environment.changed_functions import function_at, replace_function, statement_at
from environment.equivalent_mutants import EQUIVALENT
from environment.forked_tests import ForkedTests, in_fork
from environment.small_changes import SmallChange, small_changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pytest

ROOT = Path(__file__).parent.parent
CODE = (Path("src/core"), Path("src/triggers"))
TESTS = ("tests/core", "tests/triggers")
WANTED = 0.97
COVERAGE = "unchanged.coverage"
LOADING = ""  # the context of what is executed before any test


def main() -> int:
    """Try the sample, and print what no test noticed."""
    parser = argparse.ArgumentParser(description="Try changes, and see whether a test notices.")
    parser.add_argument("--changes", type=int, default=250, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: %(default)s)")
    parser.add_argument("--only", default="src/", help="in files whose path begins so")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy_last_commit(Path(folder))
        os.chdir(folder)
        files = sorted(file for room in CODE for file in room.rglob("*.py"))
        everything = small_changes(f for f in files if f.as_posix().startswith(asked.only))
        chosen = sample(everything, asked.changes, asked.seed)
        say(f"{len(chosen)} of {len(everything)} changes; first the tests as they are")
        seconds = in_fork(measure)
        if not seconds:
            say("The tests fail as they are: run make test.")
            return 2
        return try_all(chosen, seconds)


def copy_last_commit(folder: Path) -> None:
    """Changes are made in place: never in the tree that somebody works in."""
    archive = subprocess.run(
        ["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder)  # noqa: S202 - our own commit


def sample(changes: Iterable[SmallChange], number: int, seed: int) -> list[SmallChange]:
    """Choose by a digest of each change: the same ones, if the code changes elsewhere."""
    seen: collections.Counter[str] = collections.Counter()
    ranks = {}
    for change in changes:
        seen[change.name] += 1  # the same line may be there twice
        name = f"{seed} {seen[change.name]} {change.name}"
        ranks[change] = hashlib.sha256(name.encode()).digest()
    possible = filter(SmallChange.is_code, sorted(ranks, key=ranks.__getitem__))
    return sorted(itertools.islice(possible, number))


def measure() -> dict[str, float]:
    """Return how many seconds each test takes; a file is left that has what each executes."""
    seconds: dict[str, float] = {}
    coverage = Coverage(data_file=COVERAGE, config_file=False, source=["src"])

    def run(tests: ForkedTests) -> None:
        seconds.update(tests.run(tests.items, before=coverage.switch_context))
        coverage.stop()
        coverage.save()

    sys.dont_write_bytecode = False  # what is compiled here is read again by all forks to come
    coverage.start()
    return {} if ForkedTests(run).start(*TESTS) else seconds


def try_all(chosen: list[SmallChange], seconds: Mapping[str, float]) -> int:
    """Try the changes, those inside functions first; return 0 if enough are noticed."""
    reasons = {
        change: EQUIVALENT.get((change.path.as_posix(), *change.lines())) for change in chosen
    }
    left = [change for change in chosen if not reasons[change]]
    noticed = in_fork(lambda: try_in_functions(left, seconds)) or {}
    for change in left:
        if change not in noticed:
            noticed[change] = try_in_the_file(change, seconds)
    for change, reason in reasons.items():
        if reason:
            tell(change, f"equivalent, {reason}")
    for change in left:
        if not noticed[change]:
            tell(change, "NOT NOTICED")
    count, share = sum(noticed.values()), sum(noticed.values()) / max(1, len(left))
    say(
        f"noticed: {count} of {len(left)} ({share:.1%}); "
        f"equivalent, with a reason: {len(chosen) - len(left)}"
    )
    return 0 if share >= WANTED else 1


def try_in_functions(
    changes: Iterable[SmallChange], seconds: Mapping[str, float]
) -> dict[SmallChange, bool]:
    """
    Try the changes inside functions, with the tests that execute them.

    Returns:
        Whether each is noticed. One that is not, in a function that is called while the code and
        the tests are loaded, is left out.
    """
    noticed: dict[SmallChange, bool] = {}
    coverage = CoverageData(COVERAGE)
    coverage.read()
    contexts = functools.cache(coverage.contexts_by_lineno)

    def try_change(tests: ForkedTests, change: SmallChange, items: list[pytest.Item]) -> str:
        name = ".".join(change.path.relative_to("src").with_suffix("").parts)
        module = import_module(name)  # some are loaded late
        replace_function(module, function_at(change.line, change.path), change.changed_text())
        tests.run(items, seconds)
        return tests.failed

    def run(tests: ForkedTests) -> None:
        for change in changes:
            if not function_at(change.line, change.path):
                continue
            executed = contexts(str(change.path.resolve()))
            names = {
                name
                for line in statement_at(change.line, change.path)
                for name in executed.get(line, ())
            }
            items = [item for item in tests.items if item.nodeid in names]
            failed = in_fork(functools.partial(try_change, tests, change, items))
            if failed != "" or LOADING not in names:
                noticed[change] = failed != ""
                tell(change, noticed_by(failed))

    ForkedTests(run).start(*TESTS)
    return noticed


def try_in_the_file(change: SmallChange, seconds: Mapping[str, float]) -> bool:
    """Tell whether a change is noticed if the code is loaded with it."""
    text, times = change.path.read_bytes(), change.path.stat()

    def run(files: list[str]) -> str:
        sys.dont_write_bytecode = True
        return ForkedTests(lambda tests: tests.run(tests.items, seconds)).start(*files)

    change.path.write_text(change.changed_text(), encoding="utf-8")
    try:
        outcomes = (in_fork(functools.partial(run, files)) for files in nearest_first(change.path))
        failed = next((failed for failed in outcomes if failed != ""), "")
    finally:
        change.path.write_bytes(text)
        os.utime(change.path, ns=(times.st_atime_ns, times.st_mtime_ns))
    tell(change, noticed_by(failed))
    return failed != ""


def nearest_first(path: Path) -> Iterator[list[str]]:
    """Yield the test files that mirror the folder of a file, then the others."""
    files = sorted(file for room in TESTS for file in Path(room).rglob("test_*.py"))
    folder = Path("tests", path.parent.relative_to("src"))
    while not any(folder in file.parents for file in files):
        folder = folder.parent
    for is_near in (True, False):
        yield [file.as_posix() for file in files if (folder in file.parents) == is_near]


def noticed_by(failed: str | None) -> str:
    """Put it as a person reads it."""
    if failed == "":
        return "not noticed"
    return f"noticed: {'a test does not end' if failed is None else failed}"


def tell(change: SmallChange, end: str) -> None:
    """Print how the trial of a change ended."""
    before, after = change.lines()
    say(f"{change.path}:{change.line}: {end}\n    - {before}\n    + {after}")


def say(text: str) -> None:
    """Print it at once: what is tried takes minutes."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
