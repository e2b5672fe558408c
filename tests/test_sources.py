"""What of src is packaged, and which version it has: shown on small projects, with the real git."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import build
from deploy.runtimes import BuildFailed
from deploy.sources import packaged_files, untracked_modules, version_of

ROOT = build.ROOT
VERSION_MODULE = 'VERSION = "unbuilt"\n'
TRACKED = ("core/rules.py", "handler.py", "version.py")


def git(project: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", project, *arguments], check=True, capture_output=True)


def write(project: Path, *names: str) -> None:
    for name in names:
        path = project / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(VERSION_MODULE if name == "version.py" else f"# {name}\n")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of three tracked modules."""
    project = tmp_path / "project"
    write(project, *TRACKED)
    (project / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    git(project, "init", "--quiet")
    git(project, "add", ".")
    return project


@pytest.fixture
def without_git(project: Path) -> Path:
    """The same project as an unpacked archive, without its repository."""
    shutil.rmtree(project / ".git")
    return project


def files_of(source: Path) -> list[str]:
    return [file.as_posix() for file in packaged_files(source)]


def packaged(project: Path) -> list[str]:
    """Add the sources to a code folder, and list what is in it then."""
    code = project.parent / "code"
    code.mkdir()
    build.add_sources(project / "src", code)
    return sorted(path.relative_to(code).as_posix() for path in code.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(".env", id="settings"),
        pytest.param("core/id_rsa", id="a key"),
        pytest.param("core/scratch.py", id="a module"),
        pytest.param("__pycache__/handler.cpython-312.pyc", id="what Python cached"),
    ],
)
def test_nothing_untracked_is_packaged(name: str, project: Path) -> None:
    """What lies in src by accident stays here."""
    write(project, name)

    assert list(TRACKED) == packaged(project)


def test_a_tracked_file_that_is_no_python_is_not_packaged(project: Path) -> None:
    """The function is Python; what else git tracks in src is about it."""
    write(project, "core/notes.md")
    git(project, "add", ".")

    assert list(TRACKED) == packaged(project)


def test_the_package_is_the_tree_as_it_is(project: Path) -> None:
    """A tracked file is packaged as it is here, and one that was deleted here is not."""
    (project / "src" / "handler.py").write_text("changed = True\n")
    (project / "src" / "core" / "rules.py").unlink()

    assert ["handler.py", "version.py"] == packaged(project)
    assert "changed = True\n" == (project.parent / "code" / "handler.py").read_text()


def test_without_git_only_python_is_packaged(without_git: Path) -> None:
    """Where nothing says what belongs to the project, no other file comes into the package."""
    write(without_git, ".env", "core/id_rsa", "__pycache__/handler.cpython-312.pyc")

    assert list(TRACKED) == packaged(without_git)


def test_a_repository_further_up_is_not_the_projects(without_git: Path) -> None:
    """An archive that was unpacked inside another repository is packaged whole."""
    git(without_git.parent, "init", "--quiet")

    assert list(TRACKED) == packaged(without_git)


@pytest.mark.parametrize("kind", ["tracked", "without git"])
@pytest.mark.parametrize(
    "link",
    [
        pytest.param("core/linked.py", id="a module"),
        pytest.param("linked", id="a folder"),
        pytest.param("settings.txt", id="another file"),
    ],
)
def test_refuses_a_symbolic_link(link: str, kind: str, project: Path) -> None:
    """Its target could be anything on this machine; the error names the link."""
    target = project.parent / "elsewhere.py"
    target.write_text("secret = 1\n")
    (project / "src" / link).symlink_to(target.parent if link == "linked" else target)
    if kind == "tracked":
        git(project, "add", ".")
    else:
        shutil.rmtree(project / ".git")

    with pytest.raises(BuildFailed, match=re.escape(f"src/{link} is a symbolic link")):
        packaged(project)


@pytest.mark.parametrize("name", ["core", "."])
def test_refuses_a_folder_that_became_a_link(name: str, project: Path) -> None:
    """The files that git still lists there are others now."""
    moved = project.parent / "moved"
    folder = project / "src" / name
    folder.rename(moved)
    folder.symlink_to(moved)

    with pytest.raises(BuildFailed, match="is a symbolic link"):
        packaged(project)


def test_a_link_that_git_does_not_track_is_no_obstacle(project: Path) -> None:
    """It is not packaged, as anything untracked."""
    (project / "src" / "linked.py").symlink_to(project.parent)

    assert list(TRACKED) == packaged(project)


