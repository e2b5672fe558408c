"""
Time a cold start: from the start of a process to its first answer, against other functions.

The naive function imports the SDK at its top and is installed as the manuals say; the floors sign
by hand, and post with requests or with http.client; an empty one shows what Python takes. All run
in fresh processes, in turn, on the Python of the runtime, loaded as FC loads a function, against
devcloud on loopback over HTTPS. Compare the ratios, not the times.

Usage: ``python -m benchmarks.cold_start [--runs 15] [--runtime python3.12] [--write PAGE]``
"""

from __future__ import annotations

import argparse
import contextlib
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

from benchmarks.cloud_apart import cloud_apart
from deploy import build
from deploy.runtimes import RUNTIMES, Runtime, python_of, requirements_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).parent
BOOTSTRAP = HERE.parent / "deploy" / "fc_bootstrap.py"
LEAST_RUNS = 15
NOT_OF_THE_SDKS = {"structlog"}  # all other requirements are the two SDKs', and theirs
OF_REQUESTS = ("certifi", "charset_normalizer", "idna", "requests", "urllib3")
VCPUS = (0.1, 0.25, 1.0)  # that a function may be given; s.yaml asks for the second
OURS, NAIVE, FLOOR = "this function", "naive, compiled", "floor"
# Names of the kinds of run, besides a first import with two whole cores.
REFUSED = "{}: refused"
AT = "{} at {} vCPU"
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
    """One fresh process: milliseconds to its first answer, and of CPU; the most memory, in MB."""

    answered: float
    cpu: float
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
    yield Contestant(NAIVE, compiled, "naive_function.handler")


def our_folders(runtime: Runtime, folder: Path) -> Iterator[Contestant]:
    """Build the function, and a copy without its compiled files."""
    build.build(runtime, folder / "ours")
    built, bare = folder / "ours" / "code", folder / "ours-not-compiled"
    shutil.copytree(built, bare, ignore=shutil.ignore_patterns("__pycache__"))
    yield Contestant(OURS, built, "handler.handler", "handler.initialize")
    yield Contestant("not compiled", bare, "handler.handler", "handler.initialize")


def floor_folders(built: Path, python: Path, folder: Path) -> Iterator[Contestant]:
    """Lay down the floors, compiled: one file each, the first with what requests needs."""
    for name, module in (
        (FLOOR, "floor"),
        ("floor, http.client", "floor_http_client"),
        ("empty handler", "empty_function"),
    ):
        code = folder / module
        code.mkdir()
        if name == FLOOR:
            for package in OF_REQUESTS:
                shutil.copytree(built / package, code / package)
        shutil.copy(HERE / f"{module}.py", code)
        subprocess.run([python, "-m", "compileall", "-q", code / f"{module}.py"], check=True)
        yield Contestant(name, code, f"{module}.handler")


