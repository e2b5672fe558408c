"""
What of src is packaged: the Python files that git tracks, and the version that names them.

A working tree holds more than its project: settings with a secret in them, a key to try things
with. Nothing comes into the package because it lies in the right folder.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.runtimes import BuildFailed

tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

VERSION_MODULE = Path("version.py")
DIGEST_LENGTH = 12  # hex digits, as much as git shows of a commit where short ones collide


def packaged_files(source: Path) -> list[Path]:
    """
    List the files of a source folder that are packaged, in order, relative to it.

    Those are the Python files that git tracks. Where the folder is in no git repository (an
    unpacked archive, a machine without git), they are all Python files.

    Raises:
        BuildFailed: one is a symbolic link, which could lead anywhere; or git cannot tell.
    """
    _refuse_link(source)
    tracked = _tracked_files(source)
    listed = [path.relative_to(source) for path in source.rglob("*")]
    files = sorted(listed if tracked is None else tracked)
    for name in sorted({part for file in files for part in (file, *file.parents)}):
        _refuse_link(source, name)
    # What git tracks may have been deleted here: what is packaged is the tree as it is.
    return [file for file in files if file.suffix == ".py" and (source / file).is_file()]


def untracked_modules(source: Path) -> list[Path]:
    """List the Python files that git neither tracks nor ignores: forgotten ones, perhaps."""
    if not _is_in_git(source):
        return []
    return sorted(_git_files(source, "--others", "--exclude-standard", "--", "*.py"))


def version_of(source: Path, files: list[Path]) -> str:
    """
    Return the project's version and a digest of the packaged sources: ``0.1.0+3f2a9c1b04de``.

    The digest is over names and contents alone (SHA-256, its first digits), so that the same
    sources have the same version on each machine.
    """
    text = (source.parent / "pyproject.toml").read_text(encoding="utf-8")
    digest = hashlib.sha256()
    for file in files:
        content = (source / file).read_bytes()
        digest.update(f"{file.as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return f"{tomllib.loads(text)['project']['version']}+{digest.hexdigest()[:DIGEST_LENGTH]}"


def copy_sources(source: Path, files: list[Path], code: Path) -> None:
    """Copy files of a source folder beside the dependencies; no name may be in use there."""
    for name in sorted({file.parts[0] for file in files}):
        if (code / name).exists():
            raise BuildFailed(f"src/{name} has the name of a dependency's file.")
    for file in files:
        (code / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, code / file)


def write_version(version: str, code: Path) -> None:
    """Write the version into the module of a package that log lines take it from."""
    module = code / VERSION_MODULE
    text = module.read_text(encoding="utf-8") if module.exists() else ""
    written = text.replace('"unbuilt"', f'"{version}"')
    if written == text:
        raise BuildFailed(f"src/{VERSION_MODULE} has no place for the version.")
    module.write_text(written, encoding="utf-8", newline="\n")


def _refuse_link(source: Path, name: Path = Path()) -> None:
    if (source / name).is_symlink():
        raise BuildFailed(
            f"{source.name / name} is a symbolic link. "
            "Put the file itself there: what a link leads to is not packaged."
        )


def _is_in_git(source: Path) -> bool:
    """Tell whether the project has a repository of its own, and this machine git."""
    # A repository further up holds something else, and knows nothing of these files.
    return shutil.which("git") is not None and (source.parent / ".git").exists()


def _tracked_files(source: Path) -> set[Path] | None:
    return _git_files(source, "--cached") if _is_in_git(source) else None


def _git_files(source: Path, *arguments: str) -> set[Path]:
    # In a hook, git's own variables name another folder or index.
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    git = subprocess.run(
        ["git", "ls-files", "-z", *arguments],
        check=False,
        cwd=source,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if git.returncode:
        raise BuildFailed(f"git cannot tell which files of src it tracks:\n{git.stderr}")
    return {Path(name) for name in git.stdout.split("\0") if name}
