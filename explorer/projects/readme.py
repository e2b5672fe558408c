"""The README and .gitignore that every project has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.projects.templates import fill

if TYPE_CHECKING:
    from explorer.projects.call import Call

TOKEN_FILE = "token"

_README = """\
# Import a key pair: «title»

«what»
ENS gets the public half of the key. Keep the private half yourself: no one can restore it.

## Run it

«run»

It prints the answer. It ends with 0 after an import, with 1 after a refusal, and with 2 where no
answer came.

## Credentials

«credentials»

## What was tried

Programs like this one are «tried».
None was tried on the real cloud.
«gateway»
"""
RUN = "run by tests on a local Alibaba Cloud: imports, refusals, no connection"
PARSED = "parsed by tests, not run; the names in them are those of the SDK's public sources"
_GATEWAY = """\
Function Compute documents a signature over fewer headers than an SDK makes. That it also accepts
an SDK's is likely."""
CHAIN = """\
No key is in the code. The default chain of `«library»` looks, in this order, at
1. the environment: `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for
   temporary ones, `ALIBABA_CLOUD_SECURITY_TOKEN`; in Kubernetes, the variables of RRSA;
2. files: Alibaba Cloud CLI's `~/.aliyun/config.json`, then `«file»`;
3. the RAM role of the ECS instance that it runs on.
"""
_OWNER = "\nThey belong to a RAM user or role that may call `«action»`."
_TOKEN = """\
No token is in the code. It is read from the file that `TOKEN_FILE` names, else from `token` in
this folder, which git ignores.
Your identity provider issues it; the function's owner knows which one."""
_NONE = "None: this function accepts everyone, as a local one does."


def chain(library: str, file: str = "~/.alibabacloud/credentials") -> str:
    """Say where the default chain of a library looks, which has its profiles in a file."""
    return fill(CHAIN, library=library, file=file)


def readme(
    call: Call, *, title: str, run: str, credentials: str, tried: str, as_documented: bool = False
) -> str:
    """
    Return README.md.

    Args:
        call: what the project calls.
        title: the language's name.
        run: how to run it: Markdown.
        credentials: where a project that signs looks for them: Markdown, ends with a line break.
        tried: RUN, PARSED, or another such part of a sentence.
        as_documented: whether it signs for a function as Function Compute's manual says.
    """
    if call.target == "ens":
        what = f"Calls `ImportKeyPair` of Edge Node Service (ENS) at `{call.host}`."
    else:
        what = f"Calls the function at `{call.url}`, which checks the key and imports it into ENS."
    if call.dry_run:
        what += "\nIt is a dry run: everything but the import."
    action = "ens:ImportKeyPair" if call.target == "ens" else "fc:InvokeFunction"
    by_sdk = (call.target, call.authorization) == ("function", "signature") and not as_documented
    return fill(
        _README,
        title=title,
        what=what,
        run=run,
        tried=tried,
        gateway=_GATEWAY if by_sdk else "",
        credentials={
            "signature": credentials + fill(_OWNER, action=action),
            "token": _TOKEN,
            "none": _NONE,
        }[call.authorization],
    )


def gitignore(*lines: str) -> str:
    """Return .gitignore: what a language leaves behind, and what may hold a secret."""
    return "\n".join([*lines, TOKEN_FILE, ".env", ""])
