"""
The local cloud that the function runs in: what it holds, what it was asked, faults, uploads.

It is asked over HTTP like any other client's: its state at ``/_devcloud/`` (devcloud/README.md),
its OSS through the official SDK.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import requests

from explorer.guards import Refused
from explorer.loopback import is_loopback
from explorer.target import NoAnswer, UnusableUrl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from alibabacloud_oss_v2 import Client

    from explorer.callers import Credentials

REGION = "cn-hangzhou"  # of devcloud's buckets, unless told otherwise
TIMEOUT_SECONDS = 10
SHOWN_CALLS = 50
RECEIPTS = "receipts/"


class UnusableStateFile(Exception):
    """The file of a devcloud cannot be used; the text is a sentence for the user."""


class StateFile(NamedTuple):
    """What devcloud writes for ``--state-file``, as far as it is needed here."""

    state_url: str
    function_url: str


def read_state_file(path: Path) -> StateFile:
    """
    Read the file that a running devcloud wrote.

    Raises:
        UnusableStateFile: it is not there, it is another file, or the function does not run.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        state_url, endpoints = content["state_url"], dict(content["endpoints"])
    except OSError as error:
        raise UnusableStateFile(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError):
        raise UnusableStateFile(f"{path} was not written by devcloud --state-file.") from None
    if "http-trigger" not in endpoints:
        raise UnusableStateFile("That devcloud runs no function: start it with --function.")
    return StateFile(str(state_url), str(endpoints["http-trigger"]))


class LocalCloud:
    """
    A devcloud on this machine.

    Args:
        state_url: where its state is, with the token in it: it is in no answer and no log.
        credentials: of a user who may put uploads and read receipts.
    """

    def __init__(self, state_url: str, credentials: Callable[[], Credentials]) -> None:
        parts = urlsplit(state_url)
        if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
            raise UnusableUrl("The state of a local cloud is at http://127.0.0.1.")
        self._state_url = state_url
        self._credentials = credentials

    def look(self) -> dict[str, Any]:
        """Return what ENS holds, what the services were asked last, and the faults to come."""
        return {
            "key_pairs": self._ask("key-pairs")["key_pairs"],
            "calls": self._ask("calls")["calls"][-SHOWN_CALLS:],
            "faults": self._ask("faults")["faults"],
        }

    def plan_fault(self, plan: Mapping[str, Any]) -> dict[str, Any]:
        """Let the next calls of an action fail: ``action``, ``fault``, ``arguments``, ``times``."""
        return self._ask("faults", plan)

    def clear_faults(self) -> dict[str, Any]:
        """Let nothing fail any more."""
        return self._ask("faults/clear", {})

    def upload(self, object_key: str, text: str) -> dict[str, Any]:
        """Put an object into the upload bucket; the function is told of it by the cloud."""
        import alibabacloud_oss_v2 as oss  # noqa: PLC0415 - takes a while to load

        bucket = self._ask("objects")["bucket"]
        try:
            put = self._oss().put_object(
                oss.PutObjectRequest(bucket=bucket, key=object_key, body=text.encode())
            )
        except oss.exceptions.BaseError as refusal:
            raise _refusal(refusal) from None
        return {"bucket": bucket, "object_key": object_key, "etag": (put.etag or "").strip('"')}

    def receipt(self, object_key: str, etag: str) -> dict[str, Any]:
        """Return the receipt of an upload; an empty object until there is one."""
        import alibabacloud_oss_v2 as oss  # noqa: PLC0415 - as above

        held = self._ask("objects")
        key = f"{RECEIPTS}{object_key}/{etag}.json"
        if key not in {each["key"] for each in held["objects"]}:
            return {}
        try:
            got = self._oss().get_object(oss.GetObjectRequest(bucket=held["bucket"], key=key))
        except oss.exceptions.BaseError as refusal:
            raise _refusal(refusal) from None
        content: dict[str, Any] = json.loads(got.body.content)
        return {"key": key, "content": content}

    def _oss(self) -> Client:
        import alibabacloud_oss_v2 as oss  # noqa: PLC0415 - as above

        caller = self._credentials()
        configuration = oss.config.load_default()
        configuration.credentials_provider = oss.credentials.StaticCredentialsProvider(
            caller.access_key_id, caller.access_key_secret, caller.security_token or None
        )
        configuration.region = REGION
        configuration.endpoint = self._ask("health")["endpoints"]["oss"]
        configuration.retry_max_attempts = 1  # a fault that was set is to be seen
        return oss.Client(configuration)

    def _ask(self, member: str, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
        with requests.Session() as session:
            session.trust_env = False
            try:
                response = session.request(
                    "GET" if content is None else "POST",
                    f"{self._state_url}/{member}",
                    json=content,
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,
                )
                answer: dict[str, Any] = response.json()
            except requests.RequestException:  # its text holds the address, and that the token
                raise NoAnswer("The local cloud does not answer: is it running?") from None
        if response.status_code >= 400:
            raise Refused(response.status_code, answer["Message"])
        return answer


def _refusal(refusal: Any) -> NoAnswer:
    """Say what OSS said; the text of the exception holds addresses and signatures."""
    service = refusal.unwrap()
    code = getattr(service, "code", "")
    return NoAnswer(f"OSS refused it: {code}." if code else "OSS did not answer.")
