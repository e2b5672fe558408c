"""
The page to try the function, until Ctrl-C.

    python -m explorer --url https://...fcapp.run     # a deployed function, as yourself
    python -m explorer --state-file FILE              # a devcloud that wrote the file

Prints the address of the page. Whoever has the address can call the function as you.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.callers import Bearer, Signature, Unknown
from explorer.credentials import DefaultChain
from explorer.local_cloud import LocalCloud, UnusableStateFile, read_state_file
from explorer.server import serving
from explorer.target import Target, UnusableUrl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.target import Caller

LAST_PORT = 65_535


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal; return 0, or 1 after a sentence that says why it did not start."""
    options = parser().parse_args(arguments)
    try:
        target, cloud = what_is_called(options)
        if target.authorize:
            target.authorize(target.url)  # so that what is missing is said now
        with serving(target, cloud, options.port) as address:
            print(address, flush=True)
            print(f"Open it in a browser on this machine. Calls go to {target.url}.", flush=True)
            print("Ctrl-C ends it.", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                end = threading.Event()
                signal.signal(signal.SIGTERM, lambda *_: end.set())
                end.wait()
    except (Unknown, UnusableUrl, UnusableStateFile) as reason:
        return failed(str(reason))
    except OSError as error:
        why = os.strerror(error.errno or 0)
        return failed(f"Port {options.port} cannot be used ({why}): see --port.")
    return 0


def what_is_called(options: argparse.Namespace) -> tuple[Target, LocalCloud | None]:
    """Make the function, and the local cloud around it, of what was asked for."""
    if not options.state_file:
        return Target(options.url, caller_of(options, options.url)), None
    state = read_state_file(options.state_file)
    target = Target(state.function_url, caller_of(options, state.function_url))
    return target, LocalCloud(state.state_url, DefaultChain())


def caller_of(options: argparse.Namespace, url: str) -> Caller | None:
    """Choose how the caller is known, by what was asked for and by where the function is."""
    if options.bearer_file:
        return Bearer(options.bearer_file)
    chosen = options.credentials or ("none" if Target(url).is_local else "chain")
    return Signature(DefaultChain()) if chosen == "chain" else None


def failed(sentence: str) -> int:
    """Say why, and return how the process ends."""
    print(f"python -m explorer: {sentence}", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """Describe the options."""
    described = argparse.ArgumentParser(
        prog="python -m explorer",
        description="A page to try the function, on 127.0.0.1, until Ctrl-C.",
        epilog="Whoever has the printed address can call the function as you: keep it to yourself.",
    )
    where = described.add_mutually_exclusive_group(required=True)
    where.add_argument("--url", help="of the function's HTTP trigger, as s deploy prints it")
    where.add_argument(
        "--state-file",
        type=Path,
        metavar="FILE",
        help="what devcloud --function --state-file wrote: its function, and what it holds",
    )
    described.add_argument("--port", type=port, default=0, help="of the page; default: a free one")
    described.add_argument(
        "--bearer-file",
        type=Path,
        metavar="FILE",
        help="holds a token of your identity provider, for a function deployed by s.jwt.yaml",
    )
    described.add_argument(
        "--credentials",
        choices=("chain", "none"),
        help="sign with what the default credentials chain of the SDKs finds, or do not sign;"
        " default: chain, but none for a function on this machine",
    )
    return described


def port(text: str) -> int:
    """Read a port."""
    if not text.isascii() or not text.isdigit() or int(text[:9]) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is no port from 0 to {LAST_PORT}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
