"""
The large soak, with progress and figures: ``make soak``.

    python -m benchmarks.soak [--uploads 2000] [--seed N] [--duplicate-names refused] [--load 4]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from devcloud.ens.models import DuplicateNames
from tests.soak.soak import LOST_IN_THE_END, Soak

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parent.parent


def main() -> int:
    """Run once on each kind of ENS, and return whether something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--uploads", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--duplicate-names", choices=get_args(DuplicateNames), action="append")
    parser.add_argument("--instances", type=int, default=6)
    parser.add_argument("--calls-per-second", type=float, default=30.0, help="what ENS admits")
    parser.add_argument(
        "--permissions-after", type=float, default=2.0, metavar="SECONDS",
        help="how long it takes until the last of the role's permissions is in force; default: 2",
    )  # fmt: skip
    parser.add_argument(
        "--load", type=int, default=0, metavar="N",
        help="so many busy processes beside it, so that everything takes its time",
    )  # fmt: skip
    options = parser.parse_args()
    with load(options.load):
        return run(options)


@contextmanager
def load(processes: int) -> Iterator[None]:
    """Keep so many processors busy."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def run(options: argparse.Namespace) -> int:
    """Run on each kind of ENS that was asked for."""
    failed = False
    for duplicate_names in options.duplicate_names or get_args(DuplicateNames):
        print(
            f"\n{options.uploads} uploads, seed {options.seed}, {options.load} busy processes, "
            f"duplicate names {duplicate_names}",
            flush=True,
        )
        soak = Soak(
            seed=options.seed,
            uploads=options.uploads,
            duplicate_names=duplicate_names,
            calls_per_second=options.calls_per_second,
            instances=options.instances,
            longest=options.uploads * 5.0 + 60,
            permissions_after=options.permissions_after,
        )
        aftermath = soak.run(PROJECT, lambda line: print(line, flush=True))
        for name, figure in aftermath.figures.items():
            print(f"{name:>26}  {figure}")
        for sentence in aftermath.wrong:
            print(f"WRONG: {sentence}")
        too_many_lost = len(aftermath.lost) > ceil(LOST_IN_THE_END * options.uploads)
        doubled = aftermath.doubled and duplicate_names == "refused"
        failed |= bool(aftermath.wrong or too_many_lost or doubled)
    print("\nfailed" if failed else "\nas it should be")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
