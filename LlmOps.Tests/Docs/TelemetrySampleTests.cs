namespace LlmOps.Tests.Docs;

/// <summary>samples/telemetry-demo.sh makes the five cases that docs/operations.md tells from the signals.</summary>
public sealed class TelemetrySampleTests
{
    [BashTheory]
    [InlineData("telemetry-demo")]
    public async Task Cases_AreExplained(string name)
    {
        var output = await CallerSamplesTests.RunAsync(name);

        output.ShouldContain("was spent receiving the rest of openai/gpt-4o-mini's answer.");
        output.ShouldContain("It cost $0.0232625: 9,213 input and 23 output tokens.");
        output.ShouldContain("The answer came from the semantic cache: similarity 0.6855 to an earlier question.");
        output.ShouldContain("It was made from prompt helpdesk, version v1, as variant v1 of experiment briefer.");
        output.ShouldContain("  Refused by the guardrail prompt_injection: the prompt reads like an attempt to override the application's instructions.");
        output.ShouldContain("A limit of the gateway was used up, no provider was asked: The limit of 1 request per minute of key");
        output.ShouldContain("the next target, openai, answered.");
    }
}
