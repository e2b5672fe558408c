"""``python -m devcloud``: the same cloud from a shell, until Ctrl-C."""

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from devcloud.cloud import DevCloud
from devcloud.ram.models import ACCOUNT_ID, Credentials

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
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.deployer_environment and not options.allow_deploy:
        parser.error("--deployer-environment needs --allow-deploy")
    ports = [options.port + n if options.port else 0 for n in range(3)]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with (
        DevCloud(
            duplicate_names=options.duplicate_names,
            throttle_per_second=options.throttle,
            function=options.function,
            allow_deploy=options.allow_deploy,
            enforce_auth=options.enforce_auth,
            runtime=options.runtime,
            project=options.project,
            ens_port=ports[0],
            function_port=ports[1],
            fc_port=ports[2],
        ) as cloud,
        _exports(options.role_credentials, _credentials(cloud.role_credentials())),
        _exports(options.user_credentials, _credentials(cloud.user_credentials())),
        _exports(options.deployer_environment, _deployer_environment(cloud, options)),
    ):
        _say(f"ENS          {cloud.ens_endpoint}")
        _say(f"STS          {cloud.sts_endpoint}")
        _say(f"OSS          {cloud.oss_endpoint}  (bucket: {cloud.upload_bucket})")
        if options.function:
            checked = "checks its callers" if options.enforce_auth else "takes everyone's requests"
            _say(f"function     {cloud.function_url}  ({checked})")
            _say(f"API Gateway  {cloud.api_gateway_url}")
        if options.function or options.allow_deploy:
            deploys = "runs what is uploaded" if options.allow_deploy else "deploys nothing"
            _say(f"FC API       {cloud.fc_endpoint}  ({deploys})")
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
        "--allow-deploy",
        action="store_true",
        help="run what is uploaded through FC's API, as the user who runs this",
    )
    parser.add_argument(
        "--deployer-environment",
        type=Path,
        metavar="FILE",
        help="with --allow-deploy: write there what `make deploy-local` needs",
    )
    parser.add_argument(
        "--runtime",
        choices=("python3.12", "python3.10"),
        default="python3.12",
        help="whose context object the function gets",
    )
    parser.add_argument("--project", type=Path, help="the folder of s.yaml; default: this one")
    parser.add_argument(
        "--port", type=int, default=0, help="ENS's; the function's and FC's are the next ones"
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


def _credentials(credentials: Credentials) -> dict[str, str]:
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": credentials.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": credentials.access_key_secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": credentials.security_token or "",
    }


def _deployer_environment(cloud: DevCloud, options: argparse.Namespace) -> dict[str, str]:
    """Collect what Serverless Devs reads from the environment, and a key."""
    if not options.allow_deploy:
        return {}
    return {
        "ACCOUNT_ID": ACCOUNT_ID,
        "FC_CLIENT_CUSTOM_ENDPOINT": cloud.fc_endpoint,
        "FC_CODE_TEMP_OSS_ENDPOINT": cloud.oss_endpoint,
        **_credentials(cloud.deployer_credentials()),
    }


@contextlib.contextmanager
def _exports(path: Path | None, exports: Mapping[str, str]) -> Iterator[None]:
    """Write a new file that only its owner may read, and take it away again."""
    if path is None:
        yield
        return
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
