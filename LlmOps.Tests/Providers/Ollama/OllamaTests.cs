using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Ollama;

/// <summary>What the tests of Ollama's protocol have in common.</summary>
public abstract class OllamaTests : ProviderTests
{
    private protected const string Weather = """{"type":"function","function":{"name":"get_weather","description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}""";

    private protected const string Hello = """ "messages":[{"role":"user","content":"Hi"}] """;

    /// <summary>The last object of an answer, without its counts.</summary>
    private protected const string Done = """{"model":"llama3.2","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}""";

    /// <summary>Asks llama3.2; the members besides model and stream are given as JSON.</summary>
    private protected Task<HttpResponseMessage> AskAsync(bool streaming, string members = Hello) =>
        Gateway.CompleteAsync(Body(TestedProvider.Ollama, streaming, members), streaming);

    /// <summary>Asks, and reads a successful answer.</summary>
    private protected async Task<CompletionSeen> CompleteAsync(bool streaming, string members = Hello)
    {
        using var response = await AskAsync(streaming, members);
        return await CompletionSeen.ReadAsync(response, streaming);
    }

    /// <summary>What is sent to Ollama for these members.</summary>
    private protected async Task<JsonElement> SentAsync(bool streaming, string members = Hello)
    {
        AnswerAll(_ => FakeAnswer.Text("Yes"));
        await CompleteAsync(streaming, members);
        return Fake.Requests.Single().Json;
    }

    /// <summary>A reply of these lines; unstreamed there is one only.</summary>
    private protected static FakeReply Lines(params string[] lines) =>
        lines.Length == 1 ? FakeReply.Json(200, lines[0]) : FakeOllama.StreamReply(lines);

    /// <summary>A line that is not the last one, with this message.</summary>
    private protected static string Line(string message) =>
        $$"""{"model":"llama3.2","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant",{{message}}},"done":false}""";

    /// <summary>The error of a failed response.</summary>
    private protected static async Task<JsonElement> ErrorAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
}
