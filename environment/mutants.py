"""
Change the code in small ways, one at a time, and see whether a test notices.

    python -m environment.mutants [--changes 250] [--seed 1]

cosmic-ray makes the changes: an operator, a number, a branch. A seeded sample of those to core and
triggers is tried, in a copy of the last commit, with the tests of core and triggers. What no test
noticed is printed as a diff: either a test is missing, or the change is none (the same behaviour in
other words). Not in CI: a change that is not noticed takes as long as those tests.
"""

from __future__ import annotations

import argparse
import io
import random
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

ROOT = Path(__file__).parent.parent
CODE = ("src/core", "src/triggers")
TIMEOUT = 300  # seconds; a change can make a loop endless
# Changes that alter no behaviour: annotations are not evaluated, constants of typing neither.
WITHOUT_EFFECT = ("ReplaceBinaryOperator_BitOr_", "core/RemoveDecorator")
CONFIGURATION = """\
[cosmic-ray]
module-path = [{code}]
timeout = {timeout}.0
excluded-modules = []
test-command = "{python} -m environment.nearest_tests"
[cosmic-ray.distributor]
name = "local"
"""


def main() -> int:
    """Try the sample, and print what no test noticed."""
    parser = argparse.ArgumentParser(description="Try changes, and see whether a test notices.")
    parser.add_argument("--changes", type=int, default=250, help="how many are tried")
    parser.add_argument("--seed", type=int, default=1, help="which are tried")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy_last_commit(Path(folder))
        session = Path(folder) / "session.sqlite"
        write_configuration(Path(folder))
        cosmic_ray(Path(folder), "init", "mutants.toml", session.name)
        with use_db(session, WorkDB.Mode.open) as work:
            choose(work, asked.changes, asked.seed)
        cosmic_ray(Path(folder), "exec", "mutants.toml", session.name)
        with use_db(session, WorkDB.Mode.open) as work:
            return report(work)


def copy_last_commit(folder: Path) -> None:
    """Changes are made in place: never in the tree that somebody works in."""
    archive = subprocess.run(
        ["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder)  # noqa: S202 - our own commit


def write_configuration(folder: Path) -> None:
    """Say what is changed, and by which command that is noticed."""
    code = ", ".join(f'"{path}"' for path in CODE)
    (folder / "mutants.toml").write_text(
        CONFIGURATION.format(code=code, timeout=TIMEOUT, python=sys.executable),
        encoding="utf-8",
    )


def cosmic_ray(folder: Path, *arguments: str) -> None:
    """Run its command."""
    subprocess.run([Path(sys.executable).parent / "cosmic-ray", *arguments], cwd=folder, check=True)


def choose(work: WorkDB, changes: int, seed: int) -> None:
    """Leave a sample to be tried: the rest count as skipped."""
    items = sorted(work.work_items, key=lambda item: str(item.mutations))
    tried = [
        item
        for item in items
        if not any(
            mutation.operator_name.partition("/")[2].startswith(WITHOUT_EFFECT)
            or mutation.operator_name in WITHOUT_EFFECT
            for mutation in item.mutations
        )
    ]
    chosen = {item.job_id for item in random.Random(seed).sample(tried, min(changes, len(tried)))}  # noqa: S311 - a sample, no secret
    for item in items:
        if item.job_id not in chosen:
            work.set_result(item.job_id, WorkResult(WorkerOutcome.SKIPPED))
    print(f"{len(chosen)} of {len(items)} changes are tried", file=sys.stderr)


def report(work: WorkDB) -> int:
    """Print each change that was not noticed, and how many were."""
    results = [
        result for _, result in work.results if result.worker_outcome is not WorkerOutcome.SKIPPED
    ]
    unnoticed = [result for result in results if result.test_outcome is TestOutcome.SURVIVED]
    for result in unnoticed:
        print(result.diff, end="\n\n")
    print(f"noticed: {len(results) - len(unnoticed)} of {len(results)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
