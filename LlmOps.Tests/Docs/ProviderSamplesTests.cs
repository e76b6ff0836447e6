using System.Diagnostics;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;

namespace LlmOps.Tests.Docs;

/// <summary>The script of every provider in samples/ runs against a gateway, and says what to do where its model is not live.</summary>
public sealed class ProviderSamplesTests : ProviderTests
{
    [BashTheory]
    [InlineData("openai", "\\\"sentiment\\\"", "get_weather")]
    [InlineData("gemini", "== a question about an image", "an answer of the fake")]
    [InlineData("anthropic", "thinking_blocks", "== a cached prompt, second time")]
    [InlineData("groq", "\"usage\":{", "data: [DONE]")]
    [InlineData("openrouter", "an answer of the fake", "X-LlmOps-Cost-USD: 0.000123")]
    [InlineData("ollama", "== pulled models\nllama3.2\n", "ollama/qwen3\n", "an answer of the fake")]
    public async Task Sample_ShowsWhatIsSpecialThere(string name, params string[] expected)
    {
        AnswerAll(Answer);
        var all = Fake.Handler;
        var ollama = FakeOllama.Handler(Answer, apiKey: null, "llama3.2", "qwen3");
        Fake.Handler = request => TestedProvider.Ollama.Owns(request) ? ollama(request) : all(request);

        var (exitCode, output, errors) = await RunAsync(name, Gateway.Address);

        exitCode.ShouldBe(0, output + errors);
        foreach (var line in expected)
        {
            output.ShouldContain(line, Case.Sensitive);
        }
    }

    [BashTheory]
    [InlineData("openai", "OPENAI_API_KEY")]
    [InlineData("gemini", "GEMINI_API_KEY")]
    [InlineData("anthropic", "ANTHROPIC_API_KEY")]
    [InlineData("groq", "GROQ_API_KEY")]
    [InlineData("openrouter", "OPENROUTER_API_KEY")]
    [InlineData("ollama", "ollama pull llama3.2")]
    public async Task SampleWithoutItsModel_SaysWhatToDo(string name, string advice)
    {
        await using var bare = new GatewayApplication();

        var (exitCode, _, errors) = await RunAsync(name, bare.Address);

        exitCode.ShouldBe(1);
        errors.ShouldContain("is not live");
        errors.ShouldContain(advice);
    }

    private static FakeAnswer Answer(ReceivedRequest request) => FakeQuestion.Of(request) switch
    {
        { HasTools: true } => FakeAnswer.Calls(new FakeToolCall("call_1", "get_weather", "{\"city\":\"Paris\"}")),
        { WantsJson: true } => FakeAnswer.Text("{\"sentiment\":\"positive\",\"summary\":\"A good phone.\"}"),
        _ when request.BodyText.Contains("\"thinking\"", StringComparison.Ordinal) => FakeAnswer.Of(new FakeChoice { Reasoning = ["Hm."], Content = ["Five cents."] }),
        _ => FakeAnswer.Text("an answer", " of the fake") with { Usage = new FakeUsage(19, 10) { Extra = """{"cost":0.000123}""" } },
    };

    private static Task<ProgramRun> RunAsync(string name, Uri gateway)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(GeneratedDocs.RepositoryRoot(), "samples", name + ".sh")]);
        start.Environment["GATEWAY"] = gateway.ToString().TrimEnd('/');
        start.Environment["no_proxy"] = "*";
        start.Environment.Remove("KEY");
        start.Environment.Remove("MODEL");
        return ProgramRun.OfAsync(start);
    }
}
