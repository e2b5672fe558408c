"""Java, by the official SDK; for a function without signatures, by java.net.http."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.projects.literals import double_quoted
from explorer.projects.programs import Program, Programs
from explorer.projects.readme import PARSED, chain, gitignore, readme
from explorer.projects.templates import fill

if TYPE_CHECKING:
    from explorer.projects.call import Call

MAIN = "src/main/java/ImportKeyPair.java"

_SDK = """\
import com.aliyun.ens20171110.Client;
import com.aliyun.ens20171110.models.ImportKeyPairRequest;
import com.aliyun.ens20171110.models.ImportKeyPairResponseBody;
import com.aliyun.tea.TeaException;
import com.aliyun.teaopenapi.models.Config;
«import_global_parameters»
«import_map»

/** Import an SSH RSA public key into Edge Node Service (ENS). */
public final class ImportKeyPair {
    private static final String ENDPOINT = "«endpoint»";
    private static final String KEY_PAIR_NAME = «key_pair_name»;
    private static final String PUBLIC_KEY_BODY = «public_key_body»;

    public static void main(String[] arguments) {
        System.exit(run());
    }

    /** Returns 0 after an import, 1 after a refusal, 2 where no answer came. */
    private static int run() {
        com.aliyun.credentials.Client credential;
        try {
            // The default chain: README.md says where it looks.
            credential = new com.aliyun.credentials.Client();
            credential.getCredential();
        } catch (Exception failure) {
            System.err.println("No credentials were found. README.md says where they may be.");
            return 2;
        }
        ImportKeyPairResponseBody answer;
        try {
            Config config = new Config()
                    .setCredential(credential)
                    «protocol»
                    «dry_run»
                    .setEndpoint(ENDPOINT);
            ImportKeyPairRequest request = new ImportKeyPairRequest()
                    .setKeyPairName(KEY_PAIR_NAME)
                    .setPublicKeyBody(PUBLIC_KEY_BODY);
            answer = new Client(config).importKeyPair(request).body;
        } catch (TeaException refusal) {
            if (refusal.data == null || refusal.data.get("Code") == null) {
                return noAnswer();
            }
            for (String member : new String[] {"Code", "Message", "Description", "RequestId"}) {
                Object value = refusal.data.get(member);
                if (value != null) {
                    System.err.println(member + ": " + value);
                }
            }
            return 1;
        } catch (Exception failure) {
            return noAnswer();
        }
        System.out.println("KeyPairFingerPrint: " + answer.keyPairFingerPrint);
        System.out.println("KeyPairName: " + answer.keyPairName);
        System.out.println("RequestId: " + answer.requestId);
        return 0;
    }

    /** What was caught is not shown: the address in it may hold the parameters. */
    private static int noAnswer() {
        System.err.println("No answer that can be read came from " + ENDPOINT + ".");
        return 2;
    }
}
"""
_DRY_RUN = """\
.setGlobalParameters(
        new GlobalParameters().setQueries(Map.of("DryRun", "true")))"""
_HTTP = """\
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
«import_files»
import java.time.Duration;

/** Import an SSH RSA public key into Edge Node Service (ENS), through a function. */
public final class ImportKeyPair {
    private static final String URL = "«url»";
    private static final String KEY_PAIR_NAME = «key_pair_name»;
    private static final String PUBLIC_KEY_BODY = «public_key_body»;

    public static void main(String[] arguments) throws InterruptedException {
        System.exit(run());
    }

    /** Returns 0 after an import, 1 after a refusal, 2 where no answer came. */
    private static int run() throws InterruptedException {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("KeyPairName", KEY_PAIR_NAME);
        parameters.addProperty("PublicKeyBody", PUBLIC_KEY_BODY);
        «dry_run»
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(URL))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(parameters.toString()));
        «token»
        HttpResponse<String> response;
        JsonObject answer;
        try {
            HttpClient client =
                    HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            answer = new Gson().fromJson(response.body(), JsonObject.class);
        } catch (IOException | JsonParseException failure) {
            answer = null;
            response = null;
        }
        if (answer == null) {
            System.err.println("No answer that can be read came from " + URL + ".");
            return 2;
        }
        boolean refused = response.statusCode() != 200;
        String[] members = refused
                ? new String[] {"Code", "Message", "Description", "RequestId"}
                : new String[] {"KeyPairFingerPrint", "KeyPairName", "RequestId"};
        for (String member : members) {
            if (answer.has(member)) {
                String line = member + ": " + answer.get(member).getAsString();
                (refused ? System.err : System.out).println(line);
            }
        }
        return refused ? 1 : 0;
    }
}
"""
_IMPORT_FILES = """\
import java.nio.file.Files;
import java.nio.file.Path;"""
_TOKEN = """\
try {
    Path file = Path.of(System.getenv().getOrDefault("TOKEN_FILE", "token"));
    request.header("Authorization", "Bearer " + Files.readString(file).trim());
} catch (IOException | IllegalArgumentException failure) {
    System.err.println("The token cannot be read. README.md says where it may be.");
    return 2;
}"""
_POM = """\
<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>import-key-pair</artifactId>
  <version>1.0.0</version>
  <properties>
    <maven.compiler.release>11</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
    <exec.mainClass>ImportKeyPair</exec.mainClass>
  </properties>
  <dependencies>
    «dependencies»
  </dependencies>
</project>
"""
_DEPENDENCY = """\
<dependency>
  <groupId>«group»</groupId>
  <artifactId>«artifact»</artifactId>
  <version>«versions»</version>
</dependency>"""
_SDK_DEPENDENCIES = (
    ("com.aliyun", "ens20171110", "[11.1,12)"),
    ("com.aliyun", "credentials-java", "[1.0,2)"),
)
_HTTP_DEPENDENCIES = (("com.google.code.gson", "gson", "[2.11,3)"),)
_RUN = """\
With Java 11 or newer, and Maven:

```sh
mvn --quiet compile exec:java
```"""
_PROGRAMS = Programs(
    double_quoted,
    sdk=Program(
        _SDK,
        dry_run={
            "import_global_parameters": "import com.aliyun.teaopenapi.models.GlobalParameters;",
            "import_map": "import java.util.Map;",
            "dry_run": _DRY_RUN,
        },
        plain_http={"protocol": '.setProtocol("HTTP")'},
    ),
    http=Program(
        _HTTP,
        dry_run={"dry_run": 'parameters.addProperty("DryRun", true);'},
        token={"import_files": _IMPORT_FILES, "token": _TOKEN},
    ),
)


def project(call: Call) -> dict[str, str]:
    """Return the files of a project that makes the call."""
    by_sdk = call.authorization == "signature"
    dependencies = "\n".join(
        fill(_DEPENDENCY, group=group, artifact=artifact, versions=versions)
        for group, artifact, versions in (_SDK_DEPENDENCIES if by_sdk else _HTTP_DEPENDENCIES)
    )
    return {
        MAIN: _PROGRAMS.made_for(call),
        "pom.xml": fill(_POM, dependencies=dependencies),
        "README.md": readme(
            call,
            title="Java",
            run=_RUN,
            credentials=chain("credentials-java", "~/.alibabacloud/credentials.ini"),
            tried=PARSED,
        ),
        ".gitignore": gitignore("target/"),
    }
