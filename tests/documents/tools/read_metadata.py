"""
Read what `aliyun` and `ossutil` accept out of their own sources, into the tables beside this file.

    python -m tests.documents.tools.read_metadata ALIYUN_CLI OPENAPI_META OSSUTIL

The arguments are git repositories, of github.com/aliyun: aliyun-cli, aliyun-openapi-meta (its
submodule, with the products, APIs and parameters that it checks lines against) and ossutil. That is
ossutil 1: the source of 2 is not public. Its manual lists what of 1 it has no more ("Feature
differences between ossutil 1.0 and 2.0", 2025-10): nothing of that is in our documents.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PRODUCTS = ("Ens", "Mns-open", "Ram")


def main(aliyun_cli: str, openapi_meta: str, ossutil: str) -> None:
    """Write both tables."""
    write(
        "aliyun.json",
        [source("aliyun-cli", aliyun_cli), source("aliyun-openapi-meta", openapi_meta)],
        flags=flags_of_aliyun(aliyun_cli),
        products=products(openapi_meta),
    )
    write("ossutil.json", [source("ossutil", ossutil)], commands=commands_of_ossutil(ossutil))


def source(name: str, repository: str) -> dict[str, str]:
    """Return what was read: the newest commit of a repository, and its day."""
    commit, day = git(repository, "log", "-1", "--format=%H %cs").split()
    return {"repository": f"aliyun/{name}", "commit": commit, "day": day}


def flags_of_aliyun(repository: str) -> list[str]:
    """Return the flags that the CLI itself takes, beside the parameters of an API."""
    found = set()
    for file in ("config/flags.go", "openapi/flags.go"):
        found |= set(re.findall(r'Flag\w*\s*= "([\w-]+)"', show(repository, file)))
    return sorted(found)


def products(repository: str) -> dict[str, Any]:
    """Return each product's version, style and APIs; mandatory parameters end in ``!``."""
    listed = {
        each["code"]: each for each in shown(repository, "metadatas/products.json")["products"]
    }
    return {
        code: {
            "version": listed[code]["version"],
            "style": listed[code]["api_style"],
            "apis": {
                api: parameters(shown(repository, f"metadatas/{code.lower()}/{api}.json"))
                for api in sorted(listed[code]["apis"])
            },
        }
        for code in PRODUCTS
    }


def parameters(api: dict[str, Any]) -> list[str]:
    return [each["name"] + "!" * each["required"] for each in api["parameters"]]


def commands_of_ossutil(repository: str) -> dict[str, list[str]]:
    """Return each command's options, short and long."""
    spelled = {
        constant: [short, long]
        for constant, short, long in re.findall(
            r'(Option\w+):\s+Option\{"([^"]*)", "([^"]*)"', show(repository, "lib/option.go")
        )
    }
    commands = {}
    for file in git(repository, "ls-tree", "--name-only", "HEAD:lib").split():
        text = show(repository, f"lib/{file}") if file.endswith(".go") else ""
        for name, options in re.findall(
            r'name:\s+"([\w-]+)",.*?validOptionNames: \[\]string\{(.*?)\}', text, re.DOTALL
        ):
            # A few are listed and no longer exist.
            pairs = [spelled.get(each, []) for each in re.findall(r"Option\w+", options)]
            commands[name] = sorted(spelling for pair in pairs for spelling in pair if spelling)
    return commands


def write(name: str, sources: list[dict[str, str]], **tables: Any) -> None:
    """Write a table, a line an entry, so that differences can be read."""
    text = json.dumps({"sources": sources, **tables}, indent=1)
    text = re.sub(r"\[[^][{}]*\]", lambda found: re.sub(r"\s+", " ", found[0]), text)
    (HERE / name).write_text(text + "\n", encoding="utf-8")


def shown(repository: str, file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(show(repository, file))
    return found


def show(repository: str, file: str) -> str:
    return git(repository, "show", f"HEAD:{file}")


def git(repository: str, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", repository, *arguments], check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
