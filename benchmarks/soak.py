"""
The large soak, with progress and figures: ``make soak``.

    python -m benchmarks.soak [--uploads 2000] [--seed N] [--duplicate-names refused]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import get_args

from devcloud.ens.models import DuplicateNames
from tests.soak.soak import LOST_IN_THE_END, Soak

PROJECT = Path(__file__).parent.parent


def main() -> int:
    """Run once on each kind of ENS, and return whether something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--uploads", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--duplicate-names", choices=get_args(DuplicateNames), action="append")
    parser.add_argument("--instances", type=int, default=6)
    parser.add_argument("--calls-per-second", type=float, default=30.0, help="what ENS admits")
    options = parser.parse_args()
    failed = False
    for duplicate_names in options.duplicate_names or get_args(DuplicateNames):
        print(
            f"\n{options.uploads} uploads, seed {options.seed}, duplicate names {duplicate_names}",
            flush=True,
        )
        soak = Soak(
            seed=options.seed,
            uploads=options.uploads,
            duplicate_names=duplicate_names,
            calls_per_second=options.calls_per_second,
            instances=options.instances,
            longest=options.uploads * 2.0 + 60,
        )
        aftermath = soak.run(PROJECT, lambda line: print(line, flush=True))
        for name, figure in aftermath.figures.items():
            print(f"{name:>26}  {figure}")
        for sentence in aftermath.wrong:
            print(f"WRONG: {sentence}")
        too_many_lost = len(aftermath.lost) > LOST_IN_THE_END * options.uploads
        doubled = aftermath.doubled and duplicate_names == "refused"
        failed |= bool(aftermath.wrong or too_many_lost or doubled)
    print("\nfailed" if failed else "\nas it should be")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
