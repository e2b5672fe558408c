"""The README and .gitignore that every project has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.projects.templates import fill

if TYPE_CHECKING:
    from explorer.projects.call import Call

TOKEN_FILE = "token"

_WARNING = """\
ENS gets the public half of the key. Keep the private half yourself: no one can restore it."""
_README = """\
# Import a key pair: «title»

«what»

## Run it

«run»

It prints the answer. It ends with 0 after an import, with 1 after a refusal, and with 2 where no
answer came.

## Credentials

«credentials»
"""
_SIGNATURE = """\
No key is in the code. «chain» looks, in this order, at
1. the environment: `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for
   temporary ones, `ALIBABA_CLOUD_SECURITY_TOKEN`;
2. files: `~/.aliyun/config.json` of Alibaba Cloud CLI, `~/.alibabacloud/credentials`;
3. the role of the machine: RRSA in Kubernetes, the RAM role of an ECS instance.

They belong to a RAM user or role that may call `«action»`."""
_TOKEN = """\
No token is in the code. It is read from the file that `TOKEN_FILE` names, else from `token` in
this folder, which git ignores.
Your identity provider issues it; the function's owner knows which one."""
_NONE = "None: this function accepts everyone, as a local one does."


def readme(call: Call, *, title: str, run: str, chain: str) -> str:
    """
    Return README.md.

    Args:
        call: what the project calls.
        title: the language's name.
        run: how to run it: Markdown.
        chain: what looks for the credentials: begins a sentence.
    """
    if call.target == "ens":
        what = f"Calls `ImportKeyPair` of Edge Node Service (ENS) at `{call.host}`."
    else:
        what = f"Calls the function at `{call.url}`, which checks the key and imports it into ENS."
    if call.dry_run:
        what += "\nIt is a dry run: everything but the import."
    what += f"\n{_WARNING}"
    action = "ens:ImportKeyPair" if call.target == "ens" else "fc:InvokeFunction"
    credentials = {
        "signature": fill(_SIGNATURE, chain=chain, action=action),
        "token": _TOKEN,
        "none": _NONE,
    }[call.authorization]
    return fill(_README, title=title, what=what, run=run, credentials=credentials)


def gitignore(*lines: str) -> str:
    """Return .gitignore: what a language leaves behind, and what may hold a secret."""
    return "\n".join([*lines, TOKEN_FILE, ".env", ""])