def test_git_that_cannot_tell_ends_the_build(project: Path) -> None:
    """A broken repository does not turn into a package of everything; git's reason is told."""
    (project / ".git" / "HEAD").write_text("nonsense")

    with pytest.raises(BuildFailed, match="fatal: not a git repository"):
        packaged(project)


def test_the_variables_of_a_hook_do_not_matter(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a hook, git's variables name the repository that it runs for."""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))

    assert list(TRACKED) == packaged(project)


@pytest.mark.parametrize("name", ["handler.py", "core"])
def test_no_name_twice(name: str, project: Path) -> None:
    """A module of ours that would hide a dependency, or be hidden by it, fails the build."""
    (project.parent / "code" / name).mkdir(parents=True)

    with pytest.raises(BuildFailed, match=re.escape(f"src/{name} has the name")):
        build.add_sources(project / "src", project.parent / "code")


def test_forgotten_modules_are_pointed_out(project: Path) -> None:
    """A module that git neither tracks nor ignores may be one that the function needs."""
    write(project, "core/new.py", "ignored.py", ".env")
    (project / ".gitignore").write_text("ignored.py\n")

    assert [Path("core/new.py")] == untracked_modules(project / "src")


def test_without_git_nothing_is_forgotten(without_git: Path) -> None:
    """All modules are packaged then."""
    assert [] == untracked_modules(without_git / "src")


def test_a_package_without_the_module_of_its_version_fails(project: Path) -> None:
    """Log lines take their version from it."""
    git(project, "rm", "--quiet", "--cached", "src/version.py")

    with pytest.raises(BuildFailed, match=re.escape("src/version.py has no place")):
        packaged(project)


# The version


def version(project: Path) -> str:
    return version_of(project / "src", packaged_files(project / "src"))


def test_the_version_is_in_the_package(project: Path) -> None:
    """It is what the package's module says, and src keeps its own."""
    packaged(project)

    module = project.parent / "code" / "version.py"
    assert f'VERSION = "{version(project)}"\n' == module.read_text()
    assert VERSION_MODULE == (project / "src" / "version.py").read_text()


def test_the_version_is_pyprojects_and_a_digest(project: Path) -> None:
    """A local version (PEP 440). The digest is worked out here as sha256sum would have it."""
    stream = b"".join(
        f"{name}\0{(project / 'src' / name).stat().st_size}\0".encode()
        + (project / "src" / name).read_bytes()
        for name in TRACKED
    )
    witness = subprocess.run(["sha256sum"], check=True, input=stream, capture_output=True)

    assert f"1.2.3+{witness.stdout[:12].decode()}" == version(project)


def test_the_same_sources_have_the_same_version(project: Path, tmp_path: Path) -> None:
    """Neither the place, the time, the mode, git nor what lies beside them matters."""
    before = version(project)
    copy = tmp_path / "another place" / "x"
    shutil.copytree(project, copy)
    shutil.rmtree(copy / ".git")
    write(copy, ".env")
    (copy / "src" / "handler.py").touch(0o600)
    (copy / "src" / "handler.py").chmod(0o755)

    assert before == version(copy)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("core/rules.py", "core/rules2.py", ""), id="another name"),
        pytest.param(("core/rules.py", "core/rules.py", "# other"), id="another content"),
        pytest.param(("handler.py", "core/handler.py", ""), id="another folder"),
    ],
)
def test_other_sources_have_another_version(change: tuple[str, str, str], project: Path) -> None:
    """Whatever changes in what is packaged shows."""
    before = version(project)
    old, new, text = change
    moved = (project / "src" / old).rename(project / "src" / new)
    if text:
        moved.write_text(text)
    git(project, "add", ".")

    assert before != version(project)


def test_the_projects_own_sources() -> None:
    """The handler that s.yaml names is among what is packaged, and nothing but Python is."""
    files = packaged_files(ROOT / "src")

    assert Path("handler.py") in files
    assert {".py"} == {file.suffix for file in files}


# Installing


@pytest.mark.parametrize("options", [[], ["--no-build-isolation"], ["--editable"]])
def test_cannot_be_installed(options: list[str], tmp_path: Path) -> None:
    """No module named core or handler is put anywhere: pip shows what to do instead."""
    pip = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps"]

    run = subprocess.run(
        [*pip, "--target", tmp_path, *options, ROOT],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    assert 1 == run.returncode
    assert "a Function Compute function, not a library" in run.stderr
    assert "Traceback" not in run.stderr
    assert [] == list(tmp_path.iterdir())
