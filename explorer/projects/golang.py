"""Go, by the official SDK; for a function without signatures, by net/http."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.projects.literals import go
from explorer.projects.programs import Program, Programs
from explorer.projects.readme import PARSED, chain, gitignore, readme
from explorer.projects.templates import fill

if TYPE_CHECKING:
    from explorer.projects.call import Call

MAIN = "main.go"

_SDK = """\
// Import an SSH RSA public key into Edge Node Service (ENS).
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	ens "github.com/alibabacloud-go/ens-20171110/v12/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/credentials-go/credentials"
)

const (
	endpoint      = "«endpoint»"
	keyPairName   = «key_pair_name»
	publicKeyBody = «public_key_body»
)

func main() {
	os.Exit(run())
}

// run returns 0 after an import, 1 after a refusal, 2 where no answer came.
func run() int {
	// The default chain: README.md says where it looks.
	credential, err := credentials.NewCredential(nil)
	if err == nil {
		_, err = credential.GetCredential()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "No credentials were found. README.md says where they may be.")
		return 2
	}
	client, err := ens.NewClient(&openapiutil.Config{
		Credential: credential,
		Endpoint:   dara.String(endpoint),
		«protocol»
		«dry_run»
	})
	var response *ens.ImportKeyPairResponse
	if err == nil {
		response, err = client.ImportKeyPair(&ens.ImportKeyPairRequest{
			KeyPairName:   dara.String(keyPairName),
			PublicKeyBody: dara.String(publicKeyBody),
		})
	}
	if err != nil {
		told := answerOf(err)
		if told["Code"] == nil {
			// The error is not shown: the address in it holds the parameters.
			fmt.Fprintf(os.Stderr, "No answer that can be read came from %s.\\n", endpoint)
			return 2
		}
		for _, member := range []string{"Code", "Message", "Description", "RequestId"} {
			if told[member] != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\\n", member, told[member])
			}
		}
		return 1
	}
	fmt.Println("KeyPairFingerPrint:", dara.StringValue(response.Body.KeyPairFingerPrint))
	fmt.Println("KeyPairName:", dara.StringValue(response.Body.KeyPairName))
	fmt.Println("RequestId:", dara.StringValue(response.Body.RequestId))
	return 0
}

// answerOf returns the body of a refusal, or nil where there is none. SDKs have two kinds of error.
func answerOf(err error) map[string]interface{} {
	var refusal dara.ResponseError
	if errors.As(err, &refusal) {
		return refusal.GetData()
	}
	var told map[string]interface{}
	var older *tea.SDKError
	if errors.As(err, &older) {
		if json.Unmarshal([]byte(dara.StringValue(older.Data)), &told) != nil {
			return nil
		}
	}
	return told
}
"""
_DRY_RUN = """\
GlobalParameters: &openapiutil.GlobalParameters{
	Queries: map[string]*string{"DryRun": dara.String("true")},
},"""
_HTTP = """\
// Import an SSH RSA public key into Edge Node Service (ENS), through a function.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	«import_strings»
	"time"
)

const (
	url           = "«url»"
	keyPairName   = «key_pair_name»
	publicKeyBody = «public_key_body»
)

func main() {
	os.Exit(run())
}

// run returns 0 after an import, 1 after a refusal, 2 where no answer came.
func run() int {
	body, err := json.Marshal(map[string]interface{}{
		"KeyPairName":   keyPairName,
		"PublicKeyBody": publicKeyBody,
		«dry_run»
	})
	if err != nil {
		panic(err)
	}
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Content-Type", "application/json")
	«token»
	client := http.Client{
		Timeout: 60 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
	var answer map[string]interface{}
	response, err := client.Do(request)
	if err == nil {
		defer response.Body.Close()
		err = json.NewDecoder(response.Body).Decode(&answer)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "No answer that can be read came from %s.\\n", url)
		return 2
	}
	if response.StatusCode != http.StatusOK {
		for _, member := range []string{"Code", "Message", "Description", "RequestId"} {
			if answer[member] != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\\n", member, answer[member])
			}
		}
		return 1
	}
	for _, member := range []string{"KeyPairFingerPrint", "KeyPairName", "RequestId"} {
		fmt.Printf("%s: %v\\n", member, answer[member])
	}
	return 0
}
"""
_TOKEN = """\
file := os.Getenv("TOKEN_FILE")
if file == "" {
	file = "token"
}
token, err := os.ReadFile(file)
if err != nil {
	fmt.Fprintln(os.Stderr, "The token cannot be read. README.md says where it may be.")
	return 2
}
request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))"""
_SDK_MODULE = """\
module import-key-pair

go 1.21

// The oldest versions that will do. A major version is a part of a module's name: no newer one is
// ever taken.
require (
	github.com/alibabacloud-go/darabonba-openapi/v2 v2.1.14
	github.com/alibabacloud-go/ens-20171110/v12 v12.0.0
	github.com/alibabacloud-go/tea v1.3.13
	github.com/aliyun/credentials-go v1.4.5
)
"""
_HTTP_MODULE = """\
module import-key-pair

go 1.21
"""
_RUN = """\
With Go 1.21 or newer:

```sh
«tidy»
go build -o import-key-pair .
./import-key-pair
```

`go run .` would end with 1 whatever happens."""
_PROGRAMS = Programs(
    go,
    sdk=Program(
        _SDK,
        dry_run={"dry_run": _DRY_RUN},
        plain_http={"protocol": 'Protocol:   dara.String("HTTP"),'},
    ),
    http=Program(
        _HTTP,
        dry_run={"dry_run": '"DryRun":        true,'},
        token={"import_strings": '"strings"', "token": _TOKEN},
    ),
)


def project(call: Call) -> dict[str, str]:
    """Return the files of a project that makes the call."""
    by_sdk = call.authorization == "signature"
    return {
        MAIN: _PROGRAMS.made_for(call),
        "go.mod": _SDK_MODULE if by_sdk else _HTTP_MODULE,
        "README.md": readme(
            call,
            title="Go",
            run=fill(_RUN, tidy="go mod tidy" if by_sdk else ""),
            credentials=chain("credentials-go"),
            tried=PARSED,
        ),
        ".gitignore": gitignore("import-key-pair"),
    }
