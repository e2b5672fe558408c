"""Python, by the official SDK; for a function without signatures, by requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.projects.literals import python
from explorer.projects.programs import Program, Programs
from explorer.projects.readme import RUN, chain, gitignore, readme

if TYPE_CHECKING:
    from explorer.projects.call import Call

MAIN = "import_key_pair.py"

_SDK = '''\
"""Import an SSH RSA public key into Edge Node Service (ENS)."""

import sys

from alibabacloud_credentials.client import Client as Credentials
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_ens20171110.client import Client
from alibabacloud_ens20171110.models import ImportKeyPairRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config«models»
from darabonba.exceptions import UnretryableException

ENDPOINT = "«endpoint»"
KEY_PAIR_NAME = «key_pair_name»
PUBLIC_KEY_BODY = «public_key_body»


def main() -> int:
    """Return 0 after an import, 1 after a refusal, 2 where no answer came."""
    try:
        config = Config(
            credential=Credentials(),  # the default chain: README.md says where it looks
            endpoint=ENDPOINT,
            «protocol»
            «dry_run»
        )
        request = ImportKeyPairRequest(
            key_pair_name=KEY_PAIR_NAME, public_key_body=PUBLIC_KEY_BODY
        )
        answer = Client(config).import_key_pair(request).body
    except AlibabaCloudException as refusal:
        told = refusal.data or {}
        for member in ("Code", "Message", "Description", "RequestId"):
            if told.get(member):
                print(f"{member}: {told[member]}", file=sys.stderr)
        return 1
    except CredentialException:
        print("No credentials were found. README.md says where they may be.", file=sys.stderr)
        return 2
    except UnretryableException:  # its text is not shown: the address in it holds the parameters
        print(f"No answer that can be read came from {ENDPOINT}.", file=sys.stderr)
        return 2
    print(f"KeyPairFingerPrint: {answer.key_pair_finger_print}")
    print(f"KeyPairName: {answer.key_pair_name}")
    print(f"RequestId: {answer.request_id}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
'''

_HTTP = '''\
"""Import an SSH RSA public key into Edge Node Service (ENS), through a function."""

«import_os»
import sys
«import_path»

import requests

URL = "«url»"
PARAMETERS = {
    "KeyPairName": «key_pair_name»,
    "PublicKeyBody": «public_key_body»,
    «dry_run»
}


def main() -> int:
    """Return 0 after an import, 1 after a refusal, 2 where no answer came."""
    «headers»
    try:
        response = requests.post(
            URL,
            json=PARAMETERS,
            «headers_argument»
            allow_redirects=False,
            timeout=(5, 60),  # seconds: to connect, to read
        )
        answer = response.json()
    except requests.RequestException as failure:
        print(f"No answer that can be read: {type(failure).__name__}.", file=sys.stderr)
        return 2
    if not isinstance(answer, dict):
        print("No answer that can be read: it is no JSON object.", file=sys.stderr)
        return 2
    if response.status_code != 200:
        for member in ("Code", "Message", "Description", "RequestId"):
            if answer.get(member):
                print(f"{member}: {answer[member]}", file=sys.stderr)
        return 1
    for member in ("KeyPairFingerPrint", "KeyPairName", "RequestId"):
        print(f"{member}: {answer.get(member)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
'''
_TOKEN_HEADERS = """\
try:
    token = Path(os.environ.get("TOKEN_FILE", "token")).read_text(encoding="ascii").strip()
except (OSError, UnicodeDecodeError):
    print("The token cannot be read. README.md says where it may be.", file=sys.stderr)
    return 2"""

_SDK_REQUIREMENTS = """\
alibabacloud-credentials>=1.0,<2
alibabacloud-ens20171110>=12.1,<13
alibabacloud-tea-openapi>=0.4.4,<1
darabonba-core>=1.0,<2
"""
_HTTP_REQUIREMENTS = """\
requests>=2.32,<3
"""
_RUN = """\
With Python 3.10 or newer:

```sh
python3 -m venv .venv
.venv/bin/pip install -r requirements.txt
.venv/bin/python import_key_pair.py
```"""


_PROGRAMS = Programs(
    python,
    sdk=Program(
        _SDK,
        dry_run={
            "models": ", GlobalParameters",
            "dry_run": 'global_parameters=GlobalParameters(queries={"DryRun": "true"}),',
        },
        plain_http={"protocol": 'protocol="HTTP",'},
    ),
    http=Program(
        _HTTP,
        dry_run={"dry_run": '"DryRun": True,'},
        token={
            "import_os": "import os",
            "import_path": "from pathlib import Path",
            "headers": _TOKEN_HEADERS,
            "headers_argument": 'headers={"Authorization": f"Bearer {token}"},',
        },
    ),
)


def project(call: Call) -> dict[str, str]:
    """Return the files of a project that makes the call."""
    by_sdk = call.authorization == "signature"
    return {
        MAIN: _PROGRAMS.made_for(call),
        "requirements.txt": _SDK_REQUIREMENTS if by_sdk else _HTTP_REQUIREMENTS,
        "README.md": readme(
            call,
            title="Python",
            run=_RUN,
            credentials=chain("alibabacloud-credentials", "~/.alibabacloud/credentials.ini"),
            tried=RUN,
        ),
        ".gitignore": gitignore(".venv/", "__pycache__/"),
    }
