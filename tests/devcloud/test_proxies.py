"""Behind a company's proxy: what talks to loopback does not ask it."""

import os
import signal
import subprocess

import pytest

from devcloud import DevCloud
from tests.devcloud.test_ends import RUN, assert_all_ends, started
from tests.paths import PROJECT

NAMES = ("http_proxy", "https_proxy", "all_proxy")


def environment(cloud: DevCloud) -> dict[str, str]:
    """Name a proxy that refuses every connection, in either case; nothing is excepted from it."""
    proxies = {case: cloud.refused_endpoint for name in NAMES for case in (name, name.upper())}
    others = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return {
        **others,
        **proxies,
        "PYTEST_XDIST_AUTO_NUM_WORKERS": "0",
    }  # few tests start faster alone


@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["make", "demo"], id="make demo"),
        # Those that talk to devcloud: nothing of core and triggers, which it runs else, does.
        pytest.param(["make", "quick", "T=tests/contract"], id="make quick"),
    ],
)
def test_a_dead_proxy_is_not_asked(cloud: DevCloud, command: list[str]) -> None:
    """Each ends well."""
    run = subprocess.run(
        command,
        cwd=PROJECT,
        env=environment(cloud),
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == run.returncode, run.stdout + run.stderr


def test_make_run_shows_how_to_pass_the_proxy(cloud: DevCloud) -> None:
    """Its curl lines work where they are pasted."""
    with started(RUN, environment(cloud)) as running:
        assert_all_ends(running, signal.SIGTERM)

    lines = [line.strip() for line in running.said if " curl " in line]
    assert lines
    assert all(line.startswith("curl --noproxy 127.0.0.1 -i ") for line in lines)
