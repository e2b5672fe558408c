"""PHP, by the official SDK; for a function without signatures, by curl."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from explorer.projects.literals import php
from explorer.projects.programs import Program, Programs
from explorer.projects.readme import PARSED, chain, gitignore, readme
from explorer.projects.templates import fill

if TYPE_CHECKING:
    from explorer.projects.call import Call

MAIN = "import_key_pair.php"

_SDK = """\
<?php

// Import an SSH RSA public key into Edge Node Service (ENS).

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

use AlibabaCloud\\Credentials\\Credential;
use AlibabaCloud\\Dara\\Exception\\DaraException;
use AlibabaCloud\\SDK\\Ens\\V20171110\\Ens;
use AlibabaCloud\\SDK\\Ens\\V20171110\\Models\\ImportKeyPairRequest;
use Darabonba\\OpenApi\\Models\\Config;
«use_global_parameters»

const ENDPOINT = '«endpoint»';
const KEY_PAIR_NAME = «key_pair_name»;
const PUBLIC_KEY_BODY = «public_key_body»;

/** Returns 0 after an import, 1 after a refusal, 2 where no answer came. */
function main(): int
{
    try {
        $credential = new Credential(); // the default chain: README.md says where it looks
        $credential->getCredential();
    } catch (Exception $failure) {
        fwrite(STDERR, "No credentials were found. README.md says where they may be.\\n");
        return 2;
    }
    try {
        $client = new Ens(new Config([
            'credential' => $credential,
            'endpoint' => ENDPOINT,
            «protocol»
            «dry_run»
        ]));
        $request = new ImportKeyPairRequest([
            'keyPairName' => KEY_PAIR_NAME,
            'publicKeyBody' => PUBLIC_KEY_BODY,
        ]);
        $answer = $client->importKeyPair($request)->body;
    } catch (DaraException $refusal) {
        if (!isset($refusal->data['Code'])) {
            return noAnswer();
        }
        foreach (['Code', 'Message', 'Description', 'RequestId'] as $member) {
            if (isset($refusal->data[$member])) {
                fwrite(STDERR, $member . ': ' . $refusal->data[$member] . "\\n");
            }
        }
        return 1;
    } catch (Exception $failure) {
        return noAnswer();
    }
    echo 'KeyPairFingerPrint: ' . $answer->keyPairFingerPrint . "\\n";
    echo 'KeyPairName: ' . $answer->keyPairName . "\\n";
    echo 'RequestId: ' . $answer->requestId . "\\n";
    return 0;
}

/** What was caught is not shown: the address in it holds the parameters. */
function noAnswer(): int
{
    fwrite(STDERR, 'No answer that can be read came from ' . ENDPOINT . ".\\n");
    return 2;
}

exit(main());
"""
_DRY_RUN = """\
'globalParameters' => new GlobalParameters(['queries' => ['DryRun' => 'true']]),"""
_HTTP = """\
<?php

// Import an SSH RSA public key into Edge Node Service (ENS), through a function.

declare(strict_types=1);

const URL = '«url»';
const KEY_PAIR_NAME = «key_pair_name»;
const PUBLIC_KEY_BODY = «public_key_body»;

/** Returns 0 after an import, 1 after a refusal, 2 where no answer came. */
function main(): int
{
    $headers = ['Content-Type: application/json'];
    «token»
    $parameters = [
        'KeyPairName' => KEY_PAIR_NAME,
        'PublicKeyBody' => PUBLIC_KEY_BODY,
        «dry_run»
    ];
    $request = curl_init(URL);
    curl_setopt_array($request, [
        CURLOPT_POSTFIELDS => json_encode($parameters, JSON_THROW_ON_ERROR),
        CURLOPT_HTTPHEADER => $headers,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_FOLLOWLOCATION => false,
        CURLOPT_CONNECTTIMEOUT => 5, // seconds
        CURLOPT_TIMEOUT => 60,
    ]);
    $body = curl_exec($request);
    $answer = is_string($body) ? json_decode($body, true) : null;
    if (!is_array($answer)) {
        fwrite(STDERR, 'No answer that can be read came from ' . URL . ".\\n");
        return 2;
    }
    if (curl_getinfo($request, CURLINFO_RESPONSE_CODE) !== 200) {
        foreach (['Code', 'Message', 'Description', 'RequestId'] as $member) {
            if (isset($answer[$member])) {
                fwrite(STDERR, $member . ': ' . $answer[$member] . "\\n");
            }
        }
        return 1;
    }
    foreach (['KeyPairFingerPrint', 'KeyPairName', 'RequestId'] as $member) {
        echo $member . ': ' . $answer[$member] . "\\n";
    }
    return 0;
}

exit(main());
"""
_TOKEN = """\
$token = @file_get_contents(getenv('TOKEN_FILE') ?: __DIR__ . '/token');
if ($token === false) {
    fwrite(STDERR, "The token cannot be read. README.md says where it may be.\\n");
    return 2;
}
$headers[] = 'Authorization: Bearer ' . trim($token);"""
_SDK_REQUIRE = {
    "php": ">=7.4",
    "alibabacloud/credentials": "^1.2",
    "alibabacloud/ens-20171110": "^10.1",
}
_HTTP_REQUIRE = {"php": ">=7.4", "ext-curl": "*", "ext-json": "*"}
_RUN = """\
With PHP 7.4 or newer«composer»:

```sh
«install»
php import_key_pair.php
```"""
_PROGRAMS = Programs(
    php,
    sdk=Program(
        _SDK,
        dry_run={
            "use_global_parameters": "use Darabonba\\OpenApi\\Models\\GlobalParameters;",
            "dry_run": _DRY_RUN,
        },
        plain_http={"protocol": "'protocol' => 'HTTP',"},
    ),
    http=Program(_HTTP, dry_run={"dry_run": "'DryRun' => true,"}, token={"token": _TOKEN}),
)


def project(call: Call) -> dict[str, str]:
    """Return the files of a project that makes the call."""
    by_sdk = call.authorization == "signature"
    require = _SDK_REQUIRE if by_sdk else _HTTP_REQUIRE
    run = fill(
        _RUN,
        composer=", and Composer" if by_sdk else "",
        install="composer install" if by_sdk else "",
    )
    return {
        MAIN: _PROGRAMS.made_for(call),
        "composer.json": json.dumps({"require": require}, indent=2) + "\n",
        "README.md": readme(
            call, title="PHP", run=run, credentials=chain("alibabacloud/credentials"), tried=PARSED
        ),
        ".gitignore": gitignore("vendor/"),
    }
