"""Scripts for bash: curl, which signs by openssl; and Alibaba Cloud CLI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.projects.call import NotPossible
from explorer.projects.literals import shell
from explorer.projects.programs import Program
from explorer.projects.readme import RUN, gitignore, readme
from explorer.projects.templates import fill

if TYPE_CHECKING:
    from explorer.projects.call import Call

MAIN = "import-key-pair.sh"

_SIGNED_TEXT = r"""#!/usr/bin/env bash
# Import an SSH RSA public key into Edge Node Service (ENS).
# Ends with 0 after an import, 1 after a refusal, 2 where no answer came.
set -euo pipefail
export LC_ALL=C # a character below is a byte

url='«url»'
«host»
path='«path»'
key_pair_name=«key_pair_name»
public_key_body=«public_key_body»

# Nothing secret stands on a command line below, where any user of the machine could read it.
key_id=${ALIBABA_CLOUD_ACCESS_KEY_ID:-}
key_secret=${ALIBABA_CLOUD_ACCESS_KEY_SECRET:-}
security_token=${ALIBABA_CLOUD_SECURITY_TOKEN:-}
if [[ ! $key_id =~ ^[A-Za-z0-9.]+$ || -z $key_secret || ${#key_secret} -gt 64 ||
  ! $security_token =~ ^[A-Za-z0-9+/=._-]*$ ]]; then
  echo 'No credentials were found. README.md says where they may be.' >&2
  exit 2
fi

«percent»

# digest <text: its SHA-256, in hexadecimal.
digest() { openssl dgst -sha256 -r | cut -d' ' -f1; }

# hmac <text: its HMAC-SHA256 by the secret (RFC 2104), in hexadecimal.
hmac() {
  local inner='' outer='' at code
  for ((at = 0; at < 64; at++)); do
    code=0
    if ((at < ${#key_secret})); then printf -v code %d "'${key_secret:at:1}"; fi
    printf -v inner '%s\\x%02x' "$inner" $((code ^ 0x36))
    printf -v outer '%s\\x%02x' "$outer" $((code ^ 0x5c))
  done
  inner=$({ printf "$inner" && cat; } | digest | sed 's/../\\x&/g')
  printf "$outer$inner" | digest
}

query="«dry_run»KeyPairName=$(percent "$key_pair_name")"
query+="&PublicKeyBody=$(percent "$public_key_body")"
«headers»
names=$(sed 's/:.*//' <<<"$headers" | paste -sd ';' -)
request=$(printf 'POST\n%s\n%s\n%s\n\n%s\n%s' \
  "$path" "$query" "$headers" "$names" "$body_hash" | digest)
signature=$(printf 'ACS3-HMAC-SHA256\n%s' "$request" | hmac)

credential="Credential=$key_id,SignedHeaders=$names,Signature=$signature"
configuration="$(sed 's/:/: /; s/.*/header = "&"/' <<<"$headers")
header = \"Authorization: ACS3-HMAC-SHA256 $credential\"
url = \"$url?$query\"
data = \"\""
«send»
"""
# What ENS's SDKs sign.
_ENS_HEADERS = r"""
body_hash=$(digest </dev/null)
headers="content-type:application/x-www-form-urlencoded
host:$host
x-acs-action:ImportKeyPair
x-acs-content-sha256:$body_hash
x-acs-date:$(date -u +%Y-%m-%dT%H:%M:%SZ)
${security_token:+x-acs-security-token:$security_token
}x-acs-signature-nonce:$(openssl rand -hex 16)
x-acs-version:2017-11-10"
""".strip()
# What Function Compute's manual signs ("Configure signature authentication for HTTP triggers"). The
# key is in the query, and so it is signed too.
_FUNCTION_HEADERS = r"""
body_hash=''
headers="x-acs-date:$(date -u +%Y-%m-%dT%H:%M:%SZ)${security_token:+
x-acs-security-token:$security_token}"
""".strip()
_PLAIN_TEXT = r"""#!/usr/bin/env bash
# Import an SSH RSA public key into Edge Node Service (ENS), through a function.
# Ends with 0 after an import, 1 after a refusal, 2 where no answer came.
set -euo pipefail
export LC_ALL=C # a character below is a byte

url='«url»'
key_pair_name=«key_pair_name»
public_key_body=«public_key_body»
«token»

«percent»

form="«dry_run»KeyPairName=$(percent "$key_pair_name")"
form+="&PublicKeyBody=$(percent "$public_key_body")"
configuration="url = \"$url\"
data = \"$form\""
«authorization»
«send»
"""
_PERCENT = r"""
# percent TEXT: all but letters, digits and -._~ as %XX.
percent() {
  local at character code
  for ((at = 0; at < ${#1}; at++)); do
    character=${1:at:1}
    case $character in
    [A-Za-z0-9._~-]) printf %s "$character" ;;
    *)
      printf -v code %d "'$character"
      printf '%%%02X' $((code & 255))
      ;;
    esac
  done
}""".lstrip()
_SEND = r"""
# Its last line is the HTTP status. No redirect is followed.
if ! answer=$(curl --disable --silent --connect-timeout 5 --max-time 60 \
  --write-out '\n%{http_code}' --config - <<<"$configuration") || [[ $answer != '{'* ]]; then
  echo "No answer that can be read came from ${url%%\?*}." >&2
  exit 2
fi
status=${answer##*$'\n'}
if [[ $status != 200 ]]; then
  printf '%s\n' "${answer%$'\n'*}" >&2
  exit 1
fi
printf '%s\n' "${answer%$'\n'*}"
""".strip()
_TOKEN = r"""
if ! token=$(cat "${TOKEN_FILE:-token}" 2>/dev/null) ||
  [[ ! $token =~ ^[A-Za-z0-9._~+/=-]+$ ]]; then
  echo 'The token cannot be read. README.md says where it may be.' >&2
  exit 2
fi""".lstrip()
_AUTHORIZATION = r"""
configuration+="
header = \"Authorization: Bearer $token\""
""".strip()
_CLI_TEXT = r"""#!/usr/bin/env bash
# Import an SSH RSA public key into Edge Node Service (ENS).
# Ends with 0 after an import, 1 after a refusal, 2 where no answer came.
set -euo pipefail

key_pair_name=«key_pair_name»
public_key_body=«public_key_body»

if answer=$(
  aliyun ens ImportKeyPair --endpoint '«endpoint»' «insecure»--KeyPairName "$key_pair_name" \
    --PublicKeyBody "$public_key_body" 2>&1
); then
  printf '%s\n' "$answer"
  exit 0
fi
# A refusal of ENS has its code; whatever else went wrong has none.
if [[ $answer == *'ErrorCode: '* ]]; then
  printf '%s\n' "$answer" >&2
  exit 1
fi
echo 'No answer that can be read came from «endpoint».' >&2
exit 2
"""
_CURL_CREDENTIALS = """\
No key is in the script. It reads them from the environment:
1. `ALIBABA_CLOUD_ACCESS_KEY_ID` and `ALIBABA_CLOUD_ACCESS_KEY_SECRET`;
2. `ALIBABA_CLOUD_SECURITY_TOKEN`, for temporary ones.
"""
_CLI_CREDENTIALS = """\
No key is in the script. Alibaba Cloud CLI has them:
1. in its profile: `aliyun configure` makes one;
2. in the environment: `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for
   temporary ones, `ALIBABA_CLOUD_SECURITY_TOKEN`.
"""
_RUN = """\
With bash«tools»:

```sh
bash import-key-pair.sh
```"""
_DRY_RUN = {"dry_run": "DryRun=true&"}
_SIGNED = Program(_SIGNED_TEXT, dry_run=_DRY_RUN)
_PLAIN = Program(
    _PLAIN_TEXT, dry_run=_DRY_RUN, token={"token": _TOKEN, "authorization": _AUTHORIZATION}
)
_CLI = Program(_CLI_TEXT, dry_run={}, plain_http={"insecure": "--insecure "})


def curl(call: Call) -> dict[str, str]:
    """Return the files of a project that makes the call by curl."""
    by_signature = call.authorization == "signature"
    program = _SIGNED if by_signature else _PLAIN
    return {
        MAIN: program.made_for(
            call,
            shell,
            url=f"{call.url.rstrip('/')}/" if by_signature else call.url,
            host=f"host='{call.host}'" if call.target == "ens" else "",
            headers=_ENS_HEADERS if call.target == "ens" else _FUNCTION_HEADERS,
            path=f"{call.path}/",
            percent=_PERCENT,
            send=_SEND,
        ),
        "README.md": readme(
            call,
            title="curl",
            run=fill(_RUN, tools=", curl and openssl" if by_signature else " and curl"),
            credentials=_CURL_CREDENTIALS,
            tried=RUN,
            as_documented=True,
        ),
        ".gitignore": gitignore(),
    }


def aliyun_cli(call: Call) -> dict[str, str]:
    """
    Return the files of a project that makes the call by Alibaba Cloud CLI.

    Raises:
        NotPossible: the call is to a function.
    """
    if call.target == "function":
        raise NotPossible(
            "Alibaba Cloud CLI calls ENS alone: a function does not accept its signature."
        )
    return {
        MAIN: _CLI.made_for(call, shell, endpoint=call.endpoint),
        "README.md": readme(
            call,
            title="Alibaba Cloud CLI",
            run=fill(_RUN, tools=" and Alibaba Cloud CLI (`aliyun`)"),
            credentials=_CLI_CREDENTIALS,
            tried="run by tests with a stand-in for Alibaba Cloud CLI",
        ),
        ".gitignore": gitignore(),
    }