@contextlib.contextmanager
def share_of(vcpu: float) -> Iterator[Path | None]:
    """Make a control group with so much of a CPU; yield its list of processes, or None."""
    root = Path("/sys/fs/cgroup")
    is_v1 = (root / "cpu").is_dir()
    group = (root / "cpu" if is_v1 else root) / f"ens-key-import-bench-{os.getpid()}"
    quota = str(int(vcpu * 100_000))
    limits = (
        {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": quota}
        if is_v1
        else {"cpu.max": f"{quota} 100000"}
    )
    try:
        group.mkdir()
        for name, limit in limits.items():
            (group / name).write_text(limit)
    except OSError:
        with contextlib.suppress(OSError):
            group.rmdir()
        yield None
        return
    try:
        yield group / "cgroup.procs"
    finally:
        group.rmdir()


def run_once(
    contestant: Contestant,
    python: Path,
    event: Path,
    environment: Mapping[str, str],
    processes: Path | None = None,
) -> tuple[Run, object]:
    """Start a process and wait for its first answer; return the times and the answer."""
    join = ["sh", "-c", f'echo $$ >{processes}; exec "$@"', "sh"] if processes else []
    started = time.perf_counter()
    with subprocess.Popen(
        [
            *join,
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
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{contestant.name}: the process ended with {process.returncode}")
    cpu = (usage.ru_utime + usage.ru_stime) * 1000
    run = Run(answered, cpu, json.loads(rest)["peak_kb"] / 1000)
    return run, json.loads(line).get("answer")


def measure(
    contestants: list[Contestant], python: Path, runs: int, folder: Path
) -> dict[str, list[Run]]:
    """
    Run each contestant in turn, so many times: an import, and a bad key without an initializer.

    Returns:
        the runs by "<name>", "<name>: refused" and "<name> at <share> vCPU".
    """
    measured: dict[str, list[Run]] = defaultdict(list)
    with cloud_apart() as cloud:
        key = make_key(folder)
        event = folder / "event.json"
        environment = {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.credentials.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud.credentials.access_key_secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": cloud.credentials.security_token or "",
            "ENS_ENDPOINT": cloud.endpoints["https"]["ens"],
            "SSL_CERT_FILE": trust(cloud.certificate, contestants),
        }

        def run(kind: str, contestant: Contestant, body: str, processes: Path | None) -> None:
            name = f"{kind}-{len(measured[kind])}".translate({ord(c): "-" for c in " ,:."})
            event.write_text(json.dumps({"KeyPairName": name, "PublicKeyBody": body}))
            measured_run, answer = run_once(contestant, python, event, environment, processes)
            expected = "KeyPairFingerPrint" if body == key else "Code"
            if not isinstance(answer, dict) or expected not in answer:
                raise SystemExit(f"{contestant.name} answered {answer}")
            measured[kind].append(measured_run)

        for _ in range(runs):
            for each in contestants:
                run(each.name, each, key, None)
                cold = Contestant(each.name, each.code, each.handler)
                run(REFUSED.format(each.name), cold, key[:100], None)
            for share in VCPUS:
                with share_of(share) as processes:
                    for each in contestants:
                        if processes and each.name in {OURS, NAIVE, FLOOR}:
                            run(AT.format(each.name, share), each, key, processes)
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return measured


def trust(certificate: Path, contestants: list[Contestant]) -> str:
    """Let each contestant trust the run's certificate too; return a bundle for the others."""
    own = certificate.read_text().partition("-----BEGIN PRIVATE")[0]
    bundle = certificate.with_name("bundle.pem")
    for contestant in contestants:
        trusted = contestant.code / "certifi" / "cacert.pem"
        if trusted.exists():
            trusted.write_text(trusted.read_text("utf-8") + own, "utf-8")
            shutil.copy(trusted, bundle)
    return str(bundle)


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

    def at(name: str, share: float) -> float:
        """Without a control group, what the CPU would take if it were so much slower."""
        if AT.format(name, share) in measured:
            return answered(AT.format(name, share))
        return statistics.median(run.cpu for run in measured[name]) / share

    labels = {
        OURS: f"**{OURS}**",
        "naive": "naive, as `pip --target --no-compile` lays it down",
        "not compiled": "this function, not compiled",
        FLOOR: "floor: signs by hand, posts with requests",
    }
    names = [OURS, "naive", NAIVE, "not compiled", FLOOR, "floor, http.client", "empty handler"]
    rows = [
        (
            labels.get(name, name),
            f"{answered(name):.0f} ms",
            f"{answered(REFUSED.format(name)):.0f} ms",
            f"{memory(name):.0f} MB",
            f"{sizes[name]:.1f} MB" if name in sizes else "",
        )
        for name in names
    ]
    shares = [
        (labels.get(name, name), *(f"{at(name, share) / 1000:.2f} s" for share in VCPUS))
        for name in (OURS, NAIVE, FLOOR)
    ]
    bad = answered(REFUSED.format(OURS))
    targets = [
        ("first import / floor with requests", answered(OURS) / answered(FLOOR), 1.30),
        ("first import / naive, compiled", answered(OURS) / answered(NAIVE), 0.33),
        ("refusal / naive's, compiled", bad / answered(REFUSED.format(NAIVE)), 0.18),
        ("first import at 0.1 vCPU / naive, compiled, there", at(OURS, 0.1) / at(NAIVE, 0.1), 0.30),
        ("peak memory / naive's", memory(OURS) / memory("naive"), 0.42),
        ("zip / naive's", sizes[OURS] / sizes["naive"], 1.0),
    ]
    is_limited = AT.format(OURS, VCPUS[0]) in measured
    how = "in a control group with so much of a CPU" if is_limited else "seconds of CPU, divided"
    lines = [
        f"{python}, over HTTPS:",
        "",
        "| From the start of the process to … | import answered | bad key refused | memory | zip |",
        "|---|--:|--:|--:|--:|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        f"| first import, {how} | {' | '.join(f'{share} vCPU' for share in VCPUS)} |",
        f"|---|{'--:|' * len(VCPUS)}",
        *(f"| {' | '.join(row)} |" for row in shares),
        "",
        "| Ratio | measured | at most |",
        "|---|--:|--:|",
        *(
            f"| {label} | {ratio:.2f}{'' if ratio <= limit else ' **missed**'} | {limit:.2f} |"
            for label, ratio, limit in targets
        ),
        "",
        f"{datetime.now(timezone.utc):%Y-%m-%d}, medians of {len(measured[FLOOR])} processes.  ",
        machine(),
    ]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Name this machine: processor, cores, kernel."""
    cpuinfo = Path("/proc/cpuinfo")
    models = [
        line.partition(":")[2].strip()
        for line in (cpuinfo.read_text().splitlines() if cpuinfo.exists() else ())
        if line.startswith("model name")
    ]
    processor = models[0] if models else platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def write_between_markers(page: Path, text: str) -> None:
    """Replace what stands between the markers of a page."""
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{page} lacks {BEGIN} or {END}")
    page.write_text(f"{before}{BEGIN}\n{text}{END}{after}", "utf-8")


def compare(runtime: Runtime, python: Path, runs: int) -> str:
    """Lay down the contestants of a runtime, let them run, and return the tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        contestants = [*naive_folders(runtime, python, folder), *our_folders(runtime, folder)]
        built = folder / "ours"
        contestants += floor_folders(built / "code", python, folder)
        naive_zip = folder / "naive.zip"
        build.zip_folder(folder / "naive", naive_zip)
        sizes = {
            "naive": naive_zip.stat().st_size / 1e6,
            OURS: (built / "function.zip").stat().st_size / 1e6,
        }
        measured = measure(contestants, python, runs, folder)
    version = subprocess.run([python, "-V"], check=True, capture_output=True, text=True).stdout
    return table(measured, sizes, f"{version.strip()} as {runtime.name}")


def main() -> None:
    """Compare on each runtime whose Python is at hand, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=LEAST_RUNS, help="processes of each kind")
    parser.add_argument("--runtime", choices=list(RUNTIMES), help="this one alone")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into this page")
    arguments = parser.parse_args()
    wanted = [RUNTIMES[arguments.runtime]] if arguments.runtime else list(RUNTIMES.values())
    at_hand = {runtime.name: (runtime, python_of(runtime.version)) for runtime in wanted}
    texts = [
        compare(runtime, python, arguments.runs) for runtime, python in at_hand.values() if python
    ]
    if not texts:
        sys.exit("No Python of a runtime is at hand: nothing to time a start with.")
    print("\n".join(texts), end="")
    if arguments.write:
        write_between_markers(arguments.write, "\n".join(texts))


if __name__ == "__main__":
    main()
