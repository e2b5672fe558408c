"""Send a file to the function as people do: as a file, and pasted."""

from __future__ import annotations

import base64
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.events.gallery import as_json, http_event
from tests.events.uploads import event_of, put, receipts
from tests.invocation import invoke

if TYPE_CHECKING:
    from collections.abc import Callable

    from devcloud import DevCloud

_serial = itertools.count(1)


class Told(NamedTuple):
    """
    What came of one file that was sent one way.

    Args:
        result: the reason of the refusal, or the MD5 fingerprint of what was imported.
        seen: everything that anyone gets to see: the answer, the log, and the receipt.
    """

    result: str
    seen: str


def uploaded(cloud: DevCloud, content: bytes) -> Told:
    """Put the file into the bucket."""
    key = f"keys/uploaded{next(_serial)}.pub"
    invoked = invoke(event_of(put(cloud, key, content)))
    receipt = receipts(cloud)[key]
    result = receipt.get("reason") or receipt["fingerprint_md5"]
    return Told(result, f"{invoked.answer}{invoked.written}{receipt}")


def posted(_cloud: DevCloud, content: bytes) -> Told:
    """POST the file: ``curl --data-binary @FILE``, which FC hands on in base64."""
    return _over_http(
        base64.b64encode(content).decode(),
        content_type="application/octet-stream",
        isBase64Encoded=True,
        queryParameters={"KeyPairName": _name()},
    )


def pasted(_cloud: DevCloud, content: bytes) -> Told:
    """Paste the text of the file into a JSON document."""
    return _in_json(content.decode())


def pasted_in_base64(_cloud: DevCloud, content: bytes) -> Told:
    """Paste what ``base64 FILE`` prints."""
    return _in_json(base64.encodebytes(content).decode())


def ways_to_send(content: bytes, *, in_base64: bool) -> dict[str, Callable[..., Told]]:
    """Return how a file can be sent; what is no text is pasted in base64 alone."""
    ways: dict[str, Callable[..., Told]] = {"uploaded": uploaded, "posted": posted}
    if is_text(content):
        ways["pasted"] = pasted
    if in_base64:
        ways["pasted in base64"] = pasted_in_base64
    return ways


def is_text(content: bytes) -> bool:
    """Tell whether a file can be pasted as it is."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _name() -> str:
    return f"sent{next(_serial)}"


def _in_json(text: str) -> Told:
    body = as_json(KeyPairName=_name(), PublicKeyBody=text)
    return _over_http(body, content_type="application/json")


def _over_http(body: str, **members: Any) -> Told:
    answered = invoke(http_event(body, **members))
    result = answered.body.get("Reason") or answered.body["KeyPairFingerPrint"]
    return Told(result, f"{answered.answer}{answered.written}")
