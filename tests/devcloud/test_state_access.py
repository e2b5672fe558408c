"""Who gets at the state over HTTP: whoever knows the token, from here, by JSON."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from devcloud import DevCloud, Fault
from devcloud.state.responses import ANSWERS
from devcloud.state.service import StateService
from tests.devcloud.raw_http import RawAnswer, exchange
from tests.devcloud.test_command import endpoints
from tests.paths import PROJECT

UNAVAILABLE = {"action": "ImportKeyPair", "fault": "unavailable"}
JSON = {"Content-Type": "application/json"}


def raw(
    cloud: DevCloud,
    member: str = "health",
    *,
    method: str = "GET",
    body: bytes = b"",
    url: str = "",
    headers: Mapping[str, str] | None = None,
) -> RawAnswer:
    """Send a request by hand that is right but for what is told otherwise."""
    right = {"Host": urlsplit(cloud.state_url).netloc, "Content-Length": str(len(body))}
    path = url or f"{urlsplit(cloud.state_url).path}/{member}"
    fields = {**right, **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    octets = f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body
    address = urlsplit(cloud.state_url)
    return exchange(f"{address.scheme}://{address.netloc}", octets)


def own(cloud: DevCloud) -> str:
    return urlsplit(cloud.state_url).netloc


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda url: url[:-1], id="one character less"),
        pytest.param(lambda url: f"{url}x", id="one more"),
        pytest.param(lambda url: url.rpartition("/")[0], id="none"),
        pytest.param(lambda url: url.rpartition("/")[0] + "/", id="empty"),
        pytest.param(lambda url: url.swapcase(), id="another case"),
        pytest.param(lambda url: url.replace("_devcloud", "devcloud"), id="another prefix"),
        pytest.param(lambda url: f"/x{url}", id="in another place"),
        pytest.param(lambda url: f"{url[:-1]}%C3%A9", id="beyond ASCII"),
    ],
)
@pytest.mark.parametrize(("method", "member"), ANSWERS)
def test_without_the_token_nothing_is_answered(
    cloud: DevCloud, method: str, member: str, change: Callable[[str], str]
) -> None:
    """GET or POST; what would be right is not shown."""
    path = change(urlsplit(cloud.state_url).path)
    answer = raw(cloud, method=method, url=f"{path}/{member}", headers=JSON)

    assert (403, "AccessDenied") == (answer.status, answer.code)
    assert cloud.state_url.rpartition("/")[2].encode() not in answer.body


def test_every_cloud_has_a_token_of_its_own(cloud: DevCloud) -> None:
    """It has 256 bits, and is new at each start."""
    with DevCloud() as another:
        tokens = {one.state_url.rpartition("/")[2] for one in (cloud, another)}

    assert [43, 43] == [len(token) for token in tokens]


@pytest.mark.parametrize(
    "host", ["", "127.0.0.1", "127.0.0.1:1", "evil.example", "127.0.0.1:{}.evil.example"]
)
def test_another_host_is_refused(cloud: DevCloud, host: str) -> None:
    """So a name of somebody else's that resolves to 127.0.0.1 (DNS rebinding) leads nowhere."""
    port = own(cloud).partition(":")[2]

    assert 403 == raw(cloud, headers={"Host": host.format(port)}).status
    assert 403 == raw(cloud, url=f"http://evil.example{urlsplit(cloud.state_url).path}/").status
    assert 200 == raw(cloud, headers={"Host": f"localhost:{port}"}).status


