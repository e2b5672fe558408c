"""
The names of packages, classes and members that programs use, held against the SDKs' own sources.

Programs in Java, Go, PHP and C# are parsed by tests, not run: a name that an SDK has not would be
found by whoever downloads one. So each name stands here once more, with the public source in which
it was read (repository, file; 2026-08 and 2026-11). Names of a language's own library are in OWN.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from explorer.projects import Call, project
from tests.explorer.projects.grammars import parse, text_of, walk
from tests.explorer.projects.running import language

CALL = Call("alice", "key", "http://127.0.0.1:9000", "function", dry_run=True)


@dataclass(frozen=True, slots=True)
class Sdk:
    """
    What a program may use of an SDK.

    Args:
        imports: the namespaces and modules, as the program writes them.
        members: each name, and where it was read.
    """

    imports: frozenset[str]
    members: dict[str, str]


JAVA_ENS = "aliyun/alibabacloud-java-sdk: ens-20171110/src/main/java/com/aliyun/ens20171110"
JAVA_CONFIG = "aliyun/darabonba-openapi: java/src/main/java/com/aliyun/teaopenapi/models"
GO_ENS = "alibabacloud-go/ens-20171110: client"
PHP_ENS = "alibabacloud-sdk-php/ens-20171110: src"
CSHARP_ENS = "aliyun/alibabacloud-csharp-sdk: ens-20171110/core"
TYPESCRIPT = "aliyun/darabonba-openapi: ts/src"
SDKS = {
    "java": Sdk(
        frozenset(
            {
                "com.aliyun.ens20171110.Client",
                "com.aliyun.ens20171110.models.ImportKeyPairRequest",
                "com.aliyun.ens20171110.models.ImportKeyPairResponseBody",
                "com.aliyun.tea.TeaException",
                "com.aliyun.teaopenapi.models.Config",
                "com.aliyun.teaopenapi.models.GlobalParameters",
                "java.util.Map",
            }
        ),
        {
            "Client": f"{JAVA_ENS}/Client.java",
            "importKeyPair": f"{JAVA_ENS}/Client.java",
            "ImportKeyPairRequest": f"{JAVA_ENS}/models/ImportKeyPairRequest.java",
            "setKeyPairName": f"{JAVA_ENS}/models/ImportKeyPairRequest.java",
            "setPublicKeyBody": f"{JAVA_ENS}/models/ImportKeyPairRequest.java",
            "body": f"{JAVA_ENS}/models/ImportKeyPairResponse.java",
            "keyPairFingerPrint": f"{JAVA_ENS}/models/ImportKeyPairResponseBody.java",
            "keyPairName": f"{JAVA_ENS}/models/ImportKeyPairResponseBody.java",
            "requestId": f"{JAVA_ENS}/models/ImportKeyPairResponseBody.java",
            "Config": f"{JAVA_CONFIG}/Config.java",
            "GlobalParameters": f"{JAVA_CONFIG}/GlobalParameters.java",
            "setCredential": f"{JAVA_CONFIG}/Config.java",
            "setEndpoint": f"{JAVA_CONFIG}/Config.java",
            "setProtocol": f"{JAVA_CONFIG}/Config.java",
            "setGlobalParameters": f"{JAVA_CONFIG}/Config.java",
            "setQueries": f"{JAVA_CONFIG}/GlobalParameters.java",
            "data": "aliyun/tea-java: src/main/java/com/aliyun/tea/TeaException.java",
            "com.aliyun.credentials.Client": "aliyun/credentials-java: src/main/java/com/aliyun",
            "getCredential": "aliyun/credentials-java: src/main/java/com/aliyun/credentials/Client",
        },
    ),
    "go": Sdk(
        frozenset(
            {
                "encoding/json",
                "errors",
                "fmt",
                "os",
                "github.com/alibabacloud-go/darabonba-openapi/v2/utils",
                "github.com/alibabacloud-go/ens-20171110/v12/client",
                "github.com/alibabacloud-go/tea/dara",
                "github.com/alibabacloud-go/tea/tea",
                "github.com/aliyun/credentials-go/credentials",
            }
        ),
        {
            "NewClient": f"{GO_ENS}/client.go",
            "ImportKeyPair": f"{GO_ENS}/client.go",
            "ImportKeyPairRequest": f"{GO_ENS}/import_key_pair_request_model.go",
            "PublicKeyBody": f"{GO_ENS}/import_key_pair_request_model.go",
            "ImportKeyPairResponse": f"{GO_ENS}/import_key_pair_response_model.go",
            "Body": f"{GO_ENS}/import_key_pair_response_model.go",
            "KeyPairFingerPrint": f"{GO_ENS}/import_key_pair_response_body_model.go",
            "KeyPairName": f"{GO_ENS}/import_key_pair_response_body_model.go",
            "RequestId": f"{GO_ENS}/import_key_pair_response_body_model.go",
            "Config": "aliyun/darabonba-openapi: golang/utils/client.go",
            "GlobalParameters": "aliyun/darabonba-openapi: golang/utils/client.go",
            "Credential": "aliyun/darabonba-openapi: golang/models/model.go",
            "Endpoint": "aliyun/darabonba-openapi: golang/models/model.go",
            "Protocol": "aliyun/darabonba-openapi: golang/models/model.go",
            "Queries": "aliyun/darabonba-openapi: golang/models/model.go",
            "String": "alibabacloud-go/tea: dara/trans.go",
            "StringValue": "alibabacloud-go/tea: dara/trans.go",
            "ResponseError": "alibabacloud-go/tea: dara/error.go",
            "GetData": "alibabacloud-go/tea: dara/error.go",
            "SDKError": "alibabacloud-go/tea: tea/tea.go",
            "Data": "alibabacloud-go/tea: tea/tea.go",
            "NewCredential": "aliyun/credentials-go: credentials/credential.go",
            "GetCredential": "aliyun/credentials-go: credentials/credential.go",
        },
    ),
    "php": Sdk(
        frozenset(
            {
                "AlibabaCloud\\Credentials\\Credential",
                "AlibabaCloud\\Dara\\Exception\\DaraException",
                "AlibabaCloud\\SDK\\Ens\\V20171110\\Ens",
                "AlibabaCloud\\SDK\\Ens\\V20171110\\Models\\ImportKeyPairRequest",
                "Darabonba\\OpenApi\\Models\\Config",
                "Darabonba\\OpenApi\\Models\\GlobalParameters",
            }
        ),
        {
            "importKeyPair": f"{PHP_ENS}/Ens.php",
            "body": f"{PHP_ENS}/Models/ImportKeyPairResponse.php",
            "keyPairFingerPrint": f"{PHP_ENS}/Models/ImportKeyPairResponseBody.php",
            "keyPairName": f"{PHP_ENS}/Models/ImportKeyPairResponseBody.php",
            "requestId": f"{PHP_ENS}/Models/ImportKeyPairResponseBody.php",
            "data": "alibabacloud-sdk-php/darabonba: src/Exception/DaraException.php",
            "getCredential": "aliyun/credentials-php: src/Credential.php",
        },
    ),
    "csharp": Sdk(
        frozenset(
            {
                "AlibabaCloud.OpenApiClient.Models",
                "AlibabaCloud.SDK.Ens20171110.Models",
                "System",
                "System.Collections.Generic",
            }
        ),
        {
            "AlibabaCloud.SDK.Ens20171110.Client": f"{CSHARP_ENS}/Client.cs",
            "ImportKeyPair": f"{CSHARP_ENS}/Client.cs",
            "ImportKeyPairRequest": f"{CSHARP_ENS}/Models/ImportKeyPairRequest.cs",
            "PublicKeyBody": f"{CSHARP_ENS}/Models/ImportKeyPairRequest.cs",
            "Body": f"{CSHARP_ENS}/Models/ImportKeyPairResponse.cs",
            "ImportKeyPairResponseBody": f"{CSHARP_ENS}/Models/ImportKeyPairResponseBody.cs",
            "KeyPairFingerPrint": f"{CSHARP_ENS}/Models/ImportKeyPairResponseBody.cs",
            "KeyPairName": f"{CSHARP_ENS}/Models/ImportKeyPairResponseBody.cs",
            "RequestId": f"{CSHARP_ENS}/Models/ImportKeyPairResponseBody.cs",
            "Config": "aliyun/darabonba-openapi: csharp/core/Models/Config.cs",
            "Credential": "aliyun/darabonba-openapi: csharp/core/Models/Config.cs",
            "Endpoint": "aliyun/darabonba-openapi: csharp/core/Models/Config.cs",
            "Protocol": "aliyun/darabonba-openapi: csharp/core/Models/Config.cs",
            "GlobalParameters": "aliyun/darabonba-openapi: csharp/core/Models/GlobalParameters.cs",
            "Queries": "aliyun/darabonba-openapi: csharp/core/Models/GlobalParameters.cs",
            "Tea.TeaException": "aliyun/tea-csharp: Darabonba/Exceptions (its base)",
            "DataResult": "aliyun/tea-csharp: Darabonba/Exceptions/DaraException.cs",
            "Aliyun.Credentials.Client": "aliyun/credentials-csharp: aliyun-net-credentials",
            "GetCredential": "aliyun/credentials-csharp: aliyun-net-credentials/Client.cs",
        },
    ),
    "typescript": Sdk(
        frozenset({"@alicloud/credentials", "@alicloud/openapi-core", "@darabonba/typescript"}),
        {
            "callApi": f"{TYPESCRIPT}/client.ts",
            "Config": f"{TYPESCRIPT}/utils.ts",
            "Params": f"{TYPESCRIPT}/utils.ts",
            "OpenApiRequest": f"{TYPESCRIPT}/utils.ts",
            "data": "aliyun/tea-typescript: src/error.ts",
            "getCredential": "aliyun/credentials-nodejs: src/client.ts",
            "body": f"{TYPESCRIPT}/client.ts",
        },
    ),
}
OWN = {
    "java": "err exit get noAnswer of out println run",
    "go": "As Exit Fprintf Fprintln Println Stderr Unmarshal credential",
    "php": "",
    "csharp": "ContainsKey Error Exception TryGetValue WriteLine answer credential",
    "typescript": "error exit log then",
}
IMPORTS = {
    "java": r"^import (.+);$",
    "go": r'^\t(?:\w+ )?"(.+)"$',
    "php": r"^use (.+);$",
    "csharp": r"^using (.+);$",
    "typescript": r'^import .+ from "(.+)";$',
}
# The kinds of node whose field of this name is a member: what stands behind a dot or an arrow.
MEMBERS = {
    "java": {
        "method_invocation": "name",
        "field_access": "field",
        "object_creation_expression": "type",
    },
    "go": {"selector_expression": "field", "qualified_type": "name", "literal_element": ""},
    "php": {"member_call_expression": "name", "member_access_expression": "name"},
    "csharp": {
        "member_access_expression": "name",
        "member_binding_expression": "name",
        "object_creation_expression": "type",
        "catch_declaration": "type",
        "assignment_expression": "left",
        "variable_declaration": "type",
    },
    "typescript": {"member_expression": "property"},
}
KINDS = ("identifier", "name", "literal_element")


def program_in(name: str) -> str:
    chosen = language(name)
    return project(chosen, CALL)[chosen.main]


@pytest.mark.parametrize("name", SDKS)
def test_imports(name: str) -> None:
    """Those of the table, and no other."""
    assert SDKS[name].imports == set(re.findall(IMPORTS[name], program_in(name), re.MULTILINE))


@pytest.mark.parametrize("name", SDKS)
def test_members(name: str) -> None:
    """Every member that a program names is in the table, and each of the table is used."""
    used = set()
    for node in walk(parse(name, program_in(name))):
        field = MEMBERS[name].get(node.type)
        if field is not None:
            part = node.child_by_field_name(field) if field else node.named_children[0]
            if part is not None and part.type.endswith(KINDS) and part.type != "generic_name":
                used.add(text_of(part))

    assert set(SDKS[name].members) == used - set(OWN[name].split())
