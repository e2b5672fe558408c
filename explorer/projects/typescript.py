"""
TypeScript, by the official generic client; for a function without signatures, by fetch.

ENS's own package, @alicloud/ens20171110, is a thin layer over the same client and has more than a
thousand models; callApi needs none of them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from explorer.projects.literals import double_quoted
from explorer.projects.programs import Program, Programs
from explorer.projects.readme import RUN, chain, gitignore, readme

if TYPE_CHECKING:
    from explorer.projects.call import Call

MAIN = "src/import-key-pair.ts"

_SDK = """\
// Import an SSH RSA public key into Edge Node Service (ENS).
import Credential from "@alicloud/credentials";
import Client, { $OpenApiUtil, AlibabaCloudError } from "@alicloud/openapi-core";
import { RuntimeOptions } from "@darabonba/typescript";

const endpoint = "«endpoint»";
const query = {
  KeyPairName: «key_pair_name»,
  PublicKeyBody: «public_key_body»,
  «dry_run»
};

/** Returns 0 after an import, 1 after a refusal, 2 where no answer came. */
async function main(): Promise<number> {
  const credential = new Credential(); // the default chain: README.md says where it looks
  try {
    await credential.getCredential();
  } catch {
    console.error("No credentials were found. README.md says where they may be.");
    return 2;
  }
  const client = new Client(
    new $OpenApiUtil.Config({
      credential,
      endpoint,
      «protocol»
    }),
  );
  const params = new $OpenApiUtil.Params({
    action: "ImportKeyPair",
    version: "2017-11-10",
    protocol: "HTTPS",
    pathname: "/",
    method: "POST",
    authType: "AK",
    style: "RPC",
    reqBodyType: "formData",
    bodyType: "json",
  });
  const request = new $OpenApiUtil.OpenApiRequest({ query });
  let answer: { [name: string]: unknown };
  try {
    answer = (await client.callApi(params, request, new RuntimeOptions({}))).body;
  } catch (error) {
    if (error instanceof AlibabaCloudError && error.data) {
      for (const member of ["Code", "Message", "Description", "RequestId"]) {
        if (error.data[member]) {
          console.error(`${member}: ${error.data[member]}`);
        }
      }
      return 1;
    }
    // What was caught is not shown: the address in it holds the parameters.
    console.error(`No answer that can be read came from ${endpoint}.`);
    return 2;
  }
  for (const member of ["KeyPairFingerPrint", "KeyPairName", "RequestId"]) {
    console.log(`${member}: ${answer[member]}`);
  }
  return 0;
}

main().then((status) => process.exit(status));
"""
_HTTP = """\
// Import an SSH RSA public key into Edge Node Service (ENS), through a function.
«import_fs»

const url = "«url»";
const parameters = {
  KeyPairName: «key_pair_name»,
  PublicKeyBody: «public_key_body»,
  «dry_run»
};

/** Returns 0 after an import, 1 after a refusal, 2 where no answer came. */
async function main(): Promise<number> {
  const headers: { [name: string]: string } = { "Content-Type": "application/json" };
  «token»
  let status: number;
  let answer: { [name: string]: unknown };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body: JSON.stringify(parameters),
      redirect: "error",
      signal: AbortSignal.timeout(60_000), // milliseconds
    });
    status = response.status;
    answer = (await response.json()) as { [name: string]: unknown };
  } catch {
    console.error(`No answer that can be read came from ${url}.`);
    return 2;
  }
  if (status !== 200) {
    for (const member of ["Code", "Message", "Description", "RequestId"]) {
      if (answer[member]) {
        console.error(`${member}: ${answer[member]}`);
      }
    }
    return 1;
  }
  for (const member of ["KeyPairFingerPrint", "KeyPairName", "RequestId"]) {
    console.log(`${member}: ${answer[member]}`);
  }
  return 0;
}

main().then((status) => process.exit(status));
"""
_TOKEN = """\
try {
  const token = readFileSync(process.env.TOKEN_FILE ?? "token", "utf8").trim();
  headers["Authorization"] = `Bearer ${token}`;
} catch {
  console.error("The token cannot be read. README.md says where it may be.");
  return 2;
}"""
_RUN = """\
With Node 18 or newer:

```sh
npm install
npm start
```"""
_SDK_DEPENDENCIES = {
    "@alicloud/credentials": "^2.4.2",
    "@alicloud/openapi-core": "^1.0.0",
    "@darabonba/typescript": "^1.0.5",
}
_PACKAGE = {
    "name": "import-key-pair",
    "version": "1.0.0",
    "private": True,
    "type": "commonjs",
    "engines": {"node": ">=18"},
    "scripts": {"start": "tsc && node dist/import-key-pair.js"},
}
_TSCONFIG = {
    "compilerOptions": {
        "target": "es2022",
        "module": "node16",
        "moduleResolution": "node16",
        "rootDir": "src",
        "outDir": "dist",
        "types": ["node"],
        "strict": True,
        "esModuleInterop": True,
        "skipLibCheck": True,
    },
    "include": ["src"],
}
_PROGRAMS = Programs(
    double_quoted,
    sdk=Program(
        _SDK,
        dry_run={"dry_run": 'DryRun: "true",'},
        plain_http={"protocol": 'protocol: "HTTP",'},
    ),
    http=Program(
        _HTTP,
        dry_run={"dry_run": "DryRun: true,"},
        token={"import_fs": 'import { readFileSync } from "node:fs";', "token": _TOKEN},
    ),
)


def project(call: Call) -> dict[str, str]:
    """Return the files of a project that makes the call."""
    by_sdk = call.authorization == "signature"
    package = {
        **_PACKAGE,
        **({"dependencies": _SDK_DEPENDENCIES} if by_sdk else {}),
        "devDependencies": {"@types/node": ">=18", "typescript": ">=5.5 <8"},
    }
    return {
        MAIN: _PROGRAMS.made_for(call),
        "package.json": json.dumps(package, indent=2) + "\n",
        "tsconfig.json": json.dumps(_TSCONFIG, indent=2) + "\n",
        "README.md": readme(
            call,
            title="TypeScript",
            run=_RUN,
            credentials=chain("@alicloud/credentials"),
            tried=RUN,
        ),
        ".gitignore": gitignore("node_modules/", "dist/"),
    }
