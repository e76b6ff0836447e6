using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.OpenAI;

/// <summary>
/// Same protocol in and out: the caller's bytes go to the provider and the provider's come back, unaltered but for the
/// model's name and the usage the gateway asks for. Each folder of Golden/ is one exchange.
/// </summary>
public sealed partial class FidelityTests : GatewayTests
{
    private const string UpstreamName = "upstream/model-1";

    public static TheoryData<string> Exchanges => [.. Directory.GetDirectories(Folder).Select(folder => Path.GetFileName(folder)!).Order()];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Providers", "OpenAI", "Golden");

    public FidelityTests() =>
        Gateway.With("Gateway:Models:golden:Targets:0:Provider", "openai").With("Gateway:Models:golden:Targets:0:Model", UpstreamName);

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task UnstreamedExchange_KeepsEveryByteButTheModelsName(string exchange)
    {
        var request = Read(exchange, "request.json");
        var response = Read(exchange, "response.json");
        Fake.Enqueue(FakeReply.Json(200, response));

        using var answer = await Gateway.CompleteAsync(request);

        var received = await Fake.NextRequestAsync();
        received.BodyText.ShouldBe(WithModel(request, UpstreamName));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).ShouldBe(WithModel(response, "golden"));
        answer.Headers.GetValues("X-LlmOps-Model").Single().ShouldBe(UpstreamName);
        answer.Headers.GetValues("X-LlmOps-Provider").Single().ShouldBe("openai");
    }

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task StreamedExchange_KeepsEveryByteButTheModelsName(string exchange)
    {
        var request = Streaming(Read(exchange, "request.json"));
        var chunks = Read(exchange, "stream.jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        const string Usage = """{"id":"x","model":"m","choices":[],"usage":{"prompt_tokens":4,"completion_tokens":3,"total_tokens":7}}""";
        Fake.Enqueue(FakeReply.Sse([.. chunks, Usage]));

        using var answer = await Gateway.CompleteAsync(request, stream: true);

        // The gateway asked for usage, its caller did not: the chunk that is only usage is withheld.
        var received = await Fake.NextRequestAsync();
        received.BodyText.ShouldBe(WithUsageAskedFor(WithModel(request, UpstreamName)));
        var expected = string.Concat(chunks.Select(chunk => $"data: {WithModel(chunk, "golden")}\n\n")) + "data: [DONE]\n\n";
        (await answer.Content.ReadAsStringAsync()).ShouldBe(expected);
        (await Gateway.Logs.RequestAsync()).State["InputTokens"].ShouldBe(4L);
    }

    [Fact]
    public async Task UsageAskedForByTheCaller_ReachesIt()
    {
        await using var fake = new FakeServer(FakeOpenAI.Handler(FakeAnswer.Text("Hi")));
        await using var gateway = new GatewayApplication().WithOpenAI(fake);

        using var answer = await gateway.CompleteAsync(
            """{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]}""", stream: true);

        var stream = await SseText.ReadAsync(answer);
        stream.Done.ShouldBeTrue();
        stream.Chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBe(29);
        stream.Chunks[0].GetProperty("usage").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("""{"include_obfuscation":false}""", """{"include_usage":true,"include_obfuscation":false}""")]
    [InlineData("""{"include_usage":false}""", """{"include_usage":true}""")]
    [InlineData("""{ "include_usage" : null , "x" : 1 }""", """{ "include_usage" : true , "x" : 1 }""")]
    [InlineData("{}", """{"include_usage":true}""")]
    [InlineData("null", """{"include_usage":true}""")]
    public async Task StreamOptions_KeepWhatElseTheySay(string given, string sent)
    {
        Fake.Enqueue(FakeOpenAI.StreamReply(FakeAnswer.Text("Hi"), includeUsage: true));

        using var answer = await Gateway.CompleteAsync(
            $$"""{"model":"golden","stream":true,"stream_options":{{given}},"messages":[{"role":"user","content":"Hi"}]}""", stream: true);

        (await SseText.ReadAsync(answer)).Done.ShouldBeTrue();
        (await Fake.NextRequestAsync()).BodyText.ShouldContain($"\"stream_options\":{sent},");
    }

    [Fact]
    public async Task UsageSwitchedOff_IsNotAskedFor()
    {
        await using var gateway = new GatewayApplication().WithOpenAI(Fake).With("Gateway:Providers:openai:StreamUsage", "false");
        Fake.Enqueue(FakeOpenAI.StreamReply(FakeAnswer.Text("Hi")));

        using var answer = await gateway.CompleteAsync("""{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}""", stream: true);

        (await SseText.ReadAsync(answer)).Done.ShouldBeTrue();
        (await Fake.NextRequestAsync()).BodyText.ShouldNotContain("stream_options");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("false")]
    [InlineData("\"\"")]
    [InlineData("{}")]
    [InlineData("[]")]
    public async Task ErrorFieldThatSaysNothing_IsNoError(string error)
    {
        Fake.Enqueue(FakeReply.Json(200, $$"""{"error":{{error}},"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}"""));

        using var answer = await Gateway.CompleteAsync(Request(streaming: false));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task NameThatIsNoText_DoesNotBreakTheAnswer()
    {
        Fake.Enqueue(FakeReply.Json(200, """{"\ud800":1,"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}"""));

        using var answer = await Gateway.CompleteAsync(Request(streaming: false));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).ShouldStartWith("""{"\ud800":1,""");
    }

    private static string Read(string exchange, string file) => File.ReadAllText(Path.Combine(Folder, exchange, file));

    // The top-level model is the only one that stands directly in the outermost object; the corpus writes it in these spellings.
    private static string WithModel(string json, string name) =>
        TopLevelModel().Replace(json, match => match.Groups[1].Value + JsonSerializer.Serialize(name), 1);

    [GeneratedRegex("""("model"\s*:\s*)"(golden|gold\\u0065n|m|m\\u002f1|upstream-2026-01-01|x/y:free)"(?=\s*[,}])""")]
    private static partial Regex TopLevelModel();

    private static string Streaming(string request)
    {
        var end = request.LastIndexOf('}');
        return request[..end] + ",\"stream\":true" + request[end..];
    }

    private static string WithUsageAskedFor(string request)
    {
        var end = request.LastIndexOf('}');
        return request[..end] + ",\"stream_options\":{\"include_usage\":true}" + request[end..];
    }
}
