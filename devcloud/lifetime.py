"""When a process with a cloud in it ends: by a signal, or with the process that started it."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL_SECONDS = 0.2


def end_by(end: Callable[[int], None], *, with_parent: bool = False) -> None:
    """
    Have ``end`` called, in the main thread, with the number of the first signal that ends this.

    A second one ends the process at once. SIGHUP stays ignored where it is, as under nohup.

    Args:
        end: sets an event, or raises SystemExit so that the ``with`` blocks are left.
        with_parent: let the death of the parent, or of its parent, count as SIGTERM: make stands
            between this process and whoever started make. Not under nohup.
    """
    outlives_its_parent = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

    def handle(number: int, _frame: object) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        end(number)

    for each in SIGNALS:
        if each != signal.SIGHUP or not outlives_its_parent:
            signal.signal(each, handle)
    if with_parent and not outlives_its_parent:
        watch = threading.Thread(target=_watch, args=(_ancestors(),), daemon=True)
        watch.start()


def _watch(ancestors: tuple[int, ...]) -> None:
    while _ancestors() == ancestors:
        time.sleep(_POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _ancestors() -> tuple[int, ...]:
    """
    Return the parent, its parent, and which of SIGNALS a parent that is make still catches.

    make waits for its children when it gets SIGINT or SIGHUP, and tells them nothing; but it
    catches that signal no more. The last two are known where /proc tells (Linux), else left out.
    """
    parent = os.getppid()
    try:
        text = Path(f"/proc/{parent}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return (parent,)
    status = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    caught = int(status["SigCgt"], 16) & sum(1 << (number - 1) for number in SIGNALS)
    is_make = status["Name"] in {"make", "gmake"}
    return parent, int(status["PPid"]), caught if is_make else 0
