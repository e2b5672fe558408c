"""
Build the folder that ``s deploy`` uploads: src, and what it needs at run time, for FC's Python.

Of src, what sources.py lists, with a version that names it: pyproject's, and a digest.

The wheels are those of the runtime that s.yaml names, whatever Python and system this runs on, with
the versions and hashes of requirements.txt. Everything is compiled beforehand where a Python of
that version is at hand: a code folder on FC is read-only, so an instance that finds no compiled
files compiles all it imports, at every cold start. Two builds of one tree are byte-identical.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from deploy import excluded
from deploy.runtimes import (
    RUNTIMES,
    BuildFailed,
    Runtime,
    python_of,
    requirements_for,
    runtime_named_in,
)
from deploy.sources import (
    copy_sources,
    packaged_files,
    untracked_modules,
    version_of,
    write_version,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parent.parent
CODE_ROOT_ON_FC = "/code"
TIMESTAMP = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say
MODE = 0o644


def install(runtime: Runtime, requirements: Iterable[str], target: Path) -> None:
    """Unpack the wheels of these requirements, for this runtime, into a folder."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "requirements.txt")
        listed.write_text("\n".join(requirements), encoding="utf-8")
        platforms = [f"--platform={platform}" for platform in runtime.platforms]
        pip = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--target", target, "--python-version", runtime.version, "--implementation", "cp",
             *platforms, "--only-binary=:all:", "--require-hashes", "--no-deps", "--no-compile",
             "--requirement", listed],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
    if pip.returncode:
        raise BuildFailed(f"pip cannot install the requirements:\n{pip.stderr}")


def remove_unneeded(code: Path) -> set[str]:
    """Remove what excluded.FILES names; return the patterns that nothing matched."""
    kept = {path for pattern in excluded.BUT_THESE for path in code.glob(pattern)}
    stale = set()
    for pattern in excluded.FILES:
        unneeded = set(code.glob(pattern)) - kept
        if not unneeded:
            stale.add(pattern)
        for path in unneeded:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    return stale


def add_sources(source: Path, code: Path) -> str:
    """Put the sources beside the dependencies, with their version in them; return the version."""
    files = packaged_files(source)
    version = version_of(source, files)
    copy_sources(source, files, code)
    write_version(version, code)
    return version


def compile_all(code: Path, python: Path) -> None:
    """
    Compile every module, once and for all: unchecked, for what is deployed does not change.

    Compiled files name the place that FC unpacks to, so that tracebacks are right and the
    building machine's folders stay private. The hash seed orders the constants of sets.
    """
    subprocess.run(
        [python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash",
         "-s", code, "-p", CODE_ROOT_ON_FC, code],
        check=True, env={**os.environ, "PYTHONHASHSEED": "0"},
    )  # fmt: skip


class Weight(NamedTuple):
    """How much of the package something is; sizes in bytes."""

    files: int = 0
    unpacked: int = 0
    zipped: int = 0


def zip_folder(code: Path, archive: Path) -> dict[str, Weight]:
    """Zip a folder, the same way each time; return what its entries weigh."""
    weights: dict[str, Weight] = defaultdict(Weight)
    with ZipFile(archive, "w", ZIP_DEFLATED, compresslevel=9) as zipped:
        for path in sorted(path for path in code.rglob("*") if path.is_file()):
            path.chmod(MODE)
            info = ZipInfo(path.relative_to(code).as_posix(), TIMESTAMP)
            info.external_attr = MODE << 16
            info.create_system = 3  # Unix, also when built on Windows
            zipped.writestr(info, path.read_bytes(), ZIP_DEFLATED, compresslevel=9)
            entry = path.relative_to(code).parts[0]
            entry = "*.dist-info" if entry.endswith(".dist-info") else entry
            before = weights[entry]
            weights[entry] = Weight(
                before.files + 1,
                before.unpacked + info.file_size,
                before.zipped + info.compress_size,
            )
    return weights


class Package(NamedTuple):
    """What was built: its version, and what the entries of its code weigh."""

    version: str
    weights: dict[str, Weight]


def build(runtime: Runtime, output: Path) -> Package:
    """Build ``code`` and ``function.zip`` in a folder."""
    requirements = requirements_for(runtime, (ROOT / "requirements.txt").read_text("utf-8"))
    code = output / "code"
    shutil.rmtree(code, ignore_errors=True)
    install(
        runtime,
        (line for line in requirements if line.partition("==")[0] not in excluded.DISTRIBUTIONS),
        code,
    )
    if stale := remove_unneeded(code):
        raise BuildFailed(f"Nothing matches {', '.join(sorted(stale))} of excluded.py any more.")
    version = add_sources(ROOT / "src", code)
    python = python_of(runtime.version)
    if python:
        compile_all(code, python)
    else:
        print(
            f"NOT COMPILED: there is no Python {runtime.version} at hand. The package works, but "
            "each new instance compiles what it imports, which takes longer than all the rest.",
            file=sys.stderr,
        )
    return Package(version, zip_folder(code, output / "function.zip"))


def show(weights: dict[str, Weight]) -> None:
    """Print what the package weighs, heaviest first, and what was left out."""
    heaviest = sorted(weights.items(), key=lambda row: -row[1].zipped)
    total = Weight(*map(sum, zip(*weights.values(), strict=True)))
    print("  zipped  unpacked   files")
    for entry, weight in [*heaviest, ("in all", total)]:
        print(
            f"{weight.zipped / 1000:>5.0f} kB {weight.unpacked / 1000:>6.0f} kB {weight.files:>7}"
            f"   {entry}"
        )
    print("\nLeft out:")
    for what, purpose in {**excluded.DISTRIBUTIONS, **excluded.FILES}.items():
        print(f"  {what:<38}  {purpose}")


def main() -> None:
    """Build, and say what it weighs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runtime", choices=RUNTIMES, help="instead of the one that s.yaml names")
    parser.add_argument("--output", type=Path, default=ROOT / ".build", help="default: .build")
    arguments = parser.parse_args()
    try:
        runtime = (
            RUNTIMES[arguments.runtime] if arguments.runtime else runtime_named_in(ROOT / "s.yaml")
        )
        package = build(runtime, arguments.output)
    except BuildFailed as failure:
        sys.exit(str(failure))
    for module in untracked_modules(ROOT / "src"):
        print(
            f"src/{module} is NOT in the package, for git does not track it: git add src/{module}",
            file=sys.stderr,
        )
    print(f"{arguments.output}/code and function.zip {package.version}, for {runtime.name}:")
    show(package.weights)


if __name__ == "__main__":
    main()
