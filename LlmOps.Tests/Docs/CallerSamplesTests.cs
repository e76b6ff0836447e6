using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace LlmOps.Tests.Docs;

/// <summary>samples/invoke-demo.sh and generate-demo.sh show callers of other services that their requests are answered here.</summary>
public sealed class CallerSamplesTests
{
    [BashTheory]
    [InlineData("invoke-demo")]
    public async Task Invoke_IsAnsweredAsItsCallersKnowIt(string name)
    {
        var output = Regex.Replace(await RunAsync(name), @"\s", "");

        Regex.Count(output, "\"success\":true").ShouldBe(4, output);
        output.ShouldContain("\"request_id\":\"550e8400-e29b-41d4-a716-446655440002\"");
        output.ShouldContain("42");
        output.ShouldContain("\"success\":false,\"request_id\":\"550e8400-e29b-41d4-a716-446655440004\",\"error\":{\"error_type\":\"validation_error\",\"error_code\":\"INVALID_API_KEY\"");
        output.ShouldContain("\"expected_format\":\"sk-...\"");
        output.ShouldContain("\"status\":\"healthy\"");
        output.ShouldContain("\"attempts\":{\"openai\":4}");
    }

    [BashTheory]
    [InlineData("generate-demo")]
    public async Task Generate_IsAnsweredWithATokenAlone(string name)
    {
        var output = Regex.Replace(await RunAsync(name), @"\s", "");

        output.ShouldContain("\"valid\":true,\"subject\":\"admin\"");
        Regex.Count(output, "\"provider\":\"groq\"").ShouldBeGreaterThanOrEqualTo(3, output);
        output.ShouldContain("\"provider\":\"openai\"");
        output.ShouldContain("expectedanumberfrom0to1on/llm/generate.");
        Regex.Count(output, "\"error_code\":\"INVALID_API_KEY\"").ShouldBe(1, output);
        output.ShouldContain("\"latency_ms\":");
    }

    internal static async Task<string> RunAsync(string name)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(GeneratedDocs.RepositoryRoot(), "samples", $"{name}.sh")]);
        start.Environment["PROGRAM"] = Path.Combine(AppContext.BaseDirectory, "LlmOps.Gateway.dll");
        start.Environment["PORT"] = Ports.Free().ToString(CultureInfo.InvariantCulture);
        start.Environment["PROVIDER_PORT"] = Ports.Free().ToString(CultureInfo.InvariantCulture);
        start.Environment["no_proxy"] = "*";
        var (exitCode, output, errors) = await ProgramRun.OfAsync(start);
        exitCode.ShouldBe(0, output + errors);
        return output;
    }
}
