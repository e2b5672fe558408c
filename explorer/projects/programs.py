"""Programs with places in them, filled in for one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explorer.projects.templates import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explorer.projects.call import Call


@dataclass(frozen=True, slots=True)
class Program:
    """
    A program, and what stands in its places for some calls; for others nothing stands there.

    Args:
        text: has the places ``key_pair_name`` and ``public_key_body``, and those below.
        dry_run: for a dry run.
        plain_http: for an address without TLS.
        token: for a function that wants a token.
    """

    text: str
    dry_run: Mapping[str, str]
    plain_http: Mapping[str, str] = field(default_factory=dict)
    token: Mapping[str, str] = field(default_factory=dict)

    def made_for(self, call: Call, literal: Callable[[str], str], **more: str) -> str:
        """
        Return the program that makes a call.

        Args:
            call: the call.
            literal: writes a text in the program's language.
            more: what stands in places of its own.
        """
        values = {
            "key_pair_name": literal(call.key_pair_name),
            "public_key_body": literal(call.public_key_body),
            **more,
        }
        for applies, places in (
            (call.dry_run, self.dry_run),
            (call.is_plain_http, self.plain_http),
            (call.authorization == "token", self.token),
        ):
            values |= places if applies else dict.fromkeys(places, "")
        return fill(self.text, **values)


@dataclass(frozen=True, slots=True)
class Programs:
    """
    The programs of a language.

    Args:
        literal: writes a text in the language.
        sdk: calls ENS, or a function that verifies signatures; has the place ``endpoint``.
        http: calls a function that wants a token, or nothing; has the place ``url``.
    """

    literal: Callable[[str], str]
    sdk: Program
    http: Program

    def made_for(self, call: Call) -> str:
        """Return the program that makes a call; raise NotPossible where none can."""
        if call.authorization == "signature":
            return self.sdk.made_for(call, self.literal, endpoint=call.endpoint)
        return self.http.made_for(call, self.literal, url=call.url)
