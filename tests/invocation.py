"""Invoke the handler in process, and see what a caller and the log get of it."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import handler
from instance import this_instance
from tests.fakes.contexts import python312

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devcloud import DevCloud

ROLE_VARIABLES = (
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
)


@dataclass(frozen=True)
class Answered:
    """What came out of one invocation: the answer as FC hands it on, and the log, line by line."""

    answer: Any
    log: list[dict[str, Any]]
    written: str

    @property
    def status(self) -> int:
        status: int = self.answer["statusCode"]
        return status

    @property
    def headers(self) -> Mapping[str, str]:
        headers: Mapping[str, str] = self.answer["headers"]
        return headers

    @property
    def body(self) -> dict[str, Any]:
        """The error or success body, whichever the trigger."""
        over_http = "statusCode" in self.answer
        body: dict[str, Any] = json.loads(self.answer["body"]) if over_http else self.answer
        return body

    @property
    def line(self) -> dict[str, Any]:
        """The invocation's line: the last, and at INFO the only one."""
        return self.log[-1]


def new_instance() -> None:
    """Let the next invocation see the environment as it is now, as that of a new instance does."""
    this_instance.cache_clear()


def invoke(event: bytes, context: object = None) -> Answered:
    """Invoke a new instance as FC does: answers go through json.dumps, stdout is the log."""
    new_instance()
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        answer = handler.handler(event, context or python312())
    written = out.getvalue() + err.getvalue()
    log = [json.loads(line) for line in written.splitlines()]
    return Answered(json.loads(json.dumps(answer)), log, written)


def environment_of(cloud: DevCloud) -> dict[str, str]:
    """Return the environment that FC gives the function beside a devcloud, on python3.12."""
    role = cloud.role_credentials()
    values = (role.access_key_id, role.access_key_secret, role.security_token or "")
    return {"ENS_ENDPOINT": cloud.ens_endpoint, **dict(zip(ROLE_VARIABLES, values, strict=True))}
