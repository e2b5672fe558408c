"""
Time a cold start: from the start of a process to its first answer, against two other functions.

The naive function imports the SDK at its top and is installed as the manuals say; the floor signs
by hand and posts with requests. All run in fresh processes, in turn, on the Python of the runtime,
loaded as FC loads a function, against devcloud on loopback. Compare the ratios, not the times.

Usage: ``python -m benchmarks.cold_start [--runs 11] [--write docs/benchmarks.md]``
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from deploy import build
from deploy.runtimes import RUNTIMES, Runtime, python_of, requirements_for
from devcloud import DevCloud

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).parent
BOOTSTRAP = HERE.parent / "deploy" / "fc_bootstrap.py"
LEAST_RUNS = 11
NOT_OF_THE_SDKS = {"structlog"}  # all other requirements are the two SDKs', and theirs
OF_REQUESTS = ("certifi", "charset_normalizer", "idna", "requests", "urllib3")
BEGIN, END = "<!-- benchmark:cold-start -->", "<!-- /benchmark:cold-start -->"


@dataclass(frozen=True, slots=True)
class Contestant:
    """A code folder, and how FC would be told to load it."""

    name: str
    code: Path
    handler: str
    initializer: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One fresh process: milliseconds to its first answer, and the most memory it held, in MB."""

    answered: float
    memory: float


def naive_folders(runtime: Runtime, python: Path, folder: Path) -> Iterator[Contestant]:
    """Install the naive function, as pip lays it down, and a compiled copy."""
    plain, compiled = folder / "naive", folder / "naive-compiled"
    requirements = (build.ROOT / "requirements.txt").read_text("utf-8")
    build.install(
        runtime,
        (
            line
            for line in requirements_for(runtime, requirements)
            if line.partition("==")[0] not in NOT_OF_THE_SDKS
        ),
        plain,
    )
    shutil.copy(HERE / "naive_function.py", plain)
    shutil.copytree(plain, compiled)
    subprocess.run([python, "-m", "compileall", "-q", compiled], check=True)
    yield Contestant("naive", plain, "naive_function.handler")
    yield Contestant("naive, compiled", compiled, "naive_function.handler")


def our_folders(runtime: Runtime, folder: Path) -> Iterator[Contestant]:
    """Build the function, and a copy without its compiled files."""
    build.build(runtime, folder / "ours")
    built, bare = folder / "ours" / "code", folder / "ours-not-compiled"
    shutil.copytree(built, bare, ignore=shutil.ignore_patterns("__pycache__"))
    yield Contestant("this function", built, "handler.handler", "handler.initialize")
    yield Contestant("not compiled", bare, "handler.handler", "handler.initialize")


def floor_folder(built: Path, python: Path, folder: Path) -> Contestant:
    """Lay down the floor: one file, and requests with its dependencies, compiled."""
    code = folder / "floor"
    for package in OF_REQUESTS:
        shutil.copytree(built / package, code / package)
    shutil.copy(HERE / "floor.py", code)
    subprocess.run([python, "-m", "compileall", "-q", code / "floor.py"], check=True)
    return Contestant("floor", code, "floor.handler")


def run_once(
    contestant: Contestant, python: Path, event: Path, environment: Mapping[str, str]
) -> tuple[Run, object]:
    """Start a process and wait for its first answer; return the times and the answer."""
    started = time.perf_counter()
    with subprocess.Popen(
        [
            *(python, "-I", "-S", "-B", BOOTSTRAP, contestant.code),
            *(contestant.handler, contestant.initializer, event),
        ],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout  # noqa: S101 - it is a pipe
        line = process.stdout.readline()
        answered = (time.perf_counter() - started) * 1000
        rest = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"{contestant.name}: the process ended with {process.returncode}")
    return Run(answered, json.loads(rest)["peak_kb"] / 1000), json.loads(line).get("answer")


def measure(contestants: list[Contestant], python: Path, runs: int) -> dict[str, list[Run]]:
    """
    Run each contestant in turn, so many times: an import, and a bad key without an initializer.

    Returns:
        the runs by "<name>" and "<name>: refused".
    """
    measured: dict[str, list[Run]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, DevCloud(project=build.ROOT) as cloud:
        key = make_key(Path(folder))
        event = Path(folder, "event.json")
        role = cloud.role_credentials()
        environment = {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": role.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": role.access_key_secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": role.security_token or "",
            "ENS_ENDPOINT": cloud.ens_endpoint,
        }
        for number in range(runs):
            for contestant in contestants:
                name = f"{contestant.name}-{number}".translate({ord(c): "-" for c in " ,"})
                event.write_text(json.dumps({"KeyPairName": name, "PublicKeyBody": key}))
                run, answer = run_once(contestant, python, event, environment)
                if not isinstance(answer, dict) or "KeyPairFingerPrint" not in answer:
                    raise SystemExit(f"{contestant.name} did not import: {answer}")
                measured[contestant.name].append(run)

                event.write_text(json.dumps({"KeyPairName": name, "PublicKeyBody": key[:100]}))
                cold = Contestant(contestant.name, contestant.code, contestant.handler)
                run, answer = run_once(cold, python, event, environment)
                if not isinstance(answer, dict) or not str(answer["Code"]).startswith("Invalid"):
                    raise SystemExit(f"{contestant.name} did not refuse: {answer}")
                measured[f"{contestant.name}: refused"].append(run)
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return measured


def make_key(folder: Path) -> str:
    """Make a key with ssh-keygen; return its public half."""
    path = folder / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-C", "bench", "-f", path],
        check=True,
    )
    return path.with_suffix(".pub").read_text().strip()


