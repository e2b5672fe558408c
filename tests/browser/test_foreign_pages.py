"""What a page of another origin can do in the same browser: nothing."""

from __future__ import annotations

import http.server
import threading
from typing import TYPE_CHECKING

import pytest

from explorer.server import serving
from tests.explorer.conftest import RecordingTarget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
# Ways in which a page asks another origin; each ends with what it could learn.
WAYS = {
    "fetch, as JSON with a guessed token": """
        fetch(target + "api/call", {method: "POST", body: "{}",
          headers: {"Content-Type": "application/json", "X-Explorer-Token": "guessed"}})
          .then((response) => response.text(), () => "nothing")""",
    "fetch, without asking first": """
        fetch(target + "api/call", {method: "POST", mode: "no-cors", body: "{}"})
          .then((response) => response.type + response.status, () => "nothing")""",
    "a form": """
        new Promise((resolve) => {
          const form = document.createElement("form");
          form.action = target + "api/call"; form.method = "post"; form.target = "inside";
          form.enctype = "text/plain";
          const field = document.createElement("input");
          field.name = '{"KeyPairName": "alice", "x'; field.value = '": ""}';
          form.append(field);
          const frame = document.createElement("iframe");
          frame.name = "inside"; frame.onload = () => resolve("sent");
          document.body.append(frame, form); form.submit();
        })""",
    "a frame": """
        new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.src = target; frame.onload = () => resolve("loaded");
          document.body.append(frame);
        })""",
}


@pytest.fixture(scope="module")
def foreign() -> Iterator[str]:
    """A page on another port: another origin, on the same machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>foreign</title>")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("way", WAYS)
def test_a_foreign_page_reaches_nothing(browser: Browser, foreign: str, way: str) -> None:
    """Each request that gets through to the server is refused, and the function is not asked."""
    target = RecordingTarget()
    with serving(target) as address:
        origin = address.partition("#")[0]
        context = browser.new_context()
        page = context.new_page()
        answers: list[int] = []
        page.on(
            "response",
            lambda got: answers.append(got.status) if got.url.startswith(origin) else None,
        )
        page.goto(foreign)
        learnt = page.evaluate(f"(target) => {WAYS[way]}", origin)
        context.close()

    assert learnt in {"nothing", "opaque0", "sent", "loaded"}
    assert {403} >= set(answers)
    assert [] == target.asked
