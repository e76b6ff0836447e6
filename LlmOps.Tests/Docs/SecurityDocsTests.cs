using System.Diagnostics;
using System.Text.RegularExpressions;

namespace LlmOps.Tests.Docs;

/// <summary>docs/security.md and samples/keys-demo.sh do what they say, against a gateway without any provider.</summary>
public sealed class SecurityDocsTests
{
    [BashTheory]
    [InlineData("Open")]
    [InlineData("Required")]
    public async Task Guide_RunsAsItIsWritten(string mode)
    {
        await using var gateway = new GatewayApplication().With("Gateway:Access:Mode", mode);
        var text = await File.ReadAllTextAsync(Path.Combine(GeneratedDocs.RepositoryRoot(), "docs", "security.md"));
        var blocks = Regex.Matches(text, "```bash\n(.*?)```", RegexOptions.Singleline).Select(block => block.Groups[1].Value).Where(block => !block.Contains("dotnet run", StringComparison.Ordinal));
        var script = "set -euo pipefail\n" + string.Join('\n', blocks)
            .Replace("http://localhost:8080", gateway.Address.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("sk-only-for-this-guide", GatewayApplication.AdministratorKey, StringComparison.Ordinal);

        var (exitCode, output, errors) = await ProgramRun.OfAsync(Start("-c", script));

        exitCode.ShouldBe(0, output + errors);
        output.ShouldContain("\"name\":\"acme\"");
        output.ShouldContain("HTTP/1.1 200");
        output.ShouldContain("42");
        output.ShouldContain("\"expires_at\":\"2099-12-31");
        Regex.Count(output, "\"key\":\"sk-llmops-").ShouldBe(2, "made and rotated");
        Regex.Count(output, "\"status\":\"revoked\"").ShouldBe(2, "told, and listed");
        output.ShouldContain("\"valid\":true,\"subject\":\"ada@acme.example\"");
        output.ShouldContain("\"disabled\":true");
        Regex.Count(output, "\"error_code\":\"(INVALID|MISSING|PERMISSION)").ShouldBe(0, output);
    }

    [BashTheory]
    [InlineData("Open")]
    [InlineData("Required")]
    public async Task Demo_ShowsAKeyFromItsMakingToItsEnd(string mode)
    {
        await using var gateway = new GatewayApplication().With("Gateway:Access:Mode", mode);

        var (exitCode, output, errors) = await RunDemoAsync(gateway, GatewayApplication.AdministratorKey);

        exitCode.ShouldBe(0, output + errors);
        output.ShouldContain("== use it\n200\n");
        output.ShouldContain("== another model\n403\nThis key may not ask model 'gpt-4o'.");
        output.ShouldContain("== administration\nThis needs the role operator");
        output.ShouldContain("the one before:\n200\n");
        output.ShouldContain("the new one:\n200\n");
        Regex.Count(output, "401\nThis key was revoked").ShouldBe(2);
    }

    [BashTheory]
    [InlineData("")]
    [InlineData("sk-wrong")]
    public async Task DemoWithoutTheKey_SaysWhatToSet(string key)
    {
        await using var gateway = new GatewayApplication();

        var (exitCode, _, errors) = await RunDemoAsync(gateway, key);

        exitCode.ShouldBe(1);
        errors.ShouldContain("LLMOPS_ADMIN_KEY");
    }

    private static Task<ProgramRun> RunDemoAsync(GatewayApplication gateway, string key)
    {
        var start = Start(Path.Combine(GeneratedDocs.RepositoryRoot(), "samples", "keys-demo.sh"));
        start.Environment["GATEWAY"] = gateway.Address.ToString().TrimEnd('/');
        start.Environment["LLMOPS_ADMIN_KEY"] = key;
        return ProgramRun.OfAsync(start);
    }

    private static ProcessStartInfo Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", arguments);
        start.Environment["no_proxy"] = "*";
        return start;
    }
}
