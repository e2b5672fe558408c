"""
The local cloud and the function, staying up for curl.

    make run

Takes the options of ``python -m devcloud``, such as --enforce-auth and --duplicate-names. Ends
with Ctrl-C, and with the process that started it.
"""

from __future__ import annotations

import sys
import urllib.request
from typing import TYPE_CHECKING

from devcloud.__main__ import main

if TYPE_CHECKING:
    from devcloud import DevCloud


def show_curl_lines(cloud: DevCloud) -> None:
    """Print what to try."""
    url = cloud.function_url
    # A company's proxy does not reach this machine's loopback.
    curl = "curl --noproxy 127.0.0.1" if urllib.request.getproxies() else "curl"
    print(f"""
Import a key, in another shell (ssh-keygen -t rsa -b 3072 -f id_rsa makes one):
  {curl} -i --data-binary @id_rsa.pub "{url}/?KeyPairName=alice"
Only check it:
  {curl} -i --data-binary @id_rsa.pub "{url}/?KeyPairName=alice&DryRun=true"
As JSON, as a form:
  {curl} -i -H 'Content-Type: application/json' -d @request.json "{url}/"
  {curl} -i --data-urlencode KeyPairName=bob --data-urlencode PublicKeyBody@id_rsa.pub "{url}/"
""")


if __name__ == "__main__":
    sys.exit(main(["--function", "--end-with-parent", *sys.argv[1:]], when_ready=show_curl_lines))
