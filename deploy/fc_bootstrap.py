# ruff: noqa: PTH123 - pathlib takes time, which would count as the function's
"""
Load a code folder and answer events, as FC's bootstrap of a built-in Python runtime does.

    python -I -S -B fc_bootstrap.py CODE HANDLER INITIALIZER EVENT_FILE...

The code folder is the working directory and first on the path; with -I and -S nothing else than the
standard library is on it, and -B leaves the folder as it is. INITIALIZER may be empty. Answers are
lines of JSON on stdout, ``{"answer": ...}`` or ``{"raised": type}``; the last line is
``{"modules": [...], "peak_kb": ...}``. What the function prints goes to stderr.

For the rehearsal and the benchmarks. It imports as little as it can: its time counts as theirs.
"""

import json
import os
import sys
from collections.abc import Callable
from types import SimpleNamespace

CREDENTIALS = {
    "access_key_id": "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "access_key_secret": "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "security_token": "ALIBABA_CLOUD_SECURITY_TOKEN",
}


def main(code: str, handler: str, initializer: str, *event_files: str) -> None:
    """Do what FC does with an instance: load, initialize, answer."""
    answers = sys.stdout
    sys.stdout = sys.stderr
    os.chdir(code)
    sys.path.insert(0, code)
    context = make_context(handler)
    if initializer:
        load(initializer)(context)
    for event_file in event_files:
        with open(event_file, "rb") as file:
            event = file.read()
        try:
            told = {"answer": load(handler)(event, context)}
        except Exception as error:  # noqa: BLE001 - FC's bootstrap catches all
            told = {"raised": type(error).__name__}
        print(json.dumps(told), file=answers, flush=True)
    print(json.dumps({"modules": sorted(sys.modules), "peak_kb": peak_kb()}), file=answers)


def load(name: str) -> Callable[..., object]:
    """Find a function by its string, ``module.function``."""
    module, _, function = name.rpartition(".")
    __import__(module)
    found: Callable[..., object] = getattr(sys.modules[module], function)
    return found


def make_context(handler: str) -> SimpleNamespace:
    """Make a context; on python3.10 it has the credentials, on python3.12 the environment has."""
    context = SimpleNamespace(
        request_id="1-rehearsal",
        region="cn-hangzhou",
        account_id="1234567890123456",
        function=SimpleNamespace(name="ens-key-import", handler=handler, memory=256, timeout=30),
    )
    if sys.version_info[:2] == (3, 10):
        context.credentials = SimpleNamespace(
            **{name: os.environ.pop(variable, "") for name, variable in CREDENTIALS.items()}
        )
    return context


def peak_kb() -> int:
    """
    Read the most memory that this process ever held, in kB; 0 where there is no /proc.

    Not getrusage: its ru_maxrss counts what the parent held when it forked.
    """
    try:
        with open("/proc/self/status") as status:
            lines = dict(line.split(":", 1) for line in status)
    except OSError:
        return 0
    return int(lines["VmHWM"].split()[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
