"""``python -m devcloud``: the same cloud from a shell, until Ctrl-C."""

import argparse
import contextlib
import errno
import json
import math
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from devcloud.cloud import DevCloud
from devcloud.fc.exceptions import InvalidSpec
from devcloud.fc.s_yaml import read_function
from devcloud.lifetime import end_by
from devcloud.private_file import FileRefused, private_file
from devcloud.ram.exceptions import UnsupportedPolicy
from devcloud.ram.models import ACCOUNT_ID, Credentials

_POLL_SECONDS = 0.2
_LAST_PORT = 65_535
_STATE_MARK = '{\n  "written_by": "devcloud, which takes this file away when it ends",\n'
_PORTS = 3  # that --port chooses, one after the other


def main(
    arguments: Sequence[str] | None = None, when_up: Callable[[DevCloud], None] | None = None
) -> int:
    """
    Run until SIGINT, SIGTERM or SIGHUP; the function's log is shown as it grows.

    Args:
        arguments: of the command line.
        when_up: called once, with the cloud, before anything is printed.

    Returns:
        0, or 1 after a sentence on stderr that says why it did not start.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.deployer_environment and not options.allow_deploy:
        parser.error("--deployer-environment needs --allow-deploy")
    stop = threading.Event()
    end_by(lambda _number: stop.set(), with_parent=options.end_with_parent)
    try:
        with contextlib.ExitStack() as running:
            cloud = running.enter_context(_cloud(options))
            _write_files(options, cloud, running)
            if when_up:
                when_up(cloud)
            _show_endpoints(options, cloud)
            _say("ready; Ctrl-C ends it")
            _show_log(cloud, stop)
    except (FileRefused, InvalidSpec, UnsupportedPolicy) as error:
        return _fail(parser, str(error))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        last = options.port + _PORTS - 1
        return _fail(parser, f"A port from {options.port} to {last} is in use: see --port.")
    return 0


def _cloud(options: argparse.Namespace) -> DevCloud:
    ports = [options.port + n if options.port else 0 for n in range(_PORTS)]
    function = options.function
    if function and options.template:
        function = read_function(options.project or Path.cwd(), options.template)
    return DevCloud(
        duplicate_names=options.duplicate_names,
        throttle_per_second=options.throttle,
        function=function,
        allow_deploy=options.allow_deploy,
        enforce_auth=options.enforce_auth,
        runtime=options.runtime,
        project=options.project,
        ens_port=ports[0],
        function_port=ports[1],
        fc_port=ports[2],
    )


def _write_files(
    options: argparse.Namespace, cloud: DevCloud, running: contextlib.ExitStack
) -> None:
    def write(path: Path | None, exports: Mapping[str, str]) -> None:
        if path:
            lines = (f"export {name}='{value}'\n" for name, value in exports.items())
            running.enter_context(private_file(path, "".join(lines)))

    write(options.role_credentials, _credentials(cloud.role_credentials()))
    write(options.user_credentials, _credentials(cloud.user_credentials()))
    if options.state_file:
        running.enter_context(private_file(options.state_file, _state(cloud), _STATE_MARK))
    if options.allow_deploy:
        write(options.deployer_environment, _deployer_environment(cloud))


def _state(cloud: DevCloud) -> str:
    """Write the rest of a JSON object that begins with the mark of a file that is devcloud's."""
    content = {"state_url": cloud.state_url, "endpoints": cloud.endpoints}
    return json.dumps(content, indent=2).removeprefix("{\n") + "\n"


def _credentials(credentials: Credentials) -> dict[str, str]:
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": credentials.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": credentials.access_key_secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": credentials.security_token or "",
    }


def _deployer_environment(cloud: DevCloud) -> dict[str, str]:
    """Collect what Serverless Devs reads from the environment, and a key."""
    return {
        "ACCOUNT_ID": ACCOUNT_ID,
        "FC_CLIENT_CUSTOM_ENDPOINT": cloud.fc_endpoint,
        "FC_CODE_TEMP_OSS_ENDPOINT": cloud.oss_endpoint,
        **_credentials(cloud.deployer_credentials()),
    }


def _show_endpoints(options: argparse.Namespace, cloud: DevCloud) -> None:
    _say(f"ENS          {cloud.ens_endpoint}")
    _say(f"STS          {cloud.sts_endpoint}")
    _say(f"OSS          {cloud.oss_endpoint}  (bucket: {cloud.upload_bucket})")
    if options.function:
        checked = "checks its callers" if options.enforce_auth else "accepts every caller"
        _say(f"function     {cloud.function_url}  ({checked})")
        _say(f"API Gateway  {cloud.api_gateway_url}")
    if options.function or options.allow_deploy:
        deploys = "runs what is uploaded" if options.allow_deploy else "deploys nothing"
        _say(f"FC API       {cloud.fc_endpoint}  ({deploys})")


def _show_log(cloud: DevCloud, stop: threading.Event) -> None:
    shown = 0
    while not stop.wait(_POLL_SECONDS):
        log = cloud.function_logs()
        sys.stdout.write(log[shown:])
        sys.stdout.flush()
        shown = len(log)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devcloud", description="An Alibaba Cloud on 127.0.0.1, until Ctrl-C."
    )
    parser.add_argument(
        "--duplicate-names",
        choices=("refused", "accepted"),
        default="refused",
        help="what ENS does with a name that is in use; the manual does not say",
    )
    parser.add_argument("--function", action="store_true", help="also run the function of s.yaml")
    parser.add_argument(
        "--template",
        metavar="NAME",
        help="the file that describes it, if it is another than s.yaml, such as s.jwt.yaml",
    )
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
    parser.add_argument(
        "--project", type=_folder, help="the folder of s.yaml; default: the current one"
    )
    parser.add_argument(
        "--port", type=_port, default=0, help="ENS's; the function's and FC's are the next ones"
    )
    parser.add_argument(
        "--throttle", type=_rate, metavar="CALLS", help="how many calls a second ENS admits"
    )
    parser.add_argument(
        "--end-with-parent",
        action="store_true",
        help="end when the process that started this one has ended, or its parent",
    )
    parser.add_argument(
        "--state-file",
        type=Path,
        metavar="FILE",
        help="write there, as JSON, the endpoints and the secret URL of this cloud's state",
    )
    for who, of_whom in (("role", "the function's role"), ("user", "a RAM user who may invoke")):
        parser.add_argument(
            f"--{who}-credentials",
            type=Path,
            metavar="FILE",
            help=f"write credentials of {of_whom} there, as a shell script of exports",
        )
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= _LAST_PORT - 2:
        raise argparse.ArgumentTypeError(
            f"{text} is no port from 1 to {_LAST_PORT - 2}; the next two are used too"
        )
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return rate


def _folder(text: str) -> Path:
    folder = Path(text)
    if not folder.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return folder


def _fail(parser: argparse.ArgumentParser, sentence: str) -> int:
    sys.stderr.write(f"{parser.prog}: {sentence}\n")
    return 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
