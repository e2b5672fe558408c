"""
The local cloud and the function, staying up for curl, and the page to try them.

    make run

Takes the options of ``python -m devcloud``, such as --enforce-auth and --duplicate-names. Ends
with Ctrl-C, and with the process that started it.
"""

from __future__ import annotations

import contextlib
import sys
import urllib.request
from typing import TYPE_CHECKING

from devcloud.__main__ import main
from explorer.callers import Credentials, Signature
from explorer.local_cloud import LocalCloud
from explorer.server import serving
from explorer.target import Target

if TYPE_CHECKING:
    from devcloud import DevCloud


def page_of(cloud: DevCloud) -> contextlib.AbstractContextManager[str]:
    """Serve the page for this cloud and its function; it signs as a user of the cloud, if asked."""
    user = cloud.user_credentials()
    credentials = Credentials(user.access_key_id, user.access_key_secret, user.security_token or "")
    caller = Signature(lambda: credentials) if cloud.enforces_auth else None
    local_cloud = LocalCloud(cloud.state_url, lambda: credentials)
    return serving(Target(cloud.function_url, caller), local_cloud)


def show(cloud: DevCloud, address: str) -> None:
    """Print where the page is, and what to try without it."""
    url = cloud.function_url
    # A company's proxy does not reach this machine's loopback.
    curl = "curl --noproxy 127.0.0.1" if urllib.request.getproxies() else "curl"
    print(f"""\
{address}
Open this address in a browser on this machine: a page to try all of this.

Import a key, in another shell (ssh-keygen -t rsa -b 3072 -f id_rsa makes one):
  {curl} -i --data-binary @id_rsa.pub "{url}/?KeyPairName=alice"
Only check it:
  {curl} -i --data-binary @id_rsa.pub "{url}/?KeyPairName=alice&DryRun=true"
As JSON, as a form:
  {curl} -i -H 'Content-Type: application/json' -d @request.json "{url}/"
  {curl} -i --data-urlencode KeyPairName=bob --data-urlencode PublicKeyBody@id_rsa.pub "{url}/"
""")


def run() -> int:
    """Run until a signal."""
    with contextlib.ExitStack() as running:

        def when_up(cloud: DevCloud) -> None:
            show(cloud, running.enter_context(page_of(cloud)))

        return main(["--function", "--end-with-parent", *sys.argv[1:]], when_up=when_up)


if __name__ == "__main__":
    sys.exit(run())