def table(measured: Mapping[str, list[Run]], sizes: Mapping[str, float], python: str) -> str:
    """Write the result as Markdown: what was measured, and what was asked for."""

    def answered(name: str) -> float:
        return statistics.median(run.answered for run in measured[name])

    def memory(name: str) -> float:
        return statistics.median(run.memory for run in measured[name])

    rows = [
        (
            label,
            f"{answered(name):.0f} ms",
            f"{answered(f'{name}: refused'):.0f} ms",
            f"{memory(name):.0f} MB",
            f"{sizes[name]:.1f} MB" if name in sizes else "",
        )
        for label, name in (
            ("**this function**", "this function"),
            ("naive, as `pip --target --no-compile` lays it down", "naive"),
            ("naive, compiled", "naive, compiled"),
            ("this function, not compiled", "not compiled"),
            ("floor: signs by hand, posts with requests", "floor"),
        )
    ]
    ours, bad = answered("this function"), answered("this function: refused")
    naive, compiled = answered("naive"), answered("naive, compiled")
    targets = [
        ("first import / naive", ours / naive, 0.25),
        ("first import / naive, compiled", ours / compiled, 0.60),
        ("first import / floor", ours / answered("floor"), 2.4),
        ("refusal / naive's, compiled", bad / answered("naive, compiled: refused"), 0.30),
        ("peak memory / naive's", memory("this function") / memory("naive"), 0.75),
        ("zip / naive's", sizes["this function"] / sizes["naive"], 1.0),
    ]
    share = (
        f"Of the naive function's {naive:.0f} ms, compiled files alone leave {compiled:.0f}, the "
        f"import diet alone leaves {answered('not compiled'):.0f}, both leave {ours:.0f}."
    )
    lines = [
        "| From the start of the process to … | import answered | bad key refused | memory | zip |",
        "|---|--:|--:|--:|--:|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        "| Ratio | measured | at most |",
        "|---|--:|--:|",
        *(
            f"| {label} | {ratio:.2f}{'' if ratio <= limit else ' **missed**'} | {limit:.2f} |"
            for label, ratio, limit in targets
        ),
        "",
        share,
        "",
        f"{datetime.now(timezone.utc):%Y-%m-%d}, medians of {len(measured['floor'])} processes.  ",
        f"{processor()}, {os.cpu_count()} cores  ",
        f"{platform.system()} {platform.release()}, {python}",
    ]
    return "\n".join(lines) + "\n"


def processor() -> str:
    """Name this machine's processor."""
    cpuinfo = Path("/proc/cpuinfo")
    for line in cpuinfo.read_text().splitlines() if cpuinfo.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def write_between_markers(page: Path, text: str) -> None:
    """Replace what stands between the markers of a page."""
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{page} lacks {BEGIN} or {END}")
    page.write_text(f"{before}{BEGIN}\n{text}{END}{after}", "utf-8")


def main() -> None:
    """Lay down the contestants, let them run, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=LEAST_RUNS, help="processes of each kind")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table into this page")
    arguments = parser.parse_args()
    at_hand = ((runtime, python_of(runtime.version)) for runtime in RUNTIMES.values())
    runtime, python = next((pair for pair in at_hand if pair[1]), (None, None))
    if runtime is None or python is None:
        sys.exit("There is neither a Python 3.12 nor a 3.10 at hand: nothing to time a start with.")
    with tempfile.TemporaryDirectory() as folder:
        contestants = [
            *naive_folders(runtime, python, Path(folder)),
            *our_folders(runtime, Path(folder)),
        ]
        built = Path(folder, "ours")
        contestants.append(floor_folder(built / "code", python, Path(folder)))
        naive_zip = Path(folder, "naive.zip")
        build.zip_folder(Path(folder, "naive"), naive_zip)
        sizes = {
            "naive": naive_zip.stat().st_size / 1e6,
            "this function": (built / "function.zip").stat().st_size / 1e6,
        }
        measured = measure(contestants, python, arguments.runs)
    version = subprocess.run([python, "-V"], check=True, capture_output=True, text=True).stdout
    text = table(measured, sizes, f"{version.strip()} as {runtime.name}")
    print(text, end="")
    if arguments.write:
        write_between_markers(arguments.write, text)


if __name__ == "__main__":
    main()
