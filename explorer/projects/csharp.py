"""C#, by the official SDK; for a function without signatures, by HttpClient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.projects.literals import double_quoted
from explorer.projects.programs import Program, Programs
from explorer.projects.readme import PARSED, chain, gitignore, readme
from explorer.projects.templates import fill

if TYPE_CHECKING:
    from explorer.projects.call import Call

MAIN = "Program.cs"

_SDK = """\
using System;
using System.Collections.Generic;
using AlibabaCloud.OpenApiClient.Models;
using AlibabaCloud.SDK.Ens20171110.Models;

/// <summary>Import an SSH RSA public key into Edge Node Service (ENS).</summary>
public static class Program
{
    private const string Endpoint = "«endpoint»";
    private const string KeyPairName = «key_pair_name»;
    private const string PublicKeyBody = «public_key_body»;

    /// <summary>Returns 0 after an import, 1 after a refusal, 2 where no answer came.</summary>
    public static int Main()
    {
        Aliyun.Credentials.Client credential;
        try
        {
            // The default chain: README.md says where it looks.
            credential = new Aliyun.Credentials.Client();
            credential.GetCredential();
        }
        catch (Exception)
        {
            Console.Error.WriteLine("No credentials were found. README.md says where they may be.");
            return 2;
        }
        ImportKeyPairResponseBody answer;
        try
        {
            var client = new AlibabaCloud.SDK.Ens20171110.Client(new Config
            {
                Credential = credential,
                Endpoint = Endpoint,
                «protocol»
                «dry_run»
            });
            answer = client.ImportKeyPair(new ImportKeyPairRequest
            {
                KeyPairName = KeyPairName,
                PublicKeyBody = PublicKeyBody,
            }).Body;
        }
        catch (Tea.TeaException refusal) when (refusal.DataResult?.ContainsKey("Code") == true)
        {
            foreach (var member in new[] { "Code", "Message", "Description", "RequestId" })
            {
                if (refusal.DataResult.TryGetValue(member, out var value) && value != null)
                {
                    Console.Error.WriteLine($"{member}: {value}");
                }
            }
            return 1;
        }
        catch (Exception)
        {
            // What was caught is not shown: the address in it holds the parameters.
            Console.Error.WriteLine($"No answer that can be read came from {Endpoint}.");
            return 2;
        }
        Console.WriteLine($"KeyPairFingerPrint: {answer.KeyPairFingerPrint}");
        Console.WriteLine($"KeyPairName: {answer.KeyPairName}");
        Console.WriteLine($"RequestId: {answer.RequestId}");
        return 0;
    }
}
"""
_DRY_RUN = """\
GlobalParameters = new GlobalParameters
{
    Queries = new Dictionary<string, string> { ["DryRun"] = "true" },
},"""
_HTTP = """\
using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Tasks;

/// <summary>Import an SSH RSA public key into ENS, through a function.</summary>
public static class Program
{
    private const string Url = "«url»";
    private const string KeyPairName = «key_pair_name»;
    private const string PublicKeyBody = «public_key_body»;

    /// <summary>Returns 0 after an import, 1 after a refusal, 2 where no answer came.</summary>
    public static async Task<int> Main()
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        client.Timeout = TimeSpan.FromSeconds(60);
        «token»
        var parameters = new Dictionary<string, object>
        {
            ["KeyPairName"] = KeyPairName,
            ["PublicKeyBody"] = PublicKeyBody,
            «dry_run»
        };
        HttpStatusCode status;
        JsonElement answer;
        try
        {
            using var response = await client.PostAsJsonAsync(Url, parameters);
            status = response.StatusCode;
            answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        }
        catch (Exception failure)
            when (failure is HttpRequestException or JsonException or TaskCanceledException)
        {
            Console.Error.WriteLine($"No answer that can be read came from {Url}.");
            return 2;
        }
        if (answer.ValueKind != JsonValueKind.Object)
        {
            Console.Error.WriteLine($"No answer that can be read came from {Url}.");
            return 2;
        }
        var refused = status != HttpStatusCode.OK;
        var members = refused
            ? new[] { "Code", "Message", "Description", "RequestId" }
            : new[] { "KeyPairFingerPrint", "KeyPairName", "RequestId" };
        foreach (var member in members)
        {
            if (answer.TryGetProperty(member, out var value))
            {
                (refused ? Console.Error : Console.Out).WriteLine($"{member}: {value}");
            }
        }
        return refused ? 1 : 0;
    }
}
"""
_TOKEN = """\
try
{
    var file = Environment.GetEnvironmentVariable("TOKEN_FILE") ?? "token";
    var token = File.ReadAllText(file).Trim();
    client.DefaultRequestHeaders.Add("Authorization", $"Bearer {token}");
}
catch (Exception failure)
    when (failure is IOException or UnauthorizedAccessException or FormatException)
{
    Console.Error.WriteLine("The token cannot be read. README.md says where it may be.");
    return 2;
}"""
_PROJECT = """\
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net8.0</TargetFramework>
    <RollForward>Major</RollForward>
    <Nullable>disable</Nullable>
  </PropertyGroup>
  «packages»
</Project>
"""
_PACKAGES = """\
<ItemGroup>
  <PackageReference Include="AlibabaCloud.SDK.Ens20171110" Version="[10.1,11)" />
  <PackageReference Include="Aliyun.Credentials" Version="[1.5,2)" />
</ItemGroup>"""
_RUN = """\
With .NET 8 or newer:

```sh
dotnet run
```"""
_PROGRAMS = Programs(
    double_quoted,
    sdk=Program(
        _SDK,
        dry_run={"dry_run": _DRY_RUN},
        plain_http={"protocol": 'Protocol = "HTTP",'},
    ),
    http=Program(_HTTP, dry_run={"dry_run": '["DryRun"] = true,'}, token={"token": _TOKEN}),
)


def project(call: Call) -> dict[str, str]:
    """Return the files of a project that makes the call."""
    by_sdk = call.authorization == "signature"
    return {
        MAIN: _PROGRAMS.made_for(call),
        "import-key-pair.csproj": fill(_PROJECT, packages=_PACKAGES if by_sdk else ""),
        "README.md": readme(
            call, title="C#", run=_RUN, credentials=chain("Aliyun.Credentials"), tried=PARSED
        ),
        ".gitignore": gitignore("bin/", "obj/"),
    }