@pytest.mark.parametrize(
    "origin", ["null", "", "http://evil.example", "http://127.0.0.1", "https://{}", "http://{}0"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_of_another_origin_is_refused(cloud: DevCloud, method: str, origin: str) -> None:
    """Even with the token; its own origin is let in."""
    member = {"GET": "health", "POST": "reset"}[method]
    foreign, ours = (
        {**JSON, "Origin": it} for it in (origin.format(own(cloud)), f"http://{own(cloud)}")
    )

    refused = raw(cloud, member, method=method, headers=foreign)
    let_in = raw(cloud, member, method=method, headers=ours)

    assert (403, "AccessDenied", 200) == (refused.status, refused.code, let_in.status)
    assert not [name for name in let_in.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x/json"],
)
@pytest.mark.parametrize("member", [member for method, member in ANSWERS if method == "POST"])
def test_a_post_is_json(cloud: DevCloud, member: str, content_type: str) -> None:
    """What a form on a foreign page can send is refused, and changes nothing."""
    cloud.fail_next("ImportKeyPair", Fault.unavailable())
    body = json.dumps(UNAVAILABLE).encode()

    answer = raw(cloud, member, method="POST", body=body, headers={"Content-Type": content_type})

    assert (415, "UnsupportedMediaType") == (answer.status, answer.code)
    assert 1 == len(cloud.faults.planned)


def test_a_charset_beside_json_is_let_through(cloud: DevCloud) -> None:
    """As clients of many languages send it, in any case."""
    headers = {"Content-Type": "Application/JSON; charset=UTF-8"}

    assert 200 == raw(cloud, "reset", method="POST", headers=headers).status


def test_a_large_body_is_refused(cloud: DevCloud) -> None:
    """Before it is read."""
    answer = raw(cloud, "faults", method="POST", body=b" " * (StateService.max_body_bytes + 1))

    assert (413, "EntityTooLarge") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("method", "member", "status", "allowed"),
    [
        ("GET", "", 404, None),
        ("GET", "keys", 404, None),
        ("GET", "health/", 404, None),
        ("POST", "health", 405, "GET"),
        ("GET", "reset", 405, "POST"),
        ("PUT", "faults", 405, "GET, POST"),
        ("OPTIONS", "reset", 405, "POST"),
        ("GET", "calls?service=nothing", 400, None),
        ("GET", "calls?bucket=uploads", 400, None),
        ("GET", "objects?bucket=nowhere", 404, None),
    ],
)
def test_what_is_not_there(
    cloud: DevCloud, method: str, member: str, status: int, allowed: str | None
) -> None:
    """Paths, methods, parameters: nothing is ignored."""
    answer = raw(cloud, member, method=method)

    assert (status, allowed) == (answer.status, answer.headers.get("allow"))


def test_it_listens_on_loopback_alone(cloud: DevCloud) -> None:
    """Answers are kept by no cache, and the address with the token goes to no other page."""
    answer = raw(cloud)

    assert own(cloud).startswith("127.0.0.1:")
    assert ("no-store", "no-referrer") == (
        answer.headers["cache-control"],
        answer.headers["referrer-policy"],
    )


# From a shell, and in another language


def test_the_state_file(tmp_path: Path) -> None:
    """JSON for the owner alone, for as long as devcloud runs; the token is printed nowhere."""
    file = tmp_path / "devcloud.json"
    command = [sys.executable, "-m", "devcloud", "--state-file", str(file)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        shown = endpoints(process.stdout)
        content = json.loads(file.read_text(encoding="utf-8"))
        mode = file.stat().st_mode & 0o777
        answer = requests.get(f"{content['state_url']}/health", timeout=10).json()
        process.send_signal(signal.SIGTERM)
        printed = process.stdout.read()

    assert (0, 0o600, False) == (process.returncode, mode, file.exists())
    assert {"status": "ok", "endpoints": content["endpoints"]} == answer
    assert shown["ENS"] == content["endpoints"]["ens"]
    assert content["state_url"].rpartition("/")[2] not in f"{shown}{printed}"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not there")
def test_curl_sets_a_fault(cloud: DevCloud) -> None:
    """As README has it."""
    command = ["curl", "-sS", "--noproxy", "*", "-H", "Content-Type: application/json", "-d"]
    run = subprocess.run(
        [*command, json.dumps(UNAVAILABLE), f"{cloud.state_url}/faults"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert {"action": "ImportKeyPair", "fault": "503 ServiceUnavailable", "times": 1} == json.loads(
        run.stdout
    )
    assert [("ImportKeyPair", Fault.unavailable())] == cloud.faults.planned


NODE = """
const [url] = process.argv.slice(1);
const post = (member, content) => fetch(`${url}/${member}`, {
  method: "POST",
  headers: {"Content-Type": "application/json"},
  body: JSON.stringify(content),
});
const planned = await (await post("faults", {action: "ImportKeyPair", fault: "html"})).json();
const {faults} = await (await fetch(`${url}/faults`)).json();
const reset = await post("reset", {});
console.log(JSON.stringify({planned, faults, reset: reset.status}));
"""


@pytest.mark.skipif(not shutil.which("node"), reason="node is not there")
def test_node_sets_a_fault_and_resets(cloud: DevCloud) -> None:
    """With the fetch of the language itself."""
    run = subprocess.run(
        ["node", "--input-type=module", "-e", NODE, cloud.state_url],
        capture_output=True,
        text=True,
        check=True,
    )

    planned = {"action": "ImportKeyPair", "fault": "502 in HTML", "times": 1}
    assert {"planned": planned, "faults": [planned], "reset": 200} == json.loads(run.stdout)
    assert [] == cloud.faults.planned
