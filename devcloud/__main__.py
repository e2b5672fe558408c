"""``python -m devcloud``: the same cloud from a shell, until Ctrl-C."""

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from devcloud.cloud import DevCloud
from devcloud.ram.models import Credentials

_POLL_SECONDS = 0.2


def main(
    arguments: Sequence[str] | None = None, when_ready: Callable[[DevCloud], None] | None = None
) -> int:
    """
    Run until SIGINT or SIGTERM; the function's log is shown as it grows.

    Args:
        arguments: of the command line.
        when_ready: called once, with the cloud.
    """
    options = _parser().parse_args(arguments)
    ports = (options.port, options.port + 1) if options.port else (0, 0)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with (
        DevCloud(
            duplicate_names=options.duplicate_names,
            throttle_per_second=options.throttle,
            function=options.function,
            enforce_auth=options.enforce_auth,
            runtime=options.runtime,
            project=options.project,
            ens_port=ports[0],
            function_port=ports[1],
        ) as cloud,
        _credentials_file(options.role_credentials, cloud.role_credentials()),
        _credentials_file(options.user_credentials, cloud.user_credentials()),
    ):
        _say(f"ENS          {cloud.ens_endpoint}")
        _say(f"STS          {cloud.sts_endpoint}")
        _say(f"OSS          {cloud.oss_endpoint}  (bucket: {cloud.upload_bucket})")
        if options.function:
            checked = "checks its callers" if options.enforce_auth else "takes everyone's requests"
            _say(f"function     {cloud.function_url}  ({checked})")
            _say(f"API Gateway  {cloud.api_gateway_url}")
            _say(f"FC API       {cloud.fc_endpoint}")
        if when_ready:
            when_ready(cloud)
        _say("ready; Ctrl-C ends it")
        shown = 0
        while not stop.wait(_POLL_SECONDS):
            log = cloud.function_logs()
            sys.stdout.write(log[shown:])
            sys.stdout.flush()
            shown = len(log)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devcloud", description="An Alibaba Cloud on 127.0.0.1, until Ctrl-C."
    )
    parser.add_argument(
        "--duplicate-names",
        choices=("refused", "accepted"),
        default="refused",
        help="what ENS does with a name that is taken; the manual does not say",
    )
    parser.add_argument("--function", action="store_true", help="also run the function of s.yaml")
    parser.add_argument(
        "--enforce-auth", action="store_true", help="check what the HTTP trigger's authType says"
    )
    parser.add_argument(
        "--runtime",
        choices=("python3.12", "python3.10"),
        default="python3.12",
        help="whose context object the function gets",
    )
    parser.add_argument("--project", type=Path, help="the folder of s.yaml; default: this one")
    parser.add_argument(
        "--port", type=int, default=0, help="ENS's port, and the function's is the next one"
    )
    parser.add_argument(
        "--throttle", type=float, metavar="CALLS", help="how many calls a second ENS admits"
    )
    for who, of_whom in (("role", "the function's role"), ("user", "a RAM user who may invoke")):
        parser.add_argument(
            f"--{who}-credentials",
            type=Path,
            metavar="FILE",
            help=f"write credentials of {of_whom} there, as a shell script of exports",
        )
    return parser


@contextlib.contextmanager
def _credentials_file(path: Path | None, credentials: Credentials) -> Iterator[None]:
    """Write a new file that only its owner may read, and take it away again."""
    if path is None:
        yield
        return
    exports = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": credentials.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": credentials.access_key_secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": credentials.security_token or "",
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(f"export {name}='{value}'\n" for name, value in exports.items())
        yield
    finally:
        path.unlink(missing_ok=True)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
